"""What goes over the wire: hop by hop, with deadlines and bounds; a token only to its own host, by TLS, and never on."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from checks import Reply
from tests.tls import authority, free_port, reply, serving
from wizard.machine import Machine
from wizard.machine.http import LIMIT, Client, not_for
from wizard.secret import Secret

TOKEN = "hunter2-hunter2"


class Store:
    """Holds the same token for every entry that it is asked for."""

    name = title = "fake"

    def get(self, service: str) -> Secret | None:
        return None if service.endswith("/NONE") else Secret(TOKEN)

    def put(self, service: str, value: Secret) -> None:
        return

    def delete(self, service: str) -> bool:
        return False


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def world(tmp_path: Path, certificates: tuple[Path, Path]) -> Machine:
    return Machine(str(tmp_path), trusted=True, store=Store(), ca_bundle=str(certificates[0]))


@pytest.fixture
def seen() -> list[tuple[str, str | None]]:
    """(path, authorization) of every request."""
    return []


@pytest.fixture
def door(certificates: tuple[Path, Path], seen: list[tuple[str, str | None]]) -> Iterator[int]:
    """A TLS server: /redirect?to goes elsewhere, everything else answers who asked."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.path, handler.headers.get("Authorization")))
        if handler.path.startswith("/redirect?"):
            reply(handler, b"", 302, Location=handler.path.partition("?")[2])
        else:
            reply(handler, b'{"a": 1}', X_Databricks_Org_Id="42")

    with serving(answer, certificates[1]) as port:
        yield port


def entry(host: str) -> str:
    return f"mlops-wizard/{host}/TOKEN"


def test_a_good_answer_has_status_body_and_headers_in_lower_case(world: Machine, door: int) -> None:
    found = world.get(f"https://localhost:{door}/me")
    assert (found.status, found.body, found.headers["x-databricks-org-id"]) == (200, '{"a": 1}', "42")


def test_a_token_goes_to_its_own_host_and_nowhere_else(
    world: Machine, door: int, seen: list[tuple[str, str | None]]
) -> None:
    own = f"https://localhost:{door}"
    assert world.get(f"{own}/me", bearer=entry(f"localhost:{door}")).status == 200
    assert seen == [("/me", f"Bearer {TOKEN}")]
    for bearer in (
        entry("localhost"),
        entry("example.org"),
        entry(f"127.0.0.1:{door}"),
        "TOKEN",
        "mlops-wizard//TOKEN",
    ):
        found = world.get(f"{own}/me", bearer=bearer)
        assert (found.status, found.hop) == (0, "auth")
        assert TOKEN not in found.problem
    assert len(seen) == 1


def test_a_token_that_is_not_in_the_store_is_said(world: Machine, door: int) -> None:
    found = world.get(f"https://localhost:{door}/", bearer=f"mlops-wizard/localhost:{door}/NONE")
    assert (found.hop, found.problem) == ("auth", f"the store has no mlops-wizard/localhost:{door}/NONE")


@pytest.mark.parametrize(
    ("url", "entry", "may"),
    [
        ("https://a.net/x", "mlops-wizard/a.net/T", True),
        ("https://a.net:443/x", "mlops-wizard/a.net/T", True),
        ("https://A.NET/x", "mlops-wizard/a.net/T", True),
        ("https://a.net", "mlops-wizard/a.net:443/T", True),
        ("http://127.0.0.1:8080", "mlops-wizard/127.0.0.1:8080/T", True),
        ("http://a.net", "mlops-wizard/a.net/T", False),
        ("https://a.net:8443", "mlops-wizard/a.net/T", False),
        ("https://a.net.evil.org", "mlops-wizard/a.net/T", False),
        ("https://a.net@evil.org", "mlops-wizard/a.net/T", False),
        ("https://evil.org/a.net", "mlops-wizard/a.net/T", False),
        ("https://evil.org\\@a.net", "mlops-wizard/a.net/T", False),
        ("ftp://a.net", "mlops-wizard/a.net/T", False),
        ("nonsense", "mlops-wizard/a.net/T", False),
    ],
)
def test_where_a_token_may_go(url: str, entry: str, may: bool) -> None:
    assert (not_for(url, entry) == "") is may


