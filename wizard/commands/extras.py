"""The libraries that a walk needs and the base install does not have: added to the tool's own environment, with consent."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from dataclasses import dataclass

from wizard.answers import Answers
from wizard.commands.failure import Usage
from wizard.face import Face, Move
from wizard.machine.programs import stream
from wizard.question import Question


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra of pyproject.toml: the modules that tell whether it is there, what is installed, and how large that is."""

    name: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]
    size: str

    @property
    def missing(self) -> bool:
        """Whether a module of it is not there. Looked up, not imported."""
        return any(importlib.util.find_spec(m) is None for m in self.modules)

    @property
    def question(self) -> Question:
        """What is asked before it is added."""
        return Question(
            f"setup.{self.name}",
            f"Add {', '.join(self.requirements)} to the wizard's own environment?",
            "confirm",
            help=f"It is needed here and is not part of the small base install ({self.size}).",
        )


DATABRICKS = Extra("databricks", ("databricks", "google.auth"), ("databricks-sdk>=0.100,<1",), "30 MB")
SANDBOX = Extra(
    "sandbox",
    ("aiohttp", "grpc", "cryptography", "certifi"),
    ("aiohttp>=3.11,<4", "grpcio>=1.66,<2", "cryptography>=43", "certifi>=2024.7"),
    "40 MB",
)


async def ensure(face: Face, answers: Answers, extra: Extra) -> None:
    """Add the extra where it is missing and the person says yes. Raises Usage with the line to type where not."""
    if not _missing(extra):
        return
    question = extra.question
    value = answers[question.id] if question.id in answers else await face.ask(question, answers)
    if isinstance(value, Move):
        raise KeyboardInterrupt
    if question.accept(value) is not True:
        raise Usage(
            f"Without it this cannot go on. To add it yourself: pipx inject mlops-wizard {' '.join(extra.requirements)}"
        )
    ran = await face.busy(f"Adding {extra.name}", lambda: stream((*_installer(), *extra.requirements), say=face.say))
    importlib.invalidate_caches()
    if ran.code != 0 or _missing(extra):
        raise Usage(f"{' '.join(_installer())} failed: {ran.out.strip()[-600:] or ran.problem}")


def _missing(extra: Extra) -> bool:
    try:
        return extra.missing
    except ModuleNotFoundError:  # a dotted name whose first part is not there
        return True


def _installer() -> tuple[str, ...]:
    """pip of our own environment; uv's tool environments have none, and uv is there then."""
    if importlib.util.find_spec("pip") is not None:
        return (
            sys.executable,
            "-I",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--no-input",
            "--progress-bar",
            "off",
        )
    uv = shutil.which("uv")
    if uv is None:
        raise Usage(
            "The wizard's own environment has neither pip nor uv; install mlops-wizard again with its extra: '.[all]'"
        )
    return (uv, "pip", "install", "--python", sys.executable)
