"""What the machine does to a walk: kill -9, Ctrl-C, a full disk, a read-only repo, no network, a second wizard.

Real file systems (a tmpfs of some kilobytes in a mount namespace), real signals, the console script, the sandbox without Spark.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.wayfarer import KEPT, TOOL, Traveller, command_lines

pytestmark = pytest.mark.xdist_group("faults")

STEPS = ("--only", "auth", "--only", "env", "--only", "devcontainer")
APPLYING = "Applying"


@dataclass
class Site:
    """A repo of a person's own, set up against a workspace on loopback; `files` are all that a walk may touch."""

    home: Path
    host: str
    token: str
    bundle: str
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.repo, self.state, self.config = self.home / "repo", self.home / "state", self.home / ".databrickscfg"
        (self.repo / ".devcontainer").mkdir(parents=True)
        (self.repo / ".env").write_bytes(
            b"# mine\r\nA=1\r\nDATABRICKS_TOKEN=dapiOLDCANARY0123456789ab\r\nAPPI_IK=an-old-one\r\nB=2"
        )
        (self.repo / ".gitignore").write_bytes(b"dist\n*.pyc")
        (self.repo / ".devcontainer" / "devcontainer.json").write_bytes(b'{\n  // mine\n  "name": "mine", }\n')
        self.config.write_bytes(
            b"[other]\nhost = https://other.cloud.databricks.com\ntoken = dapiOTHERCANARY0123456789\n"
        )
        self.config.chmod(0o600)
        subprocess.run(["git", "init", "-q", "--template=", str(self.repo)], check=True)
        kept = {k: os.environ[k] for k in KEPT if k in os.environ}
        self.env = kept | {"HOME": str(self.home), "TMPDIR": str(self.home), "MLOPS_WIZARD_STATE": str(self.state),
                           "MLOPS_WIZARD_AUTH_TOKEN": self.token, "REQUESTS_CA_BUNDLE": self.bundle}  # fmt: skip

    @property
    def setup(self) -> list[str]:
        answers = (f"auth.host={self.host}", "secrets.store=plain", "secrets.plaintext=yes", "trust.repo=yes",
                   "devcontainer.modernise=yes")  # fmt: skip
        return [TOOL, "setup", *STEPS, *(w for a in answers for w in ("--set", a)), "--yes"]

    @property
    def undo(self) -> list[str]:
        return [TOOL, "undo", "--yes"]

    def run(self, argv: list[str], *before: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([*before, *argv], cwd=self.repo, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=60)  # fmt: skip
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert "itself failed" not in said
        assert self.token not in said
        return done

    def start(self, argv: list[str], until: str) -> subprocess.Popen[str]:
        """At work, and so far that it has said this."""
        child = subprocess.Popen(argv, cwd=self.repo, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip
        Traveller.wait_for(child, until)
        return child

    def files(self) -> dict[str, bytes]:
        found = [p for p in self.repo.rglob("*") if p.is_file() and ".git" not in p.relative_to(self.repo).parts]
        return {str(p): p.read_bytes() for p in (*found, self.config) if p.is_file()}

    def holders(self, *canaries: str) -> set[str]:
        """The files below this home that hold one of these."""
        files = [p for p in self.home.rglob("*") if p.is_file() and not p.is_symlink()]
        return {str(p) for p in files if any(c.encode() in p.read_bytes() for c in canaries)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """(host, token, bundle of certificates) of a sandbox without Spark."""
    home = tmp_path_factory.mktemp("faults")
    env = {k: os.environ[k] for k in KEPT if k in os.environ} | {"HOME": str(home)}

    def typed(*argv: str) -> str:
        return subprocess.run([TOOL, "sandbox", *argv], env=env, capture_output=True, text=True, check=True).stdout

    typed("start", "--no-spark")
    found = json.loads(typed("status", "--reveal", "--json"))
    yield found["host"], found["token"], found["ca_bundle"]
    typed("stop")


@pytest.fixture
def site(tmp_path: Path, workspace: tuple[str, str, str]) -> Site:
    return Site(tmp_path, *workspace)


@pytest.fixture(scope="module")
def namespaces() -> None:
    for flags in ("-rm", "-rn"):
        if subprocess.run(["unshare", flags, "true"], capture_output=True, check=False).returncode:
            pytest.skip(f"unshare {flags}: this kernel lets nobody make a namespace of his own")


def test_the_whole_way_leaves_the_secret_in_its_store_alone_and_undo_leaves_nothing(site: Site) -> None:
    before = site.files()
    done = site.run(site.setup)
    assert "done: edit .env" in done.stdout
    old = ("dapiOLDCANARY0123456789ab", "an-old-one")
    assert site.holders(site.token, *old) == {str(site.state / "secrets.json")}
    assert [line for line in command_lines() if any(c in line for c in (site.token, *old))] == []
    assert site.run(site.undo).returncode == 0
    assert site.files() == before
    assert site.holders(site.token) == set()
    assert not (site.state / "secrets.json").exists()


def test_kill_9_at_any_moment_leaves_each_file_old_or_new_and_undo_gives_every_byte_back(site: Site) -> None:
    old = site.files()
    site.run(site.setup)
    new = site.files()
    assert site.run(site.undo).returncode == 0
    moments = random.Random(8)
    cut_off = 0
    for n in range(10):
        with site.start(site.setup, APPLYING) as child:
            time.sleep(n * 0.005 + moments.random() * 0.004)
            os.killpg(child.pid, signal.SIGKILL)
        found = {path: data for path, data in site.files().items() if not path.endswith(".mlops-wizard-new")}
        assert [path for path, data in found.items() if data not in (old.get(path), new.get(path))] == []
        assert set(old) <= set(found)
        undone = site.run(site.undo)
        assert undone.returncode == 0
        cut_off += "was cut off while it was writing" in undone.stderr
        assert site.files() == old, n
        assert site.holders(site.token) == set(), n
    assert cut_off
    assert "done: edit .env" in site.run(site.setup).stdout
    assert site.files() == new


def test_the_next_start_after_kill_9_says_so_and_goes_on(site: Site) -> None:
    old = site.files()
    with site.start(site.setup, APPLYING) as child:
        Traveller.wait_for(child, "edit .env")
        os.killpg(child.pid, signal.SIGKILL)
    done = site.run(site.setup)
    assert "was cut off while it was writing" in done.stderr
    assert "done: edit .devcontainer/devcontainer.json" in done.stdout
    assert site.run(site.undo).returncode == 0
    assert site.files() == old


def test_an_undo_that_kill_9_cut_off_is_finished_by_the_next_start(site: Site) -> None:
    old = site.files()
    for n in range(2):
        site.run(site.setup)
        with site.start(site.undo, "edit .devcontainer") as child:
            time.sleep(n * 0.006)
            os.killpg(child.pid, signal.SIGKILL)
        again = site.run(site.undo)
        assert again.returncode == 0
        assert site.files() == old
        assert site.holders(site.token) == set()


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, "Step 5"), (signal.SIGINT, APPLYING), (signal.SIGTERM, APPLYING)]
)
def test_a_signal_at_work_ends_with_130_and_takes_back_what_was_begun(site: Site, number: int, moment: str) -> None:
    old = site.files()
    with site.start(site.setup, moment) as child:
        child.send_signal(number)
        assert child.stderr is not None
        said = child.stderr.read()
    assert child.returncode == 130
    assert "Traceback" not in said
    assert "Interrupted" in said
    site.run(site.undo)  # where it came after the last change, the set-up stands
    assert site.files() == old


