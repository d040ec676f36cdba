"""The project's Python: gone, of the wrong version, the system's own, in git, hidden by a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Evidence, Finding, Ran, Remedy, Status
from checks.interpreter import ASK
from tests.fakes import FakeWorld
from tests.healthy import PROJECT, PYTHON, found, healthy, interpreter

VENVS = ("git", "ls-files", "-z", "--", "pyvenv.cfg", "**/pyvenv.cfg")


def with_python(answer: Ran, **changed: object) -> FakeWorld:
    world = healthy(**changed)
    world.programs[PYTHON, "-I", "-c", ASK] = answer
    return world


def test_an_environment_whose_base_is_gone_is_made_again() -> None:
    world = with_python(Ran(None, problem="not found"))
    del world.files[PYTHON]
    assert found("python.environment", world) == (
        Finding(
            "python.environment",
            Status.ERROR,
            "the project's interpreter is gone (or its link points at nothing)",
            about=PYTHON,
            evidence=(Evidence(PYTHON, "not there"),),
            remedy=Remedy("Make the project's environment again.", ("mlops-wizard setup --only connect",), "connect"),
        ),
    )


@pytest.mark.parametrize(
    "answer", [Ran(1, "", "No module named 'encodings'"), Ran(0, "hello"), Ran(0, "[1]"), Ran(0, "")]
)
def test_an_interpreter_that_does_not_answer_is_an_error(answer: Ran) -> None:
    (finding,) = found("python.environment", with_python(answer))
    assert (finding.status, finding.text) == (Status.ERROR, "the project's interpreter does not run")


def test_nothing_of_the_project_is_run_before_it_is_trusted() -> None:
    world = healthy(trusted=False)
    (finding,) = found("python.environment", world)
    assert (finding.status, finding.text) == (Status.SKIPPED, "this repo is not trusted yet; mlops-wizard trust")
    assert world.ran == []


def test_a_project_without_an_interpreter_is_skipped() -> None:
    (finding,) = found("python.environment", healthy(project=replace(PROJECT, python="")))
    assert (finding.status, finding.text) == (
        Status.SKIPPED,
        "no Python environment of this project is known yet",
    )


@pytest.mark.parametrize(
    ("version", "requirement", "status", "text"),
    [
        ("3.11.7", "databricks-connect==15.4.*", Status.OK, "Python 3.11.7 fits runtime 15.4"),
        ("3.12.1", "databricks-connect==17.3.*", Status.OK, "Python 3.12.1 fits runtime 17.3"),
        ("3.12.1", "databricks-connect==15.4.*", Status.ERROR, "the project has Python 3.12; runtime 15.4 needs 3.11"),
        ("3.11.7", "databricks-connect==17.3.*", Status.ERROR, "the project has Python 3.11; runtime 17.3 needs 3.12"),
        (
            "3.13.0",
            "pyspark-client==4.0.*",
            Status.SKIPPED,
            "no Databricks Runtime is chosen that would name a Python version",
        ),
    ],
)
def test_python_and_runtime_fit_or_do_not(version: str, requirement: str, status: Status, text: str) -> None:
    world = with_python(interpreter(version), project=replace(PROJECT, requirement=requirement))
    (finding,) = found("python.version", world)
    assert (finding.status, finding.text) == (status, text)


def test_the_table_of_runtimes_says_the_same_as_the_wizards() -> None:
    from checks.versions import minor, python_of
    from wizard.runtimes import table

    assert {r.name: python_of(minor(r.name) or (0, 0)) for r in table()} == {r.name: r.python for r in table()}


def test_the_systems_python_refuses_pip() -> None:
    world = with_python(interpreter(prefix="/usr", base="/usr"))
    assert [f.status for f in found("python.externally-managed", world)] == [Status.WARNING]
    world.files["/usr/lib/py/EXTERNALLY-MANAGED"] = "[externally-managed]"
    (finding,) = found("python.externally-managed", world)
    assert (finding.status, finding.text) == (
        Status.ERROR,
        "the project uses the system's Python, into which pip refuses to install",
    )


def test_an_environment_in_git_is_taken_out_with_its_name_quoted() -> None:
    world = healthy()
    world.programs[VENVS] = Ran(0, "my env/pyvenv.cfg\0")
    (finding,) = found("python.venv-tracked", world)
    assert (finding.status, finding.text) == (Status.ERROR, "the virtual environment my env is in git")
    assert finding.remedy is not None
    assert finding.remedy.commands[0] == "git rm -r --cached --quiet -- 'my env'"


def test_git_that_does_not_answer_is_unknown() -> None:
    world = healthy()
    world.programs[VENVS] = Ran(128, "", "fatal")
    assert [f.status for f in found("python.venv-tracked", world)] == [Status.UNKNOWN]


@pytest.mark.parametrize(
    ("files", "hidden"),
    [
        (("databricks.py",), ["databricks.py"]),
        (("pyspark/__init__.py", "pyspark/x.py"), ["pyspark/"]),
        (("databricks/readme.md", "src/pyspark.py"), []),
    ],
)
def test_a_file_that_hides_a_package_is_named(files: tuple[str, ...], hidden: list[str]) -> None:
    findings = found("python.shadowing", FakeWorld(files=dict.fromkeys(files, "")))
    assert [f.about for f in findings if f.status is Status.WARNING] == hidden
