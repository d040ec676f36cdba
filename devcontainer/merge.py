"""A Spec merged into the `devcontainer.json` that is there: what is missing is added, what a person chose stays.

Comments, order, unknown keys and every byte that is not part of an addition stay (`devcontainer.jsonc`). Whatever is not
as the Spec has it is named in a Note; no note repeats a value. Merging again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from devcontainer.jsonc import append, edit
from devcontainer.layout import canonical
from devcontainer.modern import VSCODE, Note, modernise, old_shapes, read_object
from devcontainer.render import document
from devcontainer.run_args import options
from devcontainer.shapes import dotted
from devcontainer.spec import Spec
from devcontainer.tree import Path, read

__all__ = ["Merged", "Note", "merge", "old_shapes"]

_KEPT = "yours differs from what mlops-wizard would write; yours is kept"
_ORIGINS = ("image", "build", "dockerFile", "dockerComposeFile")
# Settings that are lists of places: adding one takes nothing away. Any other list is somebody's choice.
_LISTS_OF_PLACES = {"python.analysis.extraPaths", "python.autoComplete.extraPaths"}
_IMAGES_WITH_USER = ("mcr.microsoft.com/devcontainers/", "mcr.microsoft.com/vscode/devcontainers/")
_OUR_COMMAND = "mlops-wizard"  # the name of ours among named commands
_HELD = {list: "an array", dict: "an object", str: "text", bool: "true or false", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, and what a person should know about it."""

    text: str
    notes: tuple[Note, ...]


def merge(text: str, spec: Spec, *, modernise: bool = False) -> Merged:
    """`text` with everything of `spec` that it lacks.

    Old shapes are left as they are, additions go beside them, and each is a note; with `modernise` they are written as
    today first. Raises JsoncError where `text` is no JSONC object, ValueError where `spec` would leak a secret.
    """
    read_object(text)
    wanted = document(spec)
    merging = _Merging(text)
    if modernise:
        merging.modernise(spec.image)
    for key, value in wanted.items():
        merging.add(key, value)
    return Merged(merging.text, (*old_shapes(merging.text), *merging.notes))


