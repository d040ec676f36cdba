"""Where the sandbox keeps its files: `state/sandbox` (0700) and a private folder for sockets.

All that belongs to one run (record, sockets, certificates, Spark's scratch) goes away with `stop`; Spark's own
environment, about 900 MB, stays for the next start.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wizard.sandbox.error import SandboxError

SOCKETS = "mlops-wizard-sandbox-"
"""Prefix of the private folder that holds a run's unix sockets."""

SOCKET_PATH_LIMIT = 100
"""Bytes; the kernel's limit is 104 on macOS and 108 on Linux, names like `/control.sock` included."""


@dataclass(frozen=True)
class Paths:
    """The files below `state/sandbox`."""

    state: Path

    @property
    def root(self) -> Path:
        return self.state / "sandbox"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def record(self) -> Path:
        return self.root / "running.json"

    @property
    def bundle(self) -> Path:
        return self.root / "ca-bundle.pem"

    @property
    def log(self) -> Path:
        return self.root / "sandbox.log"

    @property
    def spark_log(self) -> Path:
        return self.root / "spark.log"

    @property
    def scratch(self) -> Path:
        """What Spark writes while it runs: warehouse, shuffle files, artifacts, dbfs."""
        return self.root / "scratch"

    def make(self) -> Paths:
        """Make the folder, for its owner alone. Raises SandboxError where it is somebody else's or cannot be made."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.root.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                raise SandboxError(f"{self.root} is not a folder of yours. Remove it, or name another state folder.")
            self.root.chmod(0o700)
        except OSError as error:
            raise SandboxError(
                f"The sandbox's folder {self.root} cannot be made: {error.strerror}. "
                "Free the place, or set MLOPS_WIZARD_STATE to a folder that you may write."
            ) from error
        return self

    def clear_run(self, sockets: str | None) -> None:
        """Remove what one run left: record, bundle, scratch, the folder of sockets."""
        self.record.unlink(missing_ok=True)
        self.bundle.unlink(missing_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        if sockets is not None:
            remove_sockets(Path(sockets))


def tail(file: Path, limit: int) -> str:
    """The last `limit` bytes of a text file, control characters but newline and tab removed."""
    try:
        with file.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - limit))
            text = stream.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")


def make_sockets() -> Path:
    """A new folder (0700) for unix sockets, with a path short enough for them."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for place in (runtime, tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes it 0700 and unguessable
        if place and len(os.fsencode(place)) + len(SOCKETS) + 24 <= SOCKET_PATH_LIMIT and _private_enough(place):
            return Path(tempfile.mkdtemp(prefix=SOCKETS, dir=place))
    raise SandboxError(
        "There is no temporary folder that can be written and has a short path. Set TMPDIR to one and start again."
    )


def _private_enough(place: str) -> bool:
    """Whether nobody else can swap what we make there: ours alone, or sticky as /tmp is."""
    try:
        found = os.stat(place)
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or not os.access(place, os.W_OK):
        return False
    return not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or bool(found.st_mode & stat.S_ISVTX)


def remove_sockets(folder: Path) -> None:
    """Remove a folder that `make_sockets` made; anything else is left alone."""
    try:
        found = folder.lstat()
    except OSError:
        return
    if folder.name.startswith(SOCKETS) and stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
        shutil.rmtree(folder, ignore_errors=True)
