"""The dev container's files, and the engine that runs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import EMPTY, Evidence, Finding, Platform, Ran, Registry, Remedy, Status, Tool
from checks.devcontainer import declare
from devcontainer import jsonc, lint, merge
from tests.fakes import FakeWorld
from tests.healthy import SCRIPTS, found, healthy

PATH = ".devcontainer/devcontainer.json"
IDS = [
    "devcontainer.parses",
    "devcontainer.leaks",
    "devcontainer.problems",
    "devcontainer.old-shape",
    "devcontainer.env-file",
]


def with_json(text: str) -> FakeWorld:
    return healthy(files={PATH: text})


def test_declaring_twice_changes_nothing_and_every_check_has_a_page() -> None:
    registry = Registry()
    for _ in range(2):
        declare(
            parse=jsonc.parse, leaks=lint.leaks, problems=lint.problems, old_shapes=merge.old_shapes, registry=registry
        )
    assert [c.id for c in registry] == IDS
    assert all("What to do:" in c.page for c in registry)


def test_a_file_that_cannot_be_read_is_named_with_line_and_column() -> None:
    (finding,) = found("devcontainer.parses", with_json('{\n  "image": "x"\n  "name": "y"\n}\n'))
    assert (finding.status, finding.about) == (Status.ERROR, f"{PATH}:3")
    assert finding.remedy == Remedy("Mend line 3, column 3.")


def test_a_file_that_is_no_object_is_an_error() -> None:
    assert found("devcontainer.parses", with_json("[]"))[0].text == f"{PATH} is no object"


@pytest.mark.parametrize("id", IDS)
def test_without_a_dev_container_there_is_nothing_to_look_at(id: str) -> None:
    assert found(id, healthy(files={}))[0] == Finding(id, Status.SKIPPED, "this repo has no dev container")


def test_a_token_of_the_host_in_container_env_is_a_leak() -> None:
    text = '{"image": "x", "containerEnv": {"DATABRICKS_TOKEN": "${localEnv:DATABRICKS_TOKEN}"}}'
    findings = found("devcontainer.leaks", with_json(text))
    assert [f.status for f in findings] == [Status.ERROR]
    assert findings[0].about == f"{PATH}:1"


def test_a_misspelt_key_and_an_old_shape_are_told() -> None:
    text = '{"image": "x", "runArg": [], "extensions": ["ms-python.python"]}'
    assert Status.OK not in {f.status for f in found("devcontainer.problems", with_json(text))}
    (old,) = found("devcontainer.old-shape", with_json(text))
    assert (old.status, old.remedy) == (
        Status.WARNING,
        Remedy("Write it as today.", ("mlops-wizard devcontainer write",), "devcontainer"),
    )


@pytest.mark.parametrize(
    ("arguments", "files", "status"),
    [
        ('["--env-file", ".env"]', {}, Status.ERROR),
        ('["--env-file=.env"]', {}, Status.ERROR),
        ('["--env-file", "${localWorkspaceFolder}/.env"]', {}, Status.ERROR),
        ('["--env-file", ".env"]', {".env": ""}, Status.OK),
        ('["--env-file", "${localEnv:HOME}/x.env"]', {}, Status.UNKNOWN),
        ('["--init"]', {}, Status.OK),
        ('"nonsense"', {}, Status.OK),
    ],
)
def test_an_env_file_that_is_missing_keeps_the_container_from_starting(
    arguments: str, files: dict[str, bytes | str], status: Status
) -> None:
    world = healthy(files={PATH: f'{{"image": "x", "runArgs": {arguments}}}', **files})
    assert [f.status for f in found("devcontainer.env-file", world)] == [status]


def test_an_env_file_that_initialize_command_makes_is_well() -> None:
    text = '{"image": "x", "runArgs": ["--env-file", ".env"], "initializeCommand": "touch .env"}'
    assert found("devcontainer.env-file", with_json(text))[0].status is Status.OK


EOL = ("git", "ls-files", "--eol", "-z", "--", *SCRIPTS)


def test_a_script_with_windows_line_ends_is_named_with_what_mends_it() -> None:
    world = healthy()
    world.programs[EOL] = Ran(
        0,
        "i/lf    w/lf    attr/\ta.sh\0i/crlf  w/crlf  attr/\tmy run.sh\0i/lf    w/crlf  attr/\tb.sh\0"
        "i/crlf  w/crlf  attr/\tc.ps1\0",
    )
    assert [(f.text, f.remedy and f.remedy.commands[1]) for f in found("devcontainer.line-ends", world)] == [
        ("my run.sh has Windows line ends: a container cannot run it", "git add --renormalize -- 'my run.sh'"),
        ("b.sh has Windows line ends: a container cannot run it", "git checkout-index --force -- b.sh"),
    ]


def test_git_that_does_not_answer_is_unknown() -> None:
    assert found("devcontainer.line-ends", healthy(programs={}))[0].status is Status.UNKNOWN


VERSION = ("docker", "version", "--format", "{{.Server.Version}}")
DOWN = Ran(1, "\n", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
DENIED = Ran(1, "", "permission denied while trying to connect to the Docker daemon socket")
INTEGRATION = Ran(1, "The command 'docker' could not be found in this WSL 2 distro. Activate the WSL integration")


@pytest.mark.parametrize(
    ("answer", "platform", "env", "text"),
    [
        (DOWN, Platform(), {}, "it is not started"),
        (DENIED, Platform(), {}, "you may not talk to it"),
        (INTEGRATION, Platform(wsl=True), {}, "WSL integration is off for this distribution"),
        (
            DOWN,
            Platform(),
            {"DOCKER_HOST": "tcp://old:2375"},
            "DOCKER_HOST or DOCKER_CONTEXT points at tcp://old:2375",
        ),
    ],
)
def test_why_an_engine_does_not_answer_is_told_apart(
    answer: Ran, platform: Platform, env: dict[str, str], text: str
) -> None:
    world = healthy(platform=platform, env=env)
    world.programs[VERSION] = answer
    (finding,) = found("devcontainer.engine", world)
    assert (finding.status, finding.text) == (
        Status.ERROR,
        f"docker is installed and its engine does not answer: {text}",
    )


def test_podman_that_answers_will_do_where_docker_does_not() -> None:
    world = healthy()
    world.programs[VERSION] = DOWN
    world.programs["podman", "version", "--format", "{{.Server.Version}}"] = Ran(125, "", "nil pointer")
    world.programs["podman", "info", "--format", "{{.Version.Version}}"] = Ran(0, "4.3.1\n")
    assert found("devcontainer.engine", world)[0].text == "podman 4.3.1 answers"


def test_no_engine_is_an_error_only_where_a_dev_container_needs_one() -> None:
    world = healthy(programs={}, files={PATH: "{}"})
    assert found("devcontainer.engine", world)[0] == Finding(
        "devcontainer.engine",
        Status.ERROR,
        "no container engine is installed",
        evidence=(Evidence("docker, podman on PATH", "no copy"),),
        remedy=Remedy(
            "Install an engine.",
            ("sudo apt-get install -y docker.io",),
            "tools",
            "https://docs.docker.com/get-started/get-docker/",
        ),
    )
    assert found("devcontainer.engine", FakeWorld())[0].status is Status.SKIPPED
    wants = FakeWorld(project=replace(EMPTY, tools=(Tool("docker", ("docker", "--version")),)))
    assert found("devcontainer.engine", wants)[0].status is Status.ERROR


def test_in_a_container_no_engine_is_missed_and_one_that_answers_is_well() -> None:
    world = healthy(platform=Platform(container=True))
    assert found("devcontainer.engine", world)[0].status is Status.OK
    world.programs[VERSION] = DOWN
    assert found("devcontainer.engine", world)[0].status is Status.SKIPPED
    del world.programs[VERSION]
    assert found("devcontainer.engine", world)[0].text == "this is a container: the engine is the host's"


def test_a_dev_container_that_only_one_person_has_is_told() -> None:
    world = healthy()
    world.programs["git", "ls-files", "-z", "--", PATH] = Ran(0)
    (finding,) = found("devcontainer.tracked", world)
    assert (finding.status, finding.remedy) == (
        Status.WARNING,
        Remedy("Add it to git.", (f"git add -- {PATH}",)),
    )
