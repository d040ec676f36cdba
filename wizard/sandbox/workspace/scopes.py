"""Secret scopes: names, entries, access lists. Values are held as Secret, in memory only."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.sandbox.workspace.error import ApiError, exists, invalid, missing
from wizard.secret import Secret

SCOPE_LIMIT = 1000
ENTRY_LIMIT = 1000
VALUE_BYTES = 128 * 1024
"""The vendor's limits: scopes in a workspace, secrets in a scope, bytes of one value."""

PERMISSIONS = ("READ", "WRITE", "MANAGE")
_NAME = re.compile(r"[\w.@/ -]{1,128}", re.ASCII)
_KEY = re.compile(r"[\w.-]{1,128}", re.ASCII)


@dataclass
class Scope:
    """One scope: key -> (base64 of the value, when it was written in ms); principal -> permission."""

    name: str
    entries: dict[str, tuple[Secret, int]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)


@dataclass
class Scopes:
    """All scopes of the workspace."""

    now: Callable[[], float]
    _all: dict[str, Scope] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every scope's name, in order of making."""
        return list(self._all)

    def create(self, name: str, creator: str) -> None:
        """Make a scope that its creator manages. Raises RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER_VALUE."""
        if not _NAME.fullmatch(name):
            raise invalid("A scope's name has 1 to 128 letters, digits, dashes, underscores, @ signs and periods.")
        if name in self._all:
            raise exists(f"Scope {name} already exists!")
        if len(self._all) >= SCOPE_LIMIT:
            raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"There are {SCOPE_LIMIT} scopes. Delete some first.")
        self._all[name] = Scope(name, lists={creator: "MANAGE"})

    def get(self, name: str) -> Scope:
        """The scope; raises RESOURCE_DOES_NOT_EXIST."""
        if name not in self._all:
            raise missing(f"Scope {name} does not exist!")
        return self._all[name]

    def delete(self, name: str) -> None:
        """Forget a scope with all that is in it."""
        del self._all[self.get(name).name]

    def put(self, name: str, key: str, value: bytes) -> None:
        """Write an entry, replacing one that is there."""
        scope = self.get(name)
        if not _KEY.fullmatch(key):
            raise invalid("A secret's key has 1 to 128 letters, digits, dashes, underscores and periods.")
        if len(value) > VALUE_BYTES:
            raise invalid(f"A secret's value has at most {VALUE_BYTES} bytes.")
        if key not in scope.entries and len(scope.entries) >= ENTRY_LIMIT:
            raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"The scope has {ENTRY_LIMIT} secrets. Delete some first.")
        scope.entries[key] = (Secret(base64.b64encode(value).decode()), int(self.now() * 1000))

    def value(self, name: str, key: str) -> Secret:
        """The base64 of an entry; raises RESOURCE_DOES_NOT_EXIST."""
        return self._entry(name, key)[0]

    def forget(self, name: str, key: str) -> None:
        """Delete an entry; raises RESOURCE_DOES_NOT_EXIST."""
        self._entry(name, key)
        del self.get(name).entries[key]

    def _entry(self, name: str, key: str) -> tuple[Secret, int]:
        scope = self.get(name)
        if key not in scope.entries:
            raise missing(f"Secret {key} does not exist in scope {name}!")
        return scope.entries[key]

    def permit(self, name: str, principal: str, permission: str) -> None:
        """Set what a principal may do with a scope."""
        scope = self.get(name)
        if permission not in PERMISSIONS:
            raise invalid(f"A permission is one of {', '.join(PERMISSIONS)}.")
        scope.lists[principal] = permission


def from_base64(text: str) -> bytes:
    """The bytes of a field in base64; raises INVALID_PARAMETER_VALUE, without repeating it."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("The value is not base64.") from None
