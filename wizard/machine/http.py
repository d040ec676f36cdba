"""Asking a server, hop by hop: its name, a connection, TLS, an answer; each hop has its own word when it fails.

Own code over `http.client`: `urllib.request` and requests follow redirects with the token, cannot tell a name that is not
resolved from a proxy that refuses, and have no deadline for the whole (a server that drips a byte a second holds them).
"""

from __future__ import annotations

import http.client
import os
import queue
import re
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from checks import Reply
from checks.hosts import is_loopback, parse
from wizard.secret import Secret

LIMIT = 1_000_000
"""Bytes of an answer that are read."""
REDIRECTS = 5
_AGENT = "mlops-wizard"


class _HopError(Exception):
    """A hop failed; `hop` is its word in `Reply`."""

    def __init__(self, hop: str, text: str) -> None:
        super().__init__(text)
        self.hop = hop


def not_for(url: str, entry: str) -> str:
    """Why a secret of the store must not go to this URL; empty where it may: its own host, by TLS or on this machine."""
    parts = entry.split("/")
    host, owner = parse(url), parse(parts[1]) if len(parts) >= 3 and parts[0] == "mlops-wizard" else None
    if host is None or owner is None:
        return f"{entry} names no host that a token could go to"
    if re.search(r"[\\@\s]", url.partition("?")[0]):
        return "a token is not sent to a URL with blanks, `\\` or `@` in it"
    if host.scheme != "https" and not (host.scheme == "http" and host.loopback):
        return f"a token is not sent by {host.scheme}"
    if (host.name, host.port or _port(host.scheme)) != (owner.name, owner.port or _port(host.scheme)):
        return f"{entry} belongs to another host than {host.name}"
    return ""


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


