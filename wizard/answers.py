"""What was answered, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from wizard.question import Question, Value
from wizard.secret import Secret


class Source(IntEnum):
    """Where an answer came from; the higher wins."""

    DEFAULT = 0
    REMEMBERED = 1
    FILE = 2
    ENVIRONMENT = 3
    FLAG = 4
    PERSON = 5


@dataclass(frozen=True, slots=True)
class Answers(Mapping[str, Value]):
    """Immutable: an answer given makes new answers, so Back is just the answers before."""

    _given: Mapping[str, tuple[Value, Source]] = field(default_factory=dict)

    def __getitem__(self, id: str) -> Value:
        return self._given[id][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def source(self, id: str) -> Source:
        """By whom it was answered. Raises KeyError where it was not."""
        return self._given[id][1]

    def give(self, id: str, value: Value, source: Source) -> Answers:
        """With this answer added; one of a higher source stays."""
        if id in self._given and self._given[id][1] > source:
            return self
        return Answers({**self._given, id: (value, source)})

    def without(self, id: str, questions: Iterable[Question] = ()) -> Answers:
        """Without this answer and without those of the questions that rest on it."""
        asked = tuple(questions)
        gone = {id}
        while grown := {q.id for q in asked if gone & set(q.needs)} - gone:
            gone |= grown
        return Answers({k: v for k, v in self._given.items() if k not in gone})

    def text(self, id: str) -> str:
        """An answer as text; empty where there is none. Secrets are refused: they have their own door."""
        value = self.get(id, "")
        if isinstance(value, Secret):
            raise TypeError(f"{id} is a secret; use secret()")
        return str(value)

    def secret(self, id: str) -> Secret | None:
        """An answer that is a secret, or None."""
        value = self.get(id)
        return value if isinstance(value, Secret) and value else None

    def open(self) -> dict[str, str | bool]:
        """Everything but the secrets: they are never written to an answers file."""
        return {id: v for id, (v, _) in self._given.items() if not isinstance(v, Secret)}

    def secrets(self) -> tuple[Secret, ...]:
        """All secrets among the answers, for masking."""
        return tuple(v for v, _ in self._given.values() if isinstance(v, Secret) and v)


def given(values: Mapping[str, Value], source: Source, answers: Answers | None = None) -> Answers:
    """Answers from a file, the environment, flags or the memory."""
    answers = answers or Answers()
    for id, value in values.items():
        answers = answers.give(id, value, source)
    return answers
