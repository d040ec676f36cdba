"""The ways a check can speak: one word for each status, so that a check reads as what it says."""

from __future__ import annotations

from checks.finding import Evidence, Finding, Remedy, Status


def ok(id: str, text: str, *evidence: Evidence, about: str = "") -> Finding:
    """Looked at, and all is well."""
    return Finding(id, Status.OK, text, about, evidence)


def skipped(id: str, text: str, *evidence: Evidence, about: str = "", remedy: Remedy | None = None) -> Finding:
    """There was nothing to look at, or no leave to look."""
    return Finding(id, Status.SKIPPED, text, about, evidence, remedy)


def expected(id: str, text: str, *evidence: Evidence, about: str = "", remedy: Remedy | None = None) -> Finding:
    """Not as it could be, for a known reason."""
    return Finding(id, Status.EXPECTED, text, about, evidence, remedy)


def unknown(id: str, text: str, *evidence: Evidence, about: str = "", remedy: Remedy | None = None) -> Finding:
    """It could not be told."""
    return Finding(id, Status.UNKNOWN, text, about, evidence, remedy)


def warning(id: str, text: str, *evidence: Evidence, about: str = "", remedy: Remedy | None = None) -> Finding:
    """It works now and will not for ever, or not for everybody."""
    return Finding(id, Status.WARNING, text, about, evidence, remedy)


def error(id: str, text: str, *evidence: Evidence, about: str = "", remedy: Remedy | None = None) -> Finding:
    """It does not work, or it is dangerous."""
    return Finding(id, Status.ERROR, text, about, evidence, remedy)


def many(count: int, word: str) -> str:
    """`1 token`, `2 tokens`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def saw(world_answer: object, *argv: str) -> Evidence:
    """A command line and what came back, as evidence."""
    from checks.world import Ran

    if isinstance(world_answer, Ran):
        text = world_answer.problem or (world_answer.out + world_answer.err).strip()
        code = "" if world_answer.code in {0, None} else f" (exit {world_answer.code})"
        return Evidence(" ".join(argv), f"{text or 'nothing'}{code}")
    return Evidence(" ".join(argv), str(world_answer))
