"""What `mlops-wizard run` gives to a command in one repo: written by set-up, read before every command.

A flat UTF-8 text in the repo's folder of the state, one line for each thing, values percent-escaped, no secret in it:

    mlops-wizard run 1
    store keyring
    host adb-1.2.azuredatabricks.net
    pythonpath /workspaces/project
    variable DATABRICKS_CONFIG_PROFILE dev
    secret DATABRICKS_TOKEN mlops-wizard/adb-1.2.azuredatabricks.net/DATABRICKS_TOKEN
"""

from __future__ import annotations

import os

from wizard import flat, places
from wizard.dotenv_bare import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_FIRST = "mlops-wizard run 1"

Pairs = tuple[tuple[str, str], ...]


class RunListProblem(Exception):
    """The list cannot be read or written; the text says why and what to do."""


class RunList:
    """What a command gets. Frozen; a plain class, since importing dataclasses takes longer than all of `run` may."""

    __slots__ = ("host", "pythonpath", "secrets", "store", "variables")

    variables: Pairs
    """(NAME, value): not secret, from the set-up: profile, configuration file, CA bundles of the sandbox."""
    secrets: Pairs
    """(NAME, service of the store's entry)."""
    store: str
    """`keyring`, `sandbox`, `plain`; empty where there are no secrets."""
    pythonpath: str
    """The container's path for the repo's root, which PYTHONPATH in `.env` holds: `/workspaces/project`."""
    host: str
    """The Databricks host that all of this belongs to; empty where it is told by the services' names."""

    def __init__(
        self, variables: Pairs = (), secrets: Pairs = (), store: str = "", pythonpath: str = "", host: str = ""
    ) -> None:
        for name, value in zip(self.__slots__, (host, pythonpath, secrets, store, variables), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a RunList is frozen; make another one with another {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunList):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.variables, self.secrets, self.store, self.pythonpath, self.host))

    def __repr__(self) -> str:
        return (
            f"RunList(variables={self.variables!r}, secrets={self.secrets!r}, store={self.store!r}, "
            f"pythonpath={self.pythonpath!r}, host={self.host!r})"
        )


def path(root: str, target: str = "") -> str:
    """Where the list of this repo is: `run.list`, or that of one target."""
    name = f"run.{flat.escape(target).replace('/', '%2F')}.list" if target else "run.list"
    return os.path.join(places.repo_state(root), name)


def write_list(root: str, listed: RunList, target: str = "") -> None:
    """Keep the list, 0600, whole or not at all. Raises RunListProblem, also for names that no environment takes."""
    for name, _ in (*listed.variables, *listed.secrets):
        if not is_name(name):
            raise RunListProblem(
                f"{flat.shown(name[:80])!r} is not the name of a variable; rename it in mlops-wizard.toml."
            )
    lines = [_FIRST]
    for word in ("store", "host", "pythonpath"):
        value = getattr(listed, word)
        lines += [f"{word} {flat.escape(value)}"] if value else []
    lines += [f"variable {name} {flat.escape(value)}" for name, value in listed.variables]
    lines += [f"secret {name} {flat.escape(service)}" for name, service in listed.secrets]
    try:
        flat.write_private(path(root, target), "\n".join(lines) + "\n")
    except flat.FlatError as error:
        raise RunListProblem(str(error)) from error


def read_list(root: str, target: str = "") -> RunList | None:
    """The list of this repo; None where it was never set up. Raises RunListProblem."""
    where = path(root, target)
    try:
        text = flat.read_private(where)
    except flat.FlatError as error:
        raise RunListProblem(str(error)) from error
    if text is None:
        return None
    lines = text.split("\n")
    if lines[0] != _FIRST or lines.pop() != "":
        raise _broken(where, 1)
    single = {"store": "", "host": "", "pythonpath": ""}
    pairs: dict[str, list[tuple[str, str]]] = {"variable": [], "secret": []}
    for number, line in enumerate(lines[1:], start=2):
        try:
            word, name, *rest = line.split(" ")
            if word in single and not rest:
                single[word] = flat.unescape(name)
            elif word in pairs and len(rest) == 1 and is_name(name):
                pairs[word].append((name, flat.unescape(rest[0])))
            else:
                raise _broken(where, number)
        except ValueError:
            raise _broken(where, number) from None
    return RunList(tuple(pairs["variable"]), tuple(pairs["secret"]), **single)


def _broken(where: str, number: int) -> RunListProblem:
    return RunListProblem(f"Line {number} of {where} is broken; run `mlops-wizard setup` again, which writes it anew.")
