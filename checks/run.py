"""Running checks side by side: one that crashes or hangs is a finding, not the end."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from checks.finding import Evidence, Finding, Remedy, Status
from checks.memo import Memo
from checks.registry import Check, Closed
from checks.world import World

Found = tuple[Finding, ...]
Done = Callable[[Check, Found], None]

MANY = 1_000
"""Findings that one check may have; a check that never stops finding is cut off there."""

_BAD = frozenset({Status.ERROR, Status.CRASHED, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order in which the checks were declared. `silenced` counts the checks a root cause hid."""

    findings: Found
    silenced: int = 0

    @property
    def worst(self) -> Status:
        return max((f.status for f in self.findings), default=Status.OK)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 nothing is wrong · 1 something is wrong · 3 a check could not run (design of the exit codes: README)."""
        bad = {Status.ERROR, *((Status.WARNING, Status.UNKNOWN) if strict else ())}
        if any(f.status in bad for f in self.findings):
            return 1
        return 3 if self.worst is Status.CRASHED else 0

    def counts(self) -> dict[str, int]:
        """How many findings of each status, by its name in lower case."""
        return {s.name.lower(): sum(f.status is s for f in self.findings) for s in Status}


def run(
    checks: Iterable[Check], world: World, *, done: Done | None = None, limit: float | None = None, where: str = ""
) -> Report:
    """Look with every check at once; `done` hears of each as it ends (in this thread).

    A check starts when those that it needs have ended, and is SKIPPED where one of them failed. `limit` caps each
    check's own deadline, in seconds; `where` (host, container) is written into every finding. Threads are daemons: one
    that hangs does not keep the process. The same question is put to the world once.
    """
    chosen = {c.id: c for c in checks}
    going = _Going(Memo(world), limit, where, dict(chosen))
    while going.waiting or going.running:
        going.start()
        for check, found in going.ended():
            if done:
                done(check, found)
    return Report(tuple(f for id in chosen for f in going.results[id]), len(going.roots))


@dataclass(slots=True)
class _Going:
    """One run under way. `roots` maps a check that was silenced to the one that failed first."""

    world: World
    limit: float | None
    where: str
    waiting: dict[str, Check]
    running: dict[str, tuple[Check, float]] = field(default_factory=dict)
    results: dict[str, Found] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    answers: queue.SimpleQueue[tuple[Check, Found]] = field(default_factory=queue.SimpleQueue)

    def start(self) -> None:
        for check in self._ready():
            del self.waiting[check.id]
            seconds = min(check.deadline, self.limit or check.deadline)
            self.running[check.id] = (check, time.monotonic() + seconds)
            if finding := self._closed(check):
                self.answers.put((check, (finding,)))
            else:
                threading.Thread(target=self._look, args=(check,), daemon=True, name=check.id).start()

    def ended(self) -> list[tuple[Check, Found]]:
        """What ended next, or those whose deadline has passed."""
        if not self.running:
            return []
        soonest = min(deadline for _, deadline in self.running.values())
        try:
            check, found = self.answers.get(timeout=max(0.0, soonest - time.monotonic()))
            over = [(check, found)] if check.id in self.running else []  # else the late answer of one given up
        except queue.Empty:
            now = time.monotonic()
            over = [(c, (_too_slow(c, self.limit),)) for c, deadline in self.running.values() if deadline <= now]
        return [self._end(check, found) for check, found in over]

    def _end(self, check: Check, found: Found) -> tuple[Check, Found]:
        if self.where:
            found = tuple(replace(f, where=self.where) for f in found)
        del self.running[check.id]
        self.results[check.id] = found
        return check, found

    def _look(self, check: Check) -> None:
        self.answers.put((check, look(check, self.world)))

    def _ready(self) -> list[Check]:
        known = self.waiting.keys() | self.running.keys()
        ready = [c for c in self.waiting.values() if not any(n in known for n in c.needs)]
        return ready or (list(self.waiting.values()) if not self.running else [])  # a ring of needs must not hang

    def _closed(self, check: Check) -> Finding | None:
        """The SKIPPED finding of a check that may not look: its gate's reason before a failed need's."""
        try:
            if _gate(check, self.world):
                return None  # `look` says it
        except Exception:  # noqa: BLE001  `look` reports it
            return None
        for need in check.needs:
            if root := self.roots.get(need) or (need if self._failed(need) else ""):
                self.roots[check.id] = root
                return Finding(check.id, Status.SKIPPED, f"not looked at, because {root} failed", title=check.title)
        quiet = next((n for n in check.needs if self._skipped(n)), "")
        text = f"not looked at, because {quiet} was not"
        return Finding(check.id, Status.SKIPPED, text, title=check.title) if quiet else None

    def _failed(self, id: str) -> bool:
        return any(f.status in _BAD for f in self.results.get(id, ()))

    def _skipped(self, id: str) -> bool:
        return any(f.status is Status.SKIPPED for f in self.results.get(id, ()))


def _too_slow(check: Check, limit: float | None) -> Finding:
    seconds = min(check.deadline, limit or check.deadline)
    text = f"{check.title}: no answer within {seconds:g} s; try again, or allow more with --timeout"
    return Finding(check.id, Status.UNKNOWN, text, title=check.title, seconds=seconds)


def _gate(check: Check, world: World) -> Closed | None:
    return next((closed for gate in check.gates if (closed := gate(world))), None)


def look(check: Check, world: World) -> Found:
    """One check's findings; OK with its title where it had nothing to say, CRASHED where it failed."""
    begun = time.monotonic()
    try:
        found = _findings(check, world)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a broken check must not hide the others
        found = (_crashed(check, error),)
    seconds = round(time.monotonic() - begun, 3)
    return tuple(replace(f, seconds=seconds, title=f.title or check.title) for f in found)


def _findings(check: Check, world: World) -> Found:
    if closed := _gate(check, world):
        return (Finding(check.id, Status.SKIPPED, closed.text, remedy=closed.remedy),)
    found = tuple(itertools.islice(check.look(world), MANY))
    if wrong := next((f for f in found if not isinstance(f, Finding)), None):
        raise TypeError(f"a check gives findings, not {type(wrong).__name__}")
    return found or (Finding(check.id, Status.OK, check.title),)


def _crashed(check: Check, error: BaseException) -> Finding:
    remedy = Remedy("This is a fault of mlops-wizard, not yours: please report it with this text.")
    evidence = (Evidence(check.id, f"{type(error).__name__}: {error}"),)
    text = f"the check itself failed ({check.title})"
    return Finding(check.id, Status.CRASHED, text, evidence=evidence, remedy=remedy)
