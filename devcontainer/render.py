"""A Spec as the text of a new `devcontainer.json`, with a few lines for somebody who sees one for the first time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from devcontainer.layout import INDENT, plain, written
from devcontainer.lint import leaks
from devcontainer.shapes import dotted
from devcontainer.spec import Build, Spec

HEADER = (
    "Written by `mlops-wizard devcontainer write`. Run that again whenever you like: it adds what is missing",
    "and keeps what you changed, comments included. All keys: https://containers.dev/implementors/json_reference/",
)

# Written above a key. They hold nothing that comes from outside, so no comment can be broken out of.
LESSONS: Mapping[str, str] = {
    "image": "The machine that everybody gets. Its Python has the same minor version as the cluster's.",
    "build": "The machine that everybody gets, built from this Dockerfile.",
    "features": "Tools on top of the image, by name and options.",
    "hostRequirements": "What your own machine should have. Advice: nothing stops a smaller one.",
    "customizations": "What VS Code installs and sets inside the container, and only there.",
    "containerEnv": "Fixed when the container is made, and readable by `docker inspect`: never put a secret here.",
    "remoteEnv": "Set for terminals, notebooks and tests; reopen the window after a change. Never put a secret here.",
    "secrets": "Names only. The values stay in the keyring of your own machine.",
    "mounts": "Folders and volumes that the container sees.",
    "runArgs": "Further options of `docker run`. No --env-file: it copies every value into the container's records.",
    "forwardPorts": "Ports of the container that you reach as localhost.",
    "postCreateCommand": "Runs once, when the container is made.",
    "remoteUser": "Who you are inside: not root.",
}

_PYTHON = re.compile(r"(3\.[0-9]{1,2})(?:\.[0-9]{1,3})?")


def image_for(python: str) -> str:
    """The image of a Python version: `3.12` or `3.12.4` to `mcr.microsoft.com/devcontainers/python:3.12`.

    The minor version is the runtime's: UDFs fail where client and cluster differ. Raises ValueError for anything else.
    """
    match = _PYTHON.fullmatch(python)
    if match is None:
        raise ValueError(f"{python!a} is no Python version; give it like 3.12")
    return f"mcr.microsoft.com/devcontainers/python:{match.group(1)}"


def python_project(
    name: str,
    python: str,
    *,
    packages: Sequence[str] = (),
    requirements: str | None = None,
    modules: Sequence[str] = (),
    extensions: Sequence[str] = (),
    features: Mapping[str, Mapping[str, str | bool]] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Spec:
    """The Spec of a Python project that runs on a cluster: the modern shape of guide 004 (S4-42 to S4-46).

    `packages` are pip requirements such as `databricks-connect==15.4.*`, `requirements` a file of the repo, `modules`
    folders of the repo that Python imports from. No env-file: `.env` need not exist before the first open (S4-39).
    Raises ValueError where a package could be read as an option of pip.
    """
    install = (*(("-r", requirements) if requirements else ()), *packages)
    for one in (*packages, requirements or ""):
        if one.startswith("-"):
            raise ValueError(f"{one[:20]!a} is an option, not a package; give packages only")
    settings: dict[str, object] = {"python.defaultInterpreterPath": "/usr/local/bin/python"}
    if modules:
        settings["python.analysis.extraPaths"] = list(modules)
    folders = ":".join(f"${{containerWorkspaceFolder}}/{module}" for module in modules)
    return Spec(
        name=name,
        image=image_for(python),
        features=features or {},
        extensions=tuple(extensions),
        settings=settings,
        remote_env={"PYTHONPATH": folders} if modules else {},
        secrets=secrets or {},
        post_create=("python", "-m", "pip", "install", *install) if install else None,
        remote_user="vscode",
    )


def document(spec: Spec) -> dict[str, object]:
    """The keys and values of `spec` in the order in which they are written. What is empty is left out.

    Raises ValueError where a value would leak a secret: a spec may come from a file of the repo.
    """
    vscode = {"extensions": spec.extensions, "settings": spec.settings}
    vscode = {key: value for key, value in vscode.items() if value}
    entries: dict[str, object] = {
        "name": spec.name,
        "image": spec.image,
        "build": _build(spec.build) if spec.build else None,
        "features": spec.features,
        "hostRequirements": spec.host_requirements,
        "customizations": {"vscode": vscode} if vscode else None,
        "containerEnv": spec.container_env,
        "remoteEnv": spec.remote_env,
        "secrets": {name: {"description": text} if text else {} for name, text in spec.secrets.items()},
        "mounts": spec.mounts,
        "runArgs": spec.run_args,
        "forwardPorts": spec.forward_ports,
        "portsAttributes": spec.ports_attributes,
        "postCreateCommand": spec.post_create,
        "remoteUser": spec.remote_user,
    }
    result = {key: plain(value, 1) for key, value in entries.items() if value}
    for leak in leaks(json.dumps(result)):
        if leak.level == "error":
            raise ValueError(f"{dotted(leak.path)} cannot be written: {leak.why}. {leak.fix}")
    return result


def render(spec: Spec) -> str:
    """The text of a `devcontainer.json` that is not there yet: valid JSONC, four blanks, a newline at its end.

    Raises ValueError where a value would leak a secret.
    """
    members = []
    for key, value in document(spec).items():
        lesson = f"{INDENT}// {LESSONS[key]}\n" if key in LESSONS else ""
        body = written(value, INDENT, INDENT, "\n")
        members.append(f'{lesson}{INDENT}"{key}": {body}')
    header = "".join(f"// {line}\n" for line in HEADER)
    body = ",\n".join(members)
    return f"{header}{{\n{body}\n}}\n"


def _build(build: Build) -> dict[str, object]:
    entries = {"dockerfile": build.dockerfile, "context": build.context, "target": build.target, "args": build.args}
    return {key: value for key, value in entries.items() if value}