def test_a_second_wizard_is_told_that_one_is_at_work(site: Site) -> None:
    with site.start(site.setup, "Step 1") as child:
        second, undo, json_ = site.run(site.setup), site.run(site.undo), site.run([*site.setup, "--json"])
        child.kill()
    assert [d.returncode for d in (second, undo, json_)] == [3, 3, 3]
    assert "Another mlops-wizard is at work on this repo" in second.stderr
    assert "Another mlops-wizard is at work on this repo" in undo.stderr
    assert json.loads(json_.stdout)["status"] == "failed"


def _mounted(site: Site, script: str) -> subprocess.CompletedProcess[str]:
    """The script in a mount namespace of its own; `$@` is the set-up."""
    return site.run(site.setup, "unshare", "-rm", "sh", "-c", script, "sh")


@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_under_the_repo_is_said_and_nothing_is_lost(site: Site) -> None:
    old, out = site.files(), site.home / "out"
    out.mkdir()
    done = _mounted(site, f"""
        cp -a . {out}/ && mount -t tmpfs -o size=256k none . && cd "$PWD" && cp -a {out}/. . && rm -rf {out}/*
        dd if=/dev/zero of=dist bs=4k 2>/dev/null
        "$@"; code=$?; rm dist; cp -a . {out}/; exit $code""")  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "the disk is full; free some space and run the same command again" in done.stdout + done.stderr
    assert {p.name: p.read_bytes() for p in out.rglob("*") if str(site.repo / p.relative_to(out)) in old} == {
        Path(p).name: data for p, data in old.items() if p != str(site.config)
    }
    assert site.config.read_bytes() == old[str(site.config)]
    assert site.holders(site.token) == set()


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("free", [0, 12, 20, 28])
def test_a_full_disk_under_the_state_is_said_and_the_next_start_and_undo_give_all_back(site: Site, free: int) -> None:
    old = site.files()
    (site.home / "kept").mkdir()
    done = _mounted(site, f"""
        mkdir -p {site.state} && mount -t tmpfs -o size=256k none {site.state}
        [ {free} = 0 ] || dd if=/dev/zero of={site.state}/hole bs=1k count={free} 2>/dev/null
        dd if=/dev/zero of={site.state}/fill bs=4k 2>/dev/null; rm -f {site.state}/hole
        "$@"; code=$?; rm {site.state}/fill; cp -a {site.state}/. {site.home}/kept/; exit $code""")  # fmt: skip
    assert done.returncode in (1, 3), done.stderr
    assert "o space left on device" in done.stdout + done.stderr or "the disk is full" in done.stdout + done.stderr
    (site.home / "kept").rename(site.state)
    while "Taken back" in site.run(site.undo).stdout:
        continue
    assert site.files() == old
    site.run(site.setup)
    assert site.run(site.undo).returncode == 0
    assert site.files() == old


