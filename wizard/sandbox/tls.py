"""Certificates of one run: a CA of its own, whose key is thrown away as soon as the server's certificate is signed.

So nobody, the sandbox included, can sign anything else with the CA that clients were told to trust.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

NAMES = ("localhost", "workspace.localhost")
ADDRESSES = ("127.0.0.1", "::1")
DAYS = 397
HOUR = datetime.timedelta(hours=1)
BUNDLE_LIMIT = 8 * 1024 * 1024
"""Bytes of a CA bundle of the machine that are looked at; usual ones have 200 KiB."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


@dataclass(frozen=True, repr=False)
class Certificates:
    """PEM texts: the CA's certificate, the server's, and the server's key."""

    authority: bytes
    server: bytes
    key: bytes


def make_certificates(names: Iterable[str] = NAMES, addresses: Iterable[str] = ADDRESSES) -> Certificates:
    """A new CA and a certificate for the loopback names, valid for 397 days."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    signing, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mlops-wizard sandbox (this machine, this run)")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)

    def begin(whose: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        blank = x509.CertificateBuilder().subject_name(whose).issuer_name(issuer).public_key(public)
        dated = blank.not_valid_before(now - HOUR).not_valid_after(now + datetime.timedelta(DAYS))
        return dated.serial_number(x509.random_serial_number()).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )

    alternatives = [x509.DNSName(name) for name in names]
    general = [*alternatives, *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]
    authority = (
        begin(issuer, signing.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(signing, hashes.SHA256())
    )
    server = (
        begin(subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(general), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificates(authority.public_bytes(pem), server.public_bytes(pem), private)


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def bundle(authority: bytes, extra: Iterable[Path] = ()) -> bytes:
    """What clients are told to trust: certifi's roots, those of the machine's own bundles, and the sandbox's CA.

    Only certificates are taken from a file: one that holds a private key too gives none of it away.
    """
    import certifi

    texts = [Path(certifi.where()).read_bytes(), *(_read(path) for path in extra), authority]
    found = (match.replace(b"\r", b"") for text in texts for match in _CERTIFICATE.findall(text))
    return b"\n".join(dict.fromkeys(found)) + b"\n"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BUNDLE_LIMIT)
    except OSError:
        return b""


def write_bundle(path: Path, text: bytes) -> None:
    """Replace the file by this bundle, whole or not at all; it is public, its folder is not."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.write_bytes(text)
    beside.replace(path)


def server_context(made: Certificates, private: Path) -> ssl.SSLContext:
    """A TLS context that offers h2 and http/1.1. The key is in a file (0600, in `private`) only while it is loaded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2", "http/1.1"])
    descriptor, name = tempfile.mkstemp(dir=private)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.server + made.key)
        context.load_cert_chain(name)
    finally:
        os.unlink(name)
    return context
