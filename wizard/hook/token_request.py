"""One request to a workspace's token endpoint: over TLS, to that host alone, its answer checked.

By urllib, which is here already; databricks-sdk takes a second to import and retries for minutes.
Endpoint and answer: Databricks, "Authorize service principal access with OAuth"; RFC 6749, 4.4, 5.2 and 6.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from wizard.hook.error import LOGIN, OAuthError, RefusedError
from wizard.secret import Secret
from wizard.stores.deadline import TooLongError, bounded

PATH = "/oidc/v1/token"
SECONDS = 20.0
BYTES = 200_000
LONGEST = 30 * 86400
"""Seconds; an answer that promises more is not believed."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CODE = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,100000}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the workspace gave; `seconds` of life, a refresh token that is empty where there is none."""

    access_token: Secret
    seconds: float
    refresh_token: Secret


class _Stay(HTTPRedirectHandler):
    """A credential is never sent on to where a redirect points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def request_token(url: str, form: dict[str, str], basic: tuple[str, Secret] | None, state: str) -> Answer:
    """Ask `url` for a token. Raises RefusedError where the credential is not accepted, OAuthError for all else."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if basic:
        pair = f"{quote_plus(basic[0])}:{quote_plus(basic[1].reveal())}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    request = Request(f"{url}{PATH}", data=urlencode(form).encode(), headers=headers, method="POST")  # noqa: S310
    opener = _opener(url, state)
    try:
        return _checked(url, bounded(lambda: _post(opener, request), SECONDS + 5))
    except HTTPError as error:
        raise _refusal(url, error) from None
    except (TooLongError, TimeoutError):
        raise OAuthError(f"{url} did not answer within {SECONDS:g} s; see `mlops-wizard doctor network`.") from None
    except URLError as error:
        raise _unreachable(url, error.reason) from None
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(url, error) from None


def _post(opener: OpenerDirector, request: Request) -> bytes:
    with opener.open(request, timeout=SECONDS) as answer:
        body: bytes = answer.read(BYTES + 1)
        return body


def _opener(url: str, state: str) -> OpenerDirector:
    """Our own: no redirects, no proxy to loopback, and the CA bundle that the person or the sandbox names."""
    handlers: list[Any] = [_Stay(), HTTPSHandler(context=_context(url, state))]
    if urlsplit(url).hostname in _LOOPBACK:
        handlers.append(ProxyHandler({}))
    return build_opener(*handlers)


def _context(url: str, state: str) -> ssl.SSLContext:
    bundle = _sandbox_bundle(url, state) or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    try:
        if bundle and os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle or None)
    except (OSError, ssl.SSLError):
        raise OAuthError(f"The CA bundle {bundle} cannot be read; put REQUESTS_CA_BUNDLE right.") from None


def _sandbox_bundle(url: str, state: str) -> str:
    """The CA bundle of the sandbox, where this is its host."""
    if urlsplit(url).hostname not in _LOOPBACK:
        return ""
    from wizard.sandbox import record

    found = record.read(Path(state) / "sandbox" / "running.json")
    return found.ca_bundle if found and found.host.rstrip("/") == url else ""


def _checked(url: str, body: bytes) -> Answer:
    """The answer, every part of it of the type and size that it must have."""
    try:
        found = json.loads(body) if len(body) <= BYTES else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        token, seconds, refresh = found.get("access_token"), found.get("expires_in", 3600), found.get("refresh_token")
        kind = str(found.get("token_type", "Bearer")).lower()
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds <= LONGEST
        if isinstance(token, str) and _TOKEN.fullmatch(token) and number and kind == "bearer":
            sound = refresh if isinstance(refresh, str) and _TOKEN.fullmatch(refresh) else ""
            return Answer(Secret(token), float(seconds), Secret(sound))
    raise OAuthError(
        f"{url}{PATH} did not answer with a token; is it a Databricks workspace? See `mlops-wizard doctor`."
    )


def _refusal(url: str, error: HTTPError) -> OAuthError:
    """Which of the error's sorts it is; of the server's words only a code that is one of OAuth's shape is repeated."""
    try:
        with error:
            found = json.loads(error.read(BYTES))
    except (OSError, ValueError, RecursionError, HTTPException):
        found = None
    said = found.get("error") if isinstance(found, dict) else None
    code = said if isinstance(said, str) and _CODE.fullmatch(said) else ""
    if code in {"invalid_client", "invalid_grant", "unauthorized_client"} or error.code == 401:
        return RefusedError(f"{url} does not accept this log-in ({code or error.code}); log in again: {LOGIN}.")
    if error.code == 403:
        return OAuthError(f"{url} denies access from here (403), perhaps by an IP access list; try the company's VPN.")
    if 300 <= error.code < 400:
        return OAuthError(f"{url} sends token requests elsewhere ({error.code}), which is refused; is the host right?")
    if error.code == 429 or error.code >= 500:
        return OAuthError(f"{url} answers {error.code}; try again in a few minutes.")
    return OAuthError(f"{url} answers {error.code}{f' ({code})' if code else ''}; see `mlops-wizard doctor auth`.")


def _unreachable(url: str, reason: object) -> OAuthError:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return OAuthError(f"The certificate of {url} is not trusted here; name your CA bundle in REQUESTS_CA_BUNDLE.")
    if isinstance(reason, TimeoutError):
        return OAuthError(f"{url} did not answer within {SECONDS:g} s; see `mlops-wizard doctor network`.")
    return OAuthError(f"{url} cannot be reached ({type(reason).__name__}); see `mlops-wizard doctor network`.")
