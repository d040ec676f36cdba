"""The commands as they are typed: what cannot be meant is said in a sentence, with the right exit code, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.wayfarer import TOOL

CANARY = "dapiCANARY0123456789abcdef"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    found = tmp_path / "repo"
    found.mkdir()
    subprocess.run(["git", "init", "-q", str(found)], check=True)
    return found


def typed(repo: Path, *argv: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(repo.parent), "LANG": "C.UTF-8"} | more
    done = subprocess.run([TOOL, *argv], cwd=repo, env=env, input=given, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["stup"], "Did you mean setup?"),
        (["doctor", "env.ignord"], "There is no check, room or tag 'env.ignord'"),
        (["doctor", "--timeout", "0"], "--timeout takes seconds"),
        (["explain", "env.ignord"], "env.ignored"),
        (["setup", "--set", "auth.method"], "--set takes ID=VALUE"),
        (["setup", "--set", "auth.metod=pat"], "there is no question 'auth.metod'"),
        (["setup", "--set", f"auth.token={CANARY}"], "auth.token is a secret"),
        (["setup", "--set", f"env.appi_ik={CANARY}"], "env.appi_ik is a secret"),
        (["setup", "--set", f"auth.host={CANARY}"], "looks like a secret"),
        (["setup", "--answers", "nowhere.toml"], "There is no answers file nowhere.toml"),
        (["setup", "--secrets", "file.json"], "--secrets takes `-`"),
        (["setup", "--sample"], "say --sandbox too"),
        (["setup", "--only", "nothing"], "There is no step 'nothing'"),
        (["setup", "--blueprint", "nothing", "--yes"], "There is no blueprint 'nothing'"),
        (["sandbox", "status", "--misbehave", "nicely"], "There is no fault 'nicely'"),
        (["secrets", "set", "X"], "not set up"),
        (["connect", "list"], "not set up"),
        (["undo", "20200101-000000-abcd", "--yes"], "There is no plan"),
        (["blueprint", "check", "nowhere.toml"], "There is no file 'nowhere.toml'"),
        (["run"], "run"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_meant_is_said_and_is_exit_code_2(repo: Path, argv: list[str], words: str) -> None:
    done = typed(repo, *argv, MLOPS_WIZARD_SETUP_DATABRICKS="yes")
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema = 1\n[auth", "not valid TOML"),
        ("[auth]\nmethod = 'pat'", "write schema = 1"),
        (f"schema = 1\n[auth]\ntoken = '{CANARY}'", "auth.token is a secret"),
        ("schema = 1\n[auth]\nmethod = 7", "takes a text"),
        ("schema = 1\n[auth]\nnonsense = 'x'", "there is no question 'auth.nonsense'"),
    ],
)
def test_an_answers_file_that_will_not_do_is_said_without_its_values(repo: Path, text: str, words: str) -> None:
    (repo / "answers.toml").write_text(text)
    done = typed(repo, "setup", "--answers", "answers.toml", "--yes")
    assert done.returncode == 2
    assert words in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.parametrize("given", ["", "[]", '{"auth.token": 7}', '{"nothing": "x"}', f'{{"auth.token": "{CANARY}"'])
def test_secrets_on_stdin_that_are_no_object_of_texts_are_refused(repo: Path, given: str) -> None:
    done = typed(repo, "setup", "--secrets", "-", "--yes", given=given)
    assert done.returncode == 2
    assert "--secrets -" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("http://adb-1.2.azuredatabricks.net", "must travel encrypted"),
        ("https://adb-xxxx.xx.azuredatabricks.net", "placeholder"),
        ("https://localhost:1", "Nothing answers"),
        ("https://no-such-workspace.invalid", "cannot be resolved"),
    ],
)
def test_a_host_that_will_not_do_is_said_and_nothing_is_written(repo: Path, host: str, words: str) -> None:
    done = typed(
        repo,
        "setup",
        "--yes",
        "--set",
        f"auth.host={host}",
        "--set",
        "secrets.store=plain",
        "--set",
        "secrets.plaintext=yes",
    )
    assert done.returncode == 2
    assert done.stderr.count("auth.host") >= 1
    assert words in done.stderr
    assert [p.name for p in repo.iterdir()] == [".git"]


def test_without_a_keyring_a_clear_offer_is_made_and_nothing_waits(repo: Path) -> None:
    done = typed(repo, "setup", "--yes", "--json", "--set", "auth.host=https://localhost:1")
    assert done.returncode == 2
    assert "secrets.store" in done.stderr
    assert "plain" in done.stderr
    assert "keyring" in done.stderr
    assert json.loads(done.stdout)["status"] == "action_required"


def test_doctor_lists_its_checks_by_room(repo: Path) -> None:
    done = typed(repo, "doctor", "--list", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["schema"]) == (0, 1)
    rooms = {c["room"] for c in found["checks"]}
    assert rooms == {"tools", "python", "network", "auth", "secrets", "storage", "env", "connect", "devcontainer", "ci"}
    assert len(found["checks"]) >= 60
    assert set(found["checks"][0]) == {"id", "title", "room", "tags", "needs"}


def test_doctor_speaks_one_schema(repo: Path) -> None:
    done = typed(repo, "doctor", "env", "--json", "--offline")
    found = json.loads(done.stdout)
    assert set(found) == {"schema", "tool", "where", "findings", "silenced", "counts"}
    assert set(found["findings"][0]) == {
        "id",
        "status",
        "title",
        "text",
        "about",
        "evidence",
        "remedy",
        "seconds",
        "where",
    }


@pytest.mark.parametrize("id", ["env.ignored", "tools.git", "connect.first-row", "devcontainer.leaks"])
def test_every_check_has_a_page(repo: Path, id: str) -> None:
    done = typed(repo, "explain", id)
    assert done.returncode == 0
    assert id in done.stdout
    assert "What to do" in done.stdout or len(done.stdout) > 200


def test_a_fresh_repo_is_not_accused_of_what_was_never_set_up(repo: Path) -> None:
    done = typed(repo, "doctor", "--offline", "--json")
    bad = [f["id"] for f in json.loads(done.stdout)["findings"] if f["status"] in ("error", "crashed")]
    assert bad == []
    assert done.returncode == 0


def test_help_names_every_command_and_each_has_its_own(repo: Path) -> None:
    from wizard.cli import COMMANDS

    overview = typed(repo, "--help").stdout
    for word in COMMANDS:
        assert word in overview
        if word != "run":
            assert typed(repo, word, "--help").stdout.startswith("usage: mlops-wizard " + word)


def test_there_is_nothing_to_undo_in_a_fresh_repo(repo: Path) -> None:
    assert typed(repo, "undo", "--yes").stdout == "There is nothing to take back in this repo.\n"


def _ends(repo: Path, *argv: str, **more: str) -> tuple[int, dict[str, object]]:
    done = typed(repo, *argv, "--json", **more)
    assert "itself failed" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_json_is_printed_at_every_end(repo: Path) -> None:
    """Usage, a step that is none, a blueprint that is none, a state folder that is a file: stdout is JSON each time."""
    (repo / "file").write_text("")
    assert _ends(repo, "setup", "--nonsense")[0] == 2
    assert _ends(repo, "setup", "--only", "nothing")[0] == 2
    assert _ends(repo, "doctor", "nothing")[0] == 2
    assert _ends(repo, "connect", "list")[0] == 2
    code, found = _ends(repo, "setup", "--yes", MLOPS_WIZARD_STATE=str(repo / "file" / "state"))
    assert (code, found["status"]) == (3, "failed")
    assert str(repo / "file") in str(found["next"])
    (repo / "mlops-wizard.toml").write_text("[[[")
    typed(repo, "trust", "--yes")
    code, found = _ends(repo, "doctor")
    assert (code, found["status"], found["findings"]) == (2, "action_required", [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[answers]\n'secrets.plaintext' = 'yes'", "a person's to give"),
        ("[answers.trust]\nrepo = true", "a person's to give"),
        ("[answers]\n'auth.token' = 'x'", "a person's to give"),
        ("[devcontainer.settings]\na = 1979-05-27", "goes into a JSON file"),
        ("[devcontainer.settings]\na = nan", "goes into a JSON file"),
        (f"tracks = {'[' * 5000}", "nested deeper"),
        ("# " + "x" * 1_000_001, "make it smaller"),
    ],
    ids=["consent", "trust", "token", "date", "nan", "deep", "large"],
)
def test_what_a_team_s_file_cannot_say_is_named_and_is_exit_code_2(repo: Path, text: str, words: str) -> None:
    (repo / "mlops-wizard.toml").write_text(f"schema = 1\nextends = 'azure-databricks-devcontainer'\n{text}\n")
    typed(repo, "trust", "--yes")
    done = typed(repo, "setup", "--yes")
    assert done.returncode == 2
    assert words in done.stderr


def test_streams_that_are_closed_full_or_without_our_signs_are_no_fault_of_the_wizard(repo: Path) -> None:
    def shell(redirected: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(repo.parent)} | more
        words = f'"{TOOL}" doctor tools.git --offline --json {redirected}'
        return subprocess.run(["sh", "-c", words], cwd=repo, env=env, capture_output=True, check=False)

    for redirected in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        assert shell(redirected).returncode == 0, redirected
    full = shell(">/dev/full")
    assert (full.returncode, b"the disk is full" in full.stderr) == (3, True)
    ascii_only = shell("", PYTHONIOENCODING="ascii")
    assert json.loads(ascii_only.stdout)["schema"] == 1


def test_the_file_of_profiles_may_be_named_with_a_tilde(repo: Path) -> None:
    from wizard.profile import config_file

    assert config_file(env={"DATABRICKS_CONFIG_FILE": "~/other"}) == str(Path("~/other").expanduser())


def test_a_folder_that_is_gone_is_said(repo: Path) -> None:
    words = f'mkdir gone && cd gone && rmdir ../gone && "{TOOL}" doctor'
    env = {"PATH": "/usr/bin:/bin", "HOME": str(repo.parent)}
    done = subprocess.run(["sh", "-c", words], cwd=repo, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "itself failed" not in done.stderr
    assert "it is not there" in done.stderr
