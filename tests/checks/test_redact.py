"""Secrets of every shape vanish; what a report is read for stays."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import Evidence, Finding, Remedy, Status
from checks.redact import MASK, plain, redact, secret_name, secret_shaped, secrets_in, shown

HEX = "0123456789abcdef" * 2
PAT = "dapi" + HEX
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw" + "=="
JWT = "eyJhbGciOiJSUzI1NiJ9." + "eyJzdWIiOiJhZGEifQ." + "c2lnbmF0dXJlc2lnbmF0dXJl"
UUID = "4f1bc772-7792-4285-99d9-3463b8d7f994"

SECRETS = [
    (PAT, HEX),
    (PAT + "-3", HEX),
    ("dose" + HEX, HEX),
    ("doau" + HEX[:20], HEX[:20]),
    (f"curl%20dapi{HEX}", HEX),
    (f'{{"t":"x\\ndapi{HEX}"}}', HEX),
    (f"dapi{HEX[:10]}\n{HEX[10:]}", HEX[10:]),
    (f"│ dapi{HEX[:10]} │\n│ {HEX[10:]} │", HEX[10:]),
    (f"\x1b[31mdapi\x1b[0m{HEX}", HEX),
    (f"dapi\u200b{HEX}", HEX),
    ("ghp_" + "a1B2" * 9, "a1B2a1B2"),
    ("github_pat_" + "a1B2" * 9, "a1B2a1B2"),
    ("AKIA" + "ABCD1234" * 2, "ABCD1234"),
    ("aws_secret_access_key = wJalrXUtnFEMIbPxRfiCYabcd", "wJalr"),
    ("aws_session_token=IQoJb3JpZ2luX2VjEJr", "IQoJ"),
    (JWT, "c2lnbmF0dXJl"),
    (f"AccountName=x;AccountKey={KEY};EndpointSuffix=core", KEY[:20]),
    (KEY, KEY[:20]),
    ("https://x.blob.core.windows.net/c?sv=2024&sig=abc%2Fdef%3D&se=2026", "abc%2Fdef"),
    (f"InstrumentationKey={UUID};IngestionEndpoint=https://x", UUID),
    ("abc8Q~" + "aB3_" * 8, "aB3_aB3_"),
    ("a2b3c4d5e6f7g2h3i4j5k6l7m2n3o4p5q6r7s2t3u4v5w6x7y2z3", "a2b3c4"),
    ("A1b2" * 19 + "AZDO" + "Ab12", "A1b2A1b2"),
    ("glpat-" + "a1B2" * 6, "a1B2a1B2"),
    ("xoxb-" + "12345-abcde-fghij", "abcde"),
    ("npm_" + "a1B2" * 9, "a1B2a1B2"),
    ("sk-ant-" + "a1B2" * 9, "a1B2a1B2"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEow cut off", "MIIEow"),
    ("Authorization: Basic dG9rZW46aHVudGVyMg==", "dG9rZW4"),
    ("authorization: Bearer opaque-token-123", "opaque"),
    ("Bearer abcDEF123456789012", "abcDEF"),
    ("https://ada:hunter2@github.com/x", "hunter2"),
    ("postgres://ada:p@ss@host/db", "p@ss"),
    ("curl -u ada:hunter2 https://x", "hunter2"),
    ("mytool --password hunter2hunter", "hunter2"),
    ("mytool --api-key=hunter2hunter", "hunter2"),
    ("DATABRICKS_TOKEN=hunter2hunter", "hunter2"),
    ('"client_secret": "hunter two three"', "hunter"),
    ("'password': 'it\\'s hunter2'", "hunter2"),
    ("password: correcthorse", "correcthorse"),
    ("token = u'hunter2hunter'", "hunter2"),
    ("Server=x;Password=hunter2hunter;Database=y", "hunter2"),
    ("GET /cb?code=abcdef12345&state=x", "abcdef12345"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_of_this_shape_vanishes(text: str, secret: str) -> None:
    assert secret not in shown(text)
    assert MASK in shown(text)


CONTROLS = [
    "commit 4f1bc772779242859999d93463b8d7f994abcdef",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    UUID,
    "cluster 1120-221530-abcd1234",
    "workspace 984752964297111",
    "https://adb-984752964297111.11.azuredatabricks.net/?o=984752964297111",
    '"integrity": "sha512-' + "Ab3+" * 21 + 'Ab==",',
    "golang.org/x/text v0.3.0 h1:" + "Ab3+" * 10 + "Ab3=",
    "token_type: Bearer",
    'token_endpoint = "https://x/oidc/v1/token"',
    "DATABRICKS_TOKEN is not in the store",
    "DATABRICKS_TOKEN=${DATABRICKS_TOKEN}",
    "TOKEN=$(az account get-access-token)",
    "password: <your password>",
    "token: expired",
    "auth.token-accepted: refused",
    "secret = None",
    "Basic authentication is off",
    "https://ada@host/path",
    "15.4.x-scala2.12",
    "dapi is a prefix",
    "the keyring does not answer",
    "/home/ada/.databrickscfg",
    "run at 12:30:05, took 3.2 s",
    "python -m pip install 'databricks-connect==15.4.*'",
]


@pytest.mark.parametrize("text", CONTROLS)
def test_what_a_report_is_read_for_stays(text: str) -> None:
    assert shown(text) == text
    assert not secret_shaped(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("a\x9b31mb", "ab"),
        ("a\rb\x08c\x00", "abc"),
        ("\u202eevil\u2066", "evil"),
        ("a\tb\nc", "a\tb\nc"),
        ("\ud800", "\ufffd"),
        ("\x1b(Bx\x1b7y", "xy"),
        ("x\x1b[", "x"),
    ],
)
def test_terminal_escapes_and_controls_are_taken_out(text: str, left: str) -> None:
    assert plain(text) == left


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_whatever_comes_can_be_shown_encoded_and_shown_again(text: str) -> None:
    once = shown(text)
    once.encode("utf-8")
    assert "\x1b" not in once
    assert plain(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "x hunter two! y",
        base64.b64encode(b"hunter two!").decode(),
        "?p=hunter%20two%21",
        "hunter\n two!",
        "│ hunter t│\n│wo! │",
    ],
)
def test_a_known_value_vanishes_in_every_form(text: str) -> None:
    masked = redact(text, known=("hunter two!",))
    assert "hunter" not in masked
    assert MASK in masked


def test_each_line_of_a_known_value_of_many_lines_vanishes() -> None:
    assert redact("second-line-of-it", known=("first-line-of-it\nsecond-line-of-it\n",)) == MASK


def test_a_known_value_that_is_too_short_to_tell_is_left() -> None:
    assert redact("abc", known=("abc", "")) == "abc"


def test_a_long_text_loses_its_middle_after_it_was_redacted() -> None:
    text = shown("a" * 3_000 + PAT + "b" * 3_000)
    assert len(text) < 4_100
    assert HEX not in text
    assert "characters left out" in text


HOSTILE = {
    "names": "token=" * 30_000,
    "prefixes": "password_" * 20_000,
    "dashes": "-" * 100_000,
    "escapes": "\x1b]" * 50_000,
    "urls": "://a:" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_does_not_hold_a_check(text: str) -> None:
    assert len(shown(text)) <= len(text) + 100


def test_findings_evidence_and_remedies_are_clean_when_they_are_born() -> None:
    finding = Finding(
        "a.b",
        Status.ERROR,
        f"\x1b[31m{PAT}",
        about=PAT,
        evidence=(Evidence(PAT, PAT),),
        remedy=Remedy(PAT, ("echo \x1b[31mx",)),
    )
    assert HEX not in repr(finding)
    assert finding.remedy is not None
    assert finding.remedy.commands == ("echo x",)


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("DATABRICKS_TOKEN", True),
        ("APPI_IK", True),
        ("storage-key", True),
        ("ARM_CLIENT_SECRET", True),
        ("PAT_GIT", True),
        ("accountKey", True),
        ("DATABRICKS_HOST", False),
        ("PATH", False),
        ("PYTHONPATH", False),
        ("KEYBOARD", False),
    ],
)
def test_names_of_secrets_are_known(name: str, is_secret: bool) -> None:
    assert secret_name(name) is is_secret


def test_secrets_in_a_file_are_told_by_line_and_kind() -> None:
    text = f"a\nx = {PAT}\n\n{JWT}\nAKIAIOSFODNN7EXAMPLE\n"
    assert secrets_in(text) == ((2, "Databricks token"), (4, "JWT"))
