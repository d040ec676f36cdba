"""Which checks there are, and how to pick some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from checks.finding import Finding, Remedy
from checks.world import World

Look = Callable[[World], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a check is not looked at in this world, as a sentence, and what would change that."""

    text: str
    remedy: Remedy | None = None


Gate = Callable[[World], Closed | None]


@dataclass(frozen=True, slots=True)
class Check:
    """A named look at the world. `needs` are ids: where one of them failed, this one is not looked at."""

    id: str
    title: str
    look: Look
    tags: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    deadline: float = 20.0
    """Seconds until the check is given up as UNKNOWN."""
    gates: tuple[Gate, ...] = ()
    """What must be so before anything is looked at (`checks.gates`); else the check is SKIPPED with the gate's reason."""
    along: tuple[str, ...] = ()
    """Ids that are looked at with this one and not waited for: it takes long, and sees for itself that they failed."""

    @property
    def room(self) -> str:
        """The word before the first dot: the step, the file, the screen."""
        return self.id.partition(".")[0]

    @property
    def page(self) -> str:
        """What `explain ID` prints: the function's docstring."""
        import inspect

        return inspect.getdoc(self.look) or self.title


@dataclass(slots=True)
class Registry:
    """Checks by id, in the order they were declared."""

    _checks: dict[str, Check] = field(default_factory=dict)

    def add(self, check: Check) -> None:
        """Raises ValueError where the id is taken."""
        if check.id in self._checks:
            raise ValueError(f"two checks are called {check.id!r}")
        self._checks[check.id] = check

    def put(self, check: Check) -> None:
        """Add it, or put it in the place of the one with its id."""
        self._checks[check.id] = check

    def __iter__(self) -> Iterator[Check]:
        return iter(tuple(self._checks.values()))

    def __len__(self) -> int:
        return len(self._checks)

    def get(self, id: str) -> Check | None:
        return self._checks.get(id)

    def select(self, *names: str) -> tuple[Check, ...]:
        """Those whose id, room or tag is named; all of them when nothing is named."""
        wanted = set(names)
        return tuple(c for c in self if not wanted or c.id in wanted or c.room in wanted or c.tags & wanted)

    def unknown(self, *names: str) -> tuple[str, ...]:
        """Those of the names that are neither an id nor a room nor a tag."""
        words = {w for c in self for w in (c.id, c.room, *c.tags)}
        return tuple(n for n in names if n not in words)

    def with_needs(self, chosen: Iterable[Check]) -> tuple[Check, ...]:
        """The chosen ones, what they rest on and what is looked at along with them, in declared order."""
        ids = {c.id for c in chosen}
        while more := {n for c in self if c.id in ids for n in (*c.needs, *c.along) if n in self._checks} - ids:
            ids |= more
        return tuple(c for c in self if c.id in ids)


REGISTRY = Registry()


def check(
    id: str,
    title: str,
    *tags: str,
    needs: tuple[str, ...] = (),
    gates: tuple[Gate, ...] = (),
    along: tuple[str, ...] = (),
    deadline: float = 20.0,
    registry: Registry = REGISTRY,
) -> Callable[[Look], Look]:
    """Declare the decorated function a check; the function itself is left as it was."""

    def declare(look: Look) -> Look:
        registry.add(Check(id, title, look, frozenset(tags), needs, deadline, gates, along))
        return look

    return declare
