"""Minted tokens: asked for once, kept in the store, refused ones remembered, answers checked."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.exec_hook import HOOK, SECRET, Machine, Workspace, certificate, machine, workspace
from wizard.hook.oauth import parse_time
from wizard.index import Index
from wizard.secret import Entry, Secret
from wizard.stores.plain import PlainStore

__all__ = ["certificate", "machine", "workspace"]

pytestmark = pytest.mark.skipif(not HOOK.exists(), reason="the console script mlops-wizard-databricks is not installed")


def test_a_service_principals_token_is_minted_once_and_kept_in_the_store(
    machine: Machine, workspace: Workspace
) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="other")
    first = machine.token("--profile", "m2m")
    assert first["access_token"] == "minted-1"
    ((form, basic),) = workspace.forms
    assert form == "grant_type=client_credentials&scope=all-apis"
    assert basic.startswith("Basic ")
    assert machine.token("--profile", "m2m") == first
    assert machine.token("--profile", "m2m", "--force-refresh") == first
    assert machine.token("--profile", "dev")["access_token"] == "minted-2"
    on_disk = [path for path in Path(machine.state).rglob("*") if path.is_file() and b"minted" in path.read_bytes()]
    assert [path.name for path in on_disk] == ["secrets.json"]
    assert Index(machine.state).find(Entry(workspace.place, "DATABRICKS_OAUTH").service) is not None


def test_one_that_has_less_than_its_spare_time_left_is_not_given_again(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    machine.token("--profile", "m2m")
    entry = Entry(workspace.place, "DATABRICKS_OAUTH").service
    now = json.loads((PlainStore(machine.state).get(entry) or Secret("{}")).reveal())
    times = {"issued": -56, "expiry": 4}
    late = {name: (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat() for name, minutes in times.items()}
    PlainStore(machine.state).put(entry, Secret(json.dumps({**now, **late})))
    assert machine.token("--profile", "m2m")["access_token"] == "minted-2"
    old = (datetime.now(UTC) - timedelta(minutes=6)).isoformat()
    now = json.loads((PlainStore(machine.state).get(entry) or Secret("{}")).reveal())
    PlainStore(machine.state).put(entry, Secret(json.dumps({**now, "issued": old})))
    assert machine.token("--profile", "m2m")["access_token"] == "minted-2"
    assert machine.token("--profile", "m2m", "--force-refresh")["access_token"] == "minted-3"


def test_many_processes_that_start_at_once_ask_the_workspace_once(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    argv = [str(HOOK), "auth", "token", "--profile", "m2m", "--force-refresh"]
    asking = [subprocess.Popen(argv, env=machine.env, stdout=subprocess.PIPE) for _ in range(8)]
    assert {json.loads(one.communicate()[0])["access_token"] for one in asking} == {"minted-1"}
    assert len(workspace.forms) == 1


def test_a_refused_secret_is_not_tried_again_and_again_but_a_new_one_is(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    workspace.status, workspace.body = 401, b'{"error": "invalid_client", "error_description": "\\u001b canary"}'
    assert "does not accept this log-in (invalid_client); log in again" in machine.refusal("--profile", "m2m")
    assert "refused this log-in at" in machine.refusal("--profile", "m2m")
    assert len(workspace.forms) == 1
    workspace.status, workspace.body = 200, None
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET + "new", client_id="robot")
    assert machine.token("--profile", "m2m")["access_token"] == "minted-2"


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (403, b"", "denies access from here (403)"),
        (429, b"", "answers 429; try again"),
        (503, b"<html>", "answers 503; try again"),
        (400, b'{"error": "\\u001b[2J"}', "answers 400; see"),
        (200, b"<html>", "did not answer with a token"),
        (200, b"[]", "did not answer with a token"),
        (200, b'{"access_token": 1, "expires_in": 3600}', "did not answer with a token"),
        (200, b'{"access_token": "a\\nb", "expires_in": 3600}', "did not answer with a token"),
        (200, b'{"access_token": "a", "expires_in": "3600"}', "did not answer with a token"),
        (200, b'{"access_token": "a", "expires_in": 1e99}', "did not answer with a token"),
        (200, b'{"access_token": "a", "token_type": "mac"}', "did not answer with a token"),
        (200, b"[" * 100_000, "did not answer with a token"),
        (200, b" " * 300_000, "did not answer with a token"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_answers_that_are_no_token_are_told_apart(
    machine: Machine, workspace: Workspace, status: int, body: bytes, text: str
) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    workspace.status, workspace.body = status, body
    assert text in machine.refusal("--profile", "m2m")
    assert machine.kept(workspace.place, "DATABRICKS_OAUTH") is None


def test_a_redirect_is_not_followed(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    workspace.status, workspace.body, workspace.headers = 307, b"", {"Location": f"{workspace.url}/oidc/v1/token?again"}
    assert "sends token requests elsewhere (307)" in machine.refusal("--profile", "m2m")
    assert len(workspace.forms) == 1


def test_a_certificate_that_is_not_trusted_is_said(machine: Machine, workspace: Workspace, tmp_path: Path) -> None:
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    told = machine.refusal("--profile", "m2m", REQUESTS_CA_BUNDLE="", SSL_CERT_FILE="")
    assert "is not trusted here; name your CA bundle in REQUESTS_CA_BUNDLE" in told
    assert "cannot be read" in machine.refusal("--profile", "m2m", REQUESTS_CA_BUNDLE=str(tmp_path / "none"))
    assert workspace.forms == []


def test_a_refresh_token_is_used_once_and_its_successor_kept(machine: Machine, workspace: Workspace) -> None:
    machine.keep(
        workspace.place, "DATABRICKS_OAUTH", json.dumps({"client_id": "databricks-cli", "refresh_token": "r1"})
    )
    workspace.refresh = "r2"
    assert machine.token("--profile", "dev")["access_token"] == "minted-1"
    assert workspace.forms == [("grant_type=refresh_token&refresh_token=r1&client_id=databricks-cli", "")]
    kept = json.loads((machine.kept(workspace.place, "DATABRICKS_OAUTH") or Secret("{}")).reveal())
    assert (kept["refresh_token"], kept["access_token"]) == ("r2", "minted-1")
    assert machine.token("--profile", "dev")["access_token"] == "minted-1"


def test_a_refused_refresh_token_means_to_log_in_again(machine: Machine, workspace: Workspace) -> None:
    machine.keep(
        workspace.place, "DATABRICKS_OAUTH", json.dumps({"client_id": "databricks-cli", "refresh_token": "r1"})
    )
    workspace.status, workspace.body = 400, b'{"error": "invalid_grant"}'
    assert "(invalid_grant); log in again" in machine.refusal("--profile", "dev")
    assert "refused this log-in" in machine.refusal("--profile", "dev")
    assert len(workspace.forms) == 1


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"refresh_token": 1}'])
def test_an_entry_that_is_no_log_in_means_to_log_in_again(machine: Machine, workspace: Workspace, text: str) -> None:
    machine.keep(workspace.place, "DATABRICKS_OAUTH", text or " ")
    assert "has ended; log in again" in machine.refusal("--profile", "dev")


def test_times_are_read_as_they_are_written() -> None:
    assert parse_time("2026-01-02T03:04:05Z") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse_time("2026-01-02T03:04:05") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse_time("2026-01-02") == datetime(2026, 1, 3, tzinfo=UTC)
    assert parse_time("soon") is None