def test_a_redirect_on_the_same_host_is_followed_with_the_token(
    world: Machine, door: int, seen: list[tuple[str, str | None]]
) -> None:
    own = f"localhost:{door}"
    assert world.get(f"https://{own}/redirect?/me", bearer=entry(own)).status == 200
    assert [path for path, _ in seen] == ["/redirect?/me", "/me"]


def test_a_redirect_to_another_host_is_not_followed(
    world: Machine, door: int, certificates: tuple[Path, Path], seen: list[tuple[str, str | None]]
) -> None:
    elsewhere: list[str | None] = []

    def catch(handler: BaseHTTPRequestHandler) -> None:
        elsewhere.append(handler.headers.get("Authorization"))
        reply(handler)

    own = f"localhost:{door}"
    with serving(catch, certificates[1]) as other, serving(catch) as plain:
        for there in (
            f"https://localhost:{other}/",
            f"https://127.0.0.1:{door}/",
            f"http://localhost:{plain}/",
            f"//localhost:{other}/",
        ):
            found = world.get(f"https://{own}/redirect?{there}", bearer=entry(own))
            assert (found.status, found.headers["location"]) == (302, there)
    assert elsewhere == []
    assert all(path.startswith("/redirect") for path, _ in seen)


def test_a_ring_of_redirects_ends(world: Machine, certificates: tuple[Path, Path]) -> None:
    with serving(lambda h: reply(h, b"", 302, Location="/again"), certificates[1]) as port:
        assert world.get(f"https://localhost:{port}/") == Reply(0, problem="more than 5 redirects", hop="http")


def test_each_hop_that_fails_has_its_own_word(world: Machine, tmp_path: Path, door: int) -> None:
    closed = free_port()
    assert world.get("https://no-such-host.invalid/").hop == "dns"
    assert world.get(f"https://localhost:{closed}/") == Reply(
        0, problem=f"localhost:{closed}: connection refused", hop="tcp"
    )
    untrusting = Machine(str(tmp_path), trusted=True)
    found = untrusting.get(f"https://localhost:{door}/")
    assert (found.hop, found.problem.startswith("the certificate is not trusted: ")) == ("tls", True)
    with serving(reply) as plain:
        assert world.get(f"https://localhost:{plain}/").hop == "tls"
        assert world.get(f"http://localhost:{plain}/").status == 200


def test_a_certificate_of_another_name_is_not_trusted(world: Machine, door: int) -> None:
    found = world.get(f"https://sub.localhost:{door}/")
    assert found.hop in {"tls", "dns", "tcp"}
    assert found.status == 0


@pytest.mark.parametrize(
    "url", ["", "hello", "file:///etc/passwd", "https://", "https://a b/", "https://h:99999/", "https://h\r\nX: y/"]
)
def test_what_is_no_url_is_said_and_nobody_is_asked(world: Machine, url: str) -> None:
    found = world.get(url)
    assert (found.status, found.hop) == (0, "")
    assert found.problem.startswith("no URL")


def listening(serve: str) -> tuple[socket.socket, int]:
    """A bare socket whose visitors are treated as `serve` says."""
    door = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                visitor, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=treat, args=(visitor,), daemon=True).start()

    def treat(visitor: socket.socket) -> None:
        with visitor:
            try:
                visitor.recv(4096)
                if serve == "drip":
                    visitor.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    for _ in range(400):
                        visitor.sendall(b"x")
                        time.sleep(0.02)
                elif serve == "garbage":
                    visitor.sendall(b"\x00\x01\x02 hello\r\n\r\n")
                elif serve == "close":
                    return
                else:
                    time.sleep(8)
            except OSError:
                return

    threading.Thread(target=loop, daemon=True).start()
    return door, int(door.getsockname()[1])


