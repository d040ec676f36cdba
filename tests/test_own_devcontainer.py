"""Our own dev container is written by our own renderer; this says that it still is.

To write it again: `.venv/bin/python tests/test_own_devcontainer.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from devcontainer.lint import leaks, problems
from devcontainer.render import python_project, render

PATH = Path(__file__).resolve().parent.parent / ".devcontainer" / "devcontainer.json"


def expected() -> str:
    spec = python_project(
        "mlops-wizard",
        "3.12",
        extensions=(
            "ms-python.python",
            "charliermarsh.ruff",
            "ms-python.mypy-type-checker",
            "tamasfe.even-better-toml",
        ),
    )
    settings = {"python.defaultInterpreterPath": "${containerWorkspaceFolder}/.venv/bin/python"}
    return render(replace(spec, settings=settings, post_create=("make", "check")))


def test_our_dev_container_is_what_our_renderer_writes() -> None:
    assert PATH.read_text(encoding="utf-8") == expected()


def test_our_dev_container_leaks_nothing_and_has_no_problem() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert (tuple(leaks(text)), tuple(problems(text))) == ((), ())


if __name__ == "__main__":
    PATH.write_text(expected(), encoding="utf-8")
