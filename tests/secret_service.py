"""A real Secret Service for tests: a private D-Bus session and an unlocked gnome-keyring, nothing of it in HOME.

`started()` yields the environment to use. Skips by name where dbus-daemon or gnome-keyring-daemon is missing
(Debian: `apt-get install -y --no-install-recommends dbus gnome-keyring`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
from jeepney.io.blocking import DBusConnection, prep_socket  # type: ignore[import-untyped]

PATIENCE = 20.0
_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
_NAME = "org.freedesktop.secrets"
_DESKTOP = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "XDG_CURRENT_DESKTOP")


@dataclass(frozen=True)
class Service:
    """A running Secret Service: the environment in which keyring finds it, and its processes' ids."""

    env: dict[str, str]
    folder: Path
    bus: int
    daemon: int

    def lock(self) -> None:
        """Lock the login collection, as after a screen lock."""
        self._ask("/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "Lock", "ao", [_LOGIN])

    def freeze(self) -> None:
        """Stop the daemon in its tracks: it stays on the bus and answers nothing."""
        os.kill(self.daemon, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the daemon go on."""
        os.kill(self.daemon, signal.SIGCONT)

    def _ask(self, path: str, interface: str, method: str, signature: str, *body: object) -> None:
        with _connected(self.env["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            connection.send_and_get_reply(
                new_method_call(DBusAddress(path, _NAME, interface), method, signature, body), timeout=PATIENCE
            )


_LOGIN = "/org/freedesktop/secrets/collection/login"


@contextlib.contextmanager
def started(*, service: bool = True) -> Iterator[Service]:
    """A private session bus, and on it an unlocked gnome-keyring unless `service` is False."""
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"a real Secret Service needs {program}, which is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="keyring-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        env = _environment(folder)
        bus = stack.enter_context(_bus(folder, env))
        daemon = stack.enter_context(_daemon(env)) if service else None
        yield Service(env, folder, bus.pid, daemon.pid if daemon else 0)


def _environment(folder: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in _DESKTOP}
    for variable, below in (
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ):
        (folder / below).mkdir(mode=0o700)
        env[variable] = str(folder / below)
    env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={folder / 'run' / 'bus'}"
    return env


@contextlib.contextmanager
def _bus(folder: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """dbus-daemon with the session configuration, but without service files: nothing can be activated behind our back."""
    config = folder / "bus.conf"
    config.write_text(
        '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"\n'
        ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n'
        f"<busconfig><type>session</type><listen>unix:path={folder / 'run' / 'bus'}</listen>"
        '<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n',
        encoding="utf-8",
    )
    argv = ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}"]
    with _running(argv, env, None) as process:
        _until((folder / "run" / "bus").exists, process, "dbus-daemon")
        yield process


@contextlib.contextmanager
def _daemon(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """gnome-keyring, its login collection made and open: a single newline is the throw-away password, nothing is not."""
    argv = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    with _running(argv, env, b"\n") as process:
        _until(lambda: _owned(env["DBUS_SESSION_BUS_ADDRESS"]), process, "gnome-keyring-daemon")
        yield process


def _owned(address: str) -> bool:
    """Whether the name is taken, asked of the bus itself: a call to the name could start a second daemon."""
    with _connected(address) as connection:
        return bool(
            connection.send_and_get_reply(new_method_call(_BUS, "NameHasOwner", "s", (_NAME,)), timeout=5).body[0]
        )


@contextlib.contextmanager
def _connected(address: str) -> Iterator[DBusConnection]:
    connection = DBusConnection(prep_socket(address.removeprefix("unix:path=")))
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _running(argv: list[str], env: dict[str, str], given: bytes | None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        argv,
        env=env,
        stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if given is not None and process.stdin is not None:
            process.stdin.write(given)
            process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{what} did not start (exit status {process.returncode})")
        time.sleep(0.02)


@pytest.fixture
def secret_service() -> Iterator[Service]:
    """A Secret Service of the test's own."""
    with started() as service:
        yield service
