"""`run --` with secrets: output masked, and otherwise as if it were not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.run_repo import CANARY, MASKED, RUN, Run, repo, run, with_secret
from wizard import places

__all__ = ["repo", "run"]


def test_a_secret_is_given_to_the_command_and_masked_in_both_outputs(repo: Path, run: Run) -> None:
    with_secret(repo)
    done = run("sh", "-c", 'echo "out $TOKEN"; echo "err $TOKEN" >&2; test "$TOKEN" = ' + CANARY)
    assert (done.stdout, done.stderr, done.returncode) == (f"out {MASKED}\n", f"err {MASKED}\n", 0)


def test_output_that_goes_to_one_place_keeps_its_order(repo: Path) -> None:
    with_secret(repo)
    lines = "; ".join(f"echo {number}{' >&2' if number % 2 else ''}" for number in range(50))
    done = subprocess.run(
        [*RUN, "sh", "-c", lines], cwd=repo, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
    )
    assert done.stdout.split() == [str(number).encode() for number in range(50)]


def test_stdin_and_much_binary_output_pass_whole(repo: Path) -> None:
    with_secret(repo)
    data = os.urandom(3_000_000)
    done = subprocess.run([*RUN, "cat"], cwd=repo, input=data, capture_output=True, check=True)
    assert done.stdout == data


def test_the_tail_comes_even_without_a_line_end_and_after_a_crash(repo: Path, run: Run) -> None:
    with_secret(repo)
    done = run("sh", "-c", f"printf 'tail {CANARY[:5]}'; kill -SEGV $$")
    assert (done.stdout, done.returncode) == (f"tail {CANARY[:5]}", 128 + signal.SIGSEGV)


def test_what_is_left_running_is_masked_after_the_command_has_ended(repo: Path, run: Run) -> None:
    with_secret(repo)
    done = run(
        "sh", "-c", "(while kill -0 $$ 2>/dev/null; do sleep 0.05; done; sleep 0.3; echo late $TOKEN) & echo now"
    )
    assert (done.stdout, done.returncode) == (f"now\nlate {MASKED}\n", 0)


def test_a_reader_that_goes_away_ends_the_command_as_in_any_pipe(repo: Path) -> None:
    with_secret(repo)
    with subprocess.Popen([*RUN, "yes"], cwd=repo, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"y\n"
        process.stdout.close()
        assert process.wait(30) == 128 + signal.SIGPIPE


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"])
def test_signals_reach_the_command(repo: Path, secret: bool, name: str) -> None:
    if secret:
        with_secret(repo)
    script = f"trap 'echo got; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen([*RUN, "sh", "-c", script], cwd=repo, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, f"SIG{name}"))
        assert (process.stdout.read(), process.wait(30)) == (b"got\n", 9)


def test_a_command_ended_by_a_signal_is_128_and_its_number(repo: Path) -> None:
    with_secret(repo)
    with subprocess.Popen([*RUN, "sh", "-c", "echo ready; exec sleep 60"], cwd=repo, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM


def test_ignored_signals_of_pythons_own_are_not_inherited(repo: Path, run: Run) -> None:
    line = "grep SigIgn /proc/self/status"
    without = int(run("sh", "-c", line).stdout.split()[1], 16)
    with_secret(repo)
    with_one = int(run("sh", "-c", line).stdout.split()[1], 16)
    pipe = 1 << (signal.SIGPIPE - 1)
    assert (without & pipe, with_one & pipe) == (0, 0)


def test_ctrl_c_at_a_terminal_reaches_a_masked_command_once(repo: Path, tmp_path: Path) -> None:
    with_secret(repo)
    script = "trap 'echo got >> log' INT; echo ready >&2; while [ ! -e stop ]; do sleep 0.05; done; wc -l < log"
    shell = f"cd {repo} && exec {sys.executable} -I -c '{RUN[3]}' sh -c \"{script}\" > {tmp_path / 'out'}"
    child = pexpect.spawn("/bin/sh", ["-c", shell], timeout=30)
    child.expect("ready")
    child.sendintr()
    for _ in range(300):
        if (repo / "log").exists():
            break
        child.expect(pexpect.TIMEOUT, timeout=0.05)
    child.expect(pexpect.TIMEOUT, timeout=0.3)
    (repo / "stop").touch()
    child.expect(pexpect.EOF)
    child.close()
    assert ((tmp_path / "out").read_text().strip(), child.exitstatus) == ("1", 0)


def test_ctrl_z_stops_a_masked_command_and_fg_goes_on(repo: Path, tmp_path: Path) -> None:
    with_secret(repo)
    (repo / "go.sh").write_text(
        f"exec {sys.executable} -I -c '{RUN[3]}' sh -c 'echo ready >&2; read line; echo got $line $TOKEN' > {tmp_path / 'out'}\n"
    )
    child = pexpect.spawn("/bin/bash", ["--norc", "-i"], timeout=30, cwd=str(repo), env={**os.environ, "PS1": "$ "})
    child.sendline("sh go.sh")
    child.expect("ready")
    child.sendcontrol("z")
    child.expect("Stopped")
    child.sendline("fg")
    child.expect("go.sh")
    child.sendline("word")
    child.sendline("echo rc=$?=")
    child.expect("rc=0=")
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()
    assert (tmp_path / "out").read_text() == f"got word {MASKED}\n"


def test_at_a_terminal_the_command_takes_this_process_place(repo: Path) -> None:
    with_secret(repo)
    child = pexpect.spawn(RUN[0], [*RUN[1:], "sh", "-c", "echo pid=$$ len=${#TOKEN}"], cwd=str(repo), timeout=30)
    child.expect(rf"pid={child.pid} len={len(CANARY)}")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_closed_outputs_are_left_closed(repo: Path) -> None:
    with_secret(repo)
    line = f"exec '{sys.executable}' -I -c '{RUN[3]}' sh -c 'test -e /proc/self/fd/1 && exit 8; exit 7' >&- 2>/dev/null"
    assert subprocess.run(["sh", "-c", line], cwd=repo, check=False).returncode == 7


@pytest.mark.parametrize("value", ["abc", "line one of it\nline two of it\n"])
def test_short_and_long_secrets_are_masked_too(repo: Path, run: Run, value: str) -> None:
    with_secret(repo, value)
    done = run("sh", "-c", 'echo "[$TOKEN]"; echo alphabet abcd')
    assert value.strip() not in done.stdout.replace("alphabet abcd", "")
    assert done.stdout.endswith("alphabet abcd\n")
    warned = f"mlops-wizard run: TOKEN has only {len(value)} characters; it is masked only where it stands alone\n"
    assert done.stderr == (warned if len(value) < 4 else "")


def test_the_value_is_in_no_process_argument_and_in_no_file_of_the_repo(repo: Path) -> None:
    with_secret(repo)
    with subprocess.Popen(
        [*RUN, "sh", "-c", "echo ready; read x"], cwd=repo, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                assert CANARY.encode() not in cmdline.read_bytes()
            except OSError:
                continue
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 1
    kept = [path for top in (repo, Path(places.state())) for path in top.rglob("*") if path.is_file()]
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == ["secrets.json"]
