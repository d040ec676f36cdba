"""`.databrickscfg`: one section is edited, every other byte stays, and what clients read differently is refused."""

from __future__ import annotations

import configparser

import pytest

from wizard.databrickscfg import ProfileProblem, edit, profiles

OLD = """; my profiles
[DEFAULT]
host = https://a.net   ; inline
token=dapi-not-ours

# production: careful
[prod]
Host : https://b.net
weird_key = keep me
"""


def test_a_new_section_goes_to_the_end_and_nothing_else_moves() -> None:
    assert edit(OLD, "dev", {"host": "https://c.net", "auth_type": "databricks-cli"}) == (
        OLD + "\n[dev]\nhost = https://c.net\nauth_type = databricks-cli\n"
    )


def test_an_existing_section_keeps_its_comments_and_unknown_keys() -> None:
    after = edit(OLD, "prod", {"host": "https://c.net", "cluster_id": "1"}, drop=("token",))
    assert after == OLD.replace("Host : https://b.net", "Host : https://c.net").replace(
        "weird_key = keep me\n", "weird_key = keep me\ncluster_id = 1\n"
    )
    assert "dapi-not-ours" in after


def test_a_dropped_key_is_dropped_from_its_section_alone() -> None:
    after = edit("[a]\ntoken = 1\n[b]\ntoken = 2\n", "b", {"host": "https://c.net"}, drop=("token",))
    assert profiles(after) == {"a": {"token": "1"}, "b": {"host": "https://c.net"}}


@pytest.mark.parametrize(
    "text", ["", OLD, OLD.replace("\n", "\r\n"), "[x]\nhost = https://x.net", "[__settings__]\nk = v\n"]
)
def test_editing_twice_is_editing_once_and_configparser_agrees(text: str) -> None:
    values = {"host": "https://c.net", "databricks_cli_path": "/a b/c"}
    once = edit(text, "dev", values)
    assert edit(once, "dev", values) == once
    assert ("\r\n" in once) is ("\r\n" in text)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(once)
    assert {k: parser["dev"][k] for k in values} == values


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("\ufeff[a]\n", "byte order mark"),
        ("[a]\nx=1\n[a]\n", "line 3"),
        ("[a]\nx=1\nX=2\n", "line 3"),
        ("x=1\n[a]\n", "line 1"),
    ],
)
def test_a_file_that_clients_read_differently_is_refused_with_its_line(text: str, word: str) -> None:
    with pytest.raises(ProfileProblem, match=word):
        edit(text, "dev", {"host": "https://c.net"})


@pytest.mark.parametrize("value", ["a\nb", " a", "a # b", "a ; b", "a\\", '"a"', "50%"])
def test_a_value_that_clients_read_differently_is_refused(value: str) -> None:
    with pytest.raises(ProfileProblem, match="host"):
        edit("", "dev", {"host": value})


@pytest.mark.parametrize("name", ["", "__settings__", "a]b", "a\nb"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ProfileProblem):
        edit("", name, {"host": "https://c.net"})
