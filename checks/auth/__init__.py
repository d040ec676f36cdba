"""The log-in: what is written on this machine (`profile`), and what the workspace says of it (`token`)."""

from __future__ import annotations

from checks.auth import profile, token

__all__ = ["profile", "token"]
