"""The certificates of a run, and the bundle that clients are told to trust."""

from __future__ import annotations

import ipaddress
import ssl
import stat
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from wizard.sandbox import tls


@pytest.fixture(scope="module")
def made() -> tls.Certificates:
    return tls.make_certificates()


def test_the_servers_certificate_names_loopback_and_is_signed_by_the_ca(made: tls.Certificates) -> None:
    authority, server = (x509.load_pem_x509_certificate(pem) for pem in (made.authority, made.server))
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "workspace.localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True
    assert server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_the_key_that_is_kept_is_the_servers_and_not_the_cas(made: tls.Certificates) -> None:
    key = load_pem_private_key(made.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert x509.load_pem_x509_certificate(made.server).public_key() == key.public_key()
    assert x509.load_pem_x509_certificate(made.authority).public_key() != key.public_key()


def test_every_run_has_its_own_ca(made: tls.Certificates) -> None:
    assert tls.make_certificates().authority != made.authority


def test_certificates_do_not_print_the_key(made: tls.Certificates) -> None:
    assert "PRIVATE" not in repr(made)


def test_the_bundle_is_certifis_the_machines_and_our_own(made: tls.Certificates, tmp_path: Path) -> None:
    mine = tls.make_certificates().authority
    machine = tmp_path / "machine.pem"
    machine.write_bytes(b"# ours\r\n" + mine.replace(b"\n", b"\r\n") + mine + Path(certifi.where()).read_bytes())
    text = tls.bundle(made.authority, [machine, tmp_path / "missing.pem"])
    count = Path(certifi.where()).read_bytes().count(b"BEGIN CERTIFICATE")
    assert text.count(b"BEGIN CERTIFICATE") == text.count(b"END CERTIFICATE") == count + 2
    ssl.create_default_context(cadata=text.decode())
    assert mine.strip() in text
    assert text.strip().endswith(made.authority.strip())


def test_a_private_key_in_a_machines_bundle_is_not_copied(made: tls.Certificates, tmp_path: Path) -> None:
    machine = tmp_path / "machine.pem"
    machine.write_bytes(made.key + made.server)
    text = tls.bundle(made.authority, [machine])
    assert b"PRIVATE" not in text
    assert made.server.strip() in text


def test_the_key_is_in_a_file_only_while_it_is_loaded(made: tls.Certificates, tmp_path: Path) -> None:
    tls.server_context(made, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_bundle_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    tls.write_bundle(file, b"one\n")
    tls.write_bundle(file, b"two\n")
    assert file.read_bytes() == b"two\n"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.pem"]
    assert stat.S_ISREG(file.lstat().st_mode)
