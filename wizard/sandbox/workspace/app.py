"""The REST application: authentication, errors and faults around the families' handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from wizard.sandbox.workspace import clusters, dbfs, folders, identity, oauth, secrets, tokens
from wizard.sandbox.workspace.call import Call, Handler, Route
from wizard.sandbox.workspace.error import ApiError, invalid
from wizard.sandbox.workspace.fields import Fields, body, query
from wizard.sandbox.workspace.form import is_form, parse
from wizard.sandbox.workspace.pages import blocked, proxy_page
from wizard.sandbox.workspace.state import Workspace

UPLOAD_LIMIT = 32 * 1024 * 1024
"""Bytes of a request's body; a JSON body has a smaller limit of its own."""

ROUTES: list[Route] = [
    *clusters.ROUTES,
    *secrets.ROUTES,
    *tokens.ROUTES,
    *identity.ROUTES,
    *folders.ROUTES,
    *dbfs.ROUTES,
]
"""What needs a token; the three open end points are in `build`."""

NOT_PROVIDED = {"unity-catalog": "Unity Catalog", "mlflow": "MLflow", "lakehouse": "Delta"}

log = logging.getLogger("wizard.sandbox")
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build(workspace: Workspace) -> web.Application:
    """The application over this state."""
    app = web.Application(
        client_max_size=UPLOAD_LIMIT,
        middlewares=[_counted(workspace), _marked(workspace), _faulty(workspace), _as_errors],
    )
    app.router.add_get("/.well-known/databricks-config", _open(workspace, oauth.configuration))
    app.router.add_get(oauth.METADATA, _open(workspace, oauth.metadata))

    async def token(request: web.Request) -> web.Response:
        return await oauth.token(workspace, request)

    app.router.add_post(oauth.TOKEN, token)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, _answers(workspace, handler))
    app.router.add_route("*", "/{path:.*}", _unknown(workspace))
    return app


def _open(workspace: Workspace, make: Callable[[Workspace], dict[str, object]]) -> Next:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(make(workspace))

    return answer


def _answers(workspace: Workspace, handler: Handler) -> Next:
    async def answer(request: web.Request) -> web.StreamResponse:
        who = workspace.access.identify(request.headers.get("Authorization"))
        fields, upload = await _read(request)
        return web.json_response(handler(Call(workspace, who, fields, upload)))

    return answer


async def _read(request: web.Request) -> tuple[Fields, bytes | None]:
    if request.method == "GET":
        return query(request), None
    if is_form(request):
        fields, upload = parse(request.headers.get("Content-Type", ""), await request.read())
        return Fields(fields, query=True), upload
    return await body(request), None


def _unknown(workspace: Workspace) -> Next:
    async def answer(request: web.Request) -> web.StreamResponse:
        workspace.access.identify(request.headers.get("Authorization"))
        part = next((part for part in request.path.split("/") if part in NOT_PROVIDED), "")
        if part:
            text = f"{NOT_PROVIDED[part]} is not provided by the sandbox, which has plain Spark: use a real workspace."
        else:
            text = f"No API found for '{request.method} {request.path[:200]}'"
        raise ApiError(404, "ENDPOINT_NOT_FOUND", text)

    return answer


def _counted(workspace: Workspace) -> Middleware:
    """The idle clock, and one line in the log: method, path, status; no query, no header, no body."""

    @web.middleware
    async def middleware(request: web.Request, handler: Next) -> web.StreamResponse:
        workspace.begin()
        status = 0
        try:
            answer = await handler(request)
            status = answer.status
            return answer
        finally:
            workspace.done()
            log.info("%s %s %s", request.method, ascii(request.path[:200]).strip("'"), status)

    return middleware


def _marked(workspace: Workspace) -> Middleware:
    """The workspace's id on every answer that is its own."""

    @web.middleware
    async def middleware(request: web.Request, handler: Next) -> web.StreamResponse:
        answer = await handler(request)
        if "html-error" not in workspace.faults:
            answer.headers["X-Databricks-Org-Id"] = workspace.org_id
        return answer

    return middleware


def _faulty(workspace: Workspace) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Next) -> web.StreamResponse:
        faults = workspace.faults
        if "slow" in faults:
            await asyncio.sleep(faults.number("slow"))
        if "html-error" in faults:
            status = int(faults.number("html-error"))
            return web.Response(status=status, text=proxy_page(status), content_type="text/html")
        if "server-error" in faults:
            return _error(ApiError(500, "INTERNAL_ERROR", "Internal error happened. Please try again later."))
        if "ip-access-list" in faults:
            return _error(ApiError(403, 403, blocked(workspace.org_id)))
        return await handler(request)

    return middleware


@web.middleware
async def _as_errors(request: web.Request, handler: Next) -> web.StreamResponse:
    """Whatever goes wrong inside becomes an answer of Databricks' form; a traceback goes to the log alone."""
    try:
        return await handler(request)
    except ApiError as error:
        return _error(error)
    except web.HTTPRequestEntityTooLarge:
        return _error(invalid(f"The request's body is larger than {UPLOAD_LIMIT} bytes."))
    except web.HTTPException as error:
        return _error(ApiError(error.status, "BAD_REQUEST", error.reason))
    except Exception:
        log.exception("a handler failed")
        return _error(ApiError(500, "INTERNAL_ERROR", "The sandbox failed. Type `mlops-wizard sandbox logs`."))


def _error(error: ApiError) -> web.Response:
    reason = "".join(
        sign if sign.isprintable() else " " for sign in error.message.encode("ascii", "replace").decode()[:500]
    )
    return web.json_response(error.body(), status=error.status, headers={"X-Databricks-Reason-Phrase": reason})
