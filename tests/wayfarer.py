"""A new user: an empty HOME, the installed console script, and nothing else of ours."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

TOOL = str(Path(sys.executable).parent / "mlops-wizard")
APPI_IK = "InstrumentationKey=0f1e2d3c-aaaa-bbbb-cccc-c0ffee5eedca;IngestionEndpoint=https://canary.in.example.net/"
KEPT = ("PATH", "LANG", "PIP_CACHE_DIR", "PIP_CERT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "PIP_FIND_LINKS", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "MLOPS_WIZARD_SPARK_ENV")  # fmt: skip


class Traveller:
    """Runs the tool in a HOME of its own; `sample` is the sandbox's repo there."""

    def __init__(self, home: Path, spark_home: Path, pip_cache: Path) -> None:
        self.home = home
        self.state = home / ".local" / "state" / "mlops-wizard"
        self.sample = self.state / "sandbox" / "sample"
        self.env = {k: os.environ[k] for k in KEPT if k in os.environ}
        self.env |= {
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "MLOPS_WIZARD_SPARK_ENV": str(spark_home),
            "PIP_CACHE_DIR": str(pip_cache),
        }
        (home / "tmp").mkdir(exist_ok=True)

    def run(self, *argv: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """The tool, to its end, without a terminal."""
        return subprocess.run(
            [TOOL, *argv], cwd=cwd or self.home, env={**self.env, **more}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=900,
        )  # fmt: skip

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """The tool, at work, in a process group of its own."""
        return subprocess.Popen(
            [TOOL, *argv], cwd=self.home, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip

    @staticmethod
    def wait_for(child: subprocess.Popen[str], text: str) -> None:
        """Read what it says until it says that."""
        assert child.stderr is not None
        for line in child.stderr:
            if text in line:
                return
        raise AssertionError(f"it ended with {child.wait()} and never said {text!r}")

    def set_up(self) -> None:
        """A finished set-up of the sample, whatever was before."""
        done = self.run("setup", "--sandbox", "--sample", "--yes")
        assert done.returncode == 0, done.stderr

    def git_status(self) -> str:
        argv = ["git", "-C", str(self.sample), "status", "--porcelain", "--ignored"]
        return subprocess.run(argv, env=self.env, capture_output=True, text=True, check=True).stdout

    def bytes_of_files(self) -> dict[str, bytes]:
        """Every file of the sample but git's own."""
        files = (p for p in self.sample.rglob("*") if p.is_file() and ".git" not in p.relative_to(self.sample).parts)
        return {str(p.relative_to(self.sample)): p.read_bytes() for p in files}

    def files_with(self, *canaries: str) -> list[str]:
        """Files under HOME (repo, state and temp folder lie there) that hold one of these."""
        found = []
        for path in self.home.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):  # a file of the sandbox's that was passing
                    data = path.read_bytes()
                    found += [str(path) for c in canaries if c.encode() in data]
        return found

    @contextmanager
    def watching_arguments(self, *canaries: str) -> Iterator[list[str]]:
        """Collect the command lines of all processes that hold one of these, while the block runs."""
        seen: list[str] = []
        stop = threading.Event()

        def watch() -> None:
            while not stop.is_set():
                seen.extend(line for line in command_lines() if any(c in line for c in canaries))
                time.sleep(0.02)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            thread.join()

    def processes(self) -> list[str]:
        """Command lines that name this HOME."""
        return [line for line in command_lines() if str(self.home) in line]

    def stop(self) -> None:
        """End the sandbox, however it stands."""
        self.run("sandbox", "stop")
        for pid in [p for p, line in _processes() if str(self.home) in line]:
            os.kill(pid, signal.SIGKILL)


def command_lines() -> list[str]:
    """The command lines of all processes but this one."""
    return [line for pid, line in _processes() if pid != os.getpid()]


def _processes() -> Sequence[tuple[int, str]]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found.append(
                    (int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                )
            except OSError:
                continue
    return found
