"""Where the wizard keeps what it knows: one folder of the user's, 0700, never in the repo.

Own code and not platformdirs: `run` reads it before every command and can afford `os` alone.
"""

from __future__ import annotations

import os
import sys

STATE = "MLOPS_WIZARD_STATE"
"""Environment variable that names another state folder."""


def state() -> str:
    """The state folder (it may not exist yet): `~/.local/state/mlops-wizard` on Linux."""
    if named := os.environ.get(STATE):
        return os.path.abspath(named)
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "mlops-wizard")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "mlops-wizard")
    return os.path.join(os.environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state"), "mlops-wizard")


def repo_root(start: str) -> str:
    """The git root above `start`, or `start` itself where there is none."""
    here = os.path.realpath(start)
    place = here
    while True:
        if os.path.exists(os.path.join(place, ".git")):
            return place
        parent = os.path.dirname(place)
        if parent == place:
            return here
        place = parent


def repo_state(root: str) -> str:
    """The folder of the state that belongs to one repo: by a hash of its path."""
    key = sha256(os.path.realpath(root).encode("utf-8", "surrogateescape"))[:24]
    return os.path.join(state(), "repos", key)


def sha256(data: bytes) -> str:
    """In hexadecimal. By the interpreter's own code: loading OpenSSL takes a quarter of an interpreter's start."""
    try:
        return str(__import__("_sha2" if sys.version_info >= (3, 12) else "_sha256").sha256(data).hexdigest())
    except ImportError:  # an interpreter that was built without it
        import hashlib

        return hashlib.sha256(data).hexdigest()


def private(folder: str) -> str:
    """Make the folder, readable by its owner alone, and return it."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return folder
