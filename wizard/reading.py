"""Reading a text of the repo on a step's behalf."""

from __future__ import annotations

from wizard.step import Scene, StepProblem

LIMIT = 1_000_000
"""Bytes; a file that a person wrote is smaller."""


def read_bytes(scene: Scene, path: str, limit: int = LIMIT) -> bytes | None:
    """The whole file; None where there is none. Raises StepProblem where it is no file, or one of more than `limit` bytes."""
    data = scene.world.read(path, limit + 1)
    if data is None and scene.world.stat(path) is not None:
        raise StepProblem(f"{path} is there but cannot be read as a file; move it out of the way.")
    if data is not None and len(data) > limit:
        raise StepProblem(f"{path} has more than {limit:,} bytes, too many to edit; make it smaller, or move it away.")
    return data


def read_text(scene: Scene, path: str, limit: int = LIMIT) -> str:
    """The file's text, empty where there is none. Raises StepProblem where it is no UTF-8 text."""
    try:
        return (read_bytes(scene, path, limit) or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepProblem(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
