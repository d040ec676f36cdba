"""What faults say: a proxy's HTML page (`html-error`) and the IP access list's sentence."""

from __future__ import annotations

from http import HTTPStatus


def proxy_page(status: int) -> str:
    """A short page of the usual kind."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    title = f"{status} {phrase}"
    return (
        f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n"
        "<hr><center>secure web gateway</center>\n</body>\n</html>\n"
    )


def blocked(org_id: str) -> str:
    """The refusal of an IP access list, as real workspaces word it (databricks issues, public)."""
    return f"Source IP address: 127.0.0.1 is blocked by Databricks IP ACL for workspace: {org_id}"
