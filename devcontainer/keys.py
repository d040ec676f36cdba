"""The keys of `devcontainer.json` that everybody uses, what each takes, and what is wrong with a file of them.

After the dev container specification (containers.dev, "Dev Container metadata reference"). The reference CLI itself
checks almost nothing: a number as image, an array as features, no image at all, all of it reads without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from devcontainer.shapes import dotted, shown
from devcontainer.tree import Item, Node, Path, Tree, read

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not do what its author meant. `error`: it does not work; `note`: it may be meant so."""

    path: Path
    line: int
    column: int
    level: Level
    text: str
    fix: str


_Hit = tuple[Path, int, Level, str, str]  # path, offset, level, text, fix

# key -> (what it takes, an example). Kinds are explained in _KINDS.
KEYS: dict[str, tuple[str, str]] = {
    "$schema": ("text", '"https://…"'),
    "name": ("text", '"my project"'),
    "image": ("text", '"mcr.microsoft.com/devcontainers/python:3.12"'),
    "build": ("object", '{"dockerfile": "Dockerfile"}'),
    "dockerFile": ("text", '"Dockerfile"'),
    "context": ("text", '".."'),
    "dockerComposeFile": ("text or array of text", '"docker-compose.yml"'),
    "service": ("text", '"app"'),
    "runServices": ("array of text", '["db"]'),
    "workspaceFolder": ("text", '"/workspaces/project"'),
    "workspaceMount": ("text", '"source=${localWorkspaceFolder},target=/workspaces/project,type=bind"'),
    "features": ("object", '{"ghcr.io/devcontainers/features/azure-cli:1": {}}'),
    "overrideFeatureInstallOrder": ("array of text", '["ghcr.io/devcontainers/features/azure-cli"]'),
    "customizations": ("object", '{"vscode": {"extensions": ["ms-python.python"]}}'),
    "extensions": ("array of text", '["ms-python.python"]'),
    "settings": ("object", '{"python.defaultInterpreterPath": "/usr/local/bin/python"}'),
    "devPort": ("number", "8000"),
    "containerEnv": ("fixed variables", '{"TZ": "UTC"}'),
    "remoteEnv": ("variables", '{"PYTHONPATH": "${containerWorkspaceFolder}/src"}'),
    "secrets": ("object", '{"DATABRICKS_TOKEN": {"description": "how to get one"}}'),
    "containerUser": ("text", '"vscode"'),
    "remoteUser": ("text", '"vscode"'),
    "updateRemoteUserUID": ("true or false", "true"),
    "userEnvProbe": ("none, loginShell, loginInteractiveShell or interactiveShell", '"loginInteractiveShell"'),
    "mounts": ("array of text and objects", '["source=cache,target=/cache,type=volume"]'),
    "runArgs": ("array of text", '["--init"]'),
    "init": ("true or false", "true"),
    "privileged": ("true or false", "false"),
    "capAdd": ("array of text", '["SYS_PTRACE"]'),
    "securityOpt": ("array of text", '["seccomp=unconfined"]'),
    "overrideCommand": ("true or false", "true"),
    "shutdownAction": ("none, stopContainer or stopCompose", '"stopContainer"'),
    "forwardPorts": ("array of ports", '[8888, "db:5432"]'),
    "appPort": ("port or array of ports", "[8888]"),
    "portsAttributes": ("object", '{"8888": {"label": "Jupyter"}}'),
    "otherPortsAttributes": ("object", '{"onAutoForward": "silent"}'),
    "hostRequirements": ("object", '{"cpus": 2, "memory": "8gb"}'),
    "initializeCommand": ("command", '"echo on your own machine"'),
    "onCreateCommand": ("command", '["pip", "install", "-e", "."]'),
    "updateContentCommand": ("command", '["pip", "install", "-e", "."]'),
    "postCreateCommand": ("command", '["pip", "install", "-e", "."]'),
    "postStartCommand": ("command", '"git fetch"'),
    "postAttachCommand": ("command", '"git status"'),
    "waitFor": ("initializeCommand, onCreateCommand, updateContentCommand, postCreateCommand or postStartCommand",
                '"updateContentCommand"'),
}  # fmt: skip

