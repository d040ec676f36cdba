"""Which secrets are kept, where, and for whom: never a value. Keyrings cannot list, so this is the list.

One JSON file in the state folder (0700), replaced whole under a lock.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from wizard import flat

Answer = TypeVar("Answer")

FILE = "index.json"
SCHEMA = 1
LOCK_SECONDS = 10.0


class IndexProblem(Exception):
    """The index cannot be read or written; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One secret that is kept. Times are RFC 3339 in UTC."""

    service: str
    """`mlops-wizard/<host or account>/<name>`."""
    store: str
    """`keyring`, `sandbox`, `plain`."""
    kind: str = ""
    """What it is: `pat`, `client-secret`, `oauth`, `storage-key`…"""
    created: str = ""
    """Filled in when it is added."""
    expires: str | None = None
    used_by: tuple[str, ...] = ()
    """Paths of the repos whose set-up needs it."""
    client_id: str = ""
    """For a service principal's secret: whose it is. Not secret."""

    @property
    def host(self) -> str:
        """The host or account that it belongs to."""
        return self.service.removeprefix("mlops-wizard/").rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its name there, as in `DATABRICKS_TOKEN`."""
        return self.service.rpartition("/")[2]


class Index:
    """The list of what is kept below one state folder. All methods raise IndexProblem."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._path = os.path.join(state, FILE)

    def list(self) -> tuple[Kept, ...]:
        """All entries, by service name."""
        found = self._load()
        return tuple(found[service] for service in sorted(found))

    def find(self, service: str) -> Kept | None:
        """The entry of this service name; None where nothing is kept under it."""
        return self._load().get(service)

    def add(self, kept: Kept) -> Kept:
        """Add or replace an entry, and return it: repos that used it stay its users, `created` becomes now if empty."""

        def change(entries: dict[str, Kept]) -> Kept:
            before = entries.get(kept.service)
            users = dict.fromkeys((before.used_by if before else ()) + kept.used_by)
            created = kept.created or datetime.now(UTC).isoformat(timespec="seconds")
            entries[kept.service] = replace(kept, used_by=tuple(users), created=created)
            return entries[kept.service]

        return self._change(change)

    def remove(self, service: str) -> bool:
        """Forget an entry; whether there was one. The secret itself is its store's to delete."""
        return self._change(lambda entries: entries.pop(service, None)) is not None

    def release(self, service: str, repo: str) -> bool:
        """Take a repo from an entry's users; whether it was one."""

        def change(entries: dict[str, Kept]) -> bool:
            before = entries.get(service)
            if before is None or repo not in before.used_by:
                return False
            entries[service] = replace(before, used_by=tuple(user for user in before.used_by if user != repo))
            return True

        return self._change(change)

    def _change(self, change: Callable[[dict[str, Kept]], Answer]) -> Answer:
        with self._locked():
            entries = self._load()
            before = dict(entries)
            answer = change(entries)
            if entries != before:
                self._save(entries)
            return answer

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            os.makedirs(self._state, mode=0o700, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=LOCK_SECONDS, mode=0o600):
                yield
        except Timeout:
            raise IndexProblem(f"Another mlops-wizard holds {self._path}; end it, then try again.") from None
        except OSError as error:
            raise IndexProblem(f"{self._path} cannot be locked: {error.strerror}; make its folder writable.") from None

    def _load(self) -> dict[str, Kept]:
        try:
            text = flat.read_private(self._path)
            if text is None:
                return {}
            found = json.loads(text)
            if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(found["kept"], list):
                raise self._broken()
            return {kept.service: kept for kept in map(_parse, found["kept"])}
        except flat.FlatError as error:
            raise IndexProblem(str(error)) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise self._broken() from None

    def _broken(self) -> IndexProblem:
        return IndexProblem(
            f"{self._path} is not a list of secrets that this version reads; move it away and run "
            "`mlops-wizard setup` again (the secrets themselves are in their store)."
        )

    def _save(self, entries: dict[str, Kept]) -> None:
        text = json.dumps(
            {"schema": SCHEMA, "kept": [asdict(entries[service]) for service in sorted(entries)]}, indent=2
        )
        try:
            flat.write_private(self._path, text + "\n")
        except flat.FlatError as error:
            raise IndexProblem(str(error)) from None


def _parse(found: Any) -> Kept:
    """One entry of the file; keys that a later version added are left out. Raises ValueError, KeyError, TypeError."""
    known = {field.name: found[field.name] for field in fields(Kept) if field.name in found}
    users = known.pop("used_by", [])
    expires = known.get("expires")
    texts = [value for name, value in known.items() if name != "expires"]
    if not isinstance(users, list) or not isinstance(expires, str | None):
        raise TypeError
    if not all(isinstance(text, str) for text in [*texts, *users]):
        raise TypeError
    return Kept(**known, used_by=tuple(users))
