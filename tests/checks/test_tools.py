"""Programs: missing, too old, hidden, a stand-in, silent; and which `databricks` it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Evidence, Finding, Platform, Ran, Remedy, Stat, Status, Tool
from checks.kinds import answers_http, env_set, tool_at_least
from checks.run import look
from checks.versions import version_in
from tests.fakes import FakeWorld
from tests.healthy import PROJECT, found, healthy

JQ = Tool("jq", ("jq", "--version"), ">=1.6", packages=(("apt", "jq"), ("brew", "jq")), link="https://jqlang.org")


def jq(world: FakeWorld, tool: Tool = JQ) -> Finding:
    return replace(look(tool_at_least(tool), world)[0], seconds=0.0, title="")


def test_a_tool_that_is_missing_is_installed_with_this_machines_package_manager() -> None:
    assert jq(FakeWorld()) == Finding(
        "tools.jq",
        Status.ERROR,
        "jq is not installed (needs >=1.6)",
        about="jq",
        evidence=(Evidence("jq on PATH", "no copy"),),
        remedy=Remedy("Install jq >=1.6.", ("sudo apt-get install -y jq",), "tools", "https://jqlang.org"),
    )


@pytest.mark.parametrize(
    ("platform", "commands"),
    [
        (Platform("macos", "", "brew"), ("brew install jq",)),
        (Platform("linux", "debian", "apt", root=True), ("apt-get install -y jq",)),
        (Platform("linux", "arch", "pacman"), ()),
        (Platform("windows", "", "winget"), ()),
    ],
)
def test_the_command_is_this_systems_or_none(platform: Platform, commands: tuple[str, ...]) -> None:
    remedy = jq(FakeWorld(platform=platform)).remedy
    assert remedy is not None
    assert remedy.commands == commands


def test_an_optional_tool_that_is_missing_is_expected() -> None:
    finding = jq(FakeWorld(), replace(JQ, optional=True, why="only the demo uses it"))
    assert (finding.status, finding.text) == (
        Status.EXPECTED,
        "jq is not installed (needs >=1.6); optional: only the demo uses it",
    )


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (Ran(0, "jq-1.6\n"), Status.OK, "jq 1.6"),
        (Ran(0, "", "jq version 1.7.1\n"), Status.OK, "jq 1.7.1"),
        (Ran(0, "jq-1.5rc1\n"), Status.ERROR, "jq 1.5rc1 is too old; this repo needs >=1.6"),
        (Ran(0, "hello\n"), Status.WARNING, "jq is there and tells no version; it may be an alias or a wrapper"),
        (Ran(1, "Traceback … requests 2.31.0"), Status.ERROR, "jq is there and fails (exit 1)"),
        (
            Ran(1, "", "xcode-select: note: no developer tools were found"),
            Status.ERROR,
            "jq is only a stand-in: it does not run the program",
        ),
        (
            Ran(127, "", "pyenv: jq: command not found"),
            Status.ERROR,
            "jq is only a stand-in: it does not run the program",
        ),
        (
            Ran(None, problem="no answer within 15 s"),
            Status.UNKNOWN,
            "jq did not answer: no answer within 15 s",
        ),
    ],
)
def test_there_too_old_silent_broken_and_a_stand_in_are_told_apart(answer: Ran, status: Status, text: str) -> None:
    finding = jq(FakeWorld(programs={("jq", "--version"): answer}))
    assert (finding.status, finding.text, finding.about) == (status, text, "/usr/bin/jq")


def test_a_good_copy_behind_an_old_one_is_found() -> None:
    world = FakeWorld(
        paths={"jq": ("/usr/bin/jq", "/opt/jq/bin/jq")},
        programs={("/usr/bin/jq", "--version"): Ran(0, "jq-1.3"), ("/opt/jq/bin/jq", "--version"): Ran(0, "jq-1.7")},
    )
    assert jq(world) == Finding(
        "tools.jq",
        Status.ERROR,
        "the first jq on PATH is 1.3 (/usr/bin/jq); a good one comes later",
        about="/usr/bin/jq",
        evidence=(Evidence("/usr/bin/jq --version", "jq-1.3"), Evidence("/opt/jq/bin/jq --version", "jq-1.7")),
        remedy=Remedy("Put /opt/jq/bin before it on PATH.", step="tools"),
    )


def test_a_constraint_that_cannot_be_read_is_unknown_and_no_crash() -> None:
    finding = jq(FakeWorld(programs={("jq", "--version"): Ran(0, "jq-1.6")}), replace(JQ, require="about two"))
    assert finding.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        (
            "Your version of Terraform is out of date! The latest version\nis 1.9.0.\nTerraform v0.13.0\n",
            "terraform",
            "0.13.0",
        ),
        (
            "Terraform v1.5.7\n\nYour version of Terraform is out of date! The latest version is 1.9.0",
            "terraform",
            "1.5.7",
        ),
        ("aws-cli/2.15.0 Python/3.11.6 Linux/5.15 exe/x86_64", "aws", "2.15.0"),
        ('openjdk version "17.0.9" 2023-10-17', "java", "17.0.9"),
        ("git version 2.39.2.windows.1", "git", "2.39.2"),
        ("git version 2.39.3 (Apple Git-122.2)", "git", "2.39.3"),
        ("Docker version 3.0.13+azure, build abc", "docker", "3.0.13+azure"),
        ("[dbx][2023-05-05 10:11:12.123] Databricks eXtensions aka dbx, version ~> 0.6.4", "dbx", "0.6.4"),
        ("azure-cli                         2.55.0 *\n\ncore  2.55.0 *", "az", "2.55.0"),
        ("v20.18.0", "node", "20.18.0"),
        ("systemd 252", "systemctl", "252"),
        ("gh version 2.40.0 (2023-12-07)\nA new release of gh is available: 2.40.0 → 2.62.0", "gh", "2.40.0"),
        ("Version 0.18.0", "databricks", "0.18.0"),
        ("hello", "x", ""),
        ("", "x", ""),
    ],
)
def test_versions_are_found_in_texts_as_they_are_in_the_wild(text: str, name: str, version: str) -> None:
    assert version_in(text, name) == version


def test_git_of_the_healthy_machine_is_well() -> None:
    assert [f.status for f in found("tools.git", healthy())] == [Status.OK]


def databricks(*copies: tuple[str, Ran], require: str = "", size: int = 200) -> Finding:
    world = FakeWorld(
        paths={"databricks": tuple(p for p, _ in copies)},
        programs={(p, "--version"): a for p, a in copies},
        stats={p: Stat(size, 0o755, 0.0) for p, _ in copies},
        project=replace(PROJECT, tools=(Tool("databricks", ("databricks", "--version"), require),) if require else ()),
    )
    return found("tools.databricks", world)[0]


OLD = ("/venv/bin/databricks", Ran(0, "Version 0.18.0\n"))
NEW = ("/usr/local/bin/databricks", Ran(0, "Databricks CLI v0.270.0\n"))


@pytest.mark.parametrize(
    ("finding", "status", "text"),
    [
        (databricks(NEW), Status.OK, "databricks 0.270.0"),
        (databricks(NEW, OLD), Status.OK, "databricks 0.270.0"),
        (databricks(), Status.EXPECTED, "the Databricks CLI is not installed; optional: the wizard logs in without it"),
        (databricks(require=">=0.205"), Status.ERROR, "the Databricks CLI is not installed"),
        (
            databricks(OLD),
            Status.WARNING,
            "the first databricks on PATH is the retired Python CLI 0.18.0: it has no `auth` and no `bundle`",
        ),
        (
            databricks(OLD, NEW, require=">=0.205"),
            Status.ERROR,
            (
                "the first databricks on PATH is the retired Python CLI 0.18.0; the Go CLI is hidden behind it "
                "(/usr/local/bin/databricks)"
            ),
        ),
        (databricks(OLD, require="<0.19"), Status.OK, "databricks 0.18.0"),
        (
            databricks(("/b/databricks", Ran(0, "Databricks CLI v0.150.0")), require=">=0.205"),
            Status.ERROR,
            "databricks 0.150.0 is not what this repo needs (>=0.205)",
        ),
        (
            databricks(("/b/databricks", Ran(1, "", "Traceback"))),
            Status.WARNING,
            "the first databricks on PATH is the retired Python CLI: it has no `auth` and no `bundle`",
        ),
        (
            databricks(("/b/databricks", Ran(0, "?")), size=40_000_000),
            Status.UNKNOWN,
            "databricks does not tell its version",
        ),
    ],
)
def test_the_legacy_and_the_go_cli_are_told_apart(finding: Finding, status: Status, text: str) -> None:
    assert (finding.status, finding.text) == (status, text)


@pytest.mark.parametrize(
    ("path", "system", "status"),
    [
        ("/usr/bin:/bin", "linux", Status.OK),
        ("", "linux", Status.OK),
        ("/usr/bin:.:/bin", "linux", Status.WARNING),
        ("/usr/bin::/bin", "linux", Status.WARNING),
        ("/usr/bin:node_modules/.bin", "linux", Status.WARNING),
        ("C:\\Windows;C:\\Program Files\\Git\\cmd;", "windows", Status.OK),
        ("C:\\Windows;bin", "windows", Status.WARNING),
    ],
)
def test_an_entry_of_path_that_depends_on_the_folder_is_named(path: str, system: str, status: Status) -> None:
    (finding,) = found("tools.path-order", healthy(env={"PATH": path}, platform=Platform(system)))
    assert finding.status is status


REV = ("git", "rev-parse", "--is-inside-work-tree")


@pytest.mark.parametrize(
    ("answer", "status", "commands"),
    [
        (Ran(0, "true\n"), Status.OK, None),
        (
            Ran(128, "", "fatal: detected dubious ownership in repository at '/repo'"),
            Status.ERROR,
            ("git config --global --add safe.directory /repo",),
        ),
        (Ran(128, "", "fatal: not a git repository"), Status.WARNING, ("git init",)),
        (Ran(None, problem="no answer within 10 s"), Status.UNKNOWN, None),
    ],
)
def test_whether_git_works_here(answer: Ran, status: Status, commands: tuple[str, ...] | None) -> None:
    world = FakeWorld(programs={("git", "--version"): Ran(0, "git version 2.39.2"), REV: answer})
    (finding,) = found("tools.repo", world)
    assert finding.status is status
    assert (finding.remedy.commands if finding.remedy else None) == commands


def test_without_git_the_repo_is_not_looked_at() -> None:
    assert found("tools.repo", FakeWorld())[0].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("env", "status", "text"),
    [
        ({"SPARK_HOME": "/opt"}, Status.OK, "SPARK_HOME is set"),
        ({"SPARK_HOME": ""}, Status.ERROR, "SPARK_HOME is set, to nothing: spark needs it"),
        ({}, Status.ERROR, "SPARK_HOME is not set: spark needs it"),
    ],
)
def test_a_variable_of_the_environment_is_asked_for(env: dict[str, str], status: Status, text: str) -> None:
    (finding,) = look(env_set("env.spark-home", "SPARK_HOME", "spark needs it"), FakeWorld(env=env))
    assert (finding.status, finding.text) == (status, text)


def test_an_address_that_answers_that_is_in_trouble_or_silent() -> None:
    from checks import Reply

    url = "https://example.org/health"
    check = answers_http("network.health", url, expect=(200,))
    said = [
        look(check, FakeWorld(replies=replies))[0].status
        for replies in ({url: Reply(200)}, {url: Reply(404)}, {url: Reply(503)}, {})
    ]
    assert said == [Status.OK, Status.ERROR, Status.UNKNOWN, Status.UNKNOWN]
    assert look(check, FakeWorld(trusted=False))[0].status is Status.SKIPPED
    assert look(check, FakeWorld(offline=True))[0].status is Status.SKIPPED
