"""A value that does not print itself, and the places that may keep one."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import NoReturn, Protocol

MASK = "•••"

USER = "mlops-wizard"
"""The user name of every entry, in every store."""


class Secret:
    """Holds a secret; `reveal()` is the only door. It is not printed, formatted or pickled by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: only for the store, the vendor's client or the child that must have it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        ours, theirs = self.reveal(), other.reveal()
        return hmac.compare_digest(ours.encode("utf-8", "surrogatepass"), theirs.encode("utf-8", "surrogatepass"))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied to disk; keep it in a store")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a secret is kept: it belongs to a host (or account) and is given out only together with it."""

    host: str
    name: str

    @property
    def service(self) -> str:
        """The name under which keyrings know it, as in `mlops-wizard/adb-1.2.azuredatabricks.net/DATABRICKS_TOKEN`."""
        return f"mlops-wizard/{self.host}/{self.name}"


class StoreError(Exception):
    """A store could not do what it was asked; the text says why and what to do, and never repeats a value."""


class StoreGone(StoreError):
    """The store is no more, and what it held went with it: nothing is left there to forget."""


class SecretStore(Protocol):
    """A place that keeps secrets, by service name. All methods raise `StoreError` where the store does not answer."""

    @property
    def name(self) -> str:
        """The word in answers files: `keyring`, `sandbox`, `plain`."""
        ...

    @property
    def title(self) -> str:
        """What a person calls it: `GNOME Keyring (Secret Service)`."""
        ...

    def get(self, service: str) -> Secret | None: ...
    def put(self, service: str, value: Secret) -> None: ...
    def delete(self, service: str) -> bool: ...
