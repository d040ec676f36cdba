"""Starting the server's process from the client, detached, and hearing from it until it is ready.

The server writes JSON lines to a pipe: `{"progress": text}`, `{"ready": true}` or `{"error": text}`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wizard.sandbox import process, record
from wizard.sandbox.error import SandboxError
from wizard.sandbox.paths import Paths, tail
from wizard.sandbox.spark import SparkHome, ensure

READY_SECONDS = 240.0
NEEDED = ("aiohttp", "grpc", "cryptography", "certifi")
KEPT = ("HOME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "SYSTEMROOT")
"""All that the server inherits of the environment: no credential that happens to be there."""

MACHINE_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")
"""Variables that name the CA bundle which this machine's programs use; it joins the sandbox's own bundle."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What to start."""

    paths: Paths
    misbehave: tuple[str, ...]
    idle_minutes: float | None
    home: SparkHome | None
    port: int

    def argv(self, pipe: int) -> list[str]:
        """The command. `-I`: neither the folder one stands in nor PYTHONPATH decides what is imported."""
        argv = [sys.executable, "-I", "-m", "wizard.sandbox.server", "--state", str(self.paths.state)]
        argv += ["--pipe", str(pipe), "--port", str(self.port)]
        argv += [f"--misbehave={name}" for name in self.misbehave]
        argv += [f"--extra-ca={path}" for path in machine_bundles()]
        if self.idle_minutes is not None:
            argv.append(f"--idle-minutes={self.idle_minutes}")
        if self.home is not None:
            argv.append(f"--spark-env={self.home.folder}")
        return argv


def machine_bundles() -> list[str]:
    """The CA bundle files that this machine presets, each once."""
    named = (os.environ.get(name, "") for name in MACHINE_BUNDLES)
    return list(dict.fromkeys(os.path.abspath(path) for path in named if path and os.path.isfile(path)))


def spark_environment(paths: Paths, spark_home: Path | None, progress: Progress) -> SparkHome:
    """Spark's environment, made now where it is not there: by `spark_home`, MLOPS_WIZARD_SPARK_ENV, or the state."""
    check_extra()
    named = spark_home or os.environ.get("MLOPS_WIZARD_SPARK_ENV") or None
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return ensure(Path(named).absolute() if named else paths.root / f"spark-py{minor}", progress)


def check_extra() -> None:
    """Raise SandboxError where the packages of the extra are missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SandboxError(
            f"The sandbox needs packages that are not installed here ({', '.join(missing)}). "
            "Install mlops-wizard with the extra `sandbox`, as in: uv tool install 'mlops-wizard[sandbox]'"
        )


def launch(order: Order, progress: Progress) -> record.Record:
    """Start the server and wait until it is ready. On any failure, Ctrl-C included, no process is left."""
    check_extra()
    order.paths.log.unlink(missing_ok=True)
    order.paths.spark_log.unlink(missing_ok=True)
    reading, writing = os.pipe()
    try:
        try:
            _spawn(order, writing)
        finally:
            os.close(writing)
        _listen(reading, progress, order.paths)
        return _ready(order.paths)
    except BaseException:
        _clear_away(order.paths)
        raise
    finally:
        os.close(reading)


def _ready(paths: Paths) -> record.Record:
    found = record.read(paths.record)
    if found is None or not found.ready:
        raise SandboxError(_died(paths))
    return found


def _spawn(order: Order, writing: int) -> None:
    """The child forks and its parent half returns at once, so that no zombie of it is ever ours."""
    environment = {name: value for name in KEPT if (value := os.environ.get(name))}
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    log = os.open(order.paths.log, flags, 0o600)
    try:
        subprocess.run(
            order.argv(writing),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd="/",
            pass_fds=(writing,),
            start_new_session=True,
            timeout=60,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise SandboxError(_died(order.paths)) from error
    finally:
        os.close(log)


def _listen(reading: int, progress: Progress, paths: Paths) -> None:
    """Follow the server's lines until it says ready. Raises SandboxError where it fails, ends or says nothing."""
    until = time.monotonic() + READY_SECONDS
    held = b""
    while True:
        line, newline, rest = held.partition(b"\n")
        if newline:
            held = rest
            if _heard(line, progress):
                return
            continue
        left = until - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            raise SandboxError(f"The sandbox was not ready after {READY_SECONDS:.0f} s. {_see(paths)}")
        part = os.read(reading, 65536)
        if not part:
            raise SandboxError(_died(paths))
        held += part


def _heard(line: bytes, progress: Progress) -> bool:
    message = json.loads(line)
    if "error" in message:
        raise SandboxError(str(message["error"]))
    if "progress" in message:
        progress(str(message["progress"]))
    return bool(message.get("ready"))


def _clear_away(paths: Paths) -> None:
    with suppress(OSError):
        found = record.read(paths.record)
        if found is not None:
            process.end(found.pid, found.identity, patience=10.0)
            found = record.read(paths.record) or found
            process.end(found.spark_pid, found.spark_identity, patience=1.0)
        paths.clear_run(found.sockets if found else None)


def _died(paths: Paths) -> str:
    last = tail(paths.log, 2000).strip().splitlines()
    saw = f" Its last line: {last[-1][:300]}" if last else ""
    return f"The sandbox's process ended before it was ready.{saw} {_see(paths)}"


def _see(paths: Paths) -> str:
    return f"See {paths.log} and {paths.spark_log}, or type `mlops-wizard sandbox logs`."