@dataclass(slots=True)
class _Deadline:
    """What is left of the time."""

    ends: float

    @property
    def left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class Client:
    """GET with the proxies of `env` and the certificates of the system, of REQUESTS_CA_BUNDLE and of `ca_bundle`."""

    def __init__(self, env: Mapping[str, str], ca_bundle: str = "") -> None:
        self._env, self._bundle = env, ca_bundle
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def get(self, url: str, *, token: Secret | None = None, timeout: float = 5) -> Reply:
        """The answer, of at most LIMIT bytes, within `timeout` seconds in all. Redirects are followed on the same host only.

        Never raises. The caller has made sure that the token belongs to the URL's host (`not_for`).
        """
        deadline, here = _Deadline(time.monotonic() + timeout), url
        for _ in range(REDIRECTS + 1):
            reply = self._once(here, token, deadline, timeout)
            there = urljoin(here, reply.headers["location"]) if _redirects(reply) else ""
            if not there or not _same_place(here, there):
                return reply
            here = there
        return Reply(0, problem=f"more than {REDIRECTS} redirects", hop="http")

    def _once(self, url: str, token: Secret | None, deadline: _Deadline, timeout: float) -> Reply:
        try:
            parts = _split(url)
            link = self._link(parts, deadline)
            try:
                return _ask(link, parts, token, deadline)
            finally:
                link.close()
        except _HopError as error:
            return Reply(0, problem=str(error), hop=error.hop)
        except TimeoutError:
            return Reply(0, problem=f"no answer within {timeout:g} s", hop="http")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Reply(0, problem=f"no HTTP: {type(error).__name__}", hop="http")

    def _link(self, url: SplitResult, deadline: _Deadline) -> socket.socket:
        """A connection to the server, through the proxy where there is one, with TLS where the URL says so."""
        name, port = str(url.hostname), url.port or _port(url.scheme)
        proxy = self._proxy(url)
        link = (
            _connect(str(proxy.hostname), proxy.port or 80, deadline, "proxy")
            if proxy
            else _connect(name, port, deadline)
        )
        try:
            if proxy and url.scheme == "https":
                _tunnel(link, proxy, name, port, deadline)
            return self._encrypt(link, name, deadline) if url.scheme == "https" else link
        except BaseException:
            link.close()
            raise

    def _proxy(self, url: SplitResult) -> SplitResult | None:
        """The proxy for this URL; never one for this machine itself, whatever NO_PROXY says."""
        name = str(url.hostname)
        if is_loopback(name):
            return None
        found = {k.lower(): v for k, v in self._env.items() if k.lower().endswith("_proxy") and v}
        found |= {k: v for k, v in self._env.items() if k.endswith("_proxy") and v}  # the lower-case spelling wins
        if not found:
            found = {
                f"{k}_proxy": v for k, v in urllib.request.getproxies().items()
            }  # Windows' and macOS' own settings
        spared = found.get("no_proxy", "")
        if _spared(name, url.port or _port(url.scheme), spared):
            return None
        named = found.get(f"{url.scheme}_proxy", "") or found.get("all_proxy", "")
        if not named:
            return None
        proxy = urlsplit(named if "://" in named else f"http://{named}")
        if proxy.scheme != "http" or not proxy.hostname:
            raise _HopError("proxy", f"this kind of proxy is not spoken here: {proxy.scheme}")
        return proxy

    def _encrypt(self, link: socket.socket, name: str, deadline: _Deadline) -> socket.socket:
        link.settimeout(deadline.left)
        try:
            return self._trust().wrap_socket(link, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            raise _HopError("tls", f"the certificate is not trusted: {error.verify_message}") from error
        except TimeoutError as error:
            raise _HopError("tls", "no TLS answer in time") from error
        except (OSError, ValueError) as error:
            raise _HopError("tls", f"no TLS: {getattr(error, 'reason', '') or type(error).__name__}") from error

    def _trust(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = ssl.create_default_context()
                for bundle in (*_fallback(), self._env.get("REQUESTS_CA_BUNDLE", ""), self._bundle):
                    if bundle and os.path.exists(bundle):
                        _load(self._context, bundle)
            return self._context


def _spared(name: str, port: int, list_: str) -> bool:
    """Whether NO_PROXY names the host: itself, a domain above it (with or without a dot), with or without a port, or `*`."""
    for word in list_.lower().split(","):
        host, _, only = word.strip().rpartition(":") if re.search(r":\d+$", word.strip()) else (word.strip(), "", "")
        bare = host.lstrip("*").lstrip(".")
        if host == "*" or (bare and (not only or only == str(port)) and (name == bare or name.endswith(f".{bare}"))):
            return True
    return False


def _load(context: ssl.SSLContext, bundle: str) -> None:
    """Trust a file or a folder of certificates; one that cannot be read is `network.ca`'s to tell."""
    try:
        folder = os.path.isdir(bundle)
        context.load_verify_locations(cafile=None if folder else bundle, capath=bundle if folder else None)
    except (OSError, ValueError):
        return


def _fallback() -> tuple[str, ...]:
    """certifi's bundle where Python was built without one that is there (python.org's on macOS)."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return ()
    try:
        import certifi
    except ImportError:
        return ()
    return (certifi.where(),)


def _split(url: str) -> SplitResult:
    if re.search(r"[\x00-\x20\x7f]", url):
        raise _HopError("", "no URL: blanks or control characters in it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _HopError("", "no URL") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise _HopError("", "no URL that can be asked: it begins with neither https:// nor http://")
    return parts


def _redirects(reply: Reply) -> bool:
    return reply.status in {301, 302, 303, 307, 308} and "location" in reply.headers


def _same_place(here: str, there: str) -> bool:
    try:
        one, other = urlsplit(here), urlsplit(there)
        return (one.scheme, one.hostname, one.port or _port(one.scheme)) == (
            other.scheme, other.hostname, other.port or _port(other.scheme),
        )  # fmt: skip
    except ValueError:
        return False


def _addresses(name: str, port: int, deadline: _Deadline) -> list[tuple[int, tuple[object, ...]]]:
    """The resolver has no deadline of its own: it is asked in a thread, which is left behind when time is up."""
    answer: queue.SimpleQueue[list[tuple[int, tuple[object, ...]]] | str] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            answer.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:
            answer.put(f"{name} is not resolved: {getattr(error, 'strerror', '') or 'no such name'}")

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left)
    except (queue.Empty, TimeoutError) as error:
        raise _HopError("dns", f"{name} is not resolved in time") from error
    if isinstance(found, str):
        raise _HopError("dns", found)
    return found


def _connect(name: str, port: int, deadline: _Deadline, hop: str = "") -> socket.socket:
    try:
        addresses = _addresses(name, port, deadline)
    except _HopError as error:
        raise _HopError(hop or error.hop, str(error)) from error
    problem = f"{name}:{port} has no address"
    for i, (family, address) in enumerate(addresses[:4]):
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(max(0.05, deadline.left / (min(4, len(addresses)) - i)))
            link.connect(address)
        except OSError as error:
            link.close()
            why = (
                "no answer in time" if isinstance(error, TimeoutError) else (error.strerror or "no connection").lower()
            )
            problem = f"{name}:{port}: {why}"
        else:
            return link
    raise _HopError(hop or "tcp", problem)


def _tunnel(link: socket.socket, proxy: SplitResult, name: str, port: int, deadline: _Deadline) -> None:
    link.settimeout(deadline.left)
    where = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}", f"User-Agent: {_AGENT}"]
    if proxy.username:
        import base64

        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    try:
        link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 65536:
            link.settimeout(deadline.left)
            if not (byte := link.recv(1)):  # one by one: what follows belongs to TLS
                break
            head += byte
    except OSError as error:
        raise _HopError("proxy", f"the proxy {proxy.hostname} does not answer") from error
    status = re.match(rb"HTTP/1\.[01] (\d{3})([^\r\n]{0,80})", head)
    if not status or status[1] != b"200":
        said = (status[1] + status[2]).decode("latin-1") if status else "no HTTP"
        raise _HopError("proxy", f"the proxy {proxy.hostname} does not let us through: {said}")


def _ask(link: socket.socket, url: SplitResult, token: Secret | None, deadline: _Deadline) -> Reply:
    connection = http.client.HTTPConnection(str(url.hostname), url.port or _port(url.scheme))
    connection.sock = link
    headers = {"Accept": "application/json, */*;q=0.5", "Accept-Encoding": "identity", "User-Agent": _AGENT}
    host = parse(url.netloc)
    headers["Host"] = host.url.partition("://")[2] if host and url.scheme == "https" else url.netloc.rpartition("@")[2]
    if token is not None:
        headers["Authorization"] = f"Bearer {token.reveal()}"
    link.settimeout(deadline.left)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection.request("GET", path, headers=headers | {"Connection": "close"})
    answer = connection.getresponse()
    body = bytearray()
    while len(body) < LIMIT and not answer.isclosed():  # closed with its last byte, and the socket with it
        link.settimeout(deadline.left)
        chunk = answer.read1(min(65536, LIMIT - len(body)))
        if not chunk:
            break
        body += chunk
    charset = re.search(r"charset=[\"']?([\w-]{1,20})", answer.headers.get("content-type", ""))
    named = {name.lower(): value[:4_000] for name, value in answer.headers.items()}
    return Reply(answer.status, _decoded(bytes(body), charset[1] if charset else "utf-8"), named)


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
