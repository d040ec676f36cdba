"""What `make test` runs: style, types, the floors of the house, then every test; a part that cannot run says why.

On a machine of its own (CI, or a container, as root) it installs with apt what the tests of the keyring and of the terminal
need; elsewhere those tests are skipped by name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {"dbus-run-session": "dbus", "gnome-keyring-daemon": "gnome-keyring", "tmux": "tmux", "git": "git"}


def main() -> int:
    os.chdir(ROOT)
    _parts()
    bin = Path(sys.executable).parent
    checks = {
        "style": [str(bin / "ruff"), "check", "."],
        "format": [str(bin / "ruff"), "format", "--check", "."],
        "types": [str(bin / "mypy")],
        "floors": [str(bin / "lint-imports"), "--no-cache"],
    }
    failed = [name for name, argv in checks.items() if _run(name, argv)]
    workers = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadgroup"]
    tests = [str(bin / "python"), "-I", "-m", "pytest", "-q", "-rs", "--durations=10", *workers, *sys.argv[1:]]
    code = _run("tests", tests)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return code or (1 if failed else 0)


def _run(name: str, argv: list[str]) -> int:
    print(f"--- {name}", flush=True)
    return subprocess.run(argv, check=False).returncode


def _parts() -> None:
    """Programs that pip cannot bring. Only where installing them harms nobody."""
    missing = [package for program, package in PARTS.items() if shutil.which(program) is None]
    alone = os.environ.get("CI") or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    if not missing or not alone or not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False, stdout=subprocess.DEVNULL)
    argv = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    subprocess.run(argv, env=env, check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
