"""The OS keyring, by the `keyring` library: Secret Service, macOS Keychain, Windows Credential Manager.

Back ends are allowed by name: with `keyrings.alt` installed keyring stores in plain text without a word. Every call has
a deadline, since a keyring may wait for a password window that nobody sees, or 120 s for a daemon.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from wizard.secret import USER, Secret, StoreError
from wizard.stores import parts, problems
from wizard.stores.deadline import TooLongError, bounded

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Answer = TypeVar("Answer")

ALLOWED = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KDE Wallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
CHAINER = "keyring.backends.chainer"

ALONE_SECONDS = 5.0
"""Where nobody can be asked for a password."""

ASKING_SECONDS = 90.0
"""Where a window may ask for a password."""


class RefusedError(Exception):
    """keyring would use a back end that is not allowed, or none; `module` names it."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.module = module


def backend() -> KeyringBackend:
    """The back end that keyring chooses, if it is allowed by name. Raises RefusedError and whatever keyring raises."""
    import keyring

    chosen = keyring.get_keyring()
    module = type(chosen).__module__
    members = list(getattr(chosen, "backends", ())) if module == CHAINER else [chosen]
    if not members:
        raise RefusedError("keyring.backends.fail")
    for member in members:
        if type(member).__module__ not in ALLOWED:
            raise RefusedError(type(member).__module__)
    return chosen


def title_of(chosen: KeyringBackend) -> str:
    """What a person calls this back end; for the Secret Service also who provides it."""
    module = type(chosen).__module__
    if module == CHAINER:
        return " + ".join(title_of(member) for member in getattr(chosen, "backends", ()))
    if ALLOWED[module] == "Secret Service":
        from wizard.stores import secret_service

        return secret_service.title(1.0)
    return ALLOWED[module]


class KeyringStore:
    """Secrets in the OS keyring. All methods raise StoreError, in a sentence, within `seconds`."""

    def __init__(self, seconds: float | None = None) -> None:
        asking = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        self._seconds = seconds if seconds is not None else ASKING_SECONDS if asking else ALONE_SECONDS

    @property
    def name(self) -> str:
        return "keyring"

    @property
    def title(self) -> str:
        return self._within(lambda: title_of(backend()))

    def get(self, service: str) -> Secret | None:
        """The entry; None where there is none."""
        return self._within(lambda: _get(backend(), service))

    def put(self, service: str, value: Secret) -> None:
        """Keep the value, parts first and the entry itself last, and look whether it came in whole."""
        text = value.reveal()
        if not text:
            raise StoreError(f"The value for {service} is empty; type the secret itself, or delete the entry.")
        if not _is_text(text):
            raise StoreError(f"The value for {service} is not text that a keyring can keep (broken Unicode).")
        self._within(lambda: _put(backend(), service, text))

    def delete(self, service: str) -> bool:
        """Remove the entry and its parts; whether there was one."""
        return self._within(lambda: _delete(backend(), service))

    def read_many(self, services: Iterable[str]) -> dict[str, Secret]:
        """Those of the entries that are there: in one batch on Linux, one by one elsewhere."""
        wanted = list(dict.fromkeys(services))
        found = self._within(lambda: _batch(wanted, self._seconds))
        for service in wanted:
            if service not in found and (value := self.get(service)) is not None:
                found[service] = value
        return found

    def _within(self, call: Callable[[], Answer]) -> Answer:
        try:
            return bounded(call, self._seconds)
        except StoreError:
            raise
        except TooLongError:
            raise _failure(problems.SLOW, f"{self._seconds:g} s") from None
        except RefusedError as error:
            none = error.module in {"keyring.backends.fail", "keyring.backends.null"}
            raise _failure(problems.ABSENT if none else problems.REFUSED, error.module) from None
        except Exception as error:  # noqa: BLE001 - back ends raise whatever they like, and their texts may hold anything
            raise _failure(problems.code_of(error), type(error).__name__) from None


def _failure(code: str, detail: str) -> StoreError:
    return StoreError(f"{problems.problem(code, detail)} {problems.remedy(code)}")


def _torn(service: str) -> StoreError:
    return StoreError(f"The entry {service} was only half written; set it again: `mlops-wizard secrets set`.")


def _get(chosen: KeyringBackend, service: str) -> Secret | None:
    head = chosen.get_password(service, USER)
    if head is None:
        return None
    try:
        pieces = {number: chosen.get_password(parts.part(service, number), USER) for number in _numbers(head)}
        return Secret(parts.join(head, {number: text for number, text in pieces.items() if text is not None}))
    except parts.TornError:
        raise _torn(service) from None


def _numbers(head: str) -> range:
    return range(1, parts.count(head) + 1)


def _put(chosen: KeyringBackend, service: str, text: str) -> None:
    try:
        head, pieces = parts.split(text)
    except ValueError as error:
        raise StoreError(f"{service} cannot be kept: {error}") from None
    before = _count_before(chosen, service)
    for number, piece in enumerate(pieces, start=1):
        chosen.set_password(parts.part(service, number), USER, piece)
    chosen.set_password(service, USER, head)
    for number in range(len(pieces) + 1, before + 1):
        _drop(chosen, parts.part(service, number))
    if _get(chosen, service) != Secret(text):
        raise StoreError(f"The keyring did not keep {service} as it was given; try again.")


def _count_before(chosen: KeyringBackend, service: str) -> int:
    head = chosen.get_password(service, USER)
    try:
        return parts.count(head) if head else 0
    except parts.TornError:
        return 0


def _delete(chosen: KeyringBackend, service: str) -> bool:
    head = chosen.get_password(service, USER)
    if head is None:
        return False
    before = _count_before(chosen, service)
    chosen.delete_password(service, USER)
    for number in range(1, before + 1):
        _drop(chosen, parts.part(service, number))
    return True


def _drop(chosen: KeyringBackend, service: str) -> None:
    if chosen.get_password(service, USER) is not None:
        chosen.delete_password(service, USER)


def _batch(services: list[str], seconds: float) -> dict[str, Secret]:
    """What the Secret Service has open; empty, and keyring is asked, wherever it cannot be asked directly."""
    if not sys.platform.startswith("linux"):
        return {}
    try:
        from wizard.stores import secret_service

        if not secret_service.may_be_asked():
            return {}
        heads = _texts(secret_service.read(services, seconds))
        wanted = {service: [parts.part(service, number) for number in _sound(head)] for service, head in heads.items()}
        more = [name for names in wanted.values() for name in names]
        pieces = _texts(secret_service.read(more, seconds)) if more else {}
    except Exception:  # noqa: BLE001 - whatever it is, keyring says it better
        return {}
    return {service: value for service, head in heads.items() if (value := _whole(service, head, pieces)) is not None}


def _sound(head: str) -> range:
    try:
        return _numbers(head)
    except parts.TornError:
        return range(0)


def _whole(service: str, head: str, pieces: dict[str, str]) -> Secret | None:
    named = {number: pieces[name] for number in _sound(head) if (name := parts.part(service, number)) in pieces}
    try:
        return Secret(parts.join(head, named))
    except parts.TornError:
        return None


def _texts(found: dict[str, bytes]) -> dict[str, str]:
    return {service: data.decode("utf-8") for service, data in found.items()}


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
