"""What the wizard calls: start, status, stop, logs of the sandbox, and `Control` over a running one.

Synchronous, and only the standard library until something is called: `doctor` and `run` may import it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.sandbox import faults, process, record
from wizard.sandbox.error import SandboxError
from wizard.sandbox.paths import Paths, tail
from wizard.secret import Secret

__all__ = ["Control", "Running", "SandboxError", "logs", "start", "status", "stop"]

START_LOCK_SECONDS = 1800
"""How long a start waits for another start, which may be fetching Spark."""

STOP_LOCK_SECONDS = 30

LOG_LIMIT = 256 * 1024
"""Bytes of each log file that `logs` returns, from its end."""


@dataclass(frozen=True)
class Running:
    """A sandbox that runs. Nothing in it is secret."""

    host: str
    """`https://localhost:PORT`: what goes into a profile as host."""
    org_id: str
    """The workspace's id, as in the header `x-databricks-org-id`."""
    ca_bundle: str
    """PEM file for REQUESTS_CA_BUNDLE and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: both are needed."""
    control: str
    """Path of the control socket, for its owner alone."""
    pid: int
    log: str


def _quiet(text: str) -> None:
    del text


def start(
    state: Path,
    *,
    misbehave: Sequence[str] = (),
    idle_minutes: float | None = 60,
    progress: Callable[[str], None] = _quiet,
    spark: bool = True,
    spark_home: Path | None = None,
    port: int = 0,
) -> Running:
    """Start the sandbox below `state`, or return the one that already runs there (told to `misbehave` too).

    `idle_minutes` without a request end it; None never. `spark=False` is the workspace alone: gRPC is then refused.
    `spark_home` (or MLOPS_WIZARD_SPARK_ENV) names another folder for Spark's environment, `port` a fixed port.
    Raises SandboxError, with what to do, and then leaves no process.
    """
    if os.name != "posix":
        raise SandboxError("The sandbox needs Linux or macOS. On Windows, install mlops-wizard inside WSL2.")
    faults.parse(misbehave)
    paths = Paths(Path(state).absolute()).make()
    with _locked(paths, START_LOCK_SECONDS, progress):
        if (running := _running(paths)) and os.path.exists(running.control):
            return _reuse(paths, running, misbehave, spark)
        _reap(paths)
        from wizard.sandbox import launch

        home = launch.spark_environment(paths, spark_home, progress) if spark else None
        order = launch.Order(paths, tuple(misbehave), idle_minutes, home, port)
        return _from_record(launch.launch(order, progress))


def status(state: Path) -> Running | None:
    """The sandbox that runs below `state`. None where none does; what a killed one left behind is then cleared away."""
    paths = Paths(Path(state).absolute())
    found = record.read(paths.record)
    if found is None:
        return None
    if found.server_runs():
        return _from_record(found) if found.ready else None
    try:
        with _locked(paths, 0, _quiet):
            if not _running(paths):
                _reap(paths)
    except SandboxError:
        return None  # another start or stop is clearing it away at this moment
    return _running(paths)


def stop(state: Path) -> bool:
    """End the sandbox below `state`, Spark included, and wait until nothing is left. Whether there was one."""
    paths = Paths(Path(state).absolute())
    if not paths.root.is_dir():
        return False
    with _locked(paths, STOP_LOCK_SECONDS, _quiet):
        return _reap(paths)


def logs(state: Path) -> str:
    """The end of the server's and of Spark's log, without terminal escapes. Empty where nothing ever ran."""
    paths = Paths(Path(state).absolute())
    parts = [f"==> {file} <==\n{text}" for file in (paths.log, paths.spark_log) if (text := tail(file, LOG_LIMIT))]
    return "\n".join(parts)


