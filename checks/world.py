"""Everything that a check may look at, behind one read-only door. Nothing to write with, and no secret's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from checks.project import Platform, Project


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program answered. Where it could not be started, or not in time, `problem` is set and `code` is None."""

    code: int | None
    out: str = ""
    err: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. `problem` is set (and `status` is 0) where none came; `hop` says how far it got."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    problem: str = ""
    hop: str = ""
    """`dns`, `tcp`, `tls`, `proxy`, `http`, `auth` (the store has no such secret), or empty where nobody was asked."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What the file system says of a path."""

    size: int
    mode: int
    modified: float
    folder: bool = False
    link: bool = False


class World(Protocol):
    """The machine and the project, as far as a check may know them. No method raises."""

    @property
    def env(self) -> Mapping[str, str]: ...
    @property
    def root(self) -> str:
        """The repo's folder."""
        ...

    @property
    def home(self) -> str: ...
    @property
    def platform(self) -> Platform: ...
    @property
    def project(self) -> Project: ...
    @property
    def trusted(self) -> bool:
        """Whether the person has said yes to this repo as it is now."""
        ...

    @property
    def offline(self) -> bool:
        """Whether the person asked for no network."""
        ...

    def now(self) -> datetime: ...
    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        """A file's first `limit` bytes (relative to the repo's root; `~` is home), None where it cannot be read."""
        ...

    def stat(self, path: str) -> Stat | None: ...
    def list(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where there is none."""
        ...

    def which(self, program: str) -> tuple[str, ...]:
        """All copies on PATH, in order; those inside an untrusted repo are left out."""
        ...

    def run(self, *argv: str, timeout: float = 10, env: Mapping[str, str] | None = None, input: str = "") -> Ran:
        """Run a program, without a shell, in the repo's root. `env` is added to the environment."""
        ...

    def get(self, url: str, *, bearer: str = "", timeout: float = 5) -> Reply:
        """Ask a server. `bearer` names an entry of the store; its value goes to that entry's host alone."""
        ...

    def kept(self, entry: str) -> bool | None:
        """Whether the store holds the entry; None where the store does not answer."""
        ...

    def store(self) -> tuple[str, str]:
        """The store that the set-up uses or would use, and what is wrong with it (empty: written, read and emptied)."""
        ...
