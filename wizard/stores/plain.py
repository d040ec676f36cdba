"""Plain text in one file of the state folder, 0600: only by an explicit, recorded consent, and doctor keeps saying so.

It protects against other users of the machine and against nothing else: backups, disks and every process of the person
can read it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard import flat
from wizard.secret import USER, Secret, StoreError

FILE = "secrets.json"
CONSENT = "consent.json"
LOCK_SECONDS = 10.0
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Consent:
    """The person's yes to plain text: who and when, as RFC 3339 in UTC."""

    who: str
    when: str

    @classmethod
    def read(cls, state: str) -> Consent | None:
        """The consent that was recorded; None where there is none. Raises StoreError where it cannot be told."""
        try:
            text = flat.read_private(os.path.join(state, CONSENT), 10_000)
            found = json.loads(text) if text is not None else None
            plain = found.get("plain") if isinstance(found, dict) and found.get("schema") == SCHEMA else None
            if not isinstance(plain, dict):
                return None
            return cls(str(plain["who"]), str(plain["when"]))
        except flat.FlatError as error:
            raise StoreError(str(error)) from None
        except (ValueError, KeyError, RecursionError):
            return None

    @staticmethod
    def given(state: str) -> bool:
        """Whether there is a consent."""
        return Consent.read(state) is not None

    @staticmethod
    def record(state: str) -> Consent:
        """Record the consent of the person who runs this, now. Raises StoreError."""
        import getpass

        try:
            who = getpass.getuser()
        except (OSError, KeyError):  # a user id without a name, as in some containers
            who = f"uid {os.getuid()}" if sys.platform != "win32" else "unknown"
        consent = Consent(who, datetime.now(UTC).isoformat(timespec="seconds"))
        text = json.dumps({"schema": SCHEMA, "plain": {"who": consent.who, "when": consent.when}}, indent=2)
        _write(os.path.join(state, CONSENT), text + "\n")
        return consent

    @staticmethod
    def withdraw(state: str) -> bool:
        """Take it back; whether there was one. The file of secrets stays, for its owner to move or delete."""
        try:
            return flat.remove(os.path.join(state, CONSENT))
        except flat.FlatError as error:
            raise StoreError(str(error)) from None


class PlainStore:
    """Secrets in plain text, by consent. All methods raise StoreError, and without a consent nothing else."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._path = os.path.join(state, FILE)

    @property
    def name(self) -> str:
        return "plain"

    @property
    def title(self) -> str:
        return f"plain text in {self._path}"

    def get(self, service: str) -> Secret | None:
        """The entry; None where there is none."""
        self._agreed()
        value = self._load().get(service)
        return None if value is None else Secret(value)

    def put(self, service: str, value: Secret) -> None:
        """Keep the value, in clear."""
        self._agreed()
        if not value:
            raise StoreError(f"The value for {service} is empty; type the secret itself, or delete the entry.")
        with self._locked():
            self._save({**self._load(), service: value.reveal()})

    def delete(self, service: str) -> bool:
        """Remove the entry; whether there was one. The file goes with its last entry."""
        self._agreed()
        with self._locked():
            entries = self._load()
            if service not in entries:
                return False
            del entries[service]
            self._save(entries)
            return True

    def _agreed(self) -> None:
        if not Consent.given(self._state):
            raise StoreError(
                "Secrets are kept in plain text only after your consent, and there is none. "
                "Choose the keyring, or agree in `mlops-wizard setup`."
            )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            os.makedirs(self._state, mode=0o700, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=LOCK_SECONDS, mode=0o600):
                self._sweep()
                yield
        except Timeout:
            raise StoreError(f"Another mlops-wizard holds {self._path}; end it, then try again.") from None
        except OSError as error:
            raise StoreError(f"{self._path} cannot be locked: {error.strerror}; make its folder writable.") from None

    def _sweep(self) -> None:
        """What a writer that was killed had begun: it holds secrets, and nobody would ever read it."""
        for name in os.listdir(self._state):
            if name.startswith(f"{FILE}.") and name.endswith(".new"):
                os.unlink(os.path.join(self._state, name))

    def _load(self) -> dict[str, str]:
        _refuse_shared(self._path)
        try:
            text = flat.read_private(self._path)
            found = json.loads(text) if text is not None else {"schema": SCHEMA, "user": USER, "entries": {}}
        except flat.FlatError as error:
            raise StoreError(str(error)) from None
        except (ValueError, RecursionError):
            found = None
        entries = found.get("entries") if isinstance(found, dict) and found.get("schema") == SCHEMA else None
        if not isinstance(entries, dict) or not all(isinstance(value, str) for value in entries.values()):
            raise StoreError(f"{self._path} is not a file of secrets that this version reads; move it away.")
        return entries

    def _save(self, entries: dict[str, str]) -> None:
        if entries:
            text = json.dumps({"schema": SCHEMA, "user": USER, "entries": entries}, indent=2, sort_keys=True)
            _write(self._path, text + "\n")
        else:
            flat.remove(self._path)


def _write(path: str, text: str) -> None:
    try:
        flat.write_private(path, text)
    except flat.FlatError as error:
        raise StoreError(str(error)) from None


def _refuse_shared(path: str) -> None:
    """Raises StoreError where the file is a link, somebody else's, or readable by others."""
    if sys.platform == "win32":
        return
    try:
        found = os.lstat(path)
    except OSError:
        return
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise StoreError(f"{path} is not a file of yours; look at it, then move it away.")
    if found.st_mode & 0o077:
        raise StoreError(f"{path} can be read by others: change what it holds, then `chmod 600 {path}`.")
