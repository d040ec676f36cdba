"""What gives a secret away is found at its place, and never repeated."""

from __future__ import annotations

import json

import pytest

from devcontainer.jsonc import JsoncError
from devcontainer.lint import Leak, leaks

TOKEN = "dapi0123456789abcdef0123456789abcdef"
KEEP_OUT = (
    "Take it out, keep it with `mlops-wizard secrets set`, and start what needs it with `mlops-wizard run -- COMMAND`"
)
REVOKE = "Revoke it where it was issued, take it out, and keep the new one with `mlops-wizard secrets set`"
BUILD = "Use a build secret (`--secret` in build.options, `RUN --mount=type=secret` in the Dockerfile)"
NO_ENV_FILE = (
    "Take the option out: `mlops-wizard devcontainer write` sets in remoteEnv what is no secret, "
    "and `mlops-wizard run -- COMMAND` brings the rest"
)
KEPT = "stays in `docker inspect`, in /etc/environment and in image layers"
ENV_FILE = (
    "an env-file of the repo: every value in it stays in `docker inspect` and in /etc/environment, "
    "and where the file is missing the container does not start"
)


def test_a_leak_has_its_place_its_reason_and_what_to_do() -> None:
    text = (
        '{\n  // all wrong\n  "containerEnv": {\n    "DATABRICKS_TOKEN": "${localEnv:DATABRICKS_TOKEN}" // oh\n  }\n}'
    )
    why = f'the secret "DATABRICKS_TOKEN" of your machine {KEPT}'
    assert leaks(text) == (Leak(("containerEnv", "DATABRICKS_TOKEN"), 4, 25, "error", why, KEEP_OUT),)


# Each case: a document, and for each leak its path, level, why and fix.
FOUND: list[tuple[object, list[tuple[object, ...]]]] = [
    ({"containerEnv": {"X": "a ${localEnv:GH_PAT:none} b"}},
     [(("containerEnv", "X"), "error", f'the secret "GH_PAT" of your machine {KEPT}', KEEP_OUT)]),
    ({"containerEnv": {"MY_SECRET": "${env:X}"}},
     [(("containerEnv", "MY_SECRET"), "error", f'the secret "MY_SECRET" of your machine {KEPT}', KEEP_OUT)]),
    ({"containerEnv": {"DB_PASSWORD": "hunter2"}},
     [(("containerEnv", "DB_PASSWORD"), "error", '"DB_PASSWORD" is a secret\'s name, and its value is in this file', REVOKE)]),
    ({"build": {"args": {"PIP_TOKEN": "${localEnv:PIP_TOKEN}"}}},
     [(("build", "args", "PIP_TOKEN"), "error",
       'the secret "PIP_TOKEN" of your machine stays in the image\'s history', BUILD)]),
    ({"build": {"options": ["--no-cache", "--build-arg", "NPM_TOKEN=hunter2", "--secret", "id=x,env=X_TOKEN"]}},
     [(("build", "options", 2), "error", 'the secret "NPM_TOKEN" stays in the image\'s history', BUILD)]),
    ({"features": {"./x": {"token": "${localEnv:GH_TOKEN}", "version": "latest"}}},
     [(("features", "./x", "token"), "error",
       'the secret "GH_TOKEN" of your machine stays in the image\'s layers and in the build log', BUILD)]),
    ({"features": {"./secret-token": "${localEnv:GH_TOKEN}"}},
     [(("features", "./secret-token"), "error",
       'the secret "GH_TOKEN" of your machine stays in the image\'s layers and in the build log', BUILD)]),
    ({"remoteEnv": {"DATABRICKS_TOKEN": "${localEnv:DATABRICKS_TOKEN}"}},
     [(("remoteEnv", "DATABRICKS_TOKEN"), "warning",
       'the secret "DATABRICKS_TOKEN" of your machine becomes an argument of `docker exec`, which `ps` shows', KEEP_OUT)]),
    ({"remoteEnv": {"DATABRICKS_TOKEN": "hunter2"}},
     [(("remoteEnv", "DATABRICKS_TOKEN"), "error",
       '"DATABRICKS_TOKEN" is a secret\'s name, and its value is in this file', REVOKE)]),
    ({"runArgs": ["--init", "--env-file", ".env"]}, [(("runArgs", 2), "error", ENV_FILE, NO_ENV_FILE)]),
    ({"runArgs": ["--env-file=.env"]}, [(("runArgs", 0), "error", ENV_FILE, NO_ENV_FILE)]),
    ({"runArgs": ["--env-file", "${localWorkspaceFolder}/x/.env"]}, [(("runArgs", 1), "error", ENV_FILE, NO_ENV_FILE)]),
    ({"runArgs": ["-e", "A_TOKEN=hunter2"]}, [(("runArgs", 1), "error", f'the secret "A_TOKEN" {KEPT}', KEEP_OUT)]),
    ({"runArgs": ["-eA_TOKEN=hunter2"]}, [(("runArgs", 0), "error", f'the secret "A_TOKEN" {KEPT}', KEEP_OUT)]),
    ({"runArgs": ["--env", "A_TOKEN"]}, [(("runArgs", 1), "error", f'the secret "A_TOKEN" {KEPT}', KEEP_OUT)]),
    ({"runArgs": ["--env=A_TOKEN=${localEnv:X}"]}, [(("runArgs", 0), "error", f'the secret "A_TOKEN" {KEPT}', KEEP_OUT)]),
    ({"runArgs": ["-e", f"X={TOKEN}"]}, [(("runArgs", 1), "error", f'the secret "X" {KEPT}', KEEP_OUT)]),
    ({"runArgs": ["--label", TOKEN]}, [(("runArgs", 1), "error", "text that looks like a Databricks token", REVOKE)]),
    ({"postCreateCommand": {"login": ["databricks", "--token", TOKEN]}},
     [(("postCreateCommand", "login", 2), "error", "text that looks like a Databricks token", REVOKE)]),
    ({"customizations": {"vscode": {"settings": {"x": "AccountKey=" + "aB3+" * 20}}}},
     [(("customizations", "vscode", "settings", "x"), "error", "text that looks like an Azure storage key", REVOKE)]),
    ({"containerEnv": {TOKEN: "x"}},
     [(("containerEnv", "(hidden)"), "error", "a name that looks like a Databricks token", REVOKE)]),
    ([TOKEN], [((0,), "error", "text that looks like a Databricks token", REVOKE)]),
]  # fmt: skip

