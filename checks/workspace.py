"""Asking the workspace, and telling its refusals apart: an old token, a blocked address, a proxy that answers in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from checks.finding import Evidence, Finding, Remedy
from checks.gates import LOGIN
from checks.hosts import normal
from checks.say import error, unknown
from checks.world import Reply, World

ME = "/api/2.0/preview/scim/v2/Me"
TOKENS = "/api/2.0/token/list"
KNOCK = "/.well-known/databricks-config"
"""Answers without a log-in; where it is 404 the workspace is there all the same."""

_IP = re.compile(r"\bIP (?:ACL|access list)|source ip address|is blocked by Databricks", re.IGNORECASE)
HTML = re.compile(r"\s*(?:<!doctype html|<html|<head|<\?xml)", re.IGNORECASE)


def ask(world: World, path: str, *, signed: bool = True) -> tuple[Reply, Evidence]:
    """GET of the project's workspace, with the token from the store unless `signed` is False."""
    url = normal(world.project.host) + path
    reply = world.get(url, bearer=world.project.token if signed else "")
    came = reply.problem if not reply.status else f"HTTP {reply.status} {reply.body[:300]}".strip()
    return reply, Evidence(f"GET {url}", came)


def data_of(reply: Reply) -> Mapping[str, Any] | None:
    """The JSON object of a good answer; None where it is none."""
    if reply.status != 200:
        return None
    try:
        data = json.loads(reply.body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def trouble(id: str, reply: Reply, evidence: Evidence, host: str) -> Finding | None:
    """Why this is no answer that one can use; None where it is one (a JSON object) or an error of the call itself (4xx)."""
    if reply.hop == "auth":
        todo = Remedy("Log in again; the token will be kept.", LOGIN, "auth")
        return error(id, "the token is not in the store any more", evidence, about=host, remedy=todo)
    if not reply.status:
        return unknown(id, f"the workspace could not be asked: {reply.problem}", evidence, about=host)
    if _IP.search(reply.body):
        return error(
            id, "the workspace refuses this machine's address (IP access list)", evidence, about=host, remedy=VPN
        )
    if HTML.match(reply.body) or 300 <= reply.status < 400:
        text = f"something else answers in the workspace's place (HTTP {reply.status}, {_what(reply)})"
        return unknown(id, text, evidence, about=host, remedy=PROXY)
    if reply.status == 401 or (reply.status == 403 and re.search(r"invalid|expired", reply.body, re.IGNORECASE)):
        todo = Remedy("Log in again.", LOGIN, "auth")
        return error(id, "the workspace does not accept the token: it is expired, revoked or of another workspace",
                     evidence, about=host, remedy=todo)  # fmt: skip
    if reply.status == 429 or reply.status >= 500:
        return unknown(id, f"the workspace is in trouble (HTTP {reply.status}); try again", evidence, about=host)
    if reply.status == 200 and data_of(reply) is None:
        return unknown(id, "the workspace answers with something that is no JSON object", evidence, about=host)
    return None


VPN = Remedy("Connect to the VPN or network that the workspace admits, or ask its admin to add your address.")
PROXY = Remedy(
    "A proxy, a captive portal or a log-in page stands in between: open the host in a browser, and look at HTTPS_PROXY."
)


def _what(reply: Reply) -> str:
    return (
        f"a redirect to {reply.headers.get('location', 'nowhere')[:200]}"
        if reply.status < 400 and not HTML.match(reply.body)
        else "a web page"
    )