_SOURCES = ("image", "build", "dockerFile", "dockerComposeFile")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST_PORT = re.compile(r"(?:[A-Za-z0-9_.-]+:)?[0-9]{1,5}")


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with the text of a `devcontainer.json`, in its order. Raises JsoncError where it is no JSONC."""
    tree = read(text)
    if tree.root.kind != "object":
        line, column = tree.lines.place(tree.root.start)
        fix = 'Put the keys into { and }, such as {"image": "mcr.microsoft.com/devcontainers/python:3.12"}'
        return (Problem((), line, column, "error", f"expected an object {{ … }}, found {NAMES[tree.root.kind]}", fix),)
    hits = [*_origin(tree), *(hit for item in tree.root.items for hit in _member(item)), *_secrets(tree)]
    found = (Problem(path, *tree.lines.place(at), level, text, fix) for path, at, level, text, fix in hits)
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


NAMES = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _origin(tree: Tree) -> Iterator[_Hit]:
    """Where the container comes from: exactly one of four keys."""
    old = tree.find(("dockerFile",)) is not None  # the old way of writing build.dockerfile; build then holds the rest
    there = [item for item in tree.root.items if item.key in _SOURCES and not (old and item.key == "build")]
    if not there:
        fix = 'Add one line, such as "image": "mcr.microsoft.com/devcontainers/python:3.12"'
        yield (), tree.root.start, "error", "no image, build or dockerComposeFile: nothing to start", fix
    for item in there[1:]:
        text = f"{shown(str(item.key))} beside {shown(str(there[0].key))}: only one of them counts"
        yield (item.key,), item.start, "warning", text, "Keep the one that is meant, delete the other"
    build = tree.find(("build",))
    if not old and build and build.kind == "object" and tree.find(("build", "dockerfile")) is None:
        fix = 'Add "dockerfile": "Dockerfile"'
        yield ("build",), build.start, "error", "build without dockerfile: nothing to build", fix
    compose = tree.find(("dockerComposeFile",))
    if compose and tree.find(("service",)) is None:
        fix = 'Add "service": "app" with the name of a service in the compose file'
        yield ("dockerComposeFile",), compose.start, "error", "dockerComposeFile without service", fix


def _member(item: Item) -> Iterator[_Hit]:
    """What is wrong with one key at the top level."""
    key = str(item.key)
    if key not in KEYS:
        close = get_close_matches(key, KEYS, n=1, cutoff=0.8)
        fix = f"Did you mean {shown(close[0])}?" if close else "Tools ignore it; under customizations it is safe"
        yield (key,), item.start, "note", f"{shown(key)} is no key of dev containers", fix
        return
    kind, example = KEYS[key]
    for path, node in _wrong(kind, (key,), item.node):
        wanted = _wording(kind, item.node, inside=path != (key,))
        text = f"expected {wanted} at {dotted(path)}, found {NAMES[node.kind]}"
        yield path, node.start, "error", text, f'Write it like "{key}": {example}'


def _secrets(tree: Tree) -> Iterator[_Hit]:
    node = tree.find(("secrets",))
    for item in node.items if node and node.kind == "object" else ():
        if not _VARIABLE.fullmatch(str(item.key)):
            text = f"{shown(str(item.key))} is no name of a variable"
            yield ("secrets", item.key), item.start, "error", text, "Use letters, digits and _ only"
        if item.node.kind != "object":
            text = f"expected an object at {dotted(('secrets', item.key))}, found {NAMES[item.node.kind]}"
            fix = 'Only a description belongs here, such as {"description": "…"}; if this was the value, revoke it'
            yield ("secrets", item.key), item.node.start, "error", text, fix


def _wrong(kind: str, path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    """The values at and below `node` that are not of this kind."""
    if kind not in _KINDS:  # one of a few words
        if node.value not in re.split(r", | or ", kind):
            yield path, node
        return
    outer, inner = _KINDS[kind]
    if not outer(node):
        yield path, node
    elif node.kind in {"array", "object"}:
        test = _is("string") if kind == "command" and node.kind == "array" else inner
        yield from (((*path, item.key), item.node) for item in node.items if not test(item.node))


def _wording(kind: str, node: Node, *, inside: bool) -> str:
    """What was expected at a key, or inside its value `node`."""
    if not inside:
        return _WHOLE.get(kind, kind)
    return "text" if kind == "command" and node.kind == "array" else _PARTS[kind]


_Test = Callable[[Node], bool]


def _is(*kinds: str) -> _Test:
    return lambda node: node.kind in kinds


def _any(_: Node) -> bool:
    return True


def _port(node: Node) -> bool:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return 0 < node.value < 65_536
    return isinstance(node.value, str) and _HOST_PORT.fullmatch(node.value) is not None


def _app_port(node: Node) -> bool:
    return node.kind == "string" or _port(node)  # docker reads text as it stands, such as "127.0.0.1:8000:80"


def _app_ports(node: Node) -> bool:
    return node.kind == "array" or _app_port(node)


def _command(node: Node) -> bool:
    return node.kind == "string" or (node.kind == "array" and all(item.node.kind == "string" for item in node.items))


# kind -> (test of the value, test of what it holds)
_KINDS: dict[str, tuple[_Test, _Test]] = {
    "text": (_is("string"), _any),
    "number": (_is("number"), _any),
    "true or false": (_is("boolean"), _any),
    "object": (_is("object"), _any),
    "array of text": (_is("array"), _is("string")),
    "text or array of text": (_is("string", "array"), _is("string")),
    "array of text and objects": (_is("array"), _is("string", "object")),
    "array of ports": (_is("array"), _port),
    "port or array of ports": (_app_ports, _app_port),
    "fixed variables": (_is("object"), _is("string")),
    "variables": (_is("object"), _is("string", "null")),  # null takes one away
    "command": (_is("string", "array", "object"), _command),
}
_PORT = 'a port from 1 to 65535 or "host:port"'
_APP_PORT = 'a port from 1 to 65535 or text such as "8000:80"'
_WHOLE = {
    "number": "a number",
    "object": "an object",
    "array of text": "an array of text",
    "array of text and objects": "an array of text and objects",
    "array of ports": "an array of ports",
    "port or array of ports": f"{_APP_PORT}, or an array of them",
    "text or array of text": "text or an array of text",
    "fixed variables": "an object of variables",
    "variables": "an object of variables",
    "command": "a command (text, an array of text, or an object of commands)",
}
_PARTS = {
    "array of text": "text",
    "text or array of text": "text",
    "array of text and objects": "text or an object",
    "array of ports": _PORT,
    "port or array of ports": _APP_PORT,
    "fixed variables": "text in double quotes",
    "variables": "text in double quotes",
    "command": "text or an array of text",
}
