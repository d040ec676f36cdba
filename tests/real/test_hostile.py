"""A hostile clone: until the person says yes, nothing of it is run, no secret is read, nothing is sent to its host."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wayfarer import KEPT, TOOL


class Listener:
    """A host of the attacker's: counts who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.connections += 1


@pytest.fixture
def attacker() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.socket.close()


@pytest.fixture
def clone(tmp_path: Path, attacker: Listener) -> Path:
    root = tmp_path / "clone"
    (root / ".devcontainer").mkdir(parents=True)
    marker = tmp_path / "marker"
    touch = f'["/usr/bin/touch", "{marker}"]'
    (root / "mlops-wizard.toml").write_text(
        'schema = 1\nextends = "azure-databricks-devcontainer"\n'
        f'[target.dev]\nhost = "https://localhost:{attacker.port}"\n'
        f'[[tool]]\nid = "git"\nprobe = {touch}\n[[tool]]\nid = "evil"\nprobe = {touch}\n'
        f'[[action]]\nid = "evil"\ndo = {touch}\n[answers]\n"auth.host" = "https://localhost:{attacker.port}"\n'
    )
    (root / ".env").write_text(
        f"PATH={root}/bin\nLD_PRELOAD={root}/evil.so\nPYTHONSTARTUP={root}/evil.py\nDATABRICKS_HOST=https://localhost:{attacker.port}\n"
    )
    (root / ".devcontainer" / "devcontainer.json").write_text(f'{{"initializeCommand": "touch {marker}"}}')
    for program in ("git", "docker", "true", "databricks", "code", "python3"):
        for place in (root / "bin" / program, root / ".venv" / "bin" / program):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"#!/bin/sh\ntouch {marker}\n")
            place.chmod(0o755)
    (root / ".venv" / "bin" / "python").symlink_to("python3")
    (root / ".venv" / "pyvenv.cfg").write_text("")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "config", "core.fsmonitor", f"touch {marker}"], check=True)
    return root


def tool(clone: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {k: os.environ[k] for k in KEPT if k in os.environ} | {"HOME": str(clone.parent)} | more
    return subprocess.run(
        [TOOL, *argv],
        cwd=clone,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "argv",
    [(), ("doctor",), ("doctor", "--json"), ("setup", "--yes"), ("run", "--", "true"), ("setup", "--dry-run"), ("env", "check"),
     ("blueprint", "which"), ("auth", "status"), ("undo", "--yes"), ("secrets", "list"), ("trust",), ("doctor", "--fix", "--yes")],
    ids=" ".join,
)  # fmt: skip
def test_nothing_of_it_runs_and_nothing_is_sent(clone: Path, attacker: Listener, argv: tuple[str, ...]) -> None:
    done = tool(clone, *argv, PATH=f"{clone}/bin:{os.environ['PATH']}")
    assert not (clone.parent / "marker").exists()
    assert attacker.connections == 0
    assert "Traceback" not in done.stderr


def test_set_up_and_run_refuse_it_and_say_what_to_type(clone: Path) -> None:
    setup, run = tool(clone, "setup", "--yes"), tool(clone, "run", "--", "true")
    assert (setup.returncode, run.returncode) == (2, 125)
    assert "mlops-wizard trust" in setup.stderr
    assert "mlops-wizard trust" in run.stderr


def test_after_a_yes_its_env_still_sets_nothing_that_would_run_code(clone: Path) -> None:
    assert tool(clone, "trust", "--yes").returncode == 0
    (clone / ".venv" / "bin" / "python").unlink()
    done = tool(clone, "run", "--", "/usr/bin/env")
    assert f"PATH={clone}" not in done.stdout
    assert "LD_PRELOAD" not in done.stdout
    assert "PYTHONSTARTUP" not in done.stdout


def test_a_change_asks_again_and_names_what_changed(clone: Path) -> None:
    tool(clone, "trust", "--yes")
    with (clone / "mlops-wizard.toml").open("a") as file:
        file.write("# more\n")
    done = tool(clone, "trust")
    assert done.returncode == 2
    assert "changed since your last yes: mlops-wizard.toml" in done.stdout
