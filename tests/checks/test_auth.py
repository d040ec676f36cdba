"""The log-in: what is written here, what the environment says, what the workspace says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks import Evidence, Finding, Platform, Ran, Remedy, Reply, Stat, Status
from tests.fakes import NOW, FakeWorld
from tests.healthy import ENTRY, HOST, KNOCK, ME, PROJECT, TOKENS, answer, found, healthy

CFG = "~/.databrickscfg"


def with_config(data: bytes | str | None, **changed: Any) -> FakeWorld:
    world = healthy(**changed)
    if data is None:
        del world.files[CFG]
    else:
        world.files[CFG] = data
    return world


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbf[DEV]\nhost = x\n", "it begins with a byte order mark (BOM)"),
        ("[DEV]\nhost = a\n[DEV]\n", "the profile [DEV] is there twice"),
        ("[DEV]\nhost = a\nhost = b\n", "the key host is twice in [DEV]"),
        ("host = a\n[DEV]\n", "a key stands before the first [profile]"),
        ("[DEV]\nhello\n", "a line is neither a [profile] nor key = value"),
        (b"[DEV]\nhost = \xff\n", "it is not UTF-8"),
    ],
)
def test_a_file_that_the_python_sdk_cannot_read_is_an_error_with_its_line(data: bytes | str, text: str) -> None:
    (finding,) = found("auth.config-file", with_config(data))
    assert finding.status is Status.ERROR
    assert finding.text == f"{CFG} cannot be read by the Python clients: {text}"
    assert finding.evidence[0].what.startswith(f"{CFG}:")


def test_a_missing_file_is_an_error_only_where_a_profile_is_used() -> None:
    assert found("auth.config-file", with_config(None)) == (
        Finding(
            "auth.config-file",
            Status.ERROR,
            f"{CFG} is not there, and this project logs in by its profile DEV",
            about=CFG,
            evidence=(Evidence(CFG, "not there"),),
            remedy=Remedy("Write the profile anew.", ("mlops-wizard setup --only auth",), "auth"),
        ),
    )
    world = with_config(None, project=replace(PROJECT, profile=""))
    assert found("auth.config-file", world)[0].status is Status.SKIPPED


def test_the_file_that_the_environment_names_is_the_one() -> None:
    world = with_config(None, env={"DATABRICKS_CONFIG_FILE": "/etc/cfg"})
    world.files["/etc/cfg"] = "[DEV]\nhost = a\n"
    assert found("auth.config-file", world)[0].text == "/etc/cfg is well-formed"


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (f"[DEV]\nhost = {HOST}/?o=1\n", ["profile DEV names the workspace"]),
        ("[PROD]\nhost = a\n[__settings__]\ndefault_profile = DEV\n", [f"{CFG} has no profile DEV"]),
        ("[DEV]\ncluster_id = 1\n", ["profile DEV: it names no host"]),
        (
            "[DEV]\nhost = https://other.cloud.databricks.com\n",
            [f"profile DEV: its host is https://other.cloud.databricks.com, the project's is {HOST}"],
        ),
        (
            f"[DEV]\nhost = {HOST}\ncluster_id = 1\nserverless_compute_id = auto\n",
            ["profile DEV: it has both cluster_id and serverless_compute_id, of which a client takes one"],
        ),
        (
            f"[DEV]\nhost = {HOST}\ntoken = abcdefgh\nclient_secret = x\n",
            ["profile DEV: it has more than one way to log in (pat, oauth) and no auth_type"],
        ),
    ],
)
def test_the_profile_names_the_workspace_and_is_of_one_piece(data: str, texts: list[str]) -> None:
    findings = found("auth.profile", with_config(data))
    assert [f.text for f in findings] == texts
    assert "abcdefgh" not in repr(findings)


@pytest.mark.parametrize(
    ("env", "status", "abouts"),
    [
        ({}, Status.OK, [""]),
        ({"DATABRICKS_HOST": HOST + "/"}, Status.OK, [""]),
        ({"DATABRICKS_CONFIG_PROFILE": "DEV"}, Status.OK, [""]),
        ({"DATABRICKS_HOST": "https://prod.cloud.databricks.com"}, Status.WARNING, ["DATABRICKS_HOST"]),
        ({"DATABRICKS_TOKEN": "x"}, Status.WARNING, ["DATABRICKS_TOKEN"]),
        ({"SPARK_REMOTE": "sc://localhost"}, Status.WARNING, ["SPARK_REMOTE"]),
        (
            {"DATABRICKS_TOKEN": "x", "DATABRICKS_CLIENT_SECRET": "y"},
            Status.ERROR,
            ["DATABRICKS_TOKEN, DATABRICKS_CLIENT_SECRET"],
        ),
        (
            {"DATABRICKS_TOKEN": "x", "DATABRICKS_CLIENT_SECRET": "y", "DATABRICKS_AUTH_TYPE": "pat"},
            Status.WARNING,
            ["DATABRICKS_AUTH_TYPE", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET"],
        ),
    ],
)
def test_the_environment_that_beats_the_profile_is_named(
    env: dict[str, str], status: Status, abouts: list[str]
) -> None:
    findings = found("auth.shadowed", healthy(env=env))
    assert {f.status for f in findings} == {status}
    assert [f.about for f in findings] == abouts


def test_without_a_profile_the_environment_is_the_log_in() -> None:
    world = healthy(env={"DATABRICKS_HOST": "https://x", "DATABRICKS_TOKEN": "y"}, project=replace(PROJECT, profile=""))
    assert found("auth.shadowed", world)[0].status is Status.OK


def test_the_remedy_unsets_in_the_words_of_this_system() -> None:
    world = healthy(env={"SPARK_REMOTE": "sc://x"}, platform=Platform("windows"))
    (finding,) = found("auth.shadowed", world)
    assert finding.remedy is not None
    assert finding.remedy.commands == ("Remove-Item Env:SPARK_REMOTE",)


def test_a_token_in_clear_text_is_named_and_not_shown() -> None:
    world = with_config("[DEV]\nhost = x\ntoken = hunter2hunter2\n[CI]\nclient_secret = hunter3\n[DEFAULT]\n")
    world.stats[CFG] = Stat(10, 0o600, 0.0)
    findings = found("auth.plain-token", world)
    assert [(f.status, f.text) for f in findings] == [
        (Status.WARNING, "profile DEV holds its token in clear text"),
        (Status.WARNING, "profile CI holds its client_secret in clear text"),
    ]
    assert "hunter" not in repr(findings)
    world.stats[CFG] = Stat(10, 0o644, 0.0)
    last = found("auth.plain-token", world)[-1]
    assert (last.status, last.remedy and last.remedy.commands) == (
        Status.ERROR,
        ("chmod 600 /home/ada/.databrickscfg",),
    )


def test_a_browser_log_in_without_a_browser_is_told_beforehand() -> None:
    data = f"[DEV]\nhost = {HOST}\nauth_type = external-browser\n"
    (finding,) = found("auth.browser", with_config(data))
    assert (finding.status, finding.text) == (
        Status.WARNING,
        "profile DEV logs in by browser, and none can be opened here",
    )
    assert found("auth.browser", with_config(data, env={"BROWSER": "firefox"}))[0].status is Status.OK
    assert found("auth.browser", with_config(data, programs={("wslview",): Ran(0)}))[0].status is Status.OK
    assert found("auth.browser", healthy())[0].status is Status.SKIPPED


HTML = "<!DOCTYPE html><html>log in</html>"


def with_reply(url: str, reply: Reply) -> FakeWorld:
    world = healthy()
    world.replies[url] = reply
    return world


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        (answer({"userName": "ada"}), Status.OK, "logged in as ada"),
        (
            Reply(401, ""),
            Status.ERROR,
            "the workspace does not accept the token: it is expired, revoked or of another workspace",
        ),
        (
            answer({"message": "Invalid access token."}, 403),
            Status.ERROR,
            "the workspace does not accept the token: it is expired, revoked or of another workspace",
        ),
        (
            answer({"message": "Source IP address: 1.2.3.4 is blocked by Databricks IP ACL for workspace: 1"}, 403),
            Status.ERROR,
            "the workspace refuses this machine's address (IP access list)",
        ),
        (answer({"message": "not for you"}, 403), Status.UNKNOWN, "the token is not allowed to ask who it belongs to"),
        (
            Reply(200, HTML),
            Status.UNKNOWN,
            "something else answers in the workspace's place (HTTP 200, a web page)",
        ),
        (
            Reply(403, HTML),
            Status.UNKNOWN,
            "something else answers in the workspace's place (HTTP 403, a web page)",
        ),
        (
            Reply(302, "", {"location": "https://login.corp/x"}),
            Status.UNKNOWN,
            "something else answers in the workspace's place (HTTP 302, a redirect to https://login.corp/x)",
        ),
        (Reply(503, "{}"), Status.UNKNOWN, "the workspace is in trouble (HTTP 503); try again"),
        (Reply(429, "{}"), Status.UNKNOWN, "the workspace is in trouble (HTTP 429); try again"),
        (Reply(404, "{}"), Status.ERROR, "this host answers like no workspace (HTTP 404)"),
        (Reply(200, "[1]"), Status.UNKNOWN, "the workspace answers with something that is no JSON object"),
        (
            Reply(0, problem="no connection", hop="tcp"),
            Status.UNKNOWN,
            "the workspace could not be asked: no connection",
        ),
        (Reply(0, problem="none", hop="auth"), Status.ERROR, "the token is not in the store any more"),
    ],
)
def test_the_refusals_of_a_workspace_are_told_apart(reply: Reply, status: Status, text: str) -> None:
    world = with_reply(ME, reply)
    (finding,) = found("auth.token-accepted", world)
    assert (finding.status, finding.text) == (status, text)
    assert world.asked == [(ME, ENTRY)]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"offline": True}, "offline: the network was not asked"),
        ({"trusted": False}, "this repo is not trusted yet; mlops-wizard trust"),
        ({"project": replace(PROJECT, host="")}, "no workspace is known for this repo yet"),
        ({"project": replace(PROJECT, token="")}, "no token of this workspace is kept in the store"),
    ],
)
def test_the_workspace_is_asked_only_where_it_may_be(changed: dict[str, Any], text: str) -> None:
    world = healthy(**changed)
    (finding,) = found("auth.token-accepted", world)
    assert (finding.status, finding.text, world.asked) == (Status.SKIPPED, text, [])


def test_another_workspace_than_the_one_that_was_meant_is_an_error() -> None:
    world = with_reply(ME, answer({"userName": "ada"}, x_databricks_org_id="42"))
    assert found("auth.right-workspace", world) == (
        Finding(
            "auth.right-workspace",
            Status.ERROR,
            "this is workspace 42; the set-up means 984752964297111",
            about=HOST,
            evidence=(Evidence(f"GET {ME}: X-Databricks-Org-Id", "42"),),
            remedy=Remedy("Set the right host.", ("mlops-wizard setup --only auth",), "auth"),
        ),
    )
    world = with_reply(ME, answer({"userName": "ada"}))
    assert found("auth.right-workspace", world)[0].status is Status.UNKNOWN


def test_a_token_that_another_workspace_refuses_is_told_so() -> None:
    reply = answer({"message": "Invalid access token."}, 403, x_databricks_org_id="42")
    (finding,) = found("auth.token-accepted", with_reply(ME, reply))
    assert (finding.status, finding.text) == (
        Status.ERROR,
        "workspace 42 answers here; the set-up means 984752964297111, and its token is not accepted",
    )


def tokens(**days: float) -> Reply:
    infos = [
        {"comment": name, "expiry_time": int((NOW + timedelta(days=d)).timestamp() * 1000)} for name, d in days.items()
    ]
    return answer({"token_infos": infos})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (tokens(a=40), [(Status.OK, "no token of yours ends within 14 days")]),
        (
            tokens(laptop=3.5, ci=60, old=-1, now=0.2),
            [
                (Status.WARNING, "your token “old” has ended"),
                (Status.WARNING, "your token “now” ends today"),
                (Status.WARNING, "your token “laptop” ends in 3 days"),
            ],
        ),
        (
            Reply(403, "{}"),
            [(Status.UNKNOWN, "when the token ends cannot be told: the workspace does not list tokens (HTTP 403)")],
        ),
        (answer({"token_infos": "?"}), [(Status.OK, "no token of yours ends within 14 days")]),
    ],
)
def test_a_token_that_ends_within_14_days_is_named(reply: Reply, expected: list[tuple[Status, str]]) -> None:
    assert [(f.status, f.text) for f in found("auth.token-expiry", with_reply(TOKENS, reply))] == expected


@pytest.mark.parametrize(
    ("seconds", "status", "text"),
    [
        (0, Status.OK, "the clock agrees with the workspace's"),
        (-90, Status.WARNING, "this machine's clock is 90 s behind the workspace's"),
        (600, Status.ERROR, "this machine's clock is 10 min ahead of the workspace's"),
        (86400, Status.ERROR, "this machine's clock is 24 h ahead of the workspace's"),
    ],
)
def test_a_clock_that_is_off_is_told(seconds: int, status: Status, text: str) -> None:
    world = healthy(clock=NOW + timedelta(seconds=seconds))
    world.replies[KNOCK] = answer({}, date="Sat, 21 Nov 2026 12:00:00 GMT")
    (finding,) = found("auth.clock", world)
    assert (finding.status, finding.text) == (status, text)


def test_a_server_without_a_clock_is_unknown() -> None:
    assert found("auth.clock", with_reply(KNOCK, answer({})))[0].status is Status.UNKNOWN
    assert found("auth.clock", with_reply(KNOCK, answer({}, date="yesterday")))[0].status is Status.UNKNOWN
