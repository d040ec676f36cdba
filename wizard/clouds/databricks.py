"""A Databricks workspace by databricks-sdk: never asked before the host was probed, always with short time-outs.

The SDK's constructor does network I/O with a budget of 300 s and swallows TLS trouble; so the probe comes first.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from checks.redact import shown
from wizard.workspace import CloudError, Cluster, Credential, Me, Trouble

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

SECONDS = 5
MAX_CLUSTERS = 5_000

_ONE_AT_A_TIME = threading.Lock()


class Databricks:
    """One host with one credential; what it answered is remembered for the walk."""

    def __init__(self, host: str, credential: Credential, ca_bundle: str = "") -> None:
        self.host = host
        self._credential = credential
        self._ca = ca_bundle
        self._client: WorkspaceClient | None = None
        self._me: Me | None = None

    def me(self) -> Me:
        if self._me is None:
            with self._answers() as client:
                raw = client.api_client.do(
                    "GET", "/api/2.0/preview/scim/v2/Me", response_headers=["x-databricks-org-id"]
                )
                self._me = _me(raw if isinstance(raw, dict) else {})
        return self._me

    def clusters(self) -> tuple[Cluster, ...]:
        found: list[Cluster] = []
        with self._answers() as client:
            for c in client.clusters.list():
                if c.cluster_id and len(found) < MAX_CLUSTERS:
                    found.append(Cluster(
                        shown(c.cluster_id, 100), shown(c.cluster_name or "", 100), c.state.value if c.state else "UNKNOWN",
                        shown(c.spark_version or "", 100), c.autotermination_minutes or 0,
                    ))  # fmt: skip
        return tuple(sorted(found, key=lambda c: (c.state != "RUNNING", c.name)))

    def start_cluster(self, id: str) -> None:
        with self._answers() as client:
            state = client.clusters.get(id).state
            if state is None or state.value in {"TERMINATED", "TERMINATING", "ERROR", "UNKNOWN"}:
                client.api_client.do("POST", "/api/2.1/clusters/start", body={"cluster_id": id})

    @contextlib.contextmanager
    def _answers(self) -> Iterator[WorkspaceClient]:
        """The client, with every trouble turned into a CloudError."""
        try:
            if self._client is None:
                probe(self.host, self._ca)
            with _environment(self._ca):
                self._client = self._client or _client(self.host, self._credential)
                yield self._client
        except CloudError:
            raise
        except Exception as error:  # noqa: BLE001  the SDK raises ValueError, OSError, requests' and its own kinds
            raise _trouble(self.host, error, self._workspace_id()) from None

    def _workspace_id(self) -> str:
        """What the host itself says, without a log-in, of which workspace it is."""
        found = str(getattr(self._client.config, "workspace_id", "") or "") if self._client else ""
        return found if found.isdigit() else ""


def probe(host: str, ca_bundle: str = "", seconds: float = 3) -> None:
    """Whether a server answers there by TLS that this machine trusts. Raises CloudError that names the hop."""
    parts = urlsplit(host)
    name, port = parts.hostname or "", parts.port or 443
    if _proxied(name):
        return  # the proxy makes the connection; the client's own error will have to do
    try:
        socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CloudError(
            f"The name {name} cannot be resolved ({error.strerror}); check the address, your network and your VPN.",
            "unreachable",
        ) from error
    try:
        with socket.create_connection((name, port), timeout=seconds) as raw:
            context = ssl.create_default_context(cafile=ca_bundle or _bundle())
            with context.wrap_socket(raw, server_hostname=name):
                return
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or str(error)
        raise CloudError(
            f"{host} answers, but its certificate is not trusted here ({reason}). Behind a company's proxy, point "
            "REQUESTS_CA_BUNDLE and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH at the company's CA file.",
            "tls",
        ) from error
    except OSError as error:
        why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise CloudError(
            f"Nothing answers at {name}, port {port} ({why}); check the address, your network and your VPN.",
            "unreachable",
        ) from error


def _proxied(name: str) -> bool:
    from urllib.request import getproxies, proxy_bypass

    return "https" in getproxies() and not proxy_bypass(name) and name not in {"localhost", "127.0.0.1", "::1"}


def _bundle() -> str | None:
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return named if named and os.path.isfile(named) else None


def _client(host: str, credential: Credential) -> WorkspaceClient:
    try:
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.config import Config
    except ImportError as error:
        raise CloudError(
            "The wizard's own environment has no databricks-sdk; add it with: "
            "pipx inject mlops-wizard databricks-sdk   (or: uv tool install 'mlops-wizard[databricks]')",
            "library",
        ) from error
    login: dict[str, Any] = (
        {"auth_type": "pat", "token": credential.secret.reveal()}
        if credential.method == "pat"
        else {"auth_type": "oauth-m2m", "client_id": credential.client_id, "client_secret": credential.secret.reveal()}
    )
    logging.getLogger("databricks").addHandler(logging.NullHandler())  # its warnings would draw over the screen
    logging.getLogger("databricks").propagate = False
    config = Config(host=host, http_timeout_seconds=SECONDS, retry_timeout_seconds=SECONDS, **login)
    config.authenticate()
    return WorkspaceClient(config=config)


@contextlib.contextmanager
def _environment(ca_bundle: str) -> Iterator[None]:
    """The process's environment as the SDK may see it, put back afterwards.

    It reads DATABRICKS_*, ARM_* and a profile, which would mix with what was asked for; and requests, below it, takes its
    certificates from REQUESTS_CA_BUNDLE alone.
    """
    ours = {"DATABRICKS_CONFIG_FILE": os.devnull, **({"REQUESTS_CA_BUNDLE": ca_bundle} if ca_bundle else {})}
    with _ONE_AT_A_TIME:
        hidden = {k: v for k, v in os.environ.items() if k.startswith(("DATABRICKS_", "ARM_")) or k in ours}
        for name in hidden:
            del os.environ[name]
        os.environ.update(ours)
        try:
            yield
        finally:
            for name in ours:
                os.environ.pop(name, None)
            os.environ.update(hidden)


def _me(raw: dict[str, Any]) -> Me:
    groups = raw.get("groups")
    names = [str(g.get("display", "")) for g in groups if isinstance(g, dict)] if isinstance(groups, list) else []
    user = raw.get("userName") or raw.get("displayName")
    if not isinstance(user, str) or not user:
        raise CloudError(
            "What answers there is not a Databricks workspace (no user name came back); check the address.", "missing"
        )
    org = str(raw.get("x-databricks-org-id") or "")
    return Me(shown(user, 200), org if org.isdigit() else "", tuple(shown(n, 100) for n in names[:200]))


_KINDS: tuple[tuple[tuple[str, ...], Trouble, str], ...] = (
    (("ip access list", "blocked by databricks ip acl"), "forbidden",
     "its IP access list does not let this network in; connect to your company's VPN or ask the workspace's admin"),
    (("invalid_client", "client authentication failed"), "refused",
     "it does not know this client id with this secret; check both, or make a new secret for the service principal"),
    (("another workspace", "different workspace"), "refused",
     "this token belongs to another workspace; log in to this one and make a token there"),
    (("unauthenticated", "invalid access token", "invalid token", "expired", "permissiondenied", "401"), "refused",
     "the token is not accepted: wrong, expired, revoked, or of another workspace; make one there: Settings > Developer"),
    (("permission", "forbidden", "403"), "forbidden", "you are logged in but not allowed to do this; ask the workspace's admin"),
    (("certificate", "ssl"), "tls",
     "its certificate is not trusted here; point REQUESTS_CA_BUNDLE and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH at your company's CA file"),
    (("timed out", "timeout"), "slow", "it did not answer in time; try again, and check your network"),
    (("resolve", "connection", "refused", "unreachable"), "unreachable", "it cannot be reached; check your network and your VPN"),
    (("internal", "temporarily", "unavailable", "500", "502", "503"), "server", "it answers with an error of its own; try again in a minute"),
    (("not found", "does not exist", "notfound"), "missing", "what was asked for is not there; check the address"),
)  # fmt: skip


def _trouble(host: str, error: Exception, workspace_id: str = "") -> CloudError:
    """The SDK's exception as one sentence; its own words are kept, redacted, at the end."""
    words = shown(re.split(r"\s(?:Config|Env): ", str(error))[0], 300)
    place = f"{host} (workspace {workspace_id})" if workspace_id else host
    haystack = f"{type(error).__name__} {words}".lower()
    for marks, kind, meaning in _KINDS:
        if any(mark in haystack for mark in marks):
            return CloudError(
                f"{place}: {meaning}. (It said: {words.splitlines()[0] if words else type(error).__name__})", kind
            )
    return CloudError(f"{host} gave an answer that the wizard does not know: {type(error).__name__}: {words}", "server")
