"""Old shapes are named; with consent they are written as today, values and comments kept."""

from __future__ import annotations

import pytest

from devcontainer.jsonc import JsoncError, parse
from devcontainer.modern import Note, modernise, old_shapes

NEW = "mcr.microsoft.com/devcontainers/python:3.12"
SETTINGS = Note(
    "settings at the top level", "the place before 2022; it still works, and today it is customizations.vscode.settings"
)
MOVED = Note("settings at the top level", "moved to customizations.vscode.settings, its comments too")
LEFT = Note("settings at the top level", "left: this place or customizations.vscode holds something else")
ENV_FILE = Note(
    "--env-file in runArgs",
    "taken out: what is no secret is in remoteEnv, and `mlops-wizard run -- COMMAND` brings the rest",
)
GONE = Note("runArgs", "nothing was left in it, so it is gone; a comment above it stays for you to judge")


def test_every_old_shape_has_a_note() -> None:
    text = """{
        "image": "mcr.microsoft.com/vscode/devcontainers/base:0-bullseye",
        "extensions": [], "settings": {"python.pythonPath": "/x"},
        "customizations": {"vscode": {"settings": {"python.venvPath": "/x"}}},
        "runArgs": ["--env-file=.env"]
    }"""
    today = "today it is"
    assert old_shapes(text) == (
        Note("extensions at the top level", f"the place before 2022; it still works, and {today} customizations.vscode.extensions"),
        SETTINGS,
        Note("the setting python.pythonPath", f"no longer read by VS Code; {today} python.defaultInterpreterPath"),
        Note("the setting python.venvPath", f"no longer read by VS Code; {today} python.defaultInterpreterPath"),
        Note("image", "images under mcr.microsoft.com/vscode/devcontainers/ are no longer updated; "
                      "today they are under devcontainers/"),
        Note("--env-file in runArgs", "it puts every value of the repo's env-file into the container's records, "
                                      "and where the file is missing the container does not start"),
    )  # fmt: skip


def test_a_modern_file_has_none() -> None:
    text = f'{{"image": "{NEW}", "customizations": {{"vscode": {{"settings": {{}}}}}}, "runArgs": ["--env-file", "/run/x"]}}'
    assert old_shapes(text) == ()
    assert modernise(text, NEW) == (text, [])


# Each case: before, after, notes.
CASES: list[tuple[str, str, list[Note]]] = [
    ('{"settings": {"a": 1}}', '{\n    "customizations": {\n        "vscode": {\n            "settings": {"a": 1}\n        }\n    }\n}',
     [MOVED]),
    ('{"customizations": {"vscode": {}}, "settings": {"a": 1}}', '{"customizations": {"vscode": {"settings": {"a": 1}}}}', [MOVED]),
    ('{"customizations": {"vscode": {"settings": {"a": 2}}}, "settings": {"a": 1, "b": 3}}',
     '{"customizations": {"vscode": {"settings": {"a": 2, "b": 3}}}}',
     [Note("settings.a", "dropped: customizations.vscode has it too, and that one counted"), MOVED]),
    ('{"customizations": {"vscode": {"extensions": ["a.b"]}}, "extensions": ["A.B", "c.d"]}',
     '{"customizations": {"vscode": {"extensions": ["a.b", "c.d"]}}}',
     [Note("extensions[0]", "dropped: customizations.vscode has it too, and that one counted"),
      Note("extensions at the top level", "moved to customizations.vscode.extensions, its comments too")]),
    ('{"settings": []}', '{"settings": []}', [LEFT]),
    ('{"settings": null}', '{"settings": null}', [LEFT]),
    ('{"settings": {}, "customizations": "x"}', '{"settings": {}, "customizations": "x"}', [LEFT]),
    ('{"settings": {}, "customizations": {"vscode": []}}', '{"settings": {}, "customizations": {"vscode": []}}', [LEFT]),
    ('{"settings": {}, "customizations": {"vscode": {"settings": null}}}',
     '{"settings": {}, "customizations": {"vscode": {"settings": null}}}', [LEFT]),
    ('{"image": "mcr.microsoft.com/vscode/devcontainers/python:0-3.8"}', f'{{"image": "{NEW}"}}',
     [Note("image", f"the old image is no longer updated; it is {NEW} now")]),
    ('{"image": "mcr.microsoft.com/vscode/devcontainers/go:1"}', '{"image": "mcr.microsoft.com/vscode/devcontainers/go:1"}', []),
    ('{"runArgs": ["--init", "--env-file", ".env", "-v", "/x:/x"] /* args */}',
     '{"runArgs": ["--init", "-v", "/x:/x"] /* args */}', [ENV_FILE]),
    ('{"a": 1, "runArgs": ["--env-file=.env", "--env-file", "b.env"]}', '{"a": 1}', [ENV_FILE, GONE]),
    ('{"runArgs": [\n  // the file\n  "--env-file=.env"\n]}', '{"runArgs": [\n  // the file\n]}', [ENV_FILE]),
    ('{"runArgs": "--env-file .env"}', '{"runArgs": "--env-file .env"}', []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "notes"), CASES)
def test_an_old_shape_is_written_as_today(before: str, after: str, notes: list[Note]) -> None:
    assert modernise(before, NEW) == (after, notes)
    assert modernise(after, NEW)[0] == after
    parse(after)


def test_without_a_new_image_the_old_one_stays() -> None:
    text = '{"image": "mcr.microsoft.com/vscode/devcontainers/python:0-3.8"}'
    assert modernise(text, None) == (text, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [("[]", "an array"), ('"x"', "text"), ("1", "a number"), ("null", "a null"), ("true", "a boolean")],
)
def test_what_is_no_object_is_refused(text: str, found: str) -> None:
    with pytest.raises(JsoncError) as caught:
        old_shapes("\n " + text)
    message = f"expected an object {{ … }} at the top level of devcontainer.json, found {found}"
    assert (caught.value.line, caught.value.column, caught.value.message) == (2, 2, message)