CLEAN: list[object] = [
    {},
    7,
    {"containerEnv": {"PATH": "${containerEnv:PATH}:/x", "TZ": "UTC", "HOST_HOME": "${localEnv:HOME}", "N": 1}},
    {
        "containerEnv": {
            "DATABRICKS_TOKEN": "",
            "A_TOKEN": "<your token>",
            "USE_TOKEN": "true",
            "B_TOKEN": "${containerEnv:X}",
        }
    },
    {"remoteEnv": {"DATABRICKS_TOKEN": None, "PYTHONPATH": "${containerWorkspaceFolder}/src"}},
    {"runArgs": ["--env-file", "../.env"]},
    {"runArgs": ["--env-file", "/run/user/1000/x.env", "-e", "TZ=UTC", "-e", "A_TOKEN=", "--env-file"]},
    {"runArgs": "--env-file .env", "features": [], "containerEnv": "A_TOKEN", "build": "x"},
    {"features": {"ghcr.io/me/token-helper:1": "latest", "./x": {"keyVault": "name", "tokenHelper": True}}},
    {"secrets": {"DATABRICKS_TOKEN": {"description": "a token"}}},
    {"build": {"args": {"VARIANT": "3.12"}, "options": ["--secret", "id=x,env=A_TOKEN"]}},
]


@pytest.mark.parametrize(("document", "expected"), FOUND, ids=lambda value: json.dumps(value)[:40])
def test_each_way_of_giving_a_secret_away_is_named(document: object, expected: list[tuple[object, ...]]) -> None:
    found = leaks(json.dumps(document))
    assert [(leak.path, leak.level, leak.why, leak.fix) for leak in found] == expected
    assert not [leak for leak in found if "hunter2" in repr(leak) or TOKEN in repr(leak)]


@pytest.mark.parametrize("document", CLEAN, ids=lambda value: json.dumps(value)[:40])
def test_what_gives_nothing_away_is_left_in_peace(document: object) -> None:
    assert leaks(json.dumps(document)) == ()


def test_a_secret_in_a_comment_is_found_at_its_place() -> None:
    text = f"{{}} // old\n/*\n my token: {TOKEN} */"
    why = "a comment with text that looks like a Databricks token"
    assert leaks(text) == (Leak((), 3, 12, "error", why, REVOKE),)


def test_a_secret_that_hides_behind_escapes_is_found() -> None:
    text = '{"x": "\\u0064api' + TOKEN[4:] + '"}'
    assert [leak.path for leak in leaks(text)] == [("x",)]


def test_leaks_come_in_the_order_of_the_file() -> None:
    text = '{"runArgs": ["--env-file", ".env"],\n"remoteEnv": {"A": "${localEnv:A_TOKEN}"},\n"containerEnv": {"B_KEY": "b"}}'
    assert [(leak.line, leak.level) for leak in leaks(text)] == [(1, "error"), (2, "warning"), (3, "error")]


def test_what_is_no_jsonc_is_refused_with_its_place() -> None:
    with pytest.raises(JsoncError, match="line 1, column 2"):
        leaks("{")
