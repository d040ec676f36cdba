"""/api/2.0/token: create, list, delete of the caller's own personal access tokens."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.workspace.call import Call, Route

LIFETIME_LIMIT = 10 * 365 * 86400
"""Seconds."""


def create(call: Call) -> dict[str, Any]:
    """Without `lifetime_seconds` the token never expires."""
    fields = call.fields
    given = "lifetime_seconds" in fields
    lifetime = fields.integer_or("lifetime_seconds", 0, least=1, most=LIFETIME_LIMIT) if given else None
    comment = fields.text_or("comment", "", limit=1000)
    value, token = call.workspace.access.mint(call.who, lifetime=lifetime, comment=comment)
    return {"token_value": value, "token_info": token.info()}


def listed(call: Call) -> dict[str, Any]:
    """The caller's tokens, without values."""
    return {"token_infos": [token.info() for token in call.workspace.access.listed(call.who)]}


def delete(call: Call) -> dict[str, Any]:
    """Revoke one of the caller's tokens."""
    call.workspace.access.revoke(call.who, call.fields.text("token_id"))
    return {}


ROUTES: list[Route] = [
    ("POST", "/api/2.0/token/create", create),
    ("GET", "/api/2.0/token/list", listed),
    ("POST", "/api/2.0/token/delete", delete),
]
