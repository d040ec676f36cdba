"""The programs that the system needs: nothing to ask, nothing to change, everything to show.

Installing them is the package manager's and needs rights that the wizard does not take: its checks print the command.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.answers import Answers
from wizard.change import Change
from wizard.question import Question
from wizard.step import Scene


@dataclass(frozen=True, slots=True)
class ToolsStep:
    """Prerequisites."""

    id: str = "tools"
    title: str = "Tools"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:  # noqa: ARG002
        return ()

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:  # noqa: ARG002
        return ()

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:  # noqa: ARG002
        return ()
