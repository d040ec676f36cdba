"""What a `devcontainer.json` gives away. No finding repeats a value, only its place and its kind.

Where a value ends up was measured with docker 20.10 and podman 4.3: what stands in `containerEnv`, `--env-file` and
`-e` is in `docker inspect`, on the engine's disk and in `/etc/environment`; with any Feature, `containerEnv` is baked
into an image layer too. `remoteEnv` is kept nowhere, but is an argument of `docker exec` that `ps` shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from devcontainer.keys import Problem, problems
from devcontainer.run_args import inside_repo, options
from devcontainer.shapes import secret_kind, secret_name, secret_spots, shown
from devcontainer.tree import Node, Path, Tree, read

__all__ = ["Leak", "Problem", "leaks", "problems"]

_REFERENCE = re.compile(r"\$\{(localEnv|env|containerEnv):([^}:]*)[^}]*\}")
_NOTHING = re.compile(r"|<[^<>]*>|true|false|yes|no|on|off|none|null|[0-9]{1,5}", re.IGNORECASE)
_KEEP_OUT = (
    "Take it out, keep it with `mlops-wizard secrets set`, and start what needs it with `mlops-wizard run -- COMMAND`"
)
_REVOKE = "Revoke it where it was issued, take it out, and keep the new one with `mlops-wizard secrets set`"
_ENV_FILE = (
    "an env-file of the repo: every value in it stays in `docker inspect` and in /etc/environment, "
    "and where the file is missing the container does not start"
)
_NO_ENV_FILE = (
    "Take the option out: `mlops-wizard devcontainer write` sets in remoteEnv what is no secret, "
    "and `mlops-wizard run -- COMMAND` brings the rest"
)
_BUILD = "Use a build secret (`--secret` in build.options, `RUN --mount=type=secret` in the Dockerfile)"


@dataclass(frozen=True, slots=True)
class Leak:
    """A place that gives a secret away. `path` is empty in a comment; line and column count from 1.

    `error`: it is stored where others read it. `warning`: it is visible while it is used.
    """

    path: Path
    line: int
    column: int
    level: Literal["error", "warning"]
    why: str
    fix: str


_Hit = tuple[Path, int, Literal["error", "warning"], str, str]  # path, offset, level, why, fix


def leaks(text: str) -> tuple[Leak, ...]:
    """Every leak in the text of a `devcontainer.json`, in its order. Raises JsoncError where it is no JSONC."""
    tree = read(text)
    hits = [*_environment(tree), *_arguments(tree)]
    known = {path for path, *_ in hits}
    hits += [hit for hit in _literals(tree) if not hit[0] or hit[0] not in known]
    found = (Leak(_masked(path), *tree.lines.place(at), level, why, fix) for path, at, level, why, fix in hits)
    return tuple(sorted(found, key=lambda leak: (leak.line, leak.column)))


def _environment(tree: Tree) -> Iterator[_Hit]:
    """Secrets in variables, build arguments and options of Features."""
    for path, _, node in tree.walk():
        place = _place(path)
        if place is None or not isinstance(node.value, str):
            continue
        name = "" if path[0] == "features" and len(path) == 2 else str(path[-1])
        source = _source(name, node.value)
        if source is None:
            continue
        kept, fix = _PLACES[place]
        if place == "remoteEnv" and source:
            why = f"the secret {shown(source)} of your machine becomes an argument of `docker exec`, which `ps` shows"
            yield path, node.start, "warning", why, fix
        elif source:
            yield path, node.start, "error", f"the secret {shown(source)} of your machine {kept}", fix
        else:
            yield path, node.start, "error", f"{shown(name)} is a secret's name, and its value is in this file", _REVOKE


# place -> (where the value stays, what to do)
_PLACES = {
    "containerEnv": ("stays in `docker inspect`, in /etc/environment and in image layers", _KEEP_OUT),
    "build.args": ("stays in the image's history", _BUILD),
    "features": ("stays in the image's layers and in the build log", _BUILD),
    "remoteEnv": ("", _KEEP_OUT),
}


def _place(path: Path) -> str | None:
    if len(path) == 2 and path[0] in {"containerEnv", "remoteEnv"}:
        return str(path[0])
    if len(path) == 3 and path[:2] == ("build", "args"):
        return "build.args"
    return "features" if path[:1] == ("features",) and len(path) in {2, 3} else None


def _source(name: str, value: str) -> str | None:
    """The secret of the host that `value` refers to, "" where `value` itself is one, None where there is none."""
    references = [source for kind, source in _REFERENCE.findall(value) if kind != "containerEnv"]
    if secret := next((source for source in references if secret_name(source)), None):
        return str(secret)
    if references and secret_name(name):
        return name
    literal = not value.lstrip().startswith("${") and not _NOTHING.fullmatch(value.strip())
    return "" if literal and secret_name(name) else None


def _arguments(tree: Tree) -> Iterator[_Hit]:
    """Env-files and variables in `runArgs`, build arguments in `build.options`."""
    for path in (("runArgs",), ("build", "options")):
        node = tree.find(path)
        if node is None or node.kind != "array":
            continue
        for option in options([item.node.value for item in node.items]):
            index = option.index + option.count - 1  # of the value
            here, place = (*path, index), node.items[index].node.start
            if option.env_file and path == ("runArgs",) and option.value and inside_repo(option.value):
                yield here, place, "error", _ENV_FILE, _NO_ENV_FILE
            variable = option.variable if path == ("runArgs",) else option.build_arg
            if variable and _secret_argument(*variable):
                kept, fix = _PLACES["containerEnv" if path == ("runArgs",) else "build.args"]
                yield here, place, "error", f"the secret {shown(variable[0])} {kept}", fix


def _secret_argument(name: str, value: str | None) -> bool:
    if value is None:
        return secret_name(name)
    return _source(name, value) is not None or secret_kind(value) is not None


def _literals(tree: Tree) -> Iterator[_Hit]:
    """Text that looks like a secret wherever it stands, in names and comments too."""
    for path, item, node in tree.walk():
        if item is not None and isinstance(item.key, str) and (kind := secret_kind(item.key)):
            yield path, item.start, "error", f"a name that looks like {kind}", _REVOKE
        elif kind := _kind(node):
            yield path, node.start, "error", f"text that looks like {kind}", _REVOKE
    for start, end in tree.comments:
        for offset, kind in secret_spots(tree.text[start:end]):
            yield (), start + offset, "error", f"a comment with text that looks like {kind}", _REVOKE


def _kind(node: Node) -> str | None:
    return secret_kind(node.value) if isinstance(node.value, str) else None


def _masked(path: Path) -> Path:
    return tuple("(hidden)" if isinstance(step, str) and secret_kind(step) else step for step in path)
