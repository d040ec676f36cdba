"""Blueprints: the shipped one, a team's file laid over it, and errors that name line and key."""

from __future__ import annotations

import pytest

from tests.fakes import FakeWorld
from wizard.blueprint import BlueprintProblem, load, parse, recognise, shipped

ID = "azure-databricks-devcontainer"


def test_the_reference_shape_is_shipped_and_spells_the_variables_as_the_guide_does() -> None:
    assert shipped() == (ID,)
    names = [(r.variable.name, r.variable.secret, r.variable.alias) for r in load(ID).rules]
    assert names == [
        ("PYTHONPATH", False, ""),
        ("DATABRICKS_HOST", False, ""),
        ("DATABRICKS_ORDGID", False, "DATABRICKS_ORG_ID"),
        ("DATABRICKS_TOKEN", True, ""),
        ("APPI_IK", True, ""),
    ]


def test_a_team_file_extends_one_and_overrides_anything() -> None:
    found = parse(
        f'schema = 1\nextends = "{ID}"\ntitle = "Ours"\n'
        '[target.dev]\nhost = "https://adb-1.2.azuredatabricks.net"\n'
        '[[variable]]\nname = "MLFLOW_EXPERIMENT"\nvalue = "/Shared/x"\n[devcontainer]\nextensions = ["a.b"]\n'
    )
    assert (found.id, found.title, found.target("dev").host) == (ID, "Ours", "https://adb-1.2.azuredatabricks.net")
    assert found.rules[-1].variable.name == "MLFLOW_EXPERIMENT"
    assert found.container.extensions[-1] == "a.b"
    assert found.tools == load(ID).tools


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema = 2", "line 1, key schema"),
        ("nonsense = 1", "line 1, key nonsense"),
        ('\n[[tool]]\nid = "x"\nprob = []', "line 4, key prob"),
        ("[[tool]]\nid = 7", "line 2, key id"),
        ('[[variable]]\nname = "A B"', "line 2, key name"),
        ('[[variable]]\nname = "A"\nmatch = "("', "line 3, key match"),
        ('extends = "nothing"', "There is no blueprint 'nothing'"),
        ("a = ", "not valid TOML"),
        ("tool = 1", "a list of tables is wanted"),
        ('[target]\ndev = "x"', "a table is wanted"),
    ],
)
def test_what_cannot_be_meant_is_named_with_line_and_key(text: str, words: str) -> None:
    with pytest.raises(BlueprintProblem) as caught:
        parse(text, "mlops-wizard.toml")
    assert words in str(caught.value)


def test_a_repo_is_recognised_from_its_files_and_says_from_which() -> None:
    world = FakeWorld(
        files={".devcontainer/devcontainer.json": "{}", "src/modules/x.py": "", "workspace.code-workspace": ""}
    )
    assert recognise(world) == (ID, ".devcontainer/devcontainer.json, src/modules, workspace.code-workspace")
    assert recognise(FakeWorld(files={"README.md": ""})) == ("", "")


def test_an_unknown_target_names_those_that_there_are() -> None:
    with pytest.raises(BlueprintProblem, match="it knows: dev"):
        load(ID).target("prod")
