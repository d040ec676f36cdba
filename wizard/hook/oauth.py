"""Databricks OAuth tokens, minted from a service principal's secret or a refresh token of ours, and kept in the store.

One refresher a host on this machine, under a file lock: it looks again before it asks, and once more after a refusal,
since two refreshes of one rotating token revoke the whole family. A refusal is remembered for a
while, so that a client that asks in a loop does not become a storm. Nothing of it is ever on disk in clear.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.hook.error import LOGIN, OAuthError, RefusedError
from wizard.index import Index, IndexProblem, Kept
from wizard.secret import Entry, Secret, SecretStore, StoreError

NAME = "DATABRICKS_OAUTH"
"""The entry that keeps the minted token (and, after a log-in by browser, the refresh token)."""

LOCK_SECONDS = 45.0
SPARE = timedelta(minutes=5)
"""A kept token is given while it is good for longer than this (or than half its life, if that is less)."""

FRESH = timedelta(minutes=5)
"""Whoever forces a refresh gets a kept token that is younger than this: many processes start at once."""

QUIET = timedelta(minutes=10)
"""For how long a refusal is not tried again with the same credential."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and its end."""

    value: Secret
    expiry: datetime

    def expiry_text(self) -> str:
        """RFC 3339 in UTC, whole seconds: what databricks-sdk and the Go SDK both parse."""
        return f"{self.expiry.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class _State:
    """What the entry holds."""

    client_id: str = ""
    access_token: str = ""
    issued: str = ""
    expiry: str = ""
    refresh_token: str = ""
    refused: str = ""
    """When the workspace refused, and a hash of what it refused."""
    refused_hash: str = ""

    def token(self, client_id: str, *, force: bool) -> Token | None:
        """The kept token, if it is this client's and good enough."""
        issued, expiry = parse_time(self.issued), parse_time(self.expiry)
        if not self.access_token or self.client_id != client_id or issued is None or expiry is None:
            return None
        now = datetime.now(UTC)
        good = expiry - now > min(SPARE, (expiry - issued) / 2)
        return Token(Secret(self.access_token), expiry) if good and not (force and now - issued > FRESH) else None


def minted(url: str, kept: Kept, client_id: str, state: str, *, force: bool) -> Token:
    """A token for this host: the kept one, or a new one from the entry's secret (with `client_id`) or refresh token.

    `force` asks for a new one. Raises OAuthError, StoreError.
    """
    from wizard.stores import open_store

    store = open_store(kept.store, state)
    secret = store.get(kept.service) if client_id else None
    if client_id and secret is None:
        raise OAuthError(f"The secret for {kept.host} is no longer in the store {kept.store}; log in again: {LOGIN}.")
    return _Minter(url, store, kept, state, client_id, secret).token(force=force)


@dataclass(frozen=True, slots=True)
class _Minter:
    """One host's tokens; `secret` None: by the refresh token in the entry."""

    url: str
    store: SecretStore
    kept: Kept
    state: str
    client_id: str
    secret: Secret | None

    @property
    def entry(self) -> str:
        return Entry(self.kept.host, NAME).service

    def token(self, *, force: bool) -> Token:
        """The kept token where it is good enough; else a new one, asked for by one process at a time."""
        now = self._read()
        if found := now.token(self.client_id or now.client_id, force=force):
            return found
        with _locked(self.state, self.kept.host):
            now = self._read()
            return now.token(self.client_id or now.client_id, force=force) or self._new(now)

    def _new(self, now: _State) -> Token:
        """Ask; after a refused refresh look once more, since somebody without our lock may have been faster."""
        if self.secret is None and not now.refresh_token:
            raise OAuthError(f"The log-in for {self.url} has ended; log in again: {LOGIN}.")
        self._refuse_storm(now)
        try:
            fresh = self._ask(now)
        except RefusedError as error:
            again = self._read()
            if self.secret is not None or again.refresh_token in {"", now.refresh_token}:
                self._remember(replace(now, refused=_now(), refused_hash=self._stamp(now)))
                raise
            try:
                fresh = self._ask(again)
            except RefusedError:
                raise error from None
        self._keep(fresh)
        return Token(Secret(fresh.access_token), parse_time(fresh.expiry) or datetime.now(UTC))

    def _ask(self, now: _State) -> _State:
        """The entry's next state, by one request. Raises RefusedError, and OAuthError for what may pass."""
        from wizard.hook.token_request import request_token

        issued = datetime.now(UTC)
        if self.secret is not None:
            form = {"grant_type": "client_credentials", "scope": "all-apis"}
            answer = request_token(self.url, form, (self.client_id, self.secret), self.state)
        else:
            form = {"grant_type": "refresh_token", "refresh_token": now.refresh_token, "client_id": now.client_id}
            answer = request_token(self.url, form, None, self.state)
        rotated = answer.refresh_token.reveal() or now.refresh_token
        return _State(
            client_id=self.client_id or now.client_id,
            access_token=answer.access_token.reveal(),
            issued=issued.isoformat(timespec="seconds"),
            expiry=(issued + timedelta(seconds=answer.seconds)).isoformat(timespec="seconds"),
            refresh_token="" if self.secret is not None else rotated,
        )

    def _refuse_storm(self, now: _State) -> None:
        refused = parse_time(now.refused)
        if refused is None or now.refused_hash != self._stamp(now):
            return
        if timedelta() <= datetime.now(UTC) - refused < QUIET:
            raise OAuthError(f"{self.url} refused this log-in at {refused:%H:%M} UTC; log in again: {LOGIN}.")

    def _stamp(self, now: _State) -> str:
        """What was refused, so that another credential is tried at once."""
        credential = self.secret.reveal() if self.secret is not None else now.refresh_token
        return _hash(f"{self.client_id or now.client_id}\n{credential}")

    def _keep(self, fresh: _State) -> None:
        """Keep the token, and the refresh token: one that is rotated and lost would end the log-in, so that raises."""
        if fresh.refresh_token:
            self.store.put(self.entry, _written(fresh))
        else:
            self._remember(fresh)
        with suppress(IndexProblem):
            index = Index(self.state)
            if index.find(self.entry) is None:
                index.add(Kept(self.entry, self.kept.store, "oauth", used_by=self.kept.used_by))

    def _remember(self, fresh: _State) -> None:
        """Keep what costs only another request where it is lost."""
        with suppress(StoreError):
            self.store.put(self.entry, _written(fresh))

    def _read(self) -> _State:
        found = self.store.get(self.entry)
        try:
            data: Any = json.loads(found.reveal()) if found else {}
        except (ValueError, RecursionError):
            return _State()
        if not isinstance(data, dict):
            return _State()
        return _State(**{name: data[name] for name in _State.__slots__ if isinstance(data.get(name), str)})


def _written(now: _State) -> Secret:
    pairs = {name: getattr(now, name) for name in _State.__slots__}
    return Secret(json.dumps({name: value for name, value in pairs.items() if value}))


@contextmanager
def _locked(state: str, host: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    folder = os.path.join(state, "locks")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with FileLock(os.path.join(folder, f"oauth-{_hash(host)[:24]}.lock"), timeout=LOCK_SECONDS, mode=0o600):
            yield
    except Timeout:
        raise OAuthError(
            f"Another program has been asking {host} for a token for {LOCK_SECONDS:g} s; try again."
        ) from None
    except OSError as error:
        raise OAuthError(f"{folder} cannot be used: {error.strerror}; make it writable.") from None


def parse_time(text: str) -> datetime | None:
    """An RFC 3339 time, or a date (its end); None for anything else. Without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == 10:
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
