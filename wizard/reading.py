"""Reading a text of the repo on a step's behalf."""

from __future__ import annotations

from wizard.step import Scene, StepProblem


def read_text(scene: Scene, path: str) -> str:
    """The file's text, empty where there is none. Raises StepProblem where it is no UTF-8 text."""
    data = scene.world.read(path)
    if data is None:
        if scene.world.stat(path) is not None:
            raise StepProblem(f"{path} is there but cannot be read as a file of bearable size; move it out of the way.")
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepProblem(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
