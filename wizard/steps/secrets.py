"""Where secrets are kept: chosen, and tried by writing and reading, before any is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.answers import Answers
from wizard.change import Change
from wizard.question import Choice, Question, Value
from wizard.step import Scene, StoreState

PLAIN = "plain"
_ORDER = ("keyring", "sandbox", PLAIN)


@dataclass(frozen=True, slots=True)
class SecretsStep:
    """The OS keyring where there is one; anything else is said, and plain text only by consent."""

    id: str = "secrets"
    title: str = "Secrets"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:  # noqa: ARG002
        states = scene.stores()
        default = default_store(scene, states)
        return (
            Question(
                "secrets.store",
                "Where shall secrets be kept?",
                "choice",
                default or None,
                tuple(Choice(s.name, s.title, _blocked(s)) for s in states),
                help=_help(states),
                quiet=bool(default),
            ),
            Question(
                "secrets.plaintext",
                "Keep secrets in a plain-text file that only you can read (0600)?",
                "confirm",
                help="Whoever gets at this file, or at a backup of it, has your tokens. `mlops-wizard doctor` will keep saying so.",
                needs=("secrets.store",),
                when=lambda given: given.get("secrets.store") == PLAIN,
                problem=_consent,
            ),
        )

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:  # noqa: ARG002
        return ()

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        store = answers.text("secrets.store")
        if store == "sandbox":
            none = any(s.name == "keyring" and s.problem for s in scene.stores())
            because = " This machine has no keyring that works." if none else ""
            return (f"Secrets are kept in the sandbox's memory, for as long as it runs.{because}",)
        return ("Secrets are kept in PLAIN TEXT, as you agreed.",) if store == PLAIN else ()


def default_store(scene: Scene, states: tuple[StoreState, ...]) -> str:
    """The keyring; for the sandbox's own sample, and where there is no keyring, the sandbox's memory; never plain text."""
    usable = [s.name for s in sorted(states, key=lambda s: _ORDER.index(s.name)) if not s.problem and s.name != PLAIN]
    if scene.sample and "sandbox" in usable:
        return "sandbox"
    return usable[0] if usable else ""


def store_words(store: str) -> str:
    """How `.env` calls the store."""
    words = {"keyring": "the OS keyring", "sandbox": "the sandbox's memory", PLAIN: "the wizard's plain-text file"}
    return words.get(store, store)


def _blocked(state: StoreState) -> str:
    return f"{state.title}: {state.problem} {state.remedy}".strip() if state.problem else ""


def _help(states: tuple[StoreState, ...]) -> str:
    troubles = [f"{s.title}: {s.problem} {s.remedy}".strip() for s in states if s.problem]
    return "\n".join(troubles) or "It was tried just now: written, read and emptied."


def _consent(value: Value) -> str | None:
    return (
        None
        if value is True
        else (
            "Without your consent nothing is kept in plain text. Go back and choose another place, or set up a keyring first."
        )
    )
