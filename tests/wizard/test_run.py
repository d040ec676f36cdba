"""`run --`: the right environment, or nothing is run at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run_repo import CANARY, RUN, SERVICE, Run, repo, run, with_secret
from wizard import places, trust
from wizard.run import RunList, RunListProblem, read_list, write_list
from wizard.run.listed import path as list_path
from wizard.stores.plain import PlainStore

__all__ = ["repo", "run"]


def test_an_untouched_repo_runs_the_command_as_it_is(run: Run) -> None:
    done = run("--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)


def test_the_environment_is_exactly_the_persons(repo: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in {"LC_ALL", "LC_CTYPE", "LANG"}}
    done = subprocess.run([*RUN, "env", "-0"], cwd=repo, env=env, capture_output=True, check=True)
    assert sorted(done.stdout.split(b"\0")) == sorted([b""] + [os.fsencode(f"{n}={v}") for n, v in env.items()])


@pytest.mark.parametrize(
    ("argv", "status", "text"),
    [
        ([], 2, "There is no command."),
        (["--"], 2, "There is no command."),
        (["--target"], 2, "--target needs a name."),
        (["--target", "--", "true"], 2, "--target needs a name."),
        (["--target=", "true"], 2, "--target needs a name."),
        (["--colour", "true"], 2, "--colour is not an option of run."),
        (["--", "no-such-command-here"], 127, "no-such-command-here: there is no such command on PATH"),
        (["--", "/no/such/file"], 127, "/no/such/file: there is no such file"),
        (["--", "/etc/passwd"], 126, "/etc/passwd: it cannot be executed"),
        (["--", "/etc"], 126, "/etc: it cannot be executed"),
        (["--target", "prod", "true"], 125, "The target prod is not set up: `mlops-wizard setup --target prod`."),
    ],
)
def test_its_own_failures_have_env_s_exit_statuses(run: Run, argv: list[str], status: int, text: str) -> None:
    done = run(*argv)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(f"mlops-wizard run: {text}")


def test_help_goes_to_stdout(run: Run) -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: mlops-wizard run [--target NAME] -- COMMAND")


def test_a_file_that_is_not_executable_but_on_path_is_126(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    assert run("--", "tool", PATH=str(tmp_path)).returncode == 126


@pytest.mark.parametrize("secret", [False, True])
def test_a_script_without_a_first_line_is_the_shells(repo: Path, run: Run, secret: bool) -> None:
    (repo / "script").write_text("echo it ran $1\n")
    (repo / "script").chmod(0o755)
    if secret:
        with_secret(repo)
    assert run("./script", "well").stdout == "it ran well\n"


@pytest.mark.parametrize("secret", [False, True])
def test_a_script_whose_interpreter_is_gone_is_127(repo: Path, run: Run, secret: bool) -> None:
    (repo / "script").write_text("#!/no/such/interpreter\n")
    (repo / "script").chmod(0o755)
    if secret:
        with_secret(repo)
    assert run("./script").returncode == 127


def test_a_repo_that_brings_something_is_not_run_without_a_yes(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("A=1\n")
    done = run("touch", "ran")
    assert (done.returncode, done.stdout, (repo / "ran").exists()) == (125, "", False)
    assert done.stderr.endswith("Look at it, then type `mlops-wizard trust`.\n")


def test_a_change_after_the_yes_is_named_and_nothing_is_read_from_the_store(repo: Path, run: Run) -> None:
    with_secret(repo)
    (repo / "mlops-wizard.toml").write_text("schema = 1\n")
    (Path(places.state()) / "secrets.json").write_text("a store that would fail if it were read")
    done = run("touch", "ran")
    assert (done.returncode, (repo / "ran").exists()) == (125, False)
    assert "mlops-wizard.toml was added" in done.stderr
    assert "store" not in done.stderr


def test_a_list_without_a_yes_is_not_enough(repo: Path, run: Run) -> None:
    with_secret(repo)
    trust.revoke(str(repo))
    assert run("true").returncode == 125


def test_dotenv_is_below_the_person_and_the_set_up_above(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("A=dotenv\nB=dotenv\nC=dotenv\nTOKEN=dotenv\n")
    with_secret(repo, variables=(("C", "set-up"),))
    done = run("sh", "-c", "echo $A $B $C; test $TOKEN = " + CANARY, A="person", C="person", TOKEN="person")
    assert (done.stdout, done.stderr, done.returncode) == ("person dotenv set-up\n", "", 0)


def test_from_below_the_root_the_repos_variables_are_the_same(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("A=1\n")
    (repo / "src" / "deep").mkdir(parents=True)
    trust.give(str(repo))
    assert run("sh", "-c", "echo $A", cwd=repo / "src" / "deep").stdout == "1\n"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffA='two words'\r\nexport B=\"x#y\"\r\n",
        "A = two words\nB= x#y # comment\n",
        "A=\"two words\"\nB='x#y'\n# C=1\n",
    ],
)
def test_lines_that_are_not_bare_are_read_by_the_library(repo: Path, run: Run, text: str) -> None:
    (repo / ".env").write_bytes(text.encode())
    trust.give(str(repo))
    assert run("sh", "-c", 'echo "$A,$B"').stdout == "two words,x#y\n"


def test_a_literal_reference_stays_one(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("A=${HOME}\nB=$HOME\n")
    trust.give(str(repo))
    assert run("sh", "-c", 'echo "$A,$B"').stdout == "${HOME},$HOME\n"


@pytest.mark.parametrize(
    "name",
    """PATH LD_PRELOAD DYLD_INSERT_LIBRARIES PYTHONSTARTUP PYTHONHOME NODE_OPTIONS HTTPS_PROXY https_proxy no_proxy
    REQUESTS_CA_BUNDLE BASH_ENV ENV IFS GIT_SSH_COMMAND SSL_CERT_FILE GRPC_DEFAULT_SSL_ROOTS_FILE_PATH JAVA_TOOL_OPTIONS
    PERL5OPT RUBYOPT DATABRICKS_CONFIG_FILE DATABRICKS_CLI_PATH SPARK_REMOTE DATABRICKS_METADATA_SERVICE_URL
    MLOPS_WIZARD_STATE AWS_ENDPOINT_URL_S3""".split(),  # noqa: SIM905
)
def test_what_could_take_a_command_over_is_left_out_and_said(repo: Path, run: Run, name: str) -> None:
    (repo / ".env").write_text(f"{name}=evil\nA=1\n")
    trust.give(str(repo))
    done = run(sys.executable, "-c", f"import os; print(os.environ.get('A'), os.environ.get({name!r}) == 'evil')")
    assert done.stdout == "1 False\n"
    assert done.stderr.startswith(f"mlops-wizard run: {name} of .env is left out")
    assert done.stderr.count("\n") == 1


def test_a_name_that_is_no_variable_is_left_out_and_shown_without_escapes(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("A-B=1\n'x\x1b[2J'=2\nA=3\n")
    trust.give(str(repo))
    done = run("sh", "-c", "echo $A")
    assert done.stdout == "3\n"
    assert "A-B of .env is left out" in done.stderr
    assert "\x1b" not in done.stderr


def test_pythonpath_holds_the_repos_root_in_place_of_the_containers(repo: Path, run: Run) -> None:
    (repo / ".env").write_text("PYTHONPATH=/workspaces/p/src:/workspaces/p:lib:/workspaces/p/../../evil:/usr/evil\n")
    trust.give(str(repo))
    write_list(str(repo), RunList(pythonpath="/workspaces/p"))
    done = run("sh", "-c", "echo $PYTHONPATH")
    root = os.path.realpath(repo)
    assert done.stdout == f"{root}/src:{root}:{root}/lib\n"
    assert done.stderr.count("left out: not in the repo") == 2


@pytest.mark.parametrize("where", ["dotenv", "person"])
def test_a_token_does_not_go_to_another_host(repo: Path, run: Run, where: str) -> None:
    (repo / ".env").write_text("DATABRICKS_HOST=https://evil.example\n" if where == "dotenv" else "A=1\n")
    trust.give(str(repo))
    write_list(str(repo), RunList(secrets=(("DATABRICKS_TOKEN", SERVICE),), store="plain"))
    env = {} if where == "dotenv" else {"DATABRICKS_HOST": "https://evil.example"}
    done = run("touch", "ran", **env)
    assert (done.returncode, (repo / "ran").exists()) == (125, False)
    assert "evil.example" in done.stderr
    assert "a token must not go to another host" in done.stderr


@pytest.mark.parametrize(
    "host",
    [
        "https://ADB-1.2.azuredatabricks.net/?o=1",
        "adb-1.2.azuredatabricks.net",
        "https://adb-1.2.azuredatabricks.net:443/",
    ],
)
def test_the_same_host_may_be_written_in_other_ways(repo: Path, run: Run, host: str) -> None:
    (repo / ".env").write_text(f"DATABRICKS_HOST='{host}'\n")
    trust.give(str(repo))
    write_list(str(repo), RunList(variables=(("A", "1"),), host="adb-1.2.azuredatabricks.net"))
    assert run("true").returncode == 0


def test_the_host_of_the_set_ups_profile_counts_too(repo: Path, run: Run, tmp_path: Path) -> None:
    config = tmp_path / "cfg"
    config.write_text("[dev]\nhost = https://dev.example\n")
    (repo / ".env").write_text("DATABRICKS_HOST=https://prod.example\n")
    trust.give(str(repo))
    pairs = (("DATABRICKS_CONFIG_PROFILE", "dev"), ("DATABRICKS_CONFIG_FILE", str(config)))
    write_list(str(repo), RunList(variables=pairs))
    assert run("true").returncode == 125


def test_a_target_has_a_list_of_its_own(repo: Path, run: Run) -> None:
    trust.give(str(repo))
    write_list(str(repo), RunList(variables=(("A", "default"),)))
    write_list(str(repo), RunList(variables=(("A", "prod"),)), "prod/../x")
    assert run("--target", "prod/../x", "--", "sh", "-c", "echo $A").stdout == "prod\n"
    assert run("--", "sh", "-c", "echo $A").stdout == "default\n"


def test_the_list_comes_back_as_it_was_written_and_holds_no_value(repo: Path) -> None:
    listed = RunList(
        (("A", "x y%\n€\x1b"), ("B", "")), (("T", SERVICE),), "keyring", "/workspaces/ä b", "h.example:8443"
    )
    write_list(str(repo), listed)
    assert read_list(str(repo)) == listed
    assert Path(list_path(str(repo))).stat().st_mode & 0o777 == 0o600
    assert Path(list_path(str(repo))).read_text().isprintable() is False
    with pytest.raises(AttributeError):
        listed.store = "plain"
    with pytest.raises(RunListProblem, match="not the name of a variable"):
        write_list(str(repo), RunList((("A=B", "x"),)))


@pytest.mark.parametrize(
    "text",
    ["", "mlops-wizard run 2\n", "mlops-wizard run 1", "mlops-wizard run 1\nvariable A\n", "mlops-wizard run 1\nmagic A b\n",
     "mlops-wizard run 1\nvariable A %zz\n", "mlops-wizard run 1\nsecret A-B x\n", "mlops-wizard run 1\n\n"],
)  # fmt: skip
def test_a_broken_list_runs_nothing(repo: Path, run: Run, text: str) -> None:
    trust.give(str(repo))
    write_list(str(repo), RunList())
    Path(list_path(str(repo))).write_text(text)
    done = run("touch", "ran")
    assert (done.returncode, (repo / "ran").exists()) == (125, False)
    assert "mlops-wizard setup" in done.stderr


def test_a_list_that_others_could_have_written_runs_nothing(repo: Path, run: Run) -> None:
    trust.give(str(repo))
    write_list(str(repo), RunList())
    Path(list_path(str(repo))).chmod(0o666)
    assert run("true").returncode == 125


@pytest.mark.parametrize("kind", ["fifo", "folder", "binary"])
def test_a_dotenv_that_is_no_text_runs_nothing_and_does_not_hang(repo: Path, run: Run, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(repo / ".env")
    elif kind == "folder":
        (repo / ".env").mkdir()
    else:
        (repo / ".env").write_bytes(b"A=\xff\n")
    trust.give(str(repo))
    assert run("true").returncode == 125


def test_a_secret_with_a_null_byte_runs_nothing(repo: Path, run: Run) -> None:
    with_secret(repo, "canary\0more")
    done = run("true")
    assert done.returncode == 125
    assert "null byte" in done.stderr
    assert "canary" not in done.stderr


def test_a_secret_that_is_gone_runs_nothing_and_is_named(repo: Path, run: Run) -> None:
    with_secret(repo)
    PlainStore(places.state()).delete(SERVICE)
    done = run("touch", "ran")
    assert (done.returncode, (repo / "ran").exists()) == (125, False)
    assert done.stderr.startswith(
        f"mlops-wizard run: TOKEN is not kept in the store plain (entry {SERVICE}): `mlops-wizard"
    )


@pytest.mark.parametrize(
    ("store", "why"), [("keyring", "keyring service"), ("sandbox", "No sandbox runs"), ("x", "no store")]
)
def test_a_store_that_does_not_answer_runs_nothing(repo: Path, run: Run, store: str, why: str) -> None:
    trust.give(str(repo))
    write_list(str(repo), RunList(secrets=(("TOKEN", SERVICE),), store=store))
    done = run("touch", "ran", DBUS_SESSION_BUS_ADDRESS="", XDG_RUNTIME_DIR="/nonexistent")
    assert (done.returncode, (repo / "ran").exists()) == (125, False)
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        ["sh", "-c", f"cd {tmp_path / 'gone'} && rmdir {tmp_path / 'gone'} && exec \"$@\"", "-", *RUN, "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr[:35]) == (125, "mlops-wizard run: The folder you st")


def test_without_secrets_only_the_interpreters_own_modules_are_imported(repo: Path) -> None:
    (repo / ".env").write_text("A=1\nB=x.y/z\n")
    trust.give(str(repo))
    write_list(str(repo), RunList(variables=(("C", "1"),)))
    code = (
        "import os, sys\nbefore = set(sys.modules)\nfrom wizard import run\n"
        "os.execve = lambda *_: (print(*(set(sys.modules) - before)), sys.stdout.flush(), os._exit(0))\n"
        "run.run(['--', 'true'])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=repo, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.partition(".")[0] != "wizard"}
    assert loaded <= {"__future__", "errno", "_sha256", "_sha2"}
