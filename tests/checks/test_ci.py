"""What the pipelines' files say."""

from __future__ import annotations

import pytest

from checks import Evidence, Finding, Remedy, Status
from tests.fakes import FakeWorld
from tests.healthy import found, healthy

FLOW = ".github/workflows/ci.yml"
PAT = "dapi" + "0123456789abcdef" * 2


def with_flow(*lines: str, path: str = FLOW) -> FakeWorld:
    return healthy(files={path: "name: ci\n" + "".join(f"{line}\n" for line in lines)})


def bad(id: str, world: FakeWorld) -> list[str]:
    return [f.text for f in found(id, world) if f.status > Status.UNKNOWN]


def test_a_secret_in_a_pipeline_is_named_and_not_shown() -> None:
    assert found("ci.secret-literals", with_flow(f"  TOKEN: {PAT}")) == (
        Finding(
            "ci.secret-literals",
            Status.ERROR,
            f"{FLOW} holds a secret (Databricks token)",
            about=f"{FLOW}:2",
            evidence=(Evidence(f"{FLOW}:2", "•••"),),
            remedy=Remedy("Revoke it, then keep it in the CI system.", ()),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (["  - run: echo ${{ secrets.PAT }}"], [f"{FLOW} prints the secret PAT"]),
        (["  - run: echo ${{ secrets.PAT }} | docker login --password-stdin"], []),
        (["  - run: echo ${{ secrets.PAT }} > file"], []),
        (["  - run: env | sort", "    x: ${{ secrets.A }}"], [f"{FLOW} prints its environment"]),
        (["  - run: env | sort"], []),
        (["  # echo ${{ secrets.PAT }}"], []),
        (["  env:", "    A: ${{ secrets.A }}"], []),
    ],
)
def test_a_pipeline_that_prints_its_secrets_is_told(lines: list[str], texts: list[str]) -> None:
    assert bad("ci.prints-secrets", with_flow(*lines)) == texts


@pytest.mark.parametrize(
    ("line", "path", "name"),
    [
        ("    runs-on: ubuntu-20.04", FLOW, "ubuntu-20.04"),
        ("    runs-on: [ubuntu-18.04]", FLOW, "ubuntu-18.04"),
        ("  vmImage: 'ubuntu-18.04'", "azure-pipelines.yml", "ubuntu-18.04"),
        ("    runs-on: windows-2019", FLOW, "windows-2019"),
        ("    runs-on: ubuntu-24.04", FLOW, ""),
        ("    runs-on: ubuntu-latest", FLOW, ""),
    ],
)
def test_a_machine_that_is_gone_is_named(line: str, path: str, name: str) -> None:
    texts = bad("ci.retired-runners", with_flow(line, path=path))
    assert texts == ([f"{path} asks for {name}, which is gone"] if name else [])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("  python-version: 3.10", "3.10"),
        ("  python-version: [3.9, 3.10]", "3.9, 3.10"),
        ("  versionSpec: 3.10", ""),
        ('  python-version: "3.10"', ""),
        ("  python-version: 3.11", ""),
        ("  python-version: ['3.9', '3.10']", ""),
    ],
)
def test_a_version_that_yaml_reads_as_a_number_is_an_error(line: str, value: str) -> None:
    expected = [f"{FLOW}: YAML reads the Python version {value} as a number"] if value else []
    assert bad("ci.python-version", with_flow(line)) == expected


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("  - uses: actions/checkout@v5", ""),
        ("  - uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3", ""),
        ("  - uses: azure/login@master", "azure/login from its branch master"),
        ("  - uses: org/repo/.github/workflows/x.yml@main", "org/repo/.github/workflows/x.yml from its branch main"),
        ("  - uses: ./local", ""),
    ],
)
def test_an_action_by_a_branch_is_told(line: str, at: str) -> None:
    assert bad("ci.pinned", with_flow(line)) == ([f"{FLOW} uses {at}"] if at else [])


@pytest.mark.parametrize(
    "id", ["ci.secret-literals", "ci.prints-secrets", "ci.retired-runners", "ci.python-version", "ci.pinned"]
)
def test_without_pipelines_there_is_nothing_to_say(id: str) -> None:
    assert found(id, healthy(files={}))[0] == Finding(id, Status.SKIPPED, "there are no pipelines in this repo")
