"""What stands between this machine and everything else: names, proxies, certificates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.finding import Evidence, Finding, Remedy
from checks.gates import WORKSPACE
from checks.registry import check
from checks.repo import quoted
from checks.say import error, ok, skipped, unknown, warning
from checks.workspace import KNOCK, ask
from checks.world import World


@check("network.resolves", "the workspace's name is resolved", "network", gates=WORKSPACE, deadline=15)
def resolves(world: World) -> Iterable[Finding]:
    """Whether this machine finds an address for the workspace's name.

    Looks at the first hop of the way to it. Names of workspaces with private link exist only inside the VPN; WSL and
    containers copy the host's resolver when they start and keep it when the VPN comes up later.

    What to do: connect the VPN, then start WSL or the container again.
    """
    id, host = "network.resolves", world.project.host
    reply, evidence = ask(world, KNOCK, signed=False)
    if reply.hop == "dns":
        commands = ("wsl --shutdown",) if world.platform.wsl else ()
        todo = Remedy("Look at the spelling and the VPN; restart WSL or the container after the VPN is up.", commands)
        yield unknown(id, "the name of the workspace is not resolved here", evidence, about=host, remedy=todo)
    elif not reply.status and reply.hop in {"", "proxy"}:
        yield skipped(id, "names are not resolved here but by the proxy, or were not asked for", evidence, about=host)
    else:
        yield ok(
            id, "the name of the workspace is resolved", Evidence(evidence.what, "an address was found"), about=host
        )


PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
LOCAL = ("localhost", "127.0.0.1")


@check("network.proxy", "the proxy's settings agree", "network")
def proxy(world: World) -> Iterable[Finding]:
    """Whether the proxy's environment variables can do harm.

    With a proxy set and no NO_PROXY for `localhost` and `127.0.0.1`, clients send what is meant for this machine to the
    proxy: azure-identity and az send it the very token that a local helper was asked for. Programs differ in whether they
    read `HTTPS_PROXY` or `https_proxy`: different values send them different ways. A password in the address is seen by
    every process.

    What to do: set NO_PROXY and no_proxy; write both spellings alike.
    """
    id, env, found = "network.proxy", world.env, False
    used = {n: v for n in PROXIES for n, v in ((n, env.get(n, "")), (n.lower(), env.get(n.lower(), ""))) if v}
    if not used:
        yield ok(id, "no proxy is set", Evidence("environment", "no *_PROXY"))
        return
    spared = {w.strip().lower() for n in ("NO_PROXY", "no_proxy") for w in env.get(n, "").split(",")}
    missing = [] if "*" in spared else [w for w in LOCAL if w not in spared]
    if missing:
        found = True
        value = ",".join([*filter(None, (env.get("NO_PROXY") or env.get("no_proxy") or "").split(",")), *missing])
        text = f"a proxy is set, and NO_PROXY does not spare {' and '.join(missing)}"
        seen = Evidence(
            "environment", f"{', '.join(used)}; NO_PROXY={env.get('NO_PROXY') or env.get('no_proxy') or 'not set'}"
        )
        yield warning(id, text, seen, about="NO_PROXY", remedy=Remedy("Spare this machine.", _exports(world, value)))
    for name in PROXIES:
        upper, lower = env.get(name, ""), env.get(name.lower(), "")
        if upper and lower and upper.rstrip("/") != lower.rstrip("/") and world.platform.system != "windows":
            found = True
            seen = Evidence("environment", f"{name}={upper}\n{name.lower()}={lower}")
            text = f"{name} and {name.lower()} differ: programs go different ways"
            yield warning(id, text, seen, about=name, remedy=Remedy("Give both the same value."))
    for name, value in used.items():
        if re.search(r"://[^/@\s]+:[^/@\s]+@", value):
            found = True
            todo = Remedy("Use a proxy that knows you otherwise, or a local one that logs in (cntlm, px).")
            yield warning(
                id,
                f"{name} holds a password, which every process can see",
                Evidence(name, value),
                about=name,
                remedy=todo,
            )
    if not found:
        yield ok(
            id, "the proxy's settings agree", Evidence("environment", "\n".join(f"{n}={v}" for n, v in used.items()))
        )


def _exports(world: World, value: str) -> tuple[str, ...]:
    if world.platform.system == "windows":
        return (f"setx NO_PROXY {value}",)
    return tuple(f"export {name}={quoted(value)}" for name in ("NO_PROXY", "no_proxy"))


BUNDLES = (
    "REQUESTS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
PAIR = ("REQUESTS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")


@check("network.ca", "the certificates that are named are there", "network")
def ca(world: World) -> Iterable[Finding]:
    """Whether the bundles of certificates that the environment names can be read, and both halves of the client have one.

    A company that looks into TLS gives out a certificate of its own. databricks-connect wants it twice: REQUESTS_CA_BUNDLE
    for REST and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH for Spark; SSL_CERT_FILE helps neither. With only one of them it waits for
    half a minute, or for ten, and then names something else. A name that points at no file breaks every client.

    What to do: let both name the same bundle, made of the public certificates and the company's.
    """
    id, project, bad = "network.ca", dict(world.project.environ), False
    named = {n: world.env.get(n) or project.get(n, "") for n in BUNDLES}
    for name, path in named.items():
        if path and (problem := _unreadable(world, path)):
            bad = True
            todo = Remedy(f"Name a bundle that is there, or unset {name}.")
            yield error(
                id, f"{name} names a file that {problem}", Evidence(f"{name}={path}", problem), about=name, remedy=todo
            )
    one = [n for n in PAIR if named[n]]
    if len(one) == 1 and world.project.client:
        bad, other = True, next(n for n in PAIR if not named[n])
        command = (
            f"export {other}={quoted(named[one[0]])}"
            if world.platform.system != "windows"
            else f"setx {other} {named[one[0]]}"
        )
        text = f"{one[0]} is set and {other} is not: one half of the client will not trust the workspace"
        seen = Evidence("environment", f"{one[0]}={named[one[0]]}")
        yield warning(id, text, seen, about=other, remedy=Remedy("Name the same bundle for both.", (command,)))
    if not bad:
        used = ", ".join(n for n in BUNDLES if named[n])
        yield ok(
            id,
            "the bundles that are named are there" if used else "no bundle is named",
            Evidence("environment", used or "none"),
        )


def _unreadable(world: World, path: str) -> str:
    stat = world.stat(path)
    if stat is None:
        return "is not there"
    if stat.folder:
        return "is a folder"
    data = world.read(path, 2_000_000)
    if data is None:
        return "you may not read"
    return "" if b"-----BEGIN" in data else "holds no certificate"
