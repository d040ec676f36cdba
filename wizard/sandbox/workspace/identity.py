"""/api/2.0/preview/scim/v2/Me: who the caller is."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.workspace.access import USER
from wizard.sandbox.workspace.call import Call, Route


def me(call: Call) -> dict[str, Any]:
    """The user has an address and is an admin; a service principal is called by its application id."""
    who = call.who
    shown: dict[str, Any] = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": who.id,
        "userName": who.user_name,
        "displayName": who.display_name,
        "active": True,
        "emails": [],
        "groups": [{"display": "users", "type": "direct", "value": "1"}],
    }
    if who == USER:
        shown["emails"] = [{"type": "work", "value": who.user_name, "primary": True}]
        shown["groups"].append({"display": "admins", "type": "direct", "value": "2"})
    else:
        shown["applicationId"] = who.user_name
    return shown


ROUTES: list[Route] = [("GET", "/api/2.0/preview/scim/v2/Me", me)]
