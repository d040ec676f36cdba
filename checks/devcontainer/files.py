"""`devcontainer.json` and the scripts beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol

from checks.devcontainer.engine import NONE, where
from checks.finding import Evidence, Finding, Remedy
from checks.registry import REGISTRY, Check, Registry, check
from checks.repo import quoted, text_of, tracked
from checks.say import error, expected, ok, saw, skipped, unknown, warning
from checks.world import World

WRITE = ("mlops-wizard devcontainer write",)


class Place(Protocol):
    """Where in a text something is, both from 1; `level` is `error`, `warning` or `note`, `fix` what to do."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def fix(self) -> str: ...


class Leak(Place, Protocol):
    """A place that gives a secret away."""

    @property
    def why(self) -> str: ...


class Problem(Place, Protocol):
    """A place that does not do what its author meant."""

    @property
    def text(self) -> str: ...


class Note(Protocol):
    """A shape that is written differently today."""

    @property
    def what(self) -> str: ...
    @property
    def why(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What the room `devcontainer/` knows, as functions of a file's text. They raise ValueError where it is no JSONC."""

    parse: Callable[[str], object]
    leaks: Callable[[str], Iterable[Leak]]
    problems: Callable[[str], Iterable[Problem]]
    old_shapes: Callable[[str], Iterable[Note]]


def declare(
    *,
    parse: Callable[[str], object],
    leaks: Callable[[str], Iterable[Leak]],
    problems: Callable[[str], Iterable[Problem]],
    old_shapes: Callable[[str], Iterable[Note]],
    registry: Registry = REGISTRY,
) -> None:
    """Put the checks that look into `devcontainer.json` into the registry, with the functions that read it."""
    rules, rest = Rules(parse, leaks, problems, old_shapes), ("devcontainer.parses",)
    for id, title, look, tags, needs in (
        ("devcontainer.parses", "devcontainer.json can be read", _parses, (), ()),
        ("devcontainer.leaks", "devcontainer.json gives no secret away", _leaks, ("secrets",), rest),
        ("devcontainer.problems", "devcontainer.json means what it says", _problems, (), rest),
        ("devcontainer.old-shape", "devcontainer.json is written as today", _old_shape, (), rest),
        ("devcontainer.env-file", "the container's env-file is there", _env_file, ("env",), rest),
    ):
        bound = partial(look, rules)
        bound.__doc__ = look.__doc__
        registry.put(Check(id, title, bound, frozenset({"devcontainer", *tags}), needs))


def _texts(world: World) -> Iterator[tuple[str, str]]:
    for path in where(world):
        yield path, text_of(world, path) or ""


def _parses(rules: Rules, world: World) -> Iterable[Finding]:
    """Whether each `devcontainer.json` is JSON with comments, as VS Code and the dev container CLI read it.

    Comments and trailing commas are allowed (more than half of all public files have them); a missing comma or bracket is
    not, and the CLI then says little about where.

    What to do: the finding names line and column.
    """
    id, found = "devcontainer.parses", where(world)
    for path, text in _texts(world):
        try:
            value = rules.parse(text)
        except ValueError as fault:
            line, column = getattr(fault, "line", 1), getattr(fault, "column", 1)
            said = getattr(fault, "message", str(fault))
            seen = Evidence(f"{path}:{line}:{column}", str(said))
            todo = Remedy(f"Mend line {line}, column {column}.")
            yield error(id, f"{path} cannot be read: {said}", seen, about=f"{path}:{line}", remedy=todo)
            continue
        if not isinstance(value, dict):
            yield error(id, f"{path} is no object", Evidence(path, type(value).__name__), about=path)
        else:
            yield ok(id, f"{path} is well-formed", Evidence(path, f"{len(value)} keys"), about=path)
    if not found:
        yield skipped(id, NONE)


def _leaks(rules: Rules, world: World) -> Iterable[Finding]:
    """Whether `devcontainer.json` puts secrets where others read them.

    Looks at `containerEnv`, `build.args`, options of Features, `--env-file` inside the repo and `-e NAME=value`: what stands
    there is in `docker inspect`, on the engine's disk and in `/etc/environment`, and often in a layer of the image.

    What to do: take it out; `mlops-wizard run -- COMMAND` gives secrets to one command and leaves no trace.
    """
    id, count = "devcontainer.leaks", 0
    for path, text in _texts(world):
        for leak in rules.leaks(text):
            count += 1
            say = error if leak.level == "error" else warning
            seen = Evidence(f"{path}:{leak.line}:{leak.column}", leak.why)
            todo = Remedy(leak.fix, step="devcontainer")
            yield say(id, f"{path} gives a secret away: {leak.why}", seen, about=f"{path}:{leak.line}", remedy=todo)
    if not count:
        yield ok(id, "devcontainer.json gives no secret away") if where(world) else skipped(id, NONE)


def _problems(rules: Rules, world: World) -> Iterable[Finding]:
    """Whether keys and values of `devcontainer.json` are ones that its readers know.

    The dev container CLI checks almost nothing: a misspelt key is silently without effect, a value of the wrong kind fails
    far away from its cause.

    What to do: the finding says what is meant instead.
    """
    id, count = "devcontainer.problems", 0
    say = {"error": error, "warning": warning}
    for path, text in _texts(world):
        for problem in rules.problems(text):
            count += 1
            seen = Evidence(f"{path}:{problem.line}:{problem.column}", problem.text)
            todo = Remedy(problem.fix, step="devcontainer")
            about = f"{path}:{problem.line}"
            yield say.get(problem.level, expected)(id, f"{path}: {problem.text}", seen, about=about, remedy=todo)
    if not count:
        yield ok(id, "devcontainer.json means what it says") if where(world) else skipped(id, NONE)


def _old_shape(rules: Rules, world: World) -> Iterable[Finding]:
    """Whether `devcontainer.json` is written as before 2022.

    `extensions` and `settings` at the top level, images below `vscode/devcontainers`, `python.pythonPath`: some still work,
    some have no effect any more, and the images get no updates.

    What to do: `devcontainer write` moves them to where they belong, comments and all, and shows the difference first.
    """
    id, count = "devcontainer.old-shape", 0
    for path, text in _texts(world):
        for note in rules.old_shapes(text):
            count += 1
            todo = Remedy("Write it as today.", WRITE, "devcontainer")
            yield warning(id, f"{path}: {note.what}: {note.why}", Evidence(path, note.what), about=path, remedy=todo)
    if not count:
        yield ok(id, "devcontainer.json is written as today") if where(world) else skipped(id, NONE)


def _env_file(rules: Rules, world: World) -> Iterable[Finding]:
    """Whether the env-file that the container is started with is there.

    Reads `--env-file` in `runArgs`. Where the file is missing the engine refuses to start the container, before anything in
    it can help; where it was changed, a container that is already there keeps the old values until it is rebuilt.

    What to do: write it before the container is opened, or take the option out.
    """
    id, count = "devcontainer.env-file", 0
    for path, text in _texts(world):
        value = rules.parse(text)
        for name in _env_files(value.get("runArgs") if isinstance(value, dict) else None):
            count += 1
            local = re.sub(r"^\$\{localWorkspaceFolder\}/", "", name)
            made = str(value.get("initializeCommand", "")) if isinstance(value, dict) else ""
            seen = Evidence(f"{path}: runArgs", f"--env-file {name}")
            if "${" in local:
                yield unknown(id, f"whether {name} is there depends on who opens the container", seen, about=name)
            elif world.stat(local):
                yield ok(id, f"{local} is there", seen, about=name)
            elif local.rpartition("/")[2] in made:
                yield ok(id, f"{local} is made by initializeCommand", seen, about=name)
            else:
                said = f"{local} is not there: the container will not start"
                todo = Remedy("Write it, or take the option out.", ("mlops-wizard env write", *WRITE), "env")
                yield error(id, said, seen, about=name, remedy=todo)
    if not count:
        yield ok(id, "no env-file is asked for") if where(world) else skipped(id, NONE)


def _env_files(arguments: object) -> list[str]:
    words = [str(a) for a in arguments] if isinstance(arguments, list) else []
    behind = [b for a, b in pairwise(words) if a == "--env-file"]
    return behind + [w.partition("=")[2] for w in words if w.startswith("--env-file=")]


SCRIPTS = ("*.sh", "*.bash", "Dockerfile", "**/Dockerfile", "*.Dockerfile", ".devcontainer/*")


@check(
    "devcontainer.line-ends",
    "scripts have the line ends that a container reads",
    "devcontainer",
    "git",
    needs=("tools.repo",),
)
def line_ends(world: World) -> Iterable[Finding]:
    """Whether scripts that run in the container have Windows line ends.

    Asks `git ls-files --eol` for shell scripts, Dockerfiles and what is below `.devcontainer/`. With CRLF the first line is
    `/bin/bash^M: bad interpreter`, and every command `$'\\r': command not found`. Git on Windows makes them unless the repo
    says otherwise.

    What to do: a line in `.gitattributes`, then let git write the files again.
    """
    id = "devcontainer.line-ends"
    answer = world.run("git", "ls-files", "--eol", "-z", "--", *SCRIPTS)
    if answer.code != 0:
        yield unknown(id, "git does not say what line ends its files have", saw(answer, "git", "ls-files", "--eol"))
        return
    rows = [row.partition("\t") for row in answer.out.split("\0") if "\t" in row]
    bad = [
        (name, ends.split()) for ends, _, name in rows if re.search(r"[iw]/(?:crlf|mixed)", ends) and not _windows(name)
    ]
    for name, ends in bad[:20]:
        commands = ("echo '*.sh text eol=lf' >> .gitattributes", quoted("git", "add", "--renormalize", "--", name))
        if ends and ends[0] == "i/lf":
            commands = (commands[0], quoted("git", "checkout-index", "--force", "--", name))
        text = f"{name} has Windows line ends: a container cannot run it"
        seen = Evidence(f"git ls-files --eol {name}", " ".join(ends[:2]))
        yield error(id, text, seen, about=name, remedy=Remedy("Let git keep it with LF.", commands, "devcontainer"))
    if not bad:
        yield ok(id, "no script has Windows line ends", Evidence("git ls-files --eol", f"{len(rows)} files"))


def _windows(name: str) -> bool:
    return name.lower().endswith((".ps1", ".bat", ".cmd"))


@check("devcontainer.tracked", "the dev container is in git", "devcontainer", "git", needs=("tools.repo",))
def is_tracked(world: World) -> Iterable[Finding]:
    """Whether the dev container's files are in git, so that the others have them too.

    Asks git which files below `.devcontainer/` it tracks. A dev container that only one person has is the first thing that
    differs between two machines.

    What to do: add and commit them; they hold no secret.
    """
    id, there = "devcontainer.tracked", where(world)
    if not there:
        yield skipped(id, NONE)
        return
    names = tracked(world, *there)
    if names is None:
        yield unknown(id, "git does not say which files it tracks")
        return
    missing = [p for p in there if p not in names]
    for path in missing:
        todo = Remedy("Add it to git.", (quoted("git", "add", "--", path),))
        yield warning(
            id,
            f"{path} is not in git: the others do not have it",
            Evidence("git ls-files", "not there"),
            about=path,
            remedy=todo,
        )
    if not missing:
        yield ok(id, "the dev container is in git", Evidence("git ls-files", ", ".join(names)))
