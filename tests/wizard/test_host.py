"""A pasted address becomes the one form that all clients read alike, or a sentence."""

from __future__ import annotations

import pytest

from wizard import host

PLACE = "https://adb-7936878321001673.13.azuredatabricks.net"


@pytest.mark.parametrize(
    ("typed", "url", "org", "dropped"),
    [
        (PLACE, PLACE, "7936878321001673", ""),
        (f"{PLACE}/", PLACE, "7936878321001673", ""),
        (f" {PLACE.upper()} ", PLACE, "7936878321001673", ""),
        (PLACE.removeprefix("https://"), PLACE, "7936878321001673", ""),
        (f"{PLACE}/?o=42#job/7", PLACE, "42", "?o=42#job/7"),
        (
            f"{PLACE}/browse/folders/1?o=7936878321001673",
            PLACE,
            "7936878321001673",
            "/browse/folders/1?o=7936878321001673",
        ),
        (f"{PLACE}:443", PLACE, "7936878321001673", ""),
        ("https://dbc-a1b2345c-d6e7.cloud.databricks.com", "https://dbc-a1b2345c-d6e7.cloud.databricks.com", "", ""),
        ("https://localhost:8443", "https://localhost:8443", "", ""),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443", "", ""),
        ("'https://localhost:1'", "https://localhost:1", "", ""),
    ],
)
def test_what_people_paste_is_understood(typed: str, url: str, org: str, dropped: str) -> None:
    assert host.read(typed) == host.Host(url, org, dropped)
    assert host.clean(typed) == url
    assert host.problem(typed) is None


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "empty"),
        ("http://adb-1.2.azuredatabricks.net", "encrypted"),
        ("https://adb-xxxx.xx.azuredatabricks.net", "placeholder"),
        ("https://your-staging-workspace.cloud.databricks.com", "placeholder"),
        ("https://<workspace>.azuredatabricks.net", "placeholder"),
        ("https://user:pw@adb-1.2.azuredatabricks.net", "password"),
        ("ftp://adb-1.2.azuredatabricks.net", "ftp"),
        ("adb", "whole host name"),
        ("https://a b.net", "not a host name"),
        ("https://host.net:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://" + "a" * 300 + ".net", "not a host name"),
        ("javascript:alert(1)", "address"),
        ("https://evil.net\r\nX: 1", "not a"),
    ],
)
def test_what_is_no_workspace_is_said_in_a_sentence(typed: str, word: str) -> None:
    problem = host.problem(typed)
    assert problem is not None
    assert word in problem
    assert host.clean(typed) == typed.strip()


def test_the_place_of_a_secret_is_the_host_and_its_port() -> None:
    assert host.place("https://localhost:8443") == "localhost:8443"
