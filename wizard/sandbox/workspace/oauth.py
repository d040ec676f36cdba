"""Discovery and OAuth M2M: a service principal's id and secret become a token for an hour.

Log-in by browser is not offered: on this machine any user could press its button.
"""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from typing import Any

from aiohttp import web

from wizard.sandbox.workspace.access import OAUTH_SECONDS
from wizard.sandbox.workspace.form import is_form, parse
from wizard.sandbox.workspace.state import ACCOUNT_ID, Workspace

METADATA = "/oidc/.well-known/oauth-authorization-server"
TOKEN = "/oidc/v1/token"  # noqa: S105 - a path
FIELD_LIMIT = 4096


def configuration(workspace: Workspace) -> dict[str, Any]:
    """/.well-known/databricks-config: where to log in, and which workspace this is."""
    return {
        "oidc_endpoint": f"{workspace.host}/oidc",
        "account_id": ACCOUNT_ID,
        "workspace_id": workspace.org_id,
        "cloud": "Azure",
        "host_type": "WORKSPACE_HOST",
    }


def metadata(workspace: Workspace) -> dict[str, Any]:
    """The authorization server's metadata (RFC 8414)."""
    return {
        "issuer": f"{workspace.host}/oidc",
        "authorization_endpoint": f"{workspace.host}/oidc/v1/authorize",
        "token_endpoint": f"{workspace.host}{TOKEN}",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["all-apis"],
    }


async def token(workspace: Workspace, request: web.Request) -> web.Response:
    """The token endpoint: client credentials in a Basic header or in the form. Errors as RFC 6749 words them."""
    if not is_form(request):
        return _refused(400, "invalid_request", "The body must be a form")
    form, _ = parse(request.headers.get("Content-Type", ""), await request.read())
    fields = {name: value for name, value in form.items() if len(value) <= FIELD_LIMIT}
    grant = fields.get("grant_type", "")
    if grant != "client_credentials":
        text = f"grant_type {grant[:60]!r} is not offered; client_credentials is" if grant else "grant_type is missing"
        return _refused(400, "unsupported_grant_type" if grant else "invalid_request", text)
    owner = workspace.access.client(*_credentials(request.headers.get("Authorization"), fields))
    if owner is None:
        return _refused(401, "invalid_client", "Client authentication failed")
    value, _ = workspace.access.mint(owner, lifetime=OAUTH_SECONDS, kind="oauth")
    scope = fields.get("scope") or "all-apis"
    answer = {"access_token": value, "token_type": "Bearer", "expires_in": OAUTH_SECONDS, "scope": scope}
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


def _credentials(authorization: str | None, fields: dict[str, str]) -> tuple[str, str]:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    client_id, _, secret = text.partition(":")
    return urllib.parse.unquote(client_id), urllib.parse.unquote(secret)


def _refused(status: int, error: str, text: str) -> web.Response:
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'} if status == 401 else {}
    return web.json_response({"error": error, "error_description": text}, status=status, headers=headers)
