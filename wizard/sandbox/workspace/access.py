"""Who may call: the default user, service principals, their tokens. Values are kept as digests only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.sandbox.faults import Faults
from wizard.sandbox.workspace.error import ApiError, missing

OAUTH_SECONDS = 3600
TOKEN_LIMIT = 600
"""Personal access tokens of one user in one workspace; one more is QUOTA_EXCEEDED, as the vendor's limits page says."""

MISSING = "Credential was not sent or was of an unsupported type for this API."
REFUSED = "Invalid access token."
"""What a workspace says to an unknown, revoked or expired token alike, on REST and on gRPC."""


@dataclass(frozen=True)
class Principal:
    """A user or a service principal."""

    id: str
    user_name: str
    display_name: str


USER = Principal("5200000000000001", "ada.sandbox@example.com", "Ada Sandbox")
"""The default user: whom the control socket's tokens belong to."""


@dataclass(frozen=True)
class Token:
    """All that is known of a token but its value. Times are epoch seconds; `expires` None is never."""

    id: str
    owner: Principal
    comment: str
    created: float
    expires: float | None
    kind: str
    """`pat` or `oauth`."""

    def info(self) -> dict[str, str | int]:
        """`token_info` of the Token API: times in milliseconds, -1 for never."""
        expiry = -1 if self.expires is None else int(self.expires * 1000)
        return {
            "token_id": self.id,
            "comment": self.comment,
            "creation_time": int(self.created * 1000),
            "expiry_time": expiry,
            "created_by_username": self.owner.user_name,
        }


@dataclass
class Access:
    """Tokens and service principals of this run."""

    now: Callable[[], float]
    faults: Faults
    _tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    _clients: dict[str, tuple[Principal, str]] = field(default_factory=dict, repr=False)

    def mint(
        self, owner: Principal, *, lifetime: float | None, comment: str = "", kind: str = "pat"
    ) -> tuple[str, Token]:
        """A new token: its value, which is not kept, and what is known of it. Raises QUOTA_EXCEEDED."""
        self._forget_expired_oauth()
        if kind == "pat" and len(self.listed(owner)) >= TOKEN_LIMIT:
            raise ApiError(400, "QUOTA_EXCEEDED", f"You have {TOKEN_LIMIT} tokens. Delete some first.")
        value = f"dapi{secrets.token_hex(16)}" if kind == "pat" else secrets.token_urlsafe(64)
        now = self.now()
        expires = None if lifetime is None else now + lifetime
        made = Token(secrets.token_hex(32), owner, comment, now, expires, kind)
        self._tokens[_digest(value)] = made
        return value, made

    def make_client(self, name: str) -> tuple[str, str]:
        """A new service principal: its client (application) id and its OAuth secret, which is not kept."""
        client_id, secret = str(uuid.uuid4()), f"dose{secrets.token_hex(16)}"
        owner = Principal(str(5300000000000001 + len(self._clients)), client_id, name)
        self._clients[client_id] = (owner, _digest(secret))
        return client_id, secret

    def client(self, client_id: str, secret: str) -> Principal | None:
        """The service principal that logs in with this id and secret; None where one of them is wrong."""
        owner, wanted = self._clients.get(client_id, (None, ""))
        return owner if hmac.compare_digest(wanted, _digest(secret)) else None

    def identify(self, authorization: str | None) -> Principal:
        """Who sends this `Authorization`. Raises ApiError 401 (nothing usable sent) or 403 (not valid, expired)."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise ApiError(401, 401, MISSING)
        found = self._tokens.get(_digest(value.strip()))
        if found is None or "wrong-workspace" in self.faults or self._expired(found):
            raise ApiError(403, 403, REFUSED)
        return found.owner

    def _expired(self, token: Token) -> bool:
        if token.kind == "pat" and "expired-token" in self.faults:
            return True
        return token.expires is not None and token.expires <= self.now()

    def _forget_expired_oauth(self) -> None:
        dead = [key for key, token in self._tokens.items() if token.kind == "oauth" and self._expired(token)]
        for key in dead:
            del self._tokens[key]

    def listed(self, owner: Principal) -> list[Token]:
        """The personal access tokens of one principal, oldest first, without those that have expired."""
        return [t for t in self._tokens.values() if t.kind == "pat" and t.owner == owner and not self._over(t)]

    def _over(self, token: Token) -> bool:
        return token.expires is not None and token.expires <= self.now()

    def revoke(self, owner: Principal, token_id: str) -> None:
        """Delete a token of this principal. Raises RESOURCE_DOES_NOT_EXIST."""
        for key, token in self._tokens.items():
            if token.id == token_id and token.owner == owner and token.kind == "pat":
                del self._tokens[key]
                return
        raise missing(f"Token with ID {token_id} does not exist.")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
