"""Places that keep secrets: the OS keyring, the running sandbox's memory, a plain file by consent.

Nothing heavy is imported here: each place is loaded when it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wizard.secret import Secret, SecretStore, StoreError

if TYPE_CHECKING:
    from wizard.stores.probe import Probe

KEYRING = "keyring"
SANDBOX = "sandbox"
PLAIN = "plain"
NAMES = (KEYRING, SANDBOX, PLAIN)
"""The words for a store in answers files, the index and `run.list`, best first."""


def open_store(name: str, state: str) -> SecretStore:
    """The store of this name, its files below the state folder. Nothing is read yet.

    Raises StoreError where there is no store of this name.
    """
    if name == KEYRING:
        from wizard.stores.keyring import KeyringStore

        return KeyringStore()
    if name == SANDBOX:
        from wizard.stores.sandbox import SandboxStore

        return SandboxStore(state)
    if name == PLAIN:
        from wizard.stores.plain import PlainStore

        return PlainStore(state)
    raise StoreError(f"There is no store called {name[:40]!r}; the stores are {', '.join(NAMES)}.")


def read_many(store: SecretStore, services: Iterable[str]) -> dict[str, Secret]:
    """Those of the entries that the store has, in one batch where it can. Raises StoreError."""
    from wizard.stores.keyring import KeyringStore

    if isinstance(store, KeyringStore):
        return store.read_many(services)
    return {service: value for service in services if (value := store.get(service)) is not None}


def available(state: str, sandbox: bool) -> tuple[Probe, ...]:
    """What each store says when it is tried, best first; the sandbox's only where one is wanted. Takes up to 3 s."""
    from wizard.stores.probe import probe

    names = [name for name in NAMES if sandbox or name != SANDBOX]
    return tuple(probe(name, state=state) for name in names)
