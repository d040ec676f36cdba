"""Where secrets are and where they should not be; no value ever comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Evidence, Finding, Ran, Remedy, Stat, Status, Variable
from checks.repo import SECRETS_PATTERN
from tests.fakes import FakeWorld
from tests.healthy import ENTRY, PROJECT, found, grep, healthy

PAT = "dapi" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("answer", "store", "status", "text"),
    [
        (("GNOME Keyring", ""), "keyring", Status.OK, "GNOME Keyring is open"),
        (("GNOME Keyring", "it is locked"), "keyring", Status.ERROR, "GNOME Keyring does not work: it is locked"),
        (("a file", ""), "plain", Status.WARNING, "secrets are kept in plain text, as was agreed"),
        (("", "no store is chosen yet"), "", Status.ERROR, "the store does not work: no store is chosen yet"),
    ],
)
def test_the_store_is_open_shut_or_plain(answer: tuple[str, str], store: str, status: Status, text: str) -> None:
    (finding,) = found("secrets.store", healthy(store_answer=answer, project=replace(PROJECT, store=store)))
    assert (finding.status, finding.text) == (status, text)


def test_the_store_is_not_touched_before_the_repo_is_trusted() -> None:
    assert [found(id, healthy(trusted=False))[0].status for id in ("secrets.store", "secrets.kept")] == [
        Status.SKIPPED,
        Status.SKIPPED,
    ]


def test_a_secret_that_is_missing_is_set_by_its_name() -> None:
    assert found("secrets.kept", healthy(entries={})) == (
        Finding(
            "secrets.kept",
            Status.ERROR,
            "DATABRICKS_TOKEN is not in the store",
            about="DATABRICKS_TOKEN",
            evidence=(Evidence(f"the store: {ENTRY}", "not there"),),
            remedy=Remedy(
                "Set it; you will be asked for the value.", ("mlops-wizard secrets set DATABRICKS_TOKEN",), "secrets"
            ),
        ),
    )


def test_a_store_that_does_not_answer_is_unknown_and_none_at_all_is_skipped() -> None:
    assert found("secrets.kept", healthy(entries={ENTRY: None}))[0].status is Status.UNKNOWN
    nothing = replace(PROJECT, token="", variables=())
    assert found("secrets.kept", healthy(project=nothing))[0].status is Status.SKIPPED


def test_an_optional_secret_that_is_missing_is_expected() -> None:
    variables = (Variable("APPI_IK", secret=True, entry="mlops-wizard/x/APPI_IK", optional=True),)
    (finding,) = found("secrets.kept", healthy(project=replace(PROJECT, variables=variables)))
    assert finding.status is Status.EXPECTED


def tracked(**files: str) -> FakeWorld:
    names = {n.replace("__", "."): text for n, text in files.items()}
    world = healthy()
    world.files |= names
    world.programs[grep(SECRETS_PATTERN)] = Ran(0, "".join(f"{n}\0" for n in names))
    return world


def test_a_secret_in_a_tracked_file_is_named_by_file_and_line_and_not_shown() -> None:
    findings = found("secrets.in-tracked-files", tracked(deploy__sh=f"#!/bin/sh\nexport TOKEN={PAT}\n"))
    assert [(f.status, f.text, f.about) for f in findings] == [
        (
            Status.ERROR,
            "deploy.sh holds what looks like a secret (Databricks token), and git tracks it",
            "deploy.sh:2",
        )
    ]
    assert PAT not in repr(findings)


@pytest.mark.parametrize(
    "text",
    [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "token: dapiXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "dapi00000000000000000000000000000000",
        '"integrity": "sha512-' + "aB3+" * 21 + 'aB==",',
        "commit 4f1bc77277924285991d3463b8d7f994abcdef01",
    ],
)
def test_examples_and_hashes_are_no_secrets(text: str) -> None:
    assert [f.status for f in found("secrets.in-tracked-files", tracked(readme__md=text))] == [Status.OK]


def test_git_that_does_not_answer_is_unknown() -> None:
    world = healthy()
    world.programs[grep(SECRETS_PATTERN)] = Ran(128, "", "fatal")
    assert found("secrets.in-tracked-files", world)[0].status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A=1\n", []),
        ("DATABRICKS_TOKEN=\n", []),
        ("DATABRICKS_TOKEN=hello-hello\n", ["DATABRICKS_TOKEN"]),
        (f"X={PAT}\n", ["X"]),
        ("STORAGE_KEY='abcdefgh'\n", ["STORAGE_KEY"]),
        ("TOKEN_URL=https://login.example.org/token\n", []),
    ],
)
def test_a_secret_in_env_is_named(text: str, names: list[str]) -> None:
    world = healthy(files={".env": text}, stats={".env": Stat(9, 0o600, 0.0)})
    findings = found("secrets.env-plain", world)
    assert [f.about for f in findings if f.status is Status.WARNING] == names


def test_env_with_secrets_that_others_may_read_is_said_too() -> None:
    findings = found("secrets.env-plain", healthy(files={".env": f"DATABRICKS_TOKEN={PAT}\n"}))
    assert [f.text for f in findings] == [
        "DATABRICKS_TOKEN is in .env in clear text",
        ".env holds secrets, and others on this machine may read it",
    ]
    assert PAT not in repr(findings)


def test_an_unsafe_keyring_is_named_with_where_it_stands() -> None:
    world = healthy(
        env={"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        files={
            "~/.config/python_keyring/keyringrc.cfg": "[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\n"
        },
    )
    assert [f.text for f in found("secrets.keyring-backend", world)] == [
        "PYTHON_KEYRING_BACKEND names keyring.backends.null.Keyring, which throws secrets away",
        (
            "~/.config/python_keyring/keyringrc.cfg names keyrings.alt.file.PlaintextKeyring, which keeps secrets in a file "
            "that is not encrypted, or asks for a passphrase on the terminal"
        ),
    ]


def test_a_stray_file_with_a_secret_that_git_would_commit_is_an_error() -> None:
    path = ".databricks/.databricks.env"
    asked = ("git", "check-ignore", "--no-index", "--quiet", "--", path)
    world = healthy(files={path: f"SPARK_REMOTE=sc://x;token={PAT}\n"})
    world.programs[asked] = Ran(1)
    (finding,) = found("secrets.stray-files", world)
    assert (finding.status, finding.about, finding.remedy and finding.remedy.commands) == (
        Status.ERROR,
        path,
        ("echo /.databricks/.databricks.env >> .gitignore",),
    )
    world.programs[asked] = Ran(0)
    assert found("secrets.stray-files", world)[0].status is Status.OK
