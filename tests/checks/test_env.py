"""`.env`: there, ignored, complete, and read the same by all of its readers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Evidence, Finding, Project, Ran, Remedy, Stat, Status, Variable
from checks.dotfile import Binding, disagreement
from tests.fakes import FakeWorld
from tests.healthy import HOST, PROJECT, found, healthy

IGNORE = ("git", "check-ignore", "--no-index", "--quiet", "--", ".env")
WRITE = Remedy("Write it.", ("mlops-wizard env write",), "env")


def with_env(text: bytes | str, project: Project = PROJECT) -> FakeWorld:
    return healthy(files={".env": text}, project=project)


def test_a_missing_env_is_an_error_where_variables_belong_in_it() -> None:
    assert found("env.exists", healthy(files={})) == (
        Finding(
            "env.exists",
            Status.ERROR,
            ".env is not there, and 2 variables belong in it",
            about=".env",
            evidence=(Evidence(".env", "not there"),),
            remedy=WRITE,
        ),
    )


def test_a_missing_env_is_nothing_where_nothing_needs_it() -> None:
    bare = replace(PROJECT, variables=())
    assert found("env.exists", healthy(files={}, project=bare))[0].status is Status.SKIPPED


def test_a_folder_called_env_is_an_error() -> None:
    assert found("env.exists", healthy(stats={".env": Stat(0, 0o755, 0.0, folder=True)}))[0].status is Status.ERROR


@pytest.mark.parametrize(
    ("code", "files", "status"),
    [
        (0, {".env": ""}, Status.OK),
        (1, {".env": ""}, Status.ERROR),
        (1, {}, Status.ERROR),
        (128, {".env": ""}, Status.UNKNOWN),
    ],
)
def test_git_is_asked_whether_it_ignores_env(code: int, files: dict[str, bytes | str], status: Status) -> None:
    world = healthy(files=files)
    world.programs[IGNORE] = Ran(code)
    assert [f.status for f in found("env.ignored", world)] == [status]


def test_an_env_that_is_not_there_and_not_wanted_need_not_be_ignored() -> None:
    world = healthy(files={}, project=Project())
    world.programs[IGNORE] = Ran(1)
    assert found("env.ignored", world)[0].status is Status.SKIPPED


def test_an_env_in_git_is_an_error_for_each_with_its_name_quoted() -> None:
    world = healthy()
    world.programs["git", "ls-files", "-z", "--", ".env", "**/.env"] = Ran(0, ".env\0it's/.env\0")
    assert [(f.about, f.remedy and f.remedy.commands) for f in found("env.tracked", world)] == [
        (".env", ("git rm --cached -- .env",)),
        ("it's/.env", ("git rm --cached -- 'it'\"'\"'s/.env'",)),
    ]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (f"DATABRICKS_HOST={HOST}/\nDATABRICKS_ORDGID=42\n", [".env has every variable (2)"]),
        (f"DATABRICKS_HOST={HOST}\nDATABRICKS_ORG_ID=42\n", [".env has every variable (2)"]),
        (f"DATABRICKS_HOST={HOST}\n", ["DATABRICKS_ORDGID is not in .env"]),
        (
            "DATABRICKS_HOST=https://other.cloud.databricks.com\nDATABRICKS_ORDGID=\n",
            [f"DATABRICKS_HOST in .env is not what was set up ({HOST})", "DATABRICKS_ORDGID is empty in .env"],
        ),
        (
            f"DATABRICKS_HOST={HOST}\nDATABRICKS_ORDGID=abc\n",
            ["DATABRICKS_ORDGID in .env has not the form that is asked for"],
        ),
    ],
)
def test_every_variable_is_there_by_its_name_or_alias(text: str, texts: list[str]) -> None:
    assert [f.text for f in found("env.complete", with_env(text))] == texts


def test_an_optional_variable_and_a_broken_pattern_are_no_complaint() -> None:
    variables = (Variable("A", optional=True), Variable("B", match="["))
    findings = found("env.complete", with_env("B=1\n", replace(PROJECT, variables=variables)))
    assert [f.status for f in findings] == [Status.OK]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("A=https://adb-1.2.azuredatabricks.net", ""),
        ("A=", ""),
        ("A=0123-456789-abc", ""),
        ("A=a=b%2C+c", ""),
        ("export A=1", "docker keeps `export ` as part of the name"),
        ("A = 1", "docker and sh do not take blanks around `=`"),
        ("A= 1", "docker and sh do not take blanks around `=`"),
        ("A-B=1", "sh cannot have a `-` in a name"),
        ('A="x"', "docker's `--env-file` and the Databricks extension keep the quotes"),
        ("A=${HOME}/x", "python-dotenv and shells put a variable in the place of `$…`, docker does not"),
        ("A=x # note", "docker keeps the comment as part of the value"),
        ("A=x y", "a shell takes what comes after the blank for a command"),
        ("A=InstrumentationKey=1;B=2", "a shell gives `;` a meaning of its own"),
        ("A=~/x", "a shell gives `~` a meaning of its own"),
        ('A="x\ny"', "only some readers take a value of several lines"),
    ],
)
def test_where_the_readers_disagree_is_known(raw: str, why: str) -> None:
    assert disagreement(Binding("A", None, raw, 1)) == why


def test_a_value_that_readers_disagree_on_is_named_by_line_and_not_shown() -> None:
    findings = found("env.dialects", with_env('# a\n\nA=1\nB="hunter two"\nnot an assignment !\n'))
    assert [(f.text, f.evidence) for f in findings] == [
        (
            "in B, docker's `--env-file` and the Databricks extension keep the quotes",
            (Evidence(".env:4", "B=•••"),),
        ),
        ("line 5 of .env is no assignment", (Evidence(".env:5", "not an assignment"),)),
    ]


def test_a_variable_that_is_there_twice_is_named_with_its_lines() -> None:
    assert found("env.duplicates", with_env("A=1\nB=2\n\nA=3\n")) == (
        Finding(
            "env.duplicates",
            Status.WARNING,
            "A is in .env more than once",
            about="A",
            evidence=(Evidence(".env", "lines 1, 4"),),
            remedy=Remedy("Keep one of them.", step="env"),
        ),
    )


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"A=1\n", [".env has plain line ends"]),
        (b"A=1\r\n", [".env has Windows line ends: a shell reads every value with a carriage return"]),
        (b"\xef\xbb\xbfA=1\n", [".env begins with a byte order mark, which becomes part of the first name"]),
        ("A=1\n".encode("utf-16"), [".env is UTF-16, which none of its readers takes"]),
    ],
)
def test_line_ends_and_marks_are_looked_at(data: bytes, texts: list[str]) -> None:
    assert [f.text for f in found("env.line-ends", with_env(data))] == texts


@pytest.mark.parametrize("id", ["env.dialects", "env.duplicates", "env.line-ends"])
def test_without_env_there_is_nothing_to_say_about_it(id: str) -> None:
    assert found(id, healthy(files={}))[0].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("value", "status", "why"),
    [
        (HOST, Status.OK, ""),
        ("https://localhost:8443", Status.OK, ""),
        ("http://127.0.0.1:8081", Status.OK, ""),
        ("https://adb-xxxx.xx.azuredatabricks.net", Status.ERROR, "a placeholder of the guide, not a workspace"),
        ("https://your-staging-workspace", Status.ERROR, "a placeholder of the guide, not a workspace"),
        ("<your host>", Status.ERROR, "a placeholder of the guide, not a workspace"),
        ("http://dbc-a1b2c3.cloud.databricks.com", Status.WARNING, "without TLS (http://): clients want https"),
        (f"{HOST}/?o=42", Status.WARNING, "longer than the host: /?o=42 does not belong to it"),
        (f"{HOST}/", Status.WARNING, "longer than the host: / does not belong to it"),
        ("https://maxxia.cloud.databricks.com", Status.OK, ""),
    ],
)
def test_the_host_is_a_real_one_and_well_written(value: str, status: Status, why: str) -> None:
    bare = replace(PROJECT, host="")
    (finding,) = found("env.host", with_env(f"DATABRICKS_HOST={value}\n", bare))
    assert finding.status is status
    assert finding.text == (f".env: DATABRICKS_HOST is {why}" if why else "the host is well written")


def test_the_host_of_a_bundle_is_looked_at_too_but_not_its_variables() -> None:
    world = healthy(files={"databricks.yml": "a:\n  host: https://your-prod-workspace.net\n  host: ${var.host}\n"})
    assert [f.text for f in found("env.host", world)] == [
        "databricks.yml: host is a placeholder of the guide, not a workspace"
    ]
