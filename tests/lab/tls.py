"""The TLS side of the scripted peers: which versions, which ciphers, which certificate."""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass
from pathlib import Path

from certificates import Authority, Certificate

V1_0 = ssl.TLSVersion.TLSv1
V1_1 = ssl.TLSVersion.TLSv1_1
V1_2 = ssl.TLSVersion.TLSv1_2
V1_3 = ssl.TLSVersion.TLSv1_3


@dataclass(frozen=True)
class Tls:
    """How a server speaks TLS at one address."""

    lowest: ssl.TLSVersion = V1_2
    highest: ssl.TLSVersion = V1_3
    ciphers: str = "DEFAULT"
    demands_client_certificate: bool = False


MODERN = Tls()
ONLY_1_1 = Tls(lowest=V1_1, highest=V1_1)
ONLY_1_2 = Tls(highest=V1_2)
ONLY_1_3 = Tls(lowest=V1_3)
OLD_TOO = Tls(lowest=V1_0)
WITHOUT_AEAD = Tls(highest=V1_2, ciphers="ECDHE-ECDSA-AES128-SHA")
NO_SHARED_CIPHER = Tls(highest=V1_2, ciphers="PSK-AES128-CBC-SHA")
CLIENT_CERTIFICATE = Tls(demands_client_certificate=True)


class Contexts:
    """Server contexts, each made at its first use: most of the lab's are never asked for."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    @functools.cache
    def get(self, tls: Tls, certificate: Certificate, *names: str) -> ssl.SSLContext:
        """The context of a server called `names`. Two threads may both make it; the last one stays."""
        return self.fresh(tls, certificate, *names)

    def fresh(self, tls: Tls, certificate: Certificate, *names: str) -> ssl.SSLContext:
        """The same, shared with nobody: for those who hang a callback on it."""
        return _server_context(tls, self._authority.issue(certificate, *names))

    @functools.cache
    def by_name(
        self, tls: Tls, without_sni: Certificate, with_sni: Certificate, *names: str
    ) -> ssl.SSLContext:
        """A context that shows another certificate to those who say which host they want."""
        context = self.fresh(tls, without_sni, *names)
        named = self.get(tls, with_sni, *names)

        def choose(connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                connection.context = named

        context.sni_callback = choose
        return context


def _server_context(tls: Tls, pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = tls.lowest
    context.maximum_version = tls.highest
    # Level 0 admits the weak keys and old versions that some rows need.
    context.set_ciphers(f"{tls.ciphers}:@SECLEVEL=0")
    context.num_tickets = 0  # nobody comes back within a ticket's life
    context.load_cert_chain(pem)
    if tls.demands_client_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pem)
    return context
