"""Checks that a blueprint names as data: a tool of some version, a variable that is set, an address that answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.finding import Evidence, Finding, Remedy
from checks.gates import online, trusted
from checks.hosts import parse
from checks.installs import remedy
from checks.project import Tool
from checks.registry import Check, Gate
from checks.say import error, expected, ok, saw, unknown, warning
from checks.versions import fits, is_shim, version_in
from checks.world import Ran, World


def tool_at_least(tool: Tool) -> Check:
    """The check `tools.<id>`: the program is there, runs, and has the version that is asked for."""

    def look(world: World) -> Iterable[Finding]:
        yield tool_found(world, tool)

    need = f" {tool.require}" if tool.require else ""
    look.__doc__ = _TOOL_PAGE.format(tool=tool.id, need=need, why=tool.why or "The work in this repo needs it")
    return Check(f"tools.{tool.id}", f"{tool.id}{need} is installed", look, frozenset({"tools"}))


_TOOL_PAGE = """Whether `{tool}`{need} can be run here.

Looks at every copy on PATH, in order, asks each for its version, and tells apart: not installed, a stand-in that only says
how to install it, one that fails, one that tells no version, one that is too old, and a good one hidden behind an old one.

Why: {why}.

What to do: install it with this machine's package manager (the finding has the command), or put the good copy first on PATH.
"""


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy of a program: where it is, what it answered, the version in that."""

    path: str
    answer: Ran
    version: str


def tool_found(world: World, tool: Tool) -> Finding:
    """The finding about one tool: of the first copy on PATH, with a word about better ones behind it."""
    id, program = f"tools.{tool.id}", tool.probe[0] if tool.probe else tool.id
    paths = world.which(program)
    if not paths:
        say = expected if tool.optional else error
        text = f"{program} is not installed" + (f" (needs {tool.require})" if tool.require else "")
        reason = f"; optional: {tool.why or 'nothing here breaks without it'}" if tool.optional else ""
        missing = Evidence(f"{program} on PATH", "no copy")
        return say(id, text + reason, missing, about=program, remedy=remedy(tool, world.platform))
    copies = [_ask(world, path, tool) for path in paths[:8]]
    evidence = tuple(saw(c.answer, c.path, *tool.probe[1:]) for c in copies)
    first = copies[0]
    if first.version and (fit := _fits(first.version, tool)) is not False:
        if fit is None:
            text = f"{program} is {first.version}; whether that is {tool.require} cannot be told"
            return unknown(id, text, *evidence, about=first.path)
        return ok(id, f"{program} {first.version}", *evidence, about=first.path)
    if better := next((c.path for c in copies[1:] if c.version and _fits(c.version, tool)), ""):
        folder = better.replace("\\", "/").rpartition("/")[0]
        is_now = first.version or "one that does not answer"
        text = f"the first {program} on PATH is {is_now} ({first.path}); a good one comes later"
        todo = Remedy(f"Put {folder} before it on PATH.", step="tools")
        return error(id, text, *evidence, about=first.path, remedy=todo)
    return _unfit(world, tool, first, evidence)


def _ask(world: World, path: str, tool: Tool) -> _Copy:
    program, answer = tool.probe[0] if tool.probe else tool.id, world.run(path, *tool.probe[1:], timeout=15)
    if answer.code != 0:  # dbx 0.8.19 dies with a traceback full of other programs' versions
        return _Copy(path, answer, "")
    return _Copy(path, answer, version_in(answer.out, program) or version_in(answer.err, program))


def _fits(version: str, tool: Tool) -> bool | None:
    return fits(version, tool.require) if tool.require else True


def _unfit(world: World, tool: Tool, copy: _Copy, evidence: tuple[Evidence, ...]) -> Finding:
    id, answer, bad = f"tools.{tool.id}", copy.answer, warning if tool.optional else error
    if copy.version:
        how = f"is {copy.version}" if "<" in tool.require or "==" in tool.require else f"{copy.version} is too old"
        text, verb = f"{tool.id} {how}; this repo needs {tool.require}", "Update"
    elif answer.code is None:
        return unknown(id, f"{tool.id} did not answer: {answer.problem}", *evidence, about=copy.path)
    elif is_shim(f"{answer.out}\n{answer.err}") or answer.code in {126, 127, 9009}:
        text, verb = f"{tool.id} is only a stand-in: it does not run the program", "Install"
    elif answer.code != 0:
        text, verb = f"{tool.id} is there and fails (exit {answer.code})", "Install again"
    else:
        text = f"{tool.id} is there and tells no version; it may be an alias or a wrapper"
        todo = Remedy("Run it yourself.", (" ".join(tool.probe),))
        return warning(id, text, *evidence, about=copy.path, remedy=todo)
    return bad(id, text, *evidence, about=copy.path, remedy=remedy(tool, world.platform, verb))


def env_set(id: str, name: str, why: str = "") -> Check:
    """The check `id`: the environment variable is set and not empty (its value is not shown)."""

    def look(world: World) -> Iterable[Finding]:
        if world.env.get(name):
            yield ok(id, f"{name} is set", about=name)
            return
        missing = "is set, to nothing" if name in world.env else "is not set"
        todo = Remedy(f"Set {name}, or start the command with `mlops-wizard run --`.", step="env")
        yield error(id, f"{name} {missing}" + (f": {why}" if why else ""), about=name, remedy=todo)

    look.__doc__ = f"Whether the environment variable {name} is set.\n\n{why or 'A command of this repo reads it.'}\n"
    return Check(id, f"{name} is set", look, frozenset({"env"}))


def answers_http(id: str, url: str, why: str = "", expect: tuple[int, ...] = ()) -> Check:
    """The check `id`: the address answers, with one of the statuses `expect` (any below 500 where none is named)."""

    def look(world: World) -> Iterable[Finding]:
        reply = world.get(url)
        evidence = Evidence(f"GET {url}", reply.problem or f"HTTP {reply.status}")
        if not reply.status:
            yield unknown(id, f"{url} could not be asked: {reply.problem}", evidence, about=url)
        elif reply.status >= 500:
            yield unknown(id, f"{url} is in trouble (HTTP {reply.status})", evidence, about=url)
        elif expect and reply.status not in expect:
            yield error(id, f"{url} answers HTTP {reply.status}" + (f": {why}" if why else ""), evidence, about=url)
        else:
            yield ok(id, f"{url} answers", evidence, about=url)

    host = parse(url)
    gates: tuple[Gate, ...] = (trusted,) if host and host.loopback else (trusted, online)
    look.__doc__ = (
        f"Whether {url} answers.\n\n{why or 'This repo names it.'}\nNo answer at all is UNKNOWN: networks fail.\n"
    )
    return Check(id, f"{url} answers", look, frozenset({"network"}), gates=gates)
