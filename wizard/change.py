"""One change to something the person owns, as data: said first, then applied with the doors that it is handed.

A change knows its inverse before it is applied, so a journal that was cut off by `kill -9` can still be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from checks import Ran
from wizard.secret import SecretStore

Data = dict[str, Any]
"""What a journal keeps of a change: JSON values, never a secret's."""


class Stale(Exception):
    """The thing to change is no longer what the preview showed."""


class ChangeFailed(Exception):
    """A change could not be applied; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Doors:
    """All that a change may act with."""

    plan: str
    """The id of the plan that is being applied."""
    allowed: tuple[str, ...]
    """Folders and files that may be written: the repo, and what is the person's own configuration."""
    store: Callable[[str], SecretStore]
    """A store by its name. Raises StoreError."""
    run: Callable[..., Ran]
    """`run(argv, cwd=…, env=…, say=…)`: a program, its output told line by line."""
    call: Callable[[str, str, Mapping[str, str]], None]
    """`call(host, method, arguments)`: a call of a cloud. Raises ChangeFailed."""
    say: Callable[[str], None]
    """Narration."""


class Change(Protocol):
    """Say it, then do it. Doing it hands back the change that undoes it."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def reversible(self) -> bool: ...
    def preview(self) -> str:
        """What will be different, secrets masked."""
        ...

    def bind(self, plan: str, number: int) -> Change:
        """The same change as number N of a plan: names the places where it keeps what it replaces."""
        ...

    def apply(self, doors: Doors) -> Change: ...
    def inverse(self) -> Change: ...
    def data(self) -> Data: ...


def kept_for_undo(plan: str, number: int, part: int = 0) -> str:
    """The store's entry that keeps what change N of a plan replaced."""
    return f"mlops-wizard/undo/{plan}/{number}.{part}"
