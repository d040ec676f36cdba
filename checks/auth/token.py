"""The log-in at the workspace: asked with the token that the store keeps, and never with one that is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checks.finding import Evidence, Finding, Remedy, Status
from checks.gates import LOGIN, SIGNED, WORKSPACE
from checks.hosts import org_id
from checks.registry import check
from checks.say import error, many, ok, unknown, warning
from checks.workspace import KNOCK, ME, TOKENS, ask, data_of, trouble
from checks.world import Reply, World

RIGHT = Remedy("Set the right host.", ("mlops-wizard setup --only auth",), "auth")
SOON = 14
"""Days before its end in which a token is spoken of."""


@check(
    "auth.token-accepted",
    "the workspace accepts the token",
    "auth",
    "network",
    needs=("connect.reachable",),
    gates=SIGNED,
)
def token_accepted(world: World) -> Iterable[Finding]:
    """Whether the workspace knows the person who asks.

    Calls `GET /api/2.0/preview/scim/v2/Me` with the token from the store. 401 (and 403 `Invalid access token`): it is
    expired, revoked or of another workspace. 403 with `IP ACL`: the token may be good, the machine's address is not. A web
    page or a redirect: a proxy answers. No answer and 5xx are UNKNOWN.

    What to do: log in again; for an address that is refused, use the VPN.
    """
    id, host = "auth.token-accepted", world.project.host
    reply, evidence = ask(world, ME)
    if (found := trouble(id, reply, evidence, host)) is not None:
        wanted, said = world.project.org_id or org_id(host), _org(reply)
        if found.status is Status.ERROR and wanted and said and said != wanted:
            text = f"workspace {said} answers here; the set-up means {wanted}, and its token is not accepted"
            found = error(id, text, evidence, about=host, remedy=RIGHT)
        yield found
    elif (data := data_of(reply)) is not None:
        who = data.get("userName") or data.get("applicationId") or data.get("displayName") or "somebody"
        yield ok(id, f"logged in as {who}", Evidence(evidence.what, f"HTTP 200 {who}"), about=host)
    elif reply.status == 403:
        yield unknown(id, "the token is not allowed to ask who it belongs to", evidence, about=host)
    else:
        todo = Remedy("Look at the host: it should be the workspace's own address.", LOGIN, "auth")
        yield error(id, f"this host answers like no workspace (HTTP {reply.status})", evidence, about=host, remedy=todo)


@check(
    "auth.right-workspace", "it is the right workspace", "auth", "network", needs=("auth.token-accepted",), gates=SIGNED
)
def right_workspace(world: World) -> Iterable[Finding]:
    """Whether the workspace that answers is the one that the set-up meant.

    Compares the header `X-Databricks-Org-Id` of its answer with the id that was set (or that an Azure host has in its name).
    A team with dev and prod has look-alike hosts, and a log-in works in both.

    What to do: set the host of the workspace that you mean, and log in there.
    """
    id, host = "auth.right-workspace", world.project.host
    reply, evidence = ask(world, ME)
    if found := trouble(id, reply, evidence, host):
        yield found
        return
    said = _org(reply)
    wanted = world.project.org_id or org_id(host)
    header = Evidence(f"{evidence.what}: X-Databricks-Org-Id", said or "not there")
    if not said:
        yield unknown(id, "the workspace does not say which one it is", header, about=host)
    elif not wanted:
        yield ok(id, f"workspace {said}", header, about=host)
    elif said == wanted:
        yield ok(id, f"workspace {said}, as it was set", header, about=host)
    else:
        text = f"this is workspace {said}; the set-up means {wanted}"
        yield error(
            id,
            text,
            header,
            about=host,
            remedy=RIGHT,
        )


def _org(reply: Reply) -> str:
    """The workspace that answered, by its own word."""
    return reply.headers.get("x-databricks-org-id", "") or reply.headers.get("x-databricks-workspace-id", "")


@check("auth.token-expiry", "no token ends soon", "auth", "network", needs=("auth.token-accepted",), gates=SIGNED)
def token_expiry(world: World) -> Iterable[Finding]:
    """Whether one of the person's tokens ends within 14 days.

    Calls `GET /api/2.0/token/list`. The list names the tokens by comment and never tells which one asked, so each that ends
    soon is named. Many workspaces do not let everybody list: that is UNKNOWN, not green.

    What to do: log in again (OAuth renews itself), or make a new token and let the wizard keep it.
    """
    id, host = "auth.token-expiry", world.project.host
    reply, evidence = ask(world, TOKENS)
    data = data_of(reply)
    if data is None:
        denied = f"the workspace does not list tokens (HTTP {reply.status})" if reply.status else reply.problem
        yield unknown(id, f"when the token ends cannot be told: {denied}", evidence, about=host)
        return
    infos = data.get("token_infos")
    tokens = [t for t in infos if isinstance(t, dict)] if isinstance(infos, list) else []
    ending = [(days, t) for t in tokens if (days := _days(t, world.now())) is not None and days < SOON]
    listed = Evidence(evidence.what, f"HTTP 200, {many(len(tokens), 'token')}")
    for days, token in sorted(ending, key=lambda pair: pair[0]):
        name = f"“{token.get('comment')}”" if token.get("comment") else "without a comment"
        when = "has ended" if days < 0 else "ends today" if days < 1 else f"ends in {int(days)} days"
        todo = Remedy("Log in again, or make a new one.", LOGIN, "auth")
        yield warning(id, f"your token {name} {when}", listed, about=host, remedy=todo)
    if not ending:
        yield ok(id, f"no token of yours ends within {SOON} days", listed, about=host)


def _days(token: dict[str, object], now: datetime) -> float | None:
    """Days until it ends; None where it never does."""
    ends = token.get("expiry_time")
    if not isinstance(ends, int) or ends <= 0:
        return None
    return (ends / 1000 - now.timestamp()) / 86400


@check("auth.clock", "the clock is right", "auth", "network", needs=("connect.reachable",), gates=WORKSPACE)
def clock(world: World) -> Iterable[Finding]:
    """Whether this machine's clock agrees with the workspace's.

    Compares the header `Date` of an answer with the time here. A clock that is minutes off (a laptop or WSL after sleep)
    makes new tokens `not yet valid`, old ones valid, and signed requests to storage fail.

    What to do: set the clock by the network.
    """
    id = "auth.clock"
    reply, evidence = ask(world, KNOCK, signed=False)
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError):
        yield unknown(id, "the workspace does not tell the time", Evidence(evidence.what, "no header Date"))
        return
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    off = (world.now() - theirs).total_seconds()
    shown = Evidence(f"{evidence.what}: Date", f"{reply.headers['date']}; here {world.now():%a, %d %b %Y %H:%M:%S %Z}")
    if abs(off) < 60:
        yield ok(id, "the clock agrees with the workspace's", shown)
        return
    way = "ahead of" if off > 0 else "behind"
    text = f"this machine's clock is {_span(abs(off))} {way} the workspace's"
    yield (error if abs(off) >= 300 else warning)(id, text, shown, remedy=Remedy("Set the clock.", _set_clock(world)))


def _span(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.0f} h"
    )


def _set_clock(world: World) -> tuple[str, ...]:
    if world.platform.wsl:
        return ("sudo hwclock -s", "wsl --shutdown")
    return {
        "windows": ("w32tm /resync",),
        "macos": ("sudo sntp -sS time.apple.com",),
    }.get(world.platform.system, ("sudo timedatectl set-ntp true",))
