"""The lab's certification authorities, and every way to issue a certificate well or badly.

A `Certificate` says what is asked for and is a plain value, so that a catalogue row can
hold one. `Authority.issue` turns it into a PEM file (key, leaf, chain) for given names.
All leaves of one key type share one key: issuing costs one signature, and a TLSA record
over the public key is the same for every well-made certificate.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

PEM = serialization.Encoding.PEM
PURPOSES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}

# Where a browser would fetch a missing intermediate; public CAs always say so.
CA_ISSUERS = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier("http://ca.example/intermediate.der"),
        )
    ]
)


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. Names left out are those of the host it is served for."""

    names: tuple[str, ...] | None = None
    common_name: str | None = None
    from_day: int = -20
    to_day: int = 70
    issuer: str = "intermediate"  # or "root", "self", "stranger"
    sends_chain: bool = True
    key: str = "p256"  # or "rsa1024"
    purpose: str = "server"  # or "client"


GOOD = Certificate()
EXPIRED = Certificate(from_day=-100, to_day=-10)
NOT_YET_VALID = Certificate(from_day=10, to_day=100)
EXPIRING = Certificate(from_day=-85, to_day=5)
SELF_SIGNED = Certificate(issuer="self")
UNTRUSTED = Certificate(issuer="stranger")
NO_INTERMEDIATE = Certificate(sends_chain=False)
CN_ONLY = Certificate(names=())
WEAK_KEY = Certificate(key="rsa1024")
FOR_CLIENTS = Certificate(purpose="client")


class Issuer:
    """A name and a key that sign certificates, and the chain that a server sends for them."""

    def __init__(self, title: str, parent: Issuer | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(title)
        signer = parent or self
        self.certificate = (
            _builder(self.name, signer.name, self.key.public_key(), -400, 3000)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .add_extension(_authority_key_id(signer.key), critical=False)
            .sign(signer.key, hashes.SHA256())
        )
        self.chain = [self.certificate] if parent else []

    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)


class Authority:
    """The trusted root with its intermediate, a root that nobody trusts, and the leaves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._lock = threading.Lock()
        self._keys = {"p256": ec.generate_private_key(ec.SECP256R1())}
        root = Issuer("Lab Root")
        self._issuers = {
            "root": root,
            "intermediate": Issuer("Lab Intermediate", root),
            "stranger": Issuer("Stranger Root"),
        }

    @property
    def root_pem(self) -> bytes:
        return self._issuers["root"].pem()

    @functools.cached_property
    def spki_sha256(self) -> str:
        """SHA-256 of the leaves' public key: the data of a TLSA record `3 1 1`."""
        spki = (
            self._keys["p256"]
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        return hashlib.sha256(spki).hexdigest()

    def issue(self, certificate: Certificate, *names: str) -> Path:
        """The PEM file of this certificate for these host names, made at the first need."""
        label = hashlib.sha256(repr((certificate, names)).encode()).hexdigest()[:24]
        path = self._folder / f"{label}.pem"
        with self._lock:
            if not path.exists():
                path.write_bytes(self._make(certificate, names))
        return path

    def _make(self, wanted: Certificate, names: tuple[str, ...]) -> bytes:
        key = self._key(wanted.key)
        san = names if wanted.names is None else wanted.names
        subject = _name(wanted.common_name or (san or names)[0])
        issuer = self._issuers.get(wanted.issuer)
        builder = (
            _builder(
                subject, issuer.name if issuer else subject, key.public_key(), wanted.from_day, wanted.to_day
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([PURPOSES[wanted.purpose]]), critical=False)
            .add_extension(_authority_key_id(issuer.key if issuer else key), critical=False)
        )
        if wanted.issuer == "intermediate":
            builder = builder.add_extension(CA_ISSUERS, critical=False)
        if san:
            dns_names = [x509.DNSName(name) for name in san]
            builder = builder.add_extension(x509.SubjectAlternativeName(dns_names), critical=False)
        leaf = builder.sign(issuer.key if issuer else key, hashes.SHA256())
        sent = [leaf, *(issuer.chain if issuer and wanted.sends_chain else [])]
        return self._key_pem(wanted.key) + b"".join(each.public_bytes(PEM) for each in sent)

    def _key(self, kind: str) -> PrivateKey:
        if kind not in self._keys:
            self._keys[kind] = rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))
        return self._keys[kind]

    @functools.cache
    def _key_pem(self, kind: str) -> bytes:
        return self._key(kind).private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def _name(title: str) -> x509.Name:
    """A subject; a common name holds at most 64 characters (RFC 5280 A.1)."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, from_day: int, to_day: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.utcnow().replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + from_day * DAY)
        .not_valid_after(now + to_day * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _authority_key_id(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _key_usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
