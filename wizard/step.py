"""A step: questions in, changes out. It knows no UI and touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from checks import World
from wizard.answers import Answers
from wizard.blueprint import Blueprint, Target
from wizard.change import Change
from wizard.question import Question
from wizard.secret import SecretStore
from wizard.workspace import Credential, Workspace


class StepProblem(Exception):
    """A step cannot plan: names the thing, what was found, what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class StoreState:
    """A place for secrets as it was probed: `problem` is empty where it was written, read and emptied."""

    name: str
    title: str
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The sandbox that stands in for a workspace: nothing of the person's own is touched."""

    host: str
    org_id: str
    ca_bundle: str
    config_file: str
    token: Callable[[], object] = field(repr=False, compare=False)
    """A new token of its default user, as a Secret."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the steps stand: the repo, the world around it, and what they may ask of it."""

    root: str
    state: str
    world: World
    blueprint: Blueprint
    target: Target
    config_file: str
    """The `.databrickscfg` that is the person's, or the sandbox's."""
    hook: str
    """The program that Databricks clients run for a token."""
    workspace: Callable[[str, Credential], Workspace]
    stores: Callable[[], tuple[StoreState, ...]]
    open_store: Callable[[str], SecretStore]
    python: Callable[[str], str]
    """An interpreter of a minor version such as `3.11`, or an empty text."""
    reach: Callable[[str], None]
    """Whether a host answers by TLS. Raises CloudError."""
    client: str = ""
    sandbox: Rehearsal | None = None
    sample: bool = False
    """Whether this is the sandbox's own sample repo."""
    remembered: Mapping[str, str] = field(default_factory=dict)
    """What an earlier set-up of this repo learned: `org_id`, `user`, `runtime`."""


class Step(Protocol):
    """Its id is its address: `wizard/steps/<id>.py`, `checks/<id>.py`, the ids `<id>.*`."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:
        """What to ask, given the answers so far; may look at the world and is run beside the face."""
        ...

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:
        """What to change. Raises StepProblem or CloudError. Where all is as it should be: nothing."""
        ...

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        """What the review page should say beside the changes."""
        ...
