"""Why there is no token: what the person reads, and what to type."""

from __future__ import annotations

LOGIN = "`mlops-wizard auth login`"


class OAuthError(Exception):
    """No token could be minted; the text says why and what to do."""


class RefusedError(OAuthError):
    """The workspace does not accept the credential: asking again is of no use."""
