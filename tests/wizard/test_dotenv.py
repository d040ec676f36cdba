"""`.env`: every byte that was not meant to change stays, and no secret is ever assigned."""

from __future__ import annotations

import io

import dotenv as python_dotenv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.dotenv import Assignment, DotenvProblem, assignments, encode, update

TOKEN = "# DATABRICKS_TOKEN: a secret, kept in the OS keyring."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "A=1\n"),
        ("A=1\n", "A=1\n"),
        ("A=1", "A=1"),
        ("B=2", "B=2\nA=1\n"),
        ("B=2\r\n", "B=2\r\nA=1\r\n"),
        ("\ufeffA=0\r\n# c\r\n", "\ufeffA=1\r\n# c\r\n"),
        ("export A=0 # why\nB=2\n", "A=1\nB=2\n"),
        ("A = 0\n", "A=1\n"),
        ("A=0\nB=2\nA=3\n", "A=1\nB=2\nA=1\n"),
        ("B='x\nA=0\ny'\n", "B='x\nA=0\ny'\nA=1\n"),
        ("# A=0\n", "# A=0\nA=1\n"),
        ("A='1'\n", "A=1\n"),
    ],
)
def test_a_value_is_set_where_it_stands_or_at_the_end(before: str, after: str) -> None:
    assert update(before, {"A": "1"}, {}) == after
    assert update(after, {"A": "1"}, {}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{TOKEN}\n"),
        (f"{TOKEN}\n", f"{TOKEN}\n"),
        ("DATABRICKS_TOKEN= \nB=2\n", f"{TOKEN}\nB=2\n"),
        ("export DATABRICKS_TOKEN=dapi0\r\n", f"{TOKEN}\r\n"),
        ("# DATABRICKS_TOKEN: a secret, kept elsewhere.\n", f"{TOKEN}\n"),
    ],
)
def test_a_secret_becomes_one_comment_and_never_an_assignment(before: str, after: str) -> None:
    assert update(before, {}, {"DATABRICKS_TOKEN": TOKEN}) == after
    assert update(after, {}, {"DATABRICKS_TOKEN": TOKEN}) == after
    assert not [a for a in assignments(after) if a.name == "DATABRICKS_TOKEN"]


@pytest.mark.parametrize("value", ["a'b", "a\\", "a\nb", "${X}", "$x"])
def test_a_value_without_a_form_that_all_readers_share_is_refused_by_name(value: str) -> None:
    with pytest.raises(DotenvProblem, match="NAME"):
        encode("NAME", value)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=30))
def test_what_is_encoded_is_what_python_dotenv_reads(value: str) -> None:
    try:
        line = f"NAME={encode('NAME', value)}\n"
    except DotenvProblem:
        return
    read = python_dotenv.dotenv_values(stream=io.StringIO(line), interpolate=False)
    assert read == {"NAME": value}


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing_and_an_update_is_stable(text: str) -> None:
    once = update(text, {"ZZZ_NEW": "1"}, {})
    assert update(once, {"ZZZ_NEW": "1"}, {}) == once


def test_an_assignment_knows_its_line() -> None:
    assert assignments("# c\nA=1\nB='two'\n") == (Assignment("A", "1", 2, 4, 7), Assignment("B", "two", 3, 8, 15))


def test_a_secret_whose_comment_is_there_already_leaves_no_second_one_and_no_empty_line() -> None:
    comment = "# T: a secret. Its place is the OS keyring."
    once = f"A=1\r\n{comment}\r\n"
    assert update(f"{once}T=x\r\nB=2\r\nT=y", {}, {"T": comment}) == f"{once}B=2\r\n"
    assert update(f"\ufeff{comment}\n", {}, {"T": comment}) == f"\ufeff{comment}\n"


def test_a_lone_carriage_return_is_no_end_of_a_line() -> None:
    assert update("\r", {"A": "1"}, {}) == "\r\nA=1\n"
