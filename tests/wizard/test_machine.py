"""The real World: files, programs and the machine itself. What goes over the wire: test_http.py."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from checks import Ran, Reply, World
from checks.world import Stat
from wizard.machine import UNTRUSTED, Machine, system
from wizard.secret import Secret, StoreError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only: shell scripts and modes")


def machine(root: Path, **more: object) -> Machine:
    return Machine(str(root), trusted=bool(more.pop("trusted", True)), **more)  # type: ignore[arg-type]


def test_a_machine_is_a_world(tmp_path: Path) -> None:
    world: World = machine(tmp_path)
    assert (world.root, world.trusted, world.offline) == (str(tmp_path.resolve()), True, False)
    assert world.now().tzinfo is not None


def test_files_are_read_from_the_root_from_home_and_by_their_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    (home / "a").write_bytes(b"at home")
    (tmp_path / "b").write_bytes(b"in the repo")
    world = machine(tmp_path)
    assert (world.read("~/a"), world.read("b"), world.read(str(tmp_path / "b"))) == (
        b"at home",
        b"in the repo",
        b"in the repo",
    )
    assert (world.read("b", 2), world.read("b", 0)) == (b"in", b"")
    assert (world.read("c"), world.read("home"), world.read("x\0y")) == (None, None, None)
    assert (world.list("."), world.list("nowhere"), world.list("x\0y")) == (("b", "home"), (), ())


@posix
def test_a_fifo_does_not_keep_a_check_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert machine(tmp_path).read("pipe") is None


@posix
def test_stat_tells_size_mode_folder_and_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "to").symlink_to("a")
    (tmp_path / "lost").symlink_to("nowhere")
    world = machine(tmp_path)
    a, to, root = world.stat("a"), world.stat("to"), world.stat(".")
    assert a == Stat(3, 0o640, a.modified if a else 0)
    assert to is not None
    assert (to.link, to.size) == (True, 3)
    assert root is not None
    assert root.folder
    assert (world.stat("lost"), world.stat("x\0y")) == (None, None)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@posix
def test_which_gives_all_copies_in_order_and_passes_over_loose_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "repo"
    one, two = script(tmp_path / "one" / "prog", ""), script(tmp_path / "two" / "prog", "")
    own = script(repo / "bin" / "prog", "")
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "prog").symlink_to(two)
    (tmp_path / "two" / "data").write_text("not a program")
    monkeypatch.chdir(repo)
    entries = [
        "",
        ".",
        "bin",
        str(repo / "bin"),
        str(two.parent),
        str(one.parent),
        str(tmp_path / "three"),
        str(two.parent),
    ]
    monkeypatch.setenv("PATH", ":".join(entries))
    assert machine(repo).which("prog") == (str(own), str(two), str(one))
    assert machine(repo, trusted=False).which("prog") == (str(two), str(one))
    world = machine(repo)
    assert (world.which("data"), world.which("bin/prog"), world.which(""), world.which("x\0y")) == ((), (), (), ())


@posix
def test_a_link_on_path_into_an_untrusted_repo_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = tmp_path / "repo"
    own = script(repo / "tool", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "prog").symlink_to(own)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert machine(repo, trusted=False).which("prog") == ()


def test_a_program_runs_in_the_root_without_a_shell_and_with_its_input(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), sys.argv[1], sys.stdin.read(), os.environ['MORE']); sys.exit(3)"
    ran = machine(tmp_path).run(sys.executable, "-c", code, "$HOME; x", input="in", env={"MORE": "1"})
    assert ran == Ran(3, f"{tmp_path.resolve()} $HOME; x in 1\n")


def test_a_program_that_reads_gets_the_end_of_its_input_at_once(tmp_path: Path) -> None:
    assert machine(tmp_path).run(sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))").out == "''\n"


def test_what_cannot_be_started_is_told_and_nothing_raises(tmp_path: Path) -> None:
    world = machine(tmp_path)
    (tmp_path / "data").write_text("x")
    assert world.run("no-such-program-here") == Ran(None, problem="no-such-program-here: not found")
    assert world.run() == Ran(None, problem="no program to run")
    assert world.run("").code is None
    assert world.run(str(tmp_path / "data")).code is None
    assert world.run(sys.executable, "-c", "x\0y").problem == "no program to run"
    assert world.run(sys.executable, "-c", "pass", env={"A=B": "x\0"}).code is None


@posix
def test_a_program_past_its_deadline_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    script(
        tmp_path / "tree",
        f"(sleep 60; echo late > {tmp_path}/late) &\necho $! > {tmp_path}/child\necho before\nsleep 60",
    )
    ran = machine(tmp_path).run(str(tmp_path / "tree"), timeout=0.5)
    assert ran == Ran(None, "before\n", "", "no answer within 0.5 s")
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not _alive(child):
            break
        time.sleep(0.02)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    if sys.platform == "linux":
        return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@posix
def test_a_grandchild_that_keeps_the_pipe_open_does_not_keep_the_check(tmp_path: Path) -> None:
    script(tmp_path / "daemon", "sleep 60 &\necho done")
    assert machine(tmp_path).run(str(tmp_path / "daemon"), timeout=20) == Ran(0, "done\n")


def test_an_endless_answer_is_kept_to_its_first_megabyte(tmp_path: Path) -> None:
    code = "import sys; [sys.stdout.write('x' * 65536) for _ in range(64)]"
    ran = machine(tmp_path).run(sys.executable, "-c", code)
    assert (ran.code, len(ran.out)) == (0, 1_000_000)


def test_an_answer_is_decoded_whatever_it_is(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(bytes([255, 104, 105, 13, 10]))"
    assert machine(tmp_path).run(sys.executable, "-c", code).out == "\ufffdhi\n"
    wide = "import sys; sys.stdout.buffer.write('hi there'.encode('utf-16'))"
    assert machine(tmp_path).run(sys.executable, "-c", wide).out == "hi there"


@posix
def test_nothing_that_lies_in_an_untrusted_repo_is_run(tmp_path: Path) -> None:
    own = script(tmp_path / "tool", f"touch {tmp_path}/ran")
    for name in (str(own), "./tool", "../" + tmp_path.name + "/tool"):
        assert machine(tmp_path, trusted=False).run(name) == Ran(None, problem=UNTRUSTED)
    assert not (tmp_path / "ran").exists()
    assert machine(tmp_path).run("./tool").code == 0


@posix
def test_a_repos_own_git_settings_start_no_program(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    repo = tmp_path / "repo"
    hook = script(tmp_path / "evil", f"touch {marks}/$$")
    subprocess.run(["git", "init", "-q", str(repo)], check=True, capture_output=True)
    for name in ("core.fsmonitor", "core.sshCommand", "diff.external", "core.pager"):
        subprocess.run(["git", "-C", str(repo), "config", name, str(hook)], check=True)
    script(repo / ".git" / "hooks" / "post-index-change", f"touch {marks}/hook")
    (repo / ".gitignore").write_text(".env\n")
    world = machine(repo, trusted=False)
    assert world.run("git", "check-ignore", "--no-index", "--quiet", "--", ".env").code == 0
    assert world.run("git", "ls-files", "-z", "--", ".env").code == 0
    assert world.run("git", "ls-files", "--eol", "-z").code == 0
    assert world.run("git", "grep", "-I", "-l", "-z", "--full-name", "-E", "-e", "x").code == 1
    assert list(marks.iterdir()) == []


class Store:
    """A store with one entry; `broken` fails in its own way, `odd` in one that no store should."""

    name = "fake"
    title = "a fake store"

    def __init__(self, broken: Exception | None = None) -> None:
        self.broken, self.read = broken, 0

    def get(self, service: str) -> Secret | None:
        self.read += 1
        if self.broken:
            raise self.broken
        return Secret("hunter2") if service.endswith("/TOKEN") else None

    def put(self, service: str, value: Secret) -> None:
        raise StoreError("read only")

    def delete(self, service: str) -> bool:
        return False


def test_the_store_tells_only_whether_an_entry_is_there(tmp_path: Path) -> None:
    world = machine(tmp_path, store=Store())
    assert (world.kept("mlops-wizard/h/TOKEN"), world.kept("mlops-wizard/h/OTHER")) == (True, False)
    assert world.store() == ("a fake store", "")
    assert machine(tmp_path).kept("mlops-wizard/h/TOKEN") is None
    assert machine(tmp_path).store() == ("", "no store is chosen yet")
    for fault in (StoreError("locked"), RuntimeError("no bus")):
        assert machine(tmp_path, store=Store(fault)).kept("mlops-wizard/h/TOKEN") is None


def test_the_probe_speaks_for_the_store_and_may_fail(tmp_path: Path) -> None:
    assert machine(tmp_path, probe=lambda: ("KWallet", "it is locked")).store() == ("KWallet", "it is locked")

    def fails() -> tuple[str, str]:
        raise RuntimeError("no bus")

    assert machine(tmp_path, probe=fails).store() == ("the store", "it fails with RuntimeError")


def test_an_untrusted_repo_reads_no_store_and_asks_nobody(tmp_path: Path) -> None:
    store = Store()
    world = machine(tmp_path, trusted=False, store=store, probe=lambda: ("x", ""))
    assert world.kept("mlops-wizard/h/TOKEN") is None
    assert world.store() == ("", UNTRUSTED)
    assert world.get("https://localhost:1/") == Reply(0, problem=UNTRUSTED)
    assert world.get("https://localhost:1/", bearer="mlops-wizard/localhost:1/TOKEN") == Reply(0, problem=UNTRUSTED)
    assert store.read == 0


def test_offline_asks_nobody(tmp_path: Path) -> None:
    assert machine(tmp_path, offline=True).get("https://localhost:1/") == Reply(
        0, problem="offline: the network was not asked"
    )


def test_the_environment_is_a_copy_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NAME", "1")
    world = machine(tmp_path)
    monkeypatch.setenv("A_NAME", "2")
    assert world.env["A_NAME"] == "1"
    with pytest.raises(TypeError):
        world.env["A_NAME"] = "3"  # type: ignore[index]


def test_the_machine_knows_itself(tmp_path: Path) -> None:
    found = machine(tmp_path).platform
    assert found.system == {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    assert found.python == ".".join(str(n) for n in sys.version_info[:3])
    assert found.root == (hasattr(os, "geteuid") and os.geteuid() == 0)


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="the package managers of Linux")
def test_the_package_manager_is_the_first_that_is_there(tmp_path: Path) -> None:
    for name in ("zypper", "dnf"):
        script(tmp_path / name, "")
    assert system.look({}, str(tmp_path)).package_manager == "dnf"
    assert system.look({}, "").package_manager == ""


def test_a_container_is_known_by_what_it_sets() -> None:
    if system.in_container({}):
        pytest.skip("these tests run in a container")
    assert system.in_container({"REMOTE_CONTAINERS": "true"})
    assert system.in_container({"container": "podman"})


def test_programs_may_be_run_side_by_side(tmp_path: Path) -> None:
    world, out = machine(tmp_path), []
    threads = [
        threading.Thread(target=lambda n=n: out.append(world.run(sys.executable, "-c", f"print({n})").out))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(out) == [f"{n}\n" for n in range(6)]