@pytest.mark.parametrize("serve", ["silent", "drip", "garbage", "close"])
def test_a_server_that_is_silent_drips_or_speaks_no_http_is_left_in_time(world: Machine, serve: str) -> None:
    door, port = listening(serve)
    with door:
        found = world.get(f"http://127.0.0.1:{port}/", timeout=0.4)
    assert (found.status, found.hop) == (0, "http")


def test_a_server_that_never_ends_its_handshake_is_left_in_time(world: Machine) -> None:
    door, port = listening("silent")
    with door:
        assert world.get(f"https://localhost:{port}/", timeout=0.4).hop == "tls"


def test_an_endless_body_is_cut_off(world: Machine) -> None:
    with serving(lambda h: reply(h, b"x" * (LIMIT + 5))) as port:
        assert len(world.get(f"http://127.0.0.1:{port}/").body) == LIMIT


def test_a_body_is_decoded_whatever_it_is(world: Machine) -> None:
    with serving(lambda h: reply(h, b"\xe9\xff", Content_Type="text/plain; charset=latin-1")) as port:
        assert world.get(f"http://127.0.0.1:{port}/").body == "éÿ"
    with serving(lambda h: reply(h, b"\xff", Content_Type="text/plain; charset=nonsense")) as port:
        assert world.get(f"http://127.0.0.1:{port}/").body == "\ufffd"


def test_a_proxy_is_used_for_others_and_never_for_this_machine(certificates: tuple[Path, Path], door: int) -> None:
    asked: list[tuple[str, str | None]] = []

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers.get("Proxy-Authorization")))
        reply(handler, b"", 407)

    with serving(refuse) as port:
        env = {"HTTPS_PROXY": f"http://ada:secret@127.0.0.1:{port}", "NO_PROXY": "spared.invalid,.corp:8443"}
        client = Client(env, str(certificates[0]))
        found = client.get("https://elsewhere.invalid/")
        assert (found.hop, found.problem) == (
            "proxy",
            "the proxy 127.0.0.1 does not let us through: 407 Proxy Authentication Required",
        )
        assert asked == [("elsewhere.invalid:443", "Basic YWRhOnNlY3JldA==")]
        assert client.get(f"https://localhost:{door}/").status == 200
        assert client.get("https://a.spared.invalid/").hop == "dns"
        assert client.get("https://a.corp:8443/").hop == "dns"
        assert len(asked) == 1
    assert client.get("https://elsewhere.invalid/").hop == "proxy"
    assert Client({"HTTPS_PROXY": "socks5://127.0.0.1:1"}).get("https://elsewhere.invalid/").hop == "proxy"


def test_a_tunnel_carries_tls_to_the_server(certificates: tuple[Path, Path], door: int) -> None:
    """Through a proxy that connects to our own door whatever it is asked for: the certificate is then the wrong one."""

    def tunnel(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", door)) as there:
            handler.connection.settimeout(1)
            there.settimeout(1)
            try:
                there.sendall(handler.connection.recv(65536))
                handler.connection.sendall(there.recv(65536))
            except OSError:
                return

    with serving(tunnel) as port:
        found = Client({"HTTPS_PROXY": f"127.0.0.1:{port}"}, str(certificates[0])).get("https://elsewhere.invalid/")
    assert (found.hop, found.problem.startswith("the certificate is not trusted")) == ("tls", True)


def test_the_bundle_of_the_environment_is_trusted_and_a_broken_one_breaks_nothing(
    certificates: tuple[Path, Path], door: int, tmp_path: Path
) -> None:
    assert Client({"REQUESTS_CA_BUNDLE": str(certificates[0])}).get(f"https://localhost:{door}/").status == 200
    (tmp_path / "broken.pem").write_text("hello")
    env = {"REQUESTS_CA_BUNDLE": str(tmp_path / "broken.pem")}
    assert Client(env, str(certificates[0])).get(f"https://localhost:{door}/").status == 200
