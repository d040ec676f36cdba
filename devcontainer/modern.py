"""Old shapes of `devcontainer.json`: what they are called, and how they are written today.

Guide 004 and its relatives were written before 2022. The reference CLI (0.89, tried) still reads top-level `extensions`
and `settings`: it puts them behind, and under, those of `customizations.vscode`. So they work, and nothing is moved
unless somebody says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devcontainer.jsonc import delete, edit, move
from devcontainer.layout import canonical
from devcontainer.run_args import Option, inside_repo, options
from devcontainer.shapes import dotted
from devcontainer.tree import Item, Path, Tree, read

VSCODE: tuple[str, ...] = ("customizations", "vscode")
_OLD_IMAGES = "mcr.microsoft.com/vscode/devcontainers/"
_OLD_PYTHON = _OLD_IMAGES + "python:"
_DEAD_SETTINGS = ("python.pythonPath", "python.venvPath")  # S4-43
_LIVE_SETTING = "python.defaultInterpreterPath"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know about the file: `what` it is about, and `why` it is as it is."""

    what: str
    why: str


def old_shapes(text: str) -> tuple[Note, ...]:
    """Each shape in the text that is written differently today. Raises JsoncError where it is no JSONC object."""
    return tuple(_shapes(read_object(text)))


def _shapes(tree: Tree) -> Iterator[Note]:
    for key in ("extensions", "settings"):
        if tree.find((key,)):
            why = f"the place before 2022; it still works, and today it is customizations.vscode.{key}"
            yield Note(f"{key} at the top level", why)
    for path in (("settings",), (*VSCODE, "settings")):
        for key in _DEAD_SETTINGS:
            if tree.find((*path, key)):
                yield Note(f"the setting {key}", "no longer read by VS Code; today it is python.defaultInterpreterPath")
    image = tree.find(("image",))
    if image and isinstance(image.value, str) and image.value.startswith(_OLD_IMAGES):
        yield Note("image", f"images under {_OLD_IMAGES} are no longer updated; today they are under devcontainers/")
    if _env_files(tree):
        why = "it puts every value of the repo's env-file into the container's records, "
        yield Note("--env-file in runArgs", why + "and where the file is missing the container does not start")


def modernise(text: str, image: str | None) -> tuple[str, list[Note]]:
    """`text` with its old shapes written as today, values and comments kept, and a note on each change.

    `image` takes the place of an old Python image. Shapes that are not understood are left.
    """
    notes: list[Note] = []
    for key in ("extensions", "settings"):
        text = _move_home(text, key, notes)
    text = _without_dead_settings(text, notes)
    value = _value(text, ("image",))
    if image and isinstance(value, str) and value.startswith(_OLD_PYTHON):
        text = edit(text, ("image",), image)
        notes.append(Note("image", f"the old image is no longer updated; it is {image} now"))
    return _without_env_files(text, notes), notes


def read_object(text: str) -> Tree:
    """The tree of a text whose value is an object. Raises JsoncError where it is something else."""
    tree = read(text)
    if tree.root.kind != "object":
        kind = {"array": "an array", "string": "text"}.get(tree.root.kind, f"a {tree.root.kind}")
        raise tree.error(
            f"expected an object {{ … }} at the top level of devcontainer.json, found {kind}", tree.root.start
        )
    return tree


def _move_home(text: str, key: str, notes: list[Note]) -> str:
    """`text` with the top-level `extensions` or `settings` under customizations.vscode."""
    tree = read(text)
    old, new = tree.find((key,)), tree.find((*VSCODE, key))
    if old is None:
        return text
    kind = "array" if key == "extensions" else "object"
    above = [tree.find(VSCODE[:depth]) for depth in (1, 2)]
    blocked = old.kind != kind or (new and new.kind != kind) or any(node and node.kind != "object" for node in above)
    if blocked:
        notes.append(Note(f"{key} at the top level", "left: this place or customizations.vscode holds something else"))
        return text
    text = move(text, (key,), VSCODE) if new is None else _move_items(text, key, notes)
    notes.append(Note(f"{key} at the top level", f"moved to customizations.vscode.{key}, its comments too"))
    return text


def _move_items(text: str, key: str, notes: list[Note]) -> str:
    """`text` with each item of the old home in the new one, where it is not there yet.

    What stands in the new home won already, so dropping its namesake changes nothing.
    """
    tree = read(text)
    old, new = tree.find((key,)), tree.find((*VSCODE, key))
    there = {_name(item) for item in new.items} if new else set()
    for item in old.items if old else []:
        step = 0 if key == "extensions" else item.key  # each time the first is taken away
        if _name(item) in there:
            why = "dropped: customizations.vscode has it too, and that one counted"
            notes.append(Note(dotted((key, item.key)), why))
            text = delete(text, (key, step))
        else:
            text = move(text, (key, step), (*VSCODE, key))
    return delete(text, (key,))


def _without_dead_settings(text: str, notes: list[Note]) -> str:
    """`text` with the interpreter's path under the name that VS Code reads today; its value is kept."""
    home = (*VSCODE, "settings")
    for key in _DEAD_SETTINGS:
        old = _value(text, (*home, key))
        if old is None:
            continue
        if key == "python.pythonPath" and read(text).find((*home, _LIVE_SETTING)) is None:
            text = edit(text, (*home, _LIVE_SETTING), old.strip() if isinstance(old, str) else old)
        text = delete(text, (*home, key))
        notes.append(Note(f"the setting {key}", f"taken out: VS Code reads {_LIVE_SETTING} today"))
    return text


def _name(item: Item) -> str:
    """What makes an item the same in both homes: a setting's name, an extension's id."""
    return item.key if isinstance(item.key, str) else canonical(item.node.value).lower()


def _env_files(tree: Tree) -> list[Option]:
    node = tree.find(("runArgs",))
    if node is None or node.kind != "array":
        return []
    found = options([item.node.value for item in node.items])
    return [option for option in found if option.env_file and option.value and inside_repo(option.value)]


def _without_env_files(text: str, notes: list[Note]) -> str:
    found = _env_files(read(text))
    for option in reversed(found):
        for index in reversed(range(option.index, option.index + option.count)):
            text = delete(text, ("runArgs", index))
    if not found:
        return text
    why = "taken out: what is no secret is in remoteEnv, and `mlops-wizard run -- COMMAND` brings the rest"
    notes.append(Note("--env-file in runArgs", why))
    node = read(text).find(("runArgs",))
    if node is None or text[node.start + 1 : node.end - 1].strip():
        return text
    notes.append(Note("runArgs", "nothing was left in it, so it is gone; a comment above it stays for you to judge"))
    return delete(text, ("runArgs",))


def _value(text: str, path: Path) -> object:
    node = read(text).find(path)
    return None if node is None else node.value
