"""The way to Spark: the client on this machine (`client`), and the hops to the first row (`way`)."""

from __future__ import annotations

from checks.connect import client, way

__all__ = ["client", "way"]
