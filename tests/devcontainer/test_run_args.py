"""Arguments of `docker run`, in every way of writing them."""

from __future__ import annotations

import pytest

from devcontainer.run_args import Option, inside_repo, options


def test_an_option_has_its_value_behind_an_equals_sign_or_in_the_next_argument() -> None:
    args = ["--env-file", ".env", "--env-file=x.env", "--init", "-e", "A=b", "-eC=d", "--env=E", 7, "image", "--last"]
    assert options(args) == [
        Option("--env-file", ".env", 0, 2),
        Option("--env-file", "x.env", 2, 1),
        Option("--init", "", 3, 1),
        Option("-e", "A=b", 4, 2),
        Option("-e", "C=d", 6, 1),
        Option("--env", "E", 7, 1),
        Option("--last", "", 10, 1),
    ]


def test_two_words_in_one_argument_are_read_as_they_were_meant() -> None:
    assert options(["--env-file .env", "-e A=b", "--tmpfs", "--init", "--x="]) == [
        Option("--env-file", ".env", 0, 1),
        Option("-e", "A=b", 1, 1),
        Option("--tmpfs", "", 2, 1),
        Option("--init", "", 3, 1),
        Option("--x", "", 4, 1),
    ]


def test_variables_and_build_arguments_are_split_at_the_first_equals_sign() -> None:
    found = options(["-e", "A=b=c", "--env", "B", "--env=C=", "--build-arg", "D=e", "-e"])
    assert [option.variable for option in found] == [("A", "b=c"), ("B", None), ("C", ""), None, None]
    assert [option.build_arg for option in found] == [None, None, None, ("D", "e"), None]


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        (".env", True),
        ("./config/../.env", True),
        (".devcontainer/devcontainer.env", True),
        ("${localWorkspaceFolder}/.env", True),
        ("config\\.env", True),
        ("a/../../.env", False),
        ("../.env", False),
        ("${localWorkspaceFolder}/../.env", False),
        ("/run/user/1000/x.env", False),
        ("~/x.env", False),
        ("${localEnv:HOME}/x.env", False),
        ("C:\\Users\\x.env", False),
        ("\\\\server\\x.env", False),
    ],
)
def test_a_path_inside_the_repo_is_told_from_one_outside(path: str, inside: bool) -> None:
    assert inside_repo(path) is inside
