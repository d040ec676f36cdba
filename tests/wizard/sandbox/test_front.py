"""The TLS door, over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import ssl

import pytest

from tests.sandbox_api import Fetch
from wizard.sandbox.client import Control, Running
from wizard.sandbox.error import SandboxError
from wizard.sandbox.front import bind_loopback


def port(running: Running) -> int:
    return int(running.host.rpartition(":")[2])


@pytest.mark.parametrize("name", ["localhost", "workspace.localhost", "127.0.0.1", "[::1]"])
def test_it_answers_under_each_of_its_names(running: Running, fetch: Fetch, name: str) -> None:
    if name == "workspace.localhost":
        try:
            socket.getaddrinfo(name, 1)
        except OSError:
            pytest.skip("this machine does not resolve workspace.localhost")
    status, headers, text = fetch(running, "/.well-known/databricks-config", host=f"https://{name}:{port(running)}")
    assert status == 200
    assert headers["X-Databricks-Org-Id"] == running.org_id
    assert json.loads(text)["oidc_endpoint"] == f"{running.host}/oidc"


def test_only_loopback_listens(running: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((own, port(running)), timeout=5)


def test_a_client_without_the_bundle_refuses_the_certificate(running: Running) -> None:
    context = ssl.create_default_context(cadata="")
    raw = socket.create_connection(("127.0.0.1", port(running)))
    with raw, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(raw, server_hostname="localhost")


@pytest.mark.parametrize(("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), ([], None)])
def test_it_offers_both_protocols(running: Running, offered: list[str], chosen: str | None) -> None:
    context = ssl.create_default_context(cafile=running.ca_bundle)
    if offered:
        context.set_alpn_protocols(offered)
    with (
        socket.create_connection(("127.0.0.1", port(running))) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        assert tls.selected_alpn_protocol() == chosen


def test_plain_http_gets_no_answer_and_harms_nothing(running: Running, fetch: Fetch) -> None:
    with socket.create_connection(("127.0.0.1", port(running)), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in raw.recv(1024)
    assert fetch(running, "/.well-known/databricks-config")[0] == 200


def test_a_large_answer_and_a_kept_connection_arrive_whole(running: Running) -> None:
    token = Control(running).token().reveal()
    context = ssl.create_default_context(cafile=running.ca_bundle)
    connection = http.client.HTTPSConnection("127.0.0.1", port(running), context=context, timeout=20)
    data = "A" * (1024 * 1024)
    header = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for name in ("one", "two"):
        body = json.dumps({"path": f"/tmp/{name}", "contents": data})
        connection.request("POST", "/api/2.0/dbfs/put", body, header)
        assert connection.getresponse().read() == b"{}"
        connection.request("GET", f"/api/2.0/dbfs/read?path=/tmp/{name}&length=1048576", headers=header)
        assert json.loads(connection.getresponse().read())["data"] == data
    connection.close()


def test_a_port_that_is_taken_on_one_loopback_address_is_not_used(running: Running) -> None:
    taken = port(running)
    with pytest.raises(SandboxError, match=f"Port {taken} is in use by another program"):
        bind_loopback(taken)


def test_a_free_port_is_the_same_on_both_addresses() -> None:
    bound = bind_loopback(0)
    assert len({each.getsockname()[1] for each in bound}) == 1
    assert {each.getsockname()[0] for each in bound} <= {"127.0.0.1", "::1"}
    for each in bound:
        each.close()
