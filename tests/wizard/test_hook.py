"""The Databricks exec hook: a token for the profile's host, from the store, to nobody else, and never on disk in clear."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pexpect
import pytest

from tests.exec_hook import HOOK, PAT, SECRET, Machine, Workspace, certificate, machine, workspace
from wizard.secret import Entry
from wizard.stores.plain import PlainStore

__all__ = ["certificate", "machine", "workspace"]

pytestmark = pytest.mark.skipif(not HOOK.exists(), reason="the console script mlops-wizard-databricks is not installed")


def test_the_version_is_in_the_go_clis_shape(machine: Machine) -> None:
    found = json.loads(machine.hook("version", "--output", "json").stdout)
    assert {name: found[name] for name in ("Version", "Major", "Minor", "Patch")} == {
        "Version": "0.296.0",
        "Major": 0,
        "Minor": 296,
        "Patch": 0,
    }


def test_a_kept_token_is_given_for_its_hosts_profile(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT, kind="pat")
    answer = machine.token("--profile", "dev", "--force-refresh")
    assert (answer["access_token"], answer["token_type"]) == (PAT, "Bearer")
    left = datetime.strptime(answer["expiry"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)
    assert machine.token("--host", workspace.url)["access_token"] == PAT
    assert machine.token(workspace.url)["access_token"] == PAT
    assert machine.token("-p", "dev", "--some-new-flag", "value", "--other=3")["access_token"] == PAT
    assert machine.token("--profile", "pasted")["access_token"] == PAT
    assert machine.token(DATABRICKS_CONFIG_PROFILE="dev")["access_token"] == PAT


def test_a_tokens_known_end_is_told_and_after_it_nothing_is_given(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT, expires="2099-01-02T03:04:05+02:00")
    assert machine.token("--profile", "dev")["expiry"] == "2099-01-02T01:04:05Z"
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT, expires="2020-01-02")
    assert "expired on 2020-01-03; log in again" in machine.refusal("--profile", "dev")


@pytest.mark.parametrize(
    ("config", "argv", "env", "text"),
    [
        (None, ["--profile", "none"], {}, "has no profile none"),
        (None, ["--profile", "__settings__"], {}, "has no profile __settings__"),
        ("[dev]\nauth_type = x\n", ["--profile", "dev"], {}, "names no host"),
        ("[dev]\nhost = http://dev.example\n", ["--profile", "dev"], {}, "is not encrypted"),
        ("[dev]\nhost = https://a b\x1b[2J\n", ["--profile", "dev"], {}, "is not a host name"),
        ("[dev]\nhost = https://dev.example\n", ["--profile", "dev"], {}, "No token is kept for dev.example"),
        ("[dev]\nhost = https://dev.example\n", ["--profile", "dev", "--host", "https://x.example"], {}, "not for x.example"),
        ("[dev]\nhost = https://dev.example\n", ["--profile", "dev"], {"DATABRICKS_HOST": "https://x.example"}, "which wins over"),
        ("no section = 1\n", ["--profile", "dev"], {}, "cannot be read (MissingSectionHeaderError)"),
    ],
)  # fmt: skip
def test_where_there_is_no_token_to_give_one_sentence_says_why(
    machine: Machine, config: str | None, argv: list[str], env: dict[str, str], text: str
) -> None:
    if config is not None:
        machine.profile(config)
    told = machine.refusal(*argv, **env)
    assert text in told
    assert "\x1b" not in told


def test_other_commands_are_not_answered(machine: Machine) -> None:
    done = machine.hook("clusters", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mlops-wizard: This program answers `version` and `auth token` only")


def test_a_token_that_the_store_lost_is_named(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT)
    PlainStore(machine.state).delete(Entry(workspace.place, "DATABRICKS_TOKEN").service)
    assert "no longer in the store plain" in machine.refusal("--profile", "dev")


def test_at_a_terminal_no_token_is_shown(machine: Machine, workspace: Workspace) -> None:
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT)
    seen = pexpect.run(f"{HOOK} auth token --profile dev", env=machine.env, timeout=30)
    assert b"to programs, not to terminals" in seen
    assert PAT.encode() not in seen


@pytest.mark.parametrize("profile", ["dev", "m2m"])
def test_databricks_sdk_logs_in_by_it(machine: Machine, workspace: Workspace, profile: str) -> None:
    pytest.importorskip("databricks.sdk", reason="databricks-sdk is not installed: the extra databricks")
    machine.keep(workspace.place, "DATABRICKS_TOKEN", PAT)
    machine.keep(workspace.place, "DATABRICKS_CLIENT_SECRET", SECRET, client_id="robot")
    code = (
        "import sys\nfrom databricks.sdk import WorkspaceClient\nfrom databricks.sdk.core import Config\n"
        "c = Config(profile=sys.argv[1], http_timeout_seconds=20, retry_timeout_seconds=20)\n"
        "w = WorkspaceClient(config=c)\n"
        "print(w.current_user.me().user_name, c.auth_type, c.oauth_token().expiry)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, profile], env=machine.env, capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[:2] == ["ada@example.com", "databricks-cli"], done.stderr
    assert workspace.bearers[-1] == f"Bearer {PAT if profile == 'dev' else 'minted-1'}"
    assert "canary" not in done.stdout + done.stderr
