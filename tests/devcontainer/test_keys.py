"""What is wrong with the keys of a devcontainer.json, each at its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcontainer.keys import KEYS, Problem
from devcontainer.lint import problems

IMAGE = "mcr.microsoft.com/devcontainers/python:3.12"
PORT = 'a port from 1 to 65535 or "host:port"'
APP_PORT = 'a port from 1 to 65535 or text such as "8000:80"'
COMMAND = "a command (text, an array of text, or an object of commands)"
WAIT = "initializeCommand, onCreateCommand, updateContentCommand, postCreateCommand or postStartCommand"


def test_a_problem_has_its_place_its_text_and_what_to_write() -> None:
    assert problems('{\n  "image": "x",\n  "features": [] // none\n}') == (
        Problem(
            ("features",),
            3,
            15,
            "error",
            "expected an object at features, found an array",
            'Write it like "features": {"ghcr.io/devcontainers/features/azure-cli:1": {}}',
        ),
    )


# (keys beside the image, what is said)
WRONG: list[tuple[dict[str, object], list[tuple[object, str]]]] = [
    ({"name": 7}, [(("name",), "expected text at name, found a number")]),
    ({"init": "true"}, [(("init",), "expected true or false at init, found text")]),
    ({"remoteEnv": {"A": 1, "B": None, "C": "x"}},
     [(("remoteEnv", "A"), "expected text in double quotes at remoteEnv.A, found a number")]),
    ({"containerEnv": {"A": None}},
     [(("containerEnv", "A"), "expected text in double quotes at containerEnv.A, found null")]),
    ({"remoteEnv": []}, [(("remoteEnv",), "expected an object of variables at remoteEnv, found an array")]),
    ({"runArgs": "--init"}, [(("runArgs",), "expected an array of text at runArgs, found text")]),
    ({"runArgs": ["--init", None]}, [(("runArgs", 1), "expected text at runArgs[1], found null")]),
    ({"mounts": ["x", {}, 1]}, [(("mounts", 2), "expected text or an object at mounts[2], found a number")]),
    ({"forwardPorts": [8888, "db:5432", "5432", 0, 65536, True, "x:y"]}, [
        (("forwardPorts", 3), f"expected {PORT} at forwardPorts[3], found a number"),
        (("forwardPorts", 4), f"expected {PORT} at forwardPorts[4], found a number"),
        (("forwardPorts", 5), f"expected {PORT} at forwardPorts[5], found true or false"),
        (("forwardPorts", 6), f"expected {PORT} at forwardPorts[6], found text")]),
    ({"forwardPorts": "x"}, [(("forwardPorts",), "expected an array of ports at forwardPorts, found text")]),
    ({"appPort": {}}, [(("appPort",), f"expected {APP_PORT}, or an array of them at appPort, found an object")]),
    ({"appPort": ["127.0.0.1:8000:80", 1, 0]},
     [(("appPort", 2), f"expected {APP_PORT} at appPort[2], found a number")]),
    ({"postCreateCommand": 7}, [(("postCreateCommand",), f"expected {COMMAND} at postCreateCommand, found a number")]),
    ({"postCreateCommand": ["a", 1]}, [(("postCreateCommand", 1), "expected text at postCreateCommand[1], found a number")]),
    ({"postCreateCommand": {"a": "x", "b": ["y"], "c": {}, "d": ["y", 1]}}, [
        (("postCreateCommand", "c"), "expected text or an array of text at postCreateCommand.c, found an object"),
        (("postCreateCommand", "d"), "expected text or an array of text at postCreateCommand.d, found an array")]),
    ({"shutdownAction": "stop"},
     [(("shutdownAction",), "expected none, stopContainer or stopCompose at shutdownAction, found text")]),
    ({"waitFor": {}}, [(("waitFor",), f"expected {WAIT} at waitFor, found an object")]),
    ({"secrets": {"A-B": {}, "C": "hunter2"}}, [
        (("secrets", "A-B"), '"A-B" is no name of a variable'),
        (("secrets", "C"), "expected an object at secrets.C, found text")]),
    ({"customizations": []}, [(("customizations",), "expected an object at customizations, found an array")]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), WRONG, ids=lambda value: json.dumps(value)[:40])
def test_a_value_of_the_wrong_type_is_an_error(document: dict[str, object], expected: list[tuple[object, str]]) -> None:
    found = problems(json.dumps({"image": IMAGE, **document}))
    assert [(problem.path, problem.text) for problem in found] == expected
    assert {problem.level for problem in found} == {"error"}
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("text", "path", "level", "message", "fix"),
    [
        ("{}", (), "error", "no image, build or dockerComposeFile: nothing to start",
         f'Add one line, such as "image": "{IMAGE}"'),
        ('{"build": {"context": "."}}', ("build",), "error", "build without dockerfile: nothing to build",
         'Add "dockerfile": "Dockerfile"'),
        ('{"dockerComposeFile": "x.yml"}', ("dockerComposeFile",), "error", "dockerComposeFile without service",
         'Add "service": "app" with the name of a service in the compose file'),
        ('{"image": "x", "dockerFile": "y"}', ("dockerFile",), "warning",
         '"dockerFile" beside "image": only one of them counts', "Keep the one that is meant, delete the other"),
        ('{"image": "x", "feature": {}}', ("feature",), "note", '"feature" is no key of dev containers',
         'Did you mean "features"?'),
        ('{"image": "x", "\\u001b[2J": {}}', ("\x1b[2J",), "note", '"\\u001b[2J" is no key of dev containers',
         "Tools ignore it; under customizations it is safe"),
        ("[1]", (), "error", "expected an object { … }, found an array",
         f'Put the keys into {{ and }}, such as {{"image": "{IMAGE}"}}'),
    ],
)  # fmt: skip
def test_what_else_is_wrong_is_said(text: str, path: tuple[str, ...], level: str, message: str, fix: str) -> None:
    assert [(one.path, one.level, one.text, one.fix) for one in problems(text)] == [(path, level, message, fix)]


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_every_key_is_right(key: str) -> None:
    example = json.loads(KEYS[key][1])
    found = problems(json.dumps({key: example, **({"service": "app"} if key == "dockerComposeFile" else {})}))
    assert [one for one in found if one.path[:1] == (key,)] == []


def test_the_old_docker_file_may_have_its_build_options_beside_it() -> None:
    assert problems('{"dockerFile": "Dockerfile", "context": "..", "build": {"args": {"VARIANT": "3.12"}}}') == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(KEYS)) | st.text(max_size=4), VALUES, max_size=6))
def test_no_value_however_wrong_makes_it_crash(document: dict[str, object]) -> None:
    problems(json.dumps(document))