class _Merging:
    """The text so far, and the notes so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.notes: list[Note] = []
        self.foreign = False  # whether the container comes from elsewhere than the Spec says

    def modernise(self, image: str | None) -> None:
        self.text, notes = modernise(self.text, image)
        self.notes += notes

    def add(self, key: str, value: object) -> None:
        """Add what is missing of one top-level key."""
        if key == "name" and self.there(("name",)):
            return  # a name is anybody's own
        special: Mapping[str, Callable[[object], None]] = {
            "image": self.origin,
            "build": self.origin,
            "features": self.features,
            "customizations": self.vscode,
            "containerEnv": lambda env: self.variables("containerEnv", env),
            "remoteEnv": lambda env: self.variables("remoteEnv", env),
            "mounts": self.mounts,
            "runArgs": self.run_args,
            "postCreateCommand": self.post_create,
            "remoteUser": self.remote_user,
        }
        if key in special:
            special[key](value)
        elif isinstance(value, dict):
            self.members((key,), value)
        elif isinstance(value, list):
            self.items((key,), value)
        else:
            self.one((key,), value)

    # --- looking ---------------------------------------------------------------------------------------------------

    def value(self, path: Path) -> object:
        """What stands at `path`; None where nothing does."""
        node = read(self.text).find(path)
        return None if node is None else node.value

    def there(self, path: Path) -> bool:
        return read(self.text).find(path) is not None

    def note(self, path: Path, why: str) -> None:
        self.notes.append(Note(dotted(path), why))

    def room(self, path: Path, wanted: type) -> bool:
        """Whether there is, or can be, a `wanted` at `path`; a note where something else stands there or above."""
        for depth in range(1, len(path) + 1):
            kind = wanted if depth == len(path) else dict
            value = self.value(path[:depth])
            if self.there(path[:depth]) and not isinstance(value, kind):
                found = _HELD.get(type(value), "null")
                self.note(
                    path[:depth], f"expected {_HELD[kind]}, found {found}; it is left, and nothing is added there"
                )
                return False
        return True

    # --- adding ----------------------------------------------------------------------------------------------------

    def one(self, path: Path, value: object) -> None:
        """A single value: added where there is none."""
        if not self.there(path):
            self.text = edit(self.text, path, value)
        elif canonical(self.value(path)) != canonical(value):
            self.note(path, _KEPT)

    def members(self, path: Path, wanted: Mapping[str, object]) -> None:
        """An object: the names that are missing."""
        if self.room(path, dict):
            for name, value in wanted.items():
                self.one((*path, name), value)

    def items(self, path: Path, wanted: Sequence[object]) -> None:
        """An array: the values that are missing, behind the last."""
        if self.room(path, list):
            self.text = append(self.text, path, wanted)

    def origin(self, value: object) -> None:
        """Where the container comes from, unless it comes from somewhere already."""
        key = "image" if isinstance(value, str) else "build"
        there = [name for name in _ORIGINS if self.there((name,))]
        if not there:
            self.text = edit(self.text, (key,), value)
        elif there != [key] or canonical(self.value((key,))) != canonical(value):
            self.foreign = True
            asked = f"; mlops-wizard would use {value}" if isinstance(value, str) else ""
            self.note((there[0],), f"where your container comes from is kept{asked}")

    def features(self, value: object) -> None:
        """Features that are missing; the same one in another version counts as there."""
        there = self.value(("features",))
        if not isinstance(value, dict) or not self.room(("features",), dict):
            return
        known: dict[str, str] = {_feature(name): name for name in there} if isinstance(there, dict) else {}
        for name, choices in value.items():
            self.one(("features", known.get(_feature(name), str(name))), choices)

    def vscode(self, value: object) -> None:
        vscode = value["vscode"] if isinstance(value, dict) else {}
        self.extensions(vscode.get("extensions", []))
        for name, setting in vscode.get("settings", {}).items():
            self.setting(name, setting)

    def home(self, key: str) -> Path:
        """Where this file keeps its extensions or settings: in the old place only if that is all it has."""
        return (key,) if self.there((key,)) and not self.there((*VSCODE, key)) else (*VSCODE, key)

    def extensions(self, wanted: Sequence[str]) -> None:
        """Extensions that are missing. One that the file opts out of, `-publisher.name`, is not added."""
        home = self.home("extensions")
        if not wanted or not self.room(home, list):
            return
        there = {_extension(one) for path in (home, ("extensions",)) for one in _texts(self.value(path))}
        for name in wanted:
            if f"-{_extension(name)}" in there:
                self.note(home, f"{name} is not added: the file opts out of it")
        missing = [name for name in wanted if not {_extension(name), f"-{_extension(name)}"} & there]
        if missing:
            self.text = append(self.text, home, missing)

    def setting(self, name: str, value: object) -> None:
        """One setting, where neither home has it."""
        home = self.home("settings")
        path = ("settings", name) if self.there(("settings", name)) and not self.there((*home, name)) else (*home, name)
        if name in _LISTS_OF_PLACES and isinstance(value, list):
            self.items(path, value)
        elif self.room(home, dict):
            self.one(path, value)

    def variables(self, key: str, wanted: object) -> None:
        """Variables that are missing. One that the other of containerEnv and remoteEnv sets counts as there."""
        other = "containerEnv" if key == "remoteEnv" else "remoteEnv"
        if not isinstance(wanted, dict) or not self.room((key,), dict):
            return
        for name, value in wanted.items():
            elsewhere = self.there((other, name)) and not self.there((key, name))
            self.one((other if elsewhere else key, name), value)

    def mounts(self, wanted: object) -> None:
        """Mounts whose target has none yet."""
        if not isinstance(wanted, list) or not self.room(("mounts",), list):
            return
        there = self.value(("mounts",))
        known = {_target(one): canonical(one) for one in there} if isinstance(there, list) else {}
        for mount in wanted:
            if _target(mount) in known and canonical(mount) != known[_target(mount)]:
                self.note(("mounts",), f"the mount at {_target(mount)}: {_KEPT}")
        missing = [mount for mount in wanted if _target(mount) not in known]
        if missing:
            self.text = append(self.text, ("mounts",), missing)

    def run_args(self, wanted: object) -> None:
        """Options of `docker run` that are missing, each with its value."""
        if not isinstance(wanted, list) or not self.room(("runArgs",), list):
            return
        if self.there(("dockerComposeFile",)):
            self.note(("runArgs",), "not added: compose does not read them; put the options into the compose file")
            return
        there = self.value(("runArgs",))
        there = there if isinstance(there, list) else []
        known = {(option.name, option.value) for option in options(there)}
        missing: list[object] = []
        for option in options(wanted):
            if (option.name, option.value) not in known:
                missing += wanted[option.index : option.index + option.count]
        if missing:  # not by `append`: a value may stand there already for another option
            self.text = _extend(self.text, ("runArgs",), missing, len(there))

    def post_create(self, wanted: object) -> None:
        """The command after creation. Beside named commands it gets a name; a single one of yours is kept."""
        path = ("postCreateCommand",)
        there = self.value(path)
        if isinstance(wanted, dict) and isinstance(there, dict):
            self.members(path, wanted)
        elif isinstance(there, dict):
            if canonical(wanted) not in {canonical(one) for one in there.values()}:
                self.one((*path, _OUR_COMMAND), wanted)
        elif not self.there(path) or canonical(there) == canonical(wanted):
            self.one(path, wanted)
        else:
            why = "yours is kept, so what mlops-wizard would install is not: "
            self.note(path, why + "make it an object of named commands, and it is added beside yours")

    def remote_user(self, wanted: object) -> None:
        """Who one is inside: added only where the image is known to have that user."""
        path = ("remoteUser",)
        image = self.value(("image",))
        if self.there(path):
            self.one(path, wanted)
        elif self.there(("containerUser",)):
            self.one(("containerUser",), wanted)
        elif (isinstance(image, str) and image.startswith(_IMAGES_WITH_USER)) or not self.foreign:
            self.one(path, wanted)
        else:
            self.note(path, f"not added: your own image may have no user {wanted}; add it if it has")


def _extend(text: str, path: Path, values: Iterable[object], count: int) -> str:
    for offset, value in enumerate(values):
        text = edit(text, (*path, count + offset), value)
    return text


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _extension(name: str) -> str:
    """VS Code's ids know no case; a version is not part of them."""
    return name.partition("@")[0].lower()


def _feature(name: str) -> str:
    """A Feature's id without version or digest: `ghcr.io/x/y:1` and `ghcr.io/x/y@sha256:…` are one."""
    return re.sub(r"(?:@sha256)?:[^/:]*$", "", name).lower()


def _target(mount: object) -> str:
    """Where a mount appears in the container; its whole text where that cannot be told."""
    if isinstance(mount, str):
        pairs = dict(part.strip().partition("=")[::2] for part in mount.split(","))
    else:
        pairs = {str(key): str(value) for key, value in mount.items()} if isinstance(mount, dict) else {}
    target = pairs.get("target") or pairs.get("destination") or pairs.get("dst")
    return target.rstrip("/") if target else canonical(mount)
