"""The Secret Service of a Linux desktop, asked directly: what state it is in, and many entries in one batch.

`keyring` takes 180 ms for five entries, most of it imports; this takes 30 (jeepney comes with keyring, and the
attributes are keyring's, so both see the same items). The session is "plain": values cross the person's own bus, whose
socket is theirs alone, unencrypted. keyring stays the truth: what is not found or not open here is asked there.
Calls by the Secret Service API, draft 0.2, freedesktop.org.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    DBusErrorResponse,
    MessageType,
    new_method_call,
)
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from wizard.secret import USER

BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
NAME = "org.freedesktop.secrets"
SERVICE = "org.freedesktop.Secret.Service"
COLLECTION = "org.freedesktop.Secret.Collection"
PROPERTIES = "org.freedesktop.DBus.Properties"
OWNERS = {
    "gnome-keyring-d": "GNOME Keyring",
    "gnome-keyring-daemon": "GNOME Keyring",
    "kwalletd5": "KDE Wallet",
    "kwalletd6": "KDE Wallet",
    "ksecretd": "KDE Wallet",
    "keepassxc": "KeePassXC",
    "oo7-daemon": "oo7",
    "pass_secret_ser": "pass",
}


class Bus:
    """One connection to the person's session bus. Every call raises TimeoutError when the time of all is used up.

    Raises besides: OSError, KeyError (no address), jeepney's DBusErrorResponse.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._connection = open_dbus_connection("SESSION", auth_timeout=min(seconds, 2.0))

    def __enter__(self) -> Bus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def call(self, address: DBusAddress, method: str, signature: str = "", *body: Any) -> Any:
        """The body of the answer."""
        message = new_method_call(address, method, signature or None, body)
        answer = self._connection.send_and_get_reply(message, timeout=max(0.0, self._until - time.monotonic()))
        if answer.header.message_type == MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body

    def default_collection(self) -> str | None:
        """The path of the collection that keyring uses; None where there is none yet. May start the service."""
        (path,) = self.call(_at("/org/freedesktop/secrets", SERVICE), "ReadAlias", "s", "default")
        return None if path == "/" else str(path)

    def is_locked(self, collection: str) -> bool:
        """Whether a person would be asked for a password."""
        ((_, value),) = self.call(_at(collection, PROPERTIES), "Get", "ss", COLLECTION, "Locked")
        return bool(value)

    def owner(self) -> str:
        """Who keeps the secrets, by the name of its process: `GNOME Keyring`. Empty where it is not known."""
        (pid,) = self.call(BUS, "GetConnectionUnixProcessID", "s", NAME)
        try:
            with open(f"/proc/{int(pid)}/comm", encoding="utf-8") as file:
                return OWNERS.get(file.read().strip(), "")
        except OSError:
            return ""

    def secrets(self, collection: str, services: Iterable[str]) -> dict[str, bytes]:
        """Those of the entries that the collection has and that are open, in two steps for all of them."""
        place = _at(collection, COLLECTION)
        items: dict[str, str] = {}
        for service in services:
            (found,) = self.call(place, "SearchItems", "a{ss}", {"service": service, "username": USER})
            if found:
                items.setdefault(str(found[0]), service)
        if not items:
            return {}
        root = _at("/org/freedesktop/secrets", SERVICE)
        _, session = self.call(root, "OpenSession", "sv", "plain", ("s", ""))
        (answer,) = self.call(root, "GetSecrets", "aoo", list(items), session)
        return {items[path]: bytes(secret[2]) for path, secret in answer.items() if path in items}


def _at(path: str, interface: str) -> DBusAddress:
    return DBusAddress(path, NAME, interface)


def may_be_asked() -> bool:
    """Whether keyring would ask the same service: Linux, no other back end named, and no KDE, where two are chained."""
    if sys.platform != "linux" or "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":"):
        return False
    named = os.environ.get("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    own = os.path.exists(os.path.join(config, "python_keyring", "keyringrc.cfg"))
    return named == "keyring.backends.SecretService.Keyring" and not own


def state(seconds: float) -> str:
    """`open`, `locked` or `uninitialised` (there is a service and no collection in it); raises as Bus does."""
    with Bus(seconds) as bus:
        collection = bus.default_collection()
        if collection is None:
            return "uninitialised"
        return "locked" if bus.is_locked(collection) else "open"


def title(seconds: float) -> str:
    """What a person calls it: `GNOME Keyring / Secret Service`. Never raises."""
    try:
        with Bus(seconds) as bus:
            owner = bus.owner()
    except (OSError, KeyError, ValueError, TimeoutError, DBusErrorResponse):
        owner = ""
    return f"{owner} / Secret Service" if owner else "Secret Service"


def read(services: Iterable[str], seconds: float) -> dict[str, bytes]:
    """The entries that are there and open; nothing where the collection is missing or locked. Raises as Bus does."""
    with Bus(seconds) as bus:
        collection = bus.default_collection()
        if collection is None or bus.is_locked(collection):
            return {}
        return bus.secrets(collection, services)
