"""A new devcontainer.json: valid, explained, and without a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcontainer.jsonc import parse
from devcontainer.lint import leaks, problems
from devcontainer.render import HEADER, document, image_for, python_project, render
from devcontainer.spec import Build, Spec

EXPECTED = Path(__file__).parent / "expected"
# S4-44, with the two ids that the guide abbreviates written out
EXTENSIONS = (
    "ms-python.python",
    "visualstudioexptteam.vscodeintellicode",
    "ms-python.vscode-pylance",
    "ms-azuretools.vscode-docker",
    "ms-vscode-remote.remote-containers",
    "irongeek.vscode-env",
    "njpwerner.autodocstring",
)
GUIDE_004 = python_project(
    "DatabricksAutomation",
    "3.12",
    packages=["databricks-connect==17.3.*"],
    modules=["src/modules"],
    extensions=EXTENSIONS,
    secrets={"DATABRICKS_TOKEN": "Kept in your keyring by `mlops-wizard auth login databricks`"},
)
EVERYTHING = Spec(
    name="every key",
    build=Build("Dockerfile", context="..", target="dev", args={"VARIANT": "3.12"}),
    features={"ghcr.io/devcontainers/features/azure-cli:1": {"version": "latest", "installBicep": True}},
    extensions=("ms-python.python",),
    settings={"editor.rulers": [100]},
    container_env={"TZ": "UTC"},
    remote_env={"PYTHONPATH": "${containerWorkspaceFolder}/src"},
    secrets={"A_TOKEN": ""},
    mounts=("source=cache,target=/cache,type=volume", {"source": "x", "target": "/x", "type": "volume"}),
    run_args=("--init",),
    host_requirements={"cpus": 2, "memory": "8gb"},
    forward_ports=(8888, "db:5432"),
    ports_attributes={"8888": {"label": "Jupyter", "onAutoForward": "ignore"}},
    post_create={"install": ("pip", "install", "-e", "."), "hello": "echo hello"},
    remote_user="vscode",
)


@pytest.mark.parametrize(("spec", "name"), [(GUIDE_004, "guide-004"), (EVERYTHING, "everything")])
def test_a_new_file_is_written_as_expected(spec: Spec, name: str) -> None:
    text = render(spec)
    assert text == (EXPECTED / f"{name}.jsonc").read_text(encoding="utf-8")
    assert parse(text) == document(spec)
    assert (leaks(text), problems(text)) == ((), ())


def test_guide_004_has_its_modern_shape() -> None:
    assert document(GUIDE_004) == {
        "name": "DatabricksAutomation",
        "image": "mcr.microsoft.com/devcontainers/python:3.12",
        "customizations": {
            "vscode": {
                "extensions": list(EXTENSIONS),
                "settings": {
                    "python.defaultInterpreterPath": "/usr/local/bin/python",
                    "python.analysis.extraPaths": ["src/modules"],
                },
            }
        },
        "remoteEnv": {"PYTHONPATH": "${containerWorkspaceFolder}/src/modules"},
        "secrets": {
            "DATABRICKS_TOKEN": {"description": "Kept in your keyring by `mlops-wizard auth login databricks`"}
        },
        "postCreateCommand": ["python", "-m", "pip", "install", "databricks-connect==17.3.*"],
        "remoteUser": "vscode",
    }


def test_a_project_installs_its_requirements_file_first_and_sees_all_its_modules() -> None:
    spec = python_project("x", "3.11.9", requirements="requirements.txt", packages=["a==1"], modules=["src", "lib"])
    assert spec == Spec(
        name="x",
        image="mcr.microsoft.com/devcontainers/python:3.11",
        settings={
            "python.defaultInterpreterPath": "/usr/local/bin/python",
            "python.analysis.extraPaths": ["src", "lib"],
        },
        remote_env={"PYTHONPATH": "${containerWorkspaceFolder}/src:${containerWorkspaceFolder}/lib"},
        post_create=("python", "-m", "pip", "install", "-r", "requirements.txt", "a==1"),
        remote_user="vscode",
    )
    assert document(python_project("x", "3.11")) == {
        "name": "x",
        "image": "mcr.microsoft.com/devcontainers/python:3.11",
        "customizations": {"vscode": {"settings": {"python.defaultInterpreterPath": "/usr/local/bin/python"}}},
        "remoteUser": "vscode",
    }


@pytest.mark.parametrize("argument", [{"packages": ["--index-url=x"]}, {"requirements": "-e."}])
def test_an_option_of_pip_is_no_package(argument: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is an option, not a package"):
        python_project("x", "3.12", **argument)  # type: ignore[arg-type]


@pytest.mark.parametrize("python", ["", "3", "2.7", "3.12-bookworm", "3.12\n", "latest", "3.1234"])
def test_only_a_python_version_has_an_image(python: str) -> None:
    with pytest.raises(ValueError, match=r"give it like 3\.12"):
        image_for(python)


@pytest.mark.parametrize(
    "fields",
    [
        {"container_env": {"DATABRICKS_TOKEN": "hunter2-hunter2"}},
        {"remote_env": {"X": "dapi0123456789abcdef0123456789abcdef"}},
        {"container_env": {"X": "${localEnv:DATABRICKS_TOKEN}"}},
        {"run_args": ("--env-file", ".env")},
        {"run_args": ("-e", "A_TOKEN=hunter2-hunter2")},
        {"features": {"./x": {"token": "${localEnv:GH_TOKEN}"}}},
        {"post_create": "pip install --index-url https://me:hunter2-hunter2@feed/simple x"},
        {"secrets": {"A": "ghp_" + "aB3" * 12}},
    ],
)
def test_a_spec_that_would_leak_is_refused_without_repeating_the_value(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot be written: ") as caught:
        render(Spec(name="x", image="y", **fields))  # type: ignore[arg-type]
    assert not [word for word in ("hunter2", "0123456789abcdef", "aB3aB3") if word in str(caught.value)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give either image or build"),
        ({"image": "x", "build": Build("Dockerfile")}, "give either image or build"),
        ({"image": "x", "extensions": ("python",)}, "'python' is no extension; write publisher.name"),
        ({"image": "x", "extensions": ("a.b\n",)}, "is no extension"),
        ({"image": "x", "secrets": {"A-B": ""}}, "the name of a secret is a variable's"),
        ({"image": "x", "secrets": {"A\n": ""}}, "the name of a secret is a variable's"),
    ],
)
def test_a_spec_that_no_file_could_hold_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Spec(name="x", **fields)  # type: ignore[arg-type]


@given(st.text(), st.dictionaries(st.text(), st.text(max_size=8) | st.lists(st.integers() | st.text(max_size=5))))
def test_no_text_of_a_spec_can_break_out_of_its_quotes(name: str, settings: dict[str, object]) -> None:
    spec = Spec(name=name, image="x", settings=settings)
    try:
        text = render(spec)
    except ValueError:  # something random looked like a secret
        assert leaks(json.dumps({"name": name, "settings": settings}))
        return
    assert parse(text) == document(spec)
    assert text.startswith("".join(f"// {line}\n" for line in HEADER) + "{\n")
    assert text.endswith("\n}\n")
