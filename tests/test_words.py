"""Every command that a text tells a person to type exists."""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from wizard.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [p for room in ("checks", "devcontainer", "wizard") for p in sorted((ROOT / room).rglob("*.py"))]
TOLD = re.compile(r"(?:`|\(\")mlops-wizard ([a-z]+)(?: ([a-z]+)\b)?")


def second_words(command: str) -> set[str]:
    """The words that may follow a command; empty where it takes none."""
    parser = argparse.ArgumentParser()
    import_module(f"wizard.commands.{command}").arguments(parser)
    for action in parser._actions:
        if action.dest == "what" and action.choices is not None:
            return set(action.choices)
    return set()


def told() -> list[tuple[str, str, str]]:
    paths = [*SOURCES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return sorted(
        {
            (str(path.relative_to(ROOT)), match[1], match[2] or "")
            for path in paths
            for match in TOLD.finditer(path.read_text(encoding="utf-8"))
        }
    )


@pytest.mark.parametrize(("where", "command", "word"), told())
def test_what_a_text_tells_to_type_can_be_typed(where: str, command: str, word: str) -> None:
    assert command in COMMANDS
    if command != "run" and (words := second_words(command)) and word:
        assert word in words