@pytest.mark.usefixtures("namespaces")
def test_a_read_only_repo_is_said_and_nothing_is_changed(site: Site) -> None:
    old = site.files()
    done = _mounted(site, 'mount --bind . . && mount -o remount,bind,ro "$PWD" && cd "$PWD" && "$@"')
    assert done.returncode == 1, done.stderr
    assert "the file system is read-only; remount it, or work in a copy of the repo" in done.stdout + done.stderr
    assert site.files() == old
    assert site.holders(site.token) == set()


@pytest.mark.usefixtures("namespaces")
def test_a_state_folder_that_is_read_only_could_not_run(site: Site) -> None:
    old = site.files()
    site.state.mkdir()
    done = _mounted(site, f'mount --bind {site.state} {site.state} && mount -o remount,bind,ro {site.state} && "$@"')
    assert done.returncode in (1, 3), done.stderr
    assert str(site.state) in done.stderr
    assert "read-only" in done.stderr.lower()
    assert site.files() == old


@pytest.mark.usefixtures("namespaces")
def test_without_a_network_the_host_is_named_and_nothing_is_changed(site: Site) -> None:
    old = site.files()
    done = site.run(site.setup, "unshare", "-rn")
    assert done.returncode == 2, done.stderr
    assert "auth.host" in done.stderr
    assert "Nothing answers at localhost" in done.stderr
    assert site.files() == old
