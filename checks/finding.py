"""What a check says when it has looked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from checks.redact import plain, shown


class Status(IntEnum):
    """Ordered, so that the worst of many findings is `max`."""

    OK = 0
    SKIPPED = 1
    """Not looked at: something that it rests on failed, or the repo is not trusted yet."""
    EXPECTED = 2
    """Red for a known reason."""
    UNKNOWN = 3
    """Could not be told (no network, no permission to look). Never green, never an accusation."""
    WARNING = 4
    ERROR = 5
    CRASHED = 6
    """The check itself failed: our fault."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about it, as data: a face can show it, `--json` can print it, `--fix` can walk `step`."""

    text: str
    commands: tuple[str, ...] = ()
    step: str | None = None
    link: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", shown(self.text))
        object.__setattr__(self, "commands", tuple(plain(c) for c in self.commands))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look: `what` was asked (a command, a call, a file), `saw` what came back."""

    what: str
    saw: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", shown(self.what))
        object.__setattr__(self, "saw", shown(self.saw))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing learned. Compares by value (but for the time it took); redacted at birth."""

    id: str
    status: Status
    text: str
    about: str = ""
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None
    seconds: float = 0.0
    title: str = ""
    where: str = "host"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", shown(self.text))
        object.__setattr__(self, "about", shown(self.about))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Finding):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.id, self.status, self.text, self.about, self.evidence, self.remedy, self.where)
