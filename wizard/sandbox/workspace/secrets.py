"""/api/2.0/secrets: scopes, entries, access lists."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.workspace.call import Call, Route
from wizard.sandbox.workspace.error import invalid, missing
from wizard.sandbox.workspace.scopes import VALUE_BYTES, Scope, from_base64


def _scope(call: Call) -> Scope:
    return call.workspace.scopes.get(call.fields.text("scope"))


def create_scope(call: Call) -> dict[str, Any]:
    """Only scopes of Databricks' own kind: one backed by an Azure key vault is refused, and says so."""
    backend = call.fields.text_or("scope_backend_type", "DATABRICKS")
    if backend != "DATABRICKS":
        raise invalid(f"The sandbox has no key vault: scope_backend_type {backend} is not there, DATABRICKS is.")
    scope = call.fields.text("scope")
    call.workspace.scopes.create(scope, call.who.user_name)
    if initial := call.fields.text_or("initial_manage_principal", ""):
        call.workspace.scopes.permit(scope, initial, "MANAGE")
    return {}


def list_scopes(call: Call) -> dict[str, Any]:
    """All scopes."""
    return {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in call.workspace.scopes.names()]}


def delete_scope(call: Call) -> dict[str, Any]:
    """Forget a scope with all that is in it."""
    call.workspace.scopes.delete(call.fields.text("scope"))
    return {}


def put(call: Call) -> dict[str, Any]:
    """Write an entry, from a text or from bytes in base64."""
    fields = call.fields
    if ("string_value" in fields) == ("bytes_value" in fields):
        raise invalid("Exactly one of string_value and bytes_value must be given.")
    if "bytes_value" in fields:
        value = from_base64(fields.text_or("bytes_value", "", limit=VALUE_BYTES * 2))
    else:
        value = fields.text_or("string_value", "", limit=VALUE_BYTES + 1).encode()
    call.workspace.scopes.put(fields.text("scope"), fields.text("key"), value)
    return {}


def get(call: Call) -> dict[str, Any]:
    """An entry's value, in base64."""
    scope, key = call.fields.text("scope"), call.fields.text("key")
    return {"key": key, "value": call.workspace.scopes.value(scope, key).reveal()}


def listed(call: Call) -> dict[str, Any]:
    """The keys of a scope, without values."""
    entries = _scope(call).entries.items()
    return {"secrets": [{"key": key, "last_updated_timestamp": written} for key, (_, written) in entries]}


def delete(call: Call) -> dict[str, Any]:
    """Forget an entry."""
    call.workspace.scopes.forget(call.fields.text("scope"), call.fields.text("key"))
    return {}


def put_acl(call: Call) -> dict[str, Any]:
    """Set what a principal may do."""
    fields = call.fields
    call.workspace.scopes.permit(fields.text("scope"), fields.text("principal"), fields.text("permission"))
    return {}


def get_acl(call: Call) -> dict[str, Any]:
    """What one principal may do."""
    principal, lists = call.fields.text("principal"), _scope(call).lists
    if principal not in lists:
        raise missing(f"No permission is set for {principal} on this scope.")
    return {"principal": principal, "permission": lists[principal]}


def list_acls(call: Call) -> dict[str, Any]:
    """What each principal may do."""
    return {"items": [{"principal": who, "permission": what} for who, what in _scope(call).lists.items()]}


def delete_acl(call: Call) -> dict[str, Any]:
    """Take a principal's permission away."""
    get_acl(call)
    del _scope(call).lists[call.fields.text("principal")]
    return {}


ROUTES: list[Route] = [
    ("POST", "/api/2.0/secrets/scopes/create", create_scope),
    ("GET", "/api/2.0/secrets/scopes/list", list_scopes),
    ("POST", "/api/2.0/secrets/scopes/delete", delete_scope),
    ("POST", "/api/2.0/secrets/put", put),
    ("GET", "/api/2.0/secrets/get", get),
    ("GET", "/api/2.0/secrets/list", listed),
    ("POST", "/api/2.0/secrets/delete", delete),
    ("POST", "/api/2.0/secrets/acls/put", put_acl),
    ("GET", "/api/2.0/secrets/acls/get", get_acl),
    ("GET", "/api/2.0/secrets/acls/list", list_acls),
    ("POST", "/api/2.0/secrets/acls/delete", delete_acl),
]
