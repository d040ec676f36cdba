"""What a dev container is to contain, as plain data. Names of secrets, never their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Command = str | tuple[str, ...]
"""One lifecycle command: text is read by a shell, a tuple is a program and its arguments."""

_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXTENSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9][A-Za-z0-9._-]*(?:@[A-Za-z0-9.+-]+)?")


@dataclass(frozen=True, slots=True)
class Build:
    """A container that is built from the repo's own Dockerfile; paths are relative to `devcontainer.json`."""

    dockerfile: str
    context: str | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spec:
    """The part of `devcontainer.json` that a system asks for. One of `image` and `build` is given.

    Raises ValueError where a name could not stand in the file: an extension that is no `publisher.name`, a secret whose
    name is no variable's, a container from nowhere.
    """

    name: str
    image: str | None = None
    build: Build | None = None
    features: Mapping[str, Mapping[str, str | bool]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    container_env: Mapping[str, str] = field(default_factory=dict)
    remote_env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Name to description. Tools may ask for them or inject them; the file declares, it never holds."""
    mounts: tuple[str | Mapping[str, str], ...] = ()
    run_args: tuple[str, ...] = ()
    host_requirements: Mapping[str, object] = field(default_factory=dict)
    """`cpus` a number, `memory` and `storage` like `"8gb"`; advice, nothing enforces it."""
    forward_ports: tuple[int | str, ...] = ()
    ports_attributes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    post_create: Command | Mapping[str, Command] | None = None
    remote_user: str | None = None

    def __post_init__(self) -> None:
        if (self.image is None) == (self.build is None):
            raise ValueError("a dev container comes from one place: give either image or build")
        for extension in self.extensions:
            if not _EXTENSION.fullmatch(extension):
                raise ValueError(f"{extension!a} is no extension; write publisher.name, such as ms-python.python")
        for name in self.secrets:
            if not _SECRET_NAME.fullmatch(name):
                raise ValueError("the name of a secret is a variable's: letters, digits and _, no digit first")