@contextmanager
def _locked(paths: Paths, seconds: float, progress: Callable[[str], None]) -> Iterator[None]:
    """One start, stop or clearing at a time below one state folder."""
    from filelock import FileLock, Timeout

    lock = FileLock(str(paths.lock), mode=0o600)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress("Another mlops-wizard is starting or stopping the sandbox; waiting for it.")
            lock.acquire(timeout=seconds)
    except Timeout:
        raise SandboxError(
            "Another mlops-wizard is starting or stopping the sandbox. Wait for it, then type the command again."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _running(paths: Paths) -> Running | None:
    found = record.read(paths.record)
    return _from_record(found) if found is not None and found.ready and found.server_runs() else None


def _reuse(paths: Paths, running: Running, misbehave: Sequence[str], spark: bool) -> Running:
    found = record.read(paths.record)
    if spark and found is not None and not found.spark_runs():
        raise SandboxError(
            "A sandbox runs here whose Spark has ended or was never started. "
            "Type `mlops-wizard sandbox stop`, then `mlops-wizard sandbox start`."
        )
    if misbehave:
        Control(running).misbehave(*misbehave)
    return running


def _reap(paths: Paths) -> bool:
    """End whatever a record names, whether whole, half started or orphaned, and remove the files of that run."""
    found = record.read(paths.record)
    if found is None:
        paths.clear_run(None)
        return False
    served = process.end(found.pid, found.identity, patience=15.0)
    # Ending the server wrote nothing new: but it may have recorded Spark between our reading and its end.
    found = record.read(paths.record) or found
    orphaned = process.end(found.spark_pid, found.spark_identity, patience=5.0)
    paths.clear_run(found.sockets)
    return served or orphaned


def _from_record(found: record.Record) -> Running:
    return Running(found.host, found.org_id, found.ca_bundle, found.control, found.pid, found.log)


class Control:
    """What only the sandbox's owner may ask of it, over its private socket. Every method raises SandboxError."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def token(self, lifetime_seconds: int | None = None, comment: str = "mlops-wizard sandbox") -> Secret:
        """Mint a personal access token for the default user; a lifetime of 0 gives one that has expired already."""
        return Secret(self._text("token", lifetime_seconds=lifetime_seconds, comment=comment))

    def client(self) -> tuple[str, Secret]:
        """A service principal for OAuth M2M: its client id and a new secret of it."""
        answer = self._ask("client")
        if not isinstance(answer, list) or len(answer) != 2 or not all(isinstance(part, str) for part in answer):
            raise _unexpected("client")
        return answer[0], Secret(answer[1])

    def get_secret(self, service: str, user: str) -> Secret | None:
        """An entry of the sandbox's own memory, where the wizard keeps its secrets on a machine without a keyring."""
        answer = self._ask("get-secret", service=service, user=user)
        return None if answer is None else Secret(str(answer))

    def put_secret(self, service: str, user: str, value: Secret) -> None:
        """Keep an entry until the sandbox stops."""
        self._ask("put-secret", service=service, user=user, value=value.reveal())

    def delete_secret(self, service: str, user: str) -> bool:
        """Forget an entry; whether there was one."""
        return bool(self._ask("delete-secret", service=service, user=user))

    def list_secrets(self) -> tuple[tuple[str, str], ...]:
        """(service, user) of every entry, sorted; no values."""
        answer = self._ask("list-secrets")
        return tuple((str(service), str(user)) for service, user in answer)

    def misbehave(self, *names: str) -> None:
        """Add faults, by the names of `faults.FAULTS`, each `name` or `name=number`."""
        faults.parse(names)
        self._ask("misbehave", names=list(names))

    def clear(self) -> None:
        """Behave again."""
        self._ask("clear")

    def faults(self) -> tuple[str, ...]:
        """The faults that are on, as they were named."""
        return tuple(str(name) for name in self._ask("faults"))

    def _text(self, op: str, **arguments: Any) -> str:
        answer = self._ask(op, **arguments)
        if not isinstance(answer, str):
            raise _unexpected(op)
        return answer

    def _ask(self, op: str, **arguments: Any) -> Any:
        from wizard.sandbox import line

        return line.ask(self.running.control, {"op": op, **arguments})


def _unexpected(op: str) -> SandboxError:
    return SandboxError(
        f"The sandbox answered {op!r} with something else than was asked for. Another version of it may be running: "
        f"type `mlops-wizard sandbox stop`, then start it with this one ({sys.executable})."
    )
