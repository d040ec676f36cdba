"""What is remembered of a repo between two walks: answers (never secrets), what was learned, and a draft after Ctrl-C."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard import files, places

_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """A finished set-up: `answers` by question id, `facts` such as `org_id`, `user`, `runtime`, `python`."""

    answers: Mapping[str, str | bool] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    blueprint: str = ""
    target: str = ""
    sandbox: bool = False
    plan: str = ""


class Memory:
    """The memory of one repo, in the user's state folder."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.folder = places.repo_state(root)

    def load(self) -> Remembered | None:
        """The finished set-up, or None. A damaged file is as none: everything is asked again."""
        raw = self._read("setup.json")
        if raw is None:
            return None
        answers = {str(k): v for k, v in _table(raw, "answers").items() if isinstance(v, str | bool)}
        facts = {str(k): str(v) for k, v in _table(raw, "facts").items()}
        return Remembered(answers, facts, str(raw.get("blueprint", "")), str(raw.get("target", "")),
                          raw.get("sandbox") is True, str(raw.get("plan", "")))  # fmt: skip

    def save(self, remembered: Remembered) -> None:
        """Remember a finished set-up; the draft is then of no use. Raises FileProblem."""
        self._write("setup.json", {
            "schema": 1, "root": self.root, "answers": dict(remembered.answers), "facts": dict(remembered.facts),
            "blueprint": remembered.blueprint, "target": remembered.target, "sandbox": remembered.sandbox, "plan": remembered.plan,
        })  # fmt: skip
        self.drop_draft()

    def draft(self) -> Mapping[str, str | bool]:
        """The answers of a walk that was not finished."""
        return {k: v for k, v in _table(self._read("draft.json") or {}, "answers").items() if isinstance(v, str | bool)}

    def save_draft(self, answers: Mapping[str, str | bool]) -> None:
        """Remember how far a walk came. Raises FileProblem."""
        self._write("draft.json", {"schema": 1, "answers": dict(answers)})

    def drop_draft(self) -> None:
        """Forget the unfinished walk."""
        files.remove(os.path.join(self.folder, "draft.json")) if os.path.isdir(self.folder) else None

    def forget(self) -> None:
        """Forget the set-up (after an undo): `run` then has nothing to give."""
        for name in ("setup.json", "draft.json", "run.list"):
            if os.path.isdir(self.folder):
                files.remove(os.path.join(self.folder, name))

    def _read(self, name: str) -> dict[str, object] | None:
        path = os.path.join(self.folder, name)
        try:
            data = files.read(path)
            found = json.loads(data[:_LIMIT]) if data is not None else None
        except (files.FileProblem, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write(self, name: str, data: Mapping[str, object]) -> None:
        try:
            places.private(places.state())
            places.private(self.folder)
        except OSError as error:
            raise files.problem(self.folder, "made", error) from error
        files.write(os.path.join(self.folder, name), json.dumps(data, indent=1).encode(), 0o600)


def _table(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}
