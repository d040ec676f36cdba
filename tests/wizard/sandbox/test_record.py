"""The record of a run, its paths and the processes in it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from wizard.sandbox import paths, process, record
from wizard.sandbox.error import SandboxError
from wizard.sandbox.paths import Paths

ONE = record.Record(
    7, "who", ready=True, host="https://localhost:1", org_id="1", ca_bundle="/b", sockets="/s", log="/l"
)


def test_a_record_is_read_as_it_was_written_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "running.json"
    record.write(file, ONE)
    assert record.read(file) == ONE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["running.json"]
    assert ONE.control == "/s/control.sock"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        json.dumps({**asdict(ONE), "schema": 2}),
        json.dumps({**asdict(ONE), "pid": "7"}),
        json.dumps({**asdict(ONE), "pid": True}),
        json.dumps({**asdict(ONE), "more": 1}),
        json.dumps({name: value for name, value in asdict(ONE).items() if name != "log"}),
        " " * 70_000 + json.dumps(asdict(ONE)),
    ],
)
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "running.json"
    file.write_text(text)
    assert record.read(file) is None
    assert record.read(tmp_path) is None
    assert record.read(tmp_path / "none") is None


def test_a_process_is_known_by_more_than_its_pid() -> None:
    who = process.identity(os.getpid())
    assert who is not None
    assert process.runs(os.getpid(), who)
    assert not process.runs(os.getpid(), who + "1")
    assert not process.runs(os.getpid(), "")
    assert process.identity(0) is None
    assert process.identity(-1) is None
    assert process.identity(2**22 + 1) is None


def test_a_zombie_is_no_process() -> None:
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process.identity(child.pid) is None


def test_ending_is_asked_first_and_forced_after(tmp_path: Path, gone: Callable[[int], bool]) -> None:
    """A shell that ignores SIGTERM dies with its child, which is in its group."""
    script = f"trap '' TERM; sleep 1000 & echo $! > {tmp_path}/child; echo up; wait; wait"
    with subprocess.Popen(["sh", "-c", script], start_new_session=True, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        who = process.identity(child.pid)
        assert who is not None
        assert process.end(child.pid, who, patience=0.1) is True
        assert child.wait(10) == -signal.SIGKILL
        assert process.end(child.pid, who) is False
    inner = int((tmp_path / "child").read_text())
    assert gone(inner)


def test_a_process_of_another_identity_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        assert process.end(child.pid, "somebody else") is False
        assert child.poll() is None
        child.kill()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sandbox").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxError, match="is not a folder of yours"):
        Paths(tmp_path).make()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match="MLOPS_WIZARD_STATE"):
        Paths(tmp_path / "file").make()


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir(mode=0o755)
    Paths(tmp_path).make()
    assert stat.S_IMODE((tmp_path / "sandbox").stat().st_mode) == 0o700


def test_only_a_folder_of_sockets_is_removed(tmp_path: Path) -> None:
    other = tmp_path / "precious"
    ours = tmp_path / f"{paths.SOCKETS}x"
    for folder in (other, ours):
        folder.mkdir()
        (folder / "file").write_text("")
    paths.remove_sockets(other)
    paths.remove_sockets(ours)
    paths.remove_sockets(tmp_path / "none")
    assert sorted(os.listdir(tmp_path)) == ["precious"]


def test_sockets_get_a_short_private_folder_even_where_tmpdir_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    made = paths.make_sockets()
    assert len(str(made / "control.sock")) < paths.SOCKET_PATH_LIMIT
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    paths.remove_sockets(made)
    assert not made.exists()


def test_the_tail_of_a_log_is_its_end_without_control_characters(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"a" * 100 + b"\x1b]0;title\x07\n\xff end")
    assert paths.tail(file, 16) == "]0;title\n\ufffd end"
    assert paths.tail(tmp_path / "none", 10) == ""
