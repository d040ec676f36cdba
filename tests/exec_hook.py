"""A workspace on loopback that gives tokens, and a person's machine with the exec hook on it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wizard.index import Index, Kept
from wizard.secret import Entry, Secret
from wizard.stores.plain import Consent, PlainStore

HOOK = Path(sys.executable).with_name("mlops-wizard-databricks")
PAT = "dapicanary0123456789"
SECRET = "dosecanary0123456789"


@dataclass
class Workspace:
    """A workspace on loopback: counts token requests, and answers them as it is told."""

    url: str = ""
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    lifetime: int = 3600
    refresh: str = ""
    forms: list[tuple[str, str]] = field(default_factory=list)
    bearers: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return self.url.removeprefix("https://")

    def token(self) -> bytes:
        answer: dict[str, Any] = {"access_token": f"minted-{len(self.forms)}", "token_type": "Bearer"}
        more = {"refresh_token": self.refresh} if self.refresh else {}
        return json.dumps({**answer, **more, "expires_in": self.lifetime}).encode()


def handler(workspace: Workspace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            workspace.forms.append((form, self.headers.get("Authorization", "")))
            self.reply(workspace.status, workspace.body if workspace.body is not None else workspace.token())

        def do_GET(self) -> None:
            workspace.bearers.append(self.headers.get("Authorization", ""))
            if self.path.startswith("/api/2.0/preview/scim/v2/Me"):
                self.reply(200, b'{"userName": "ada@example.com", "id": "1"}')
            else:
                self.reply(404, b'{"error_code": "NOT_FOUND", "message": "no"}')

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **workspace.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def workspace(certificate: Path) -> Iterator[Workspace]:
    found = Workspace()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"https://localhost:{server.server_address[1]}"
    yield found
    server.shutdown()
    server.server_close()


@dataclass
class Machine:
    """A person's machine: a state folder with a plain store, and a configuration file."""

    folder: Path
    env: dict[str, str]

    @property
    def state(self) -> str:
        return self.env["MLOPS_WIZARD_STATE"]

    def keep(self, place: str, name: str, value: str, **more: Any) -> None:
        service = Entry(place, name).service
        PlainStore(self.state).put(service, Secret(value))
        Index(self.state).add(Kept(service, "plain", **more))

    def kept(self, place: str, name: str) -> Secret | None:
        return PlainStore(self.state).get(Entry(place, name).service)

    def profile(self, text: str) -> None:
        (self.folder / "cfg").write_text(text)

    def hook(self, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([HOOK, *argv], env={**self.env, **env}, capture_output=True, text=True, check=False)

    def token(self, *argv: str, **env: str) -> dict[str, str]:
        done = self.hook("auth", "token", *argv, **env)
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    def refusal(self, *argv: str, **env: str) -> str:
        done = self.hook("auth", "token", *argv, **env)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "Traceback" not in done.stderr
        assert "canary" not in done.stderr
        return done.stderr.removeprefix("mlops-wizard: ").strip()


@pytest.fixture
def machine(tmp_path: Path, workspace: Workspace, certificate: Path) -> Machine:
    state = str(tmp_path / "state")
    Consent.record(state)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "HTTPS_PROXY"))}
    env = {
        **kept,
        "MLOPS_WIZARD_STATE": state,
        "DATABRICKS_CONFIG_FILE": str(tmp_path / "cfg"),
        "REQUESTS_CA_BUNDLE": str(certificate),
        "SSL_CERT_FILE": str(certificate),
        "HOME": str(tmp_path),
    }
    found = Machine(tmp_path, env)
    found.profile(
        f"[dev]\nhost = {workspace.url}\nauth_type = databricks-cli\ndatabricks_cli_path = {HOOK}\n\n"
        f"[m2m]\nhost = {workspace.url}\nclient_id = robot\nauth_type = databricks-cli\ndatabricks_cli_path = {HOOK}\n"
        f"\n[pasted]\nhost = {workspace.url.upper().replace('HTTPS', 'https')}/?o=1\n"
    )
    return found
