"""The dev container: written new, or merged into the file there with its comments kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace

from devcontainer.jsonc import JsoncError
from devcontainer.merge import merge, old_shapes
from devcontainer.render import python_project, render
from devcontainer.spec import Spec
from wizard.answers import Answers
from wizard.change import Change
from wizard.changes import EditFile
from wizard.question import Question
from wizard.reading import read_bytes, read_text
from wizard.step import Scene, StepProblem
from wizard.steps.connect import chosen, requirements

LIMIT = 100_000
"""Bytes of a devcontainer.json: the text is read anew at each of its edits."""

PLACES = (".devcontainer/devcontainer.json", ".devcontainer.json")


@dataclass(frozen=True, slots=True)
class DevcontainerStep:
    """`.devcontainer/devcontainer.json` for the chosen runtime (S4, 'Section 2: Interact With Databricks From Local VS Code')."""

    id: str = "devcontainer"
    title: str = "Dev container"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:  # noqa: ARG002
        text = _there(scene)[1]
        old = _old(scene, text) if text else ()
        if not old:
            return ()
        shapes = "\n".join(f"  {shape}" for shape in old)
        return (
            Question(
                "devcontainer.modernise",
                "Bring the old shapes of devcontainer.json up to date?",
                "confirm",
                True,
                help=f"What they say is kept, comments included; the diff is shown before anything is written.\n{shapes}",
            ),
        )

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:
        path, text = _there(scene)
        spec = wanted(scene, answers)
        try:
            after = (
                merge(text, spec, modernise=answers.get("devcontainer.modernise") is True).text
                if text
                else render(spec)
            )
        except JsoncError as error:
            what = f"{path} cannot be read: {error}. Correct that line (or move the file away) and start again"
            raise StepProblem(f"{what}; nothing was changed.") from error
        except ValueError as error:
            raise StepProblem(f"The dev container was not written: {error}") from error
        if after != text:
            before = read_bytes(scene, path)
            yield EditFile.between(os.path.join(scene.root, path), before, after.encode("utf-8"), name=path,
                                   store=answers.text("secrets.store"))  # fmt: skip

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        path, text = _there(scene)
        old = _old(scene, text) if text else ()
        if not old or answers.get("devcontainer.modernise") is True:
            return ()
        many = f"{path} has {len(old)} old shape(s), left as they are: {'; '.join(old)}."
        return (f"{many} To bring them up to date: --set devcontainer.modernise=yes",)


def wanted(scene: Scene, answers: Answers) -> Spec:
    """What the blueprint and the chosen runtime ask of the container. Names of secrets, never values."""
    _, runtime = chosen(scene, answers)
    box = scene.blueprint.container
    try:
        spec = python_project(
            os.path.basename(scene.root),
            runtime.python,
            packages=requirements(answers.text("connect.client"), runtime),
            modules=(box.pythonpath,) if box.pythonpath else (),
            extensions=box.extensions,
            features=box.features,
            secrets={
                r.variable.name: r.prompt or _describe(r.variable.name)
                for r in scene.blueprint.rules
                if r.variable.secret
            },
        )
    except ValueError as error:
        raise StepProblem(f"The blueprint's dev container cannot be written: {error}.") from error
    return replace(spec, settings={**spec.settings, **box.settings})


def _describe(name: str) -> str:
    return f"Kept by mlops-wizard on the host ({name}); never in this file."


def _there(scene: Scene) -> tuple[str, str]:
    path = next((p for p in PLACES if scene.world.stat(p) is not None), PLACES[0])
    return path, read_text(scene, path, LIMIT)


def _old(scene: Scene, text: str) -> tuple[str, ...]:  # noqa: ARG001
    try:
        return tuple(note.what for note in old_shapes(text))
    except JsoncError:
        return ()  # plan() tells it, with its line
