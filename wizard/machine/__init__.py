"""The real World: this machine, as far as checks may look at it. It reads, runs and asks; nothing here writes.

Until the person has trusted the repo, this class itself (and not only the checks) runs nothing that lies in it, asks no
host, and reads nothing from the store.
"""

from __future__ import annotations

import os
import stat as modes
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from checks import EMPTY, Platform, Project, Ran, Reply, Stat
from wizard.machine import http, process, system
from wizard.secret import Secret, SecretStore

_GIT = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
"""A repo may name programs in its own configuration; git is told not to run them."""
_GIT_ENV = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat"}

UNTRUSTED = "this repo is not trusted yet; mlops-wizard trust"


class Machine:
    """This machine, and the repo at `root`. No method raises.

    `probe` tells the store's name and what is wrong with it (it writes, reads and deletes a random entry, in a process of
    its own); `bearer` makes an entry into what a server is shown, its value where nothing else is said; `ca_bundle` is a
    file of certificates that are trusted beside the system's.
    """

    def __init__(
        self,
        root: str,
        project: Project = EMPTY,
        *,
        trusted: bool = False,
        offline: bool = False,
        store: SecretStore | None = None,
        probe: Callable[[], tuple[str, str]] | None = None,
        ca_bundle: str = "",
        bearer: Callable[[str], Secret | None] | None = None,
    ) -> None:
        self.root = os.path.realpath(root)
        self.project, self.trusted, self.offline = project, trusted, offline
        self._store, self._probe = store, probe
        self._bearer = bearer or (lambda entry: store.get(entry) if store else None)
        self.env: Mapping[str, str] = MappingProxyType(dict(os.environ))
        self.home = os.path.expanduser("~")
        self._http = http.Client(self.env, ca_bundle)
        self._platform: Platform | None = None

    @property
    def platform(self) -> Platform:
        if self._platform is None:
            self._platform = system.look(self.env)
        return self._platform

    def now(self) -> datetime:
        return datetime.now(UTC)

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        place = self._place(path)
        try:
            if not modes.S_ISREG(os.stat(place).st_mode):  # a FIFO or a device would keep us waiting
                return None
            flags = (
                os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
            )
            with os.fdopen(os.open(place, flags), "rb") as file:
                return file.read(max(0, limit))
        except (OSError, ValueError):
            return None

    def stat(self, path: str) -> Stat | None:
        place = self._place(path)
        try:
            found = os.stat(place)
            link = os.path.islink(place)
        except (OSError, ValueError):
            return None
        mode = modes.S_IMODE(found.st_mode)
        return Stat(found.st_size, mode, found.st_mtime, modes.S_ISDIR(found.st_mode), link)

    def list(self, path: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(os.listdir(self._place(path))))
        except (OSError, ValueError):
            return ()

    def which(self, program: str) -> tuple[str, ...]:
        try:
            return system.copies(program, self.env, outside="" if self.trusted else self.root)
        except (OSError, ValueError):
            return ()

    def run(self, *argv: str, timeout: float = 10, env: Mapping[str, str] | None = None, input: str = "") -> Ran:
        if not argv:
            return Ran(None, problem="no program to run")
        program = self._program(argv[0])
        if not program:
            return Ran(None, problem=f"{argv[0]}: not found")
        if not self.trusted and system.inside(program, self.root):
            return Ran(None, problem=UNTRUSTED)
        words, more = [program, *argv[1:]], dict(env or {})
        if _is_git(argv[0]):
            words[1:1], more = _GIT, _GIT_ENV | more
        return process.run(words, cwd=self.root, env={**self.env, **more}, timeout=timeout, input=input)

    def get(self, url: str, *, bearer: str = "", timeout: float = 5) -> Reply:
        if self.offline:
            return Reply(0, problem="offline: the network was not asked")
        if not self.trusted:
            return Reply(0, problem=UNTRUSTED)
        if not bearer:
            return self._http.get(url, timeout=timeout)
        if problem := http.not_for(url, bearer):
            return Reply(0, problem=problem, hop="auth")
        try:
            secret = self._bearer(bearer)
        except Exception as error:  # noqa: BLE001  stores stand on other people's back ends; none may end a look
            return Reply(0, problem=f"the store does not answer: {type(error).__name__}", hop="")
        if not secret:
            return Reply(0, problem=f"the store has no {bearer}", hop="auth")
        return self._http.get(url, token=secret, timeout=timeout)

    def kept(self, entry: str) -> bool | None:
        if self._store is None or not self.trusted:
            return None
        try:
            return self._store.get(entry) is not None
        except Exception:  # noqa: BLE001  as above
            return None

    def store(self) -> tuple[str, str]:
        if not self.trusted:
            return "", UNTRUSTED
        if self._probe is None:
            return (self._store.title, "") if self._store else ("", "no store is chosen yet")
        try:
            return self._probe()
        except Exception as error:  # noqa: BLE001  as above
            return (self._store.title if self._store else "the store"), f"it fails with {type(error).__name__}"

    def _place(self, path: str) -> str:
        if path == "~" or path.startswith(("~/", "~\\")):
            path = os.path.join(self.home, path[2:])
        return os.path.join(self.root, path)

    def _program(self, name: str) -> str:
        """The path of a program: the first copy on PATH of a bare name, a path below the repo's root otherwise."""
        if os.sep not in name and "/" not in name:
            return next(iter(self.which(name)), "")
        return os.path.normpath(self._place(name)) if name.strip() else ""


def _is_git(name: str) -> bool:
    base = os.path.basename(name).lower()
    return base == "git" or (sys.platform == "win32" and base == "git.exe")
