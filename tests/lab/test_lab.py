"""The lab's own tests: is this internet what it says it is?

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_lab.py
"""

from __future__ import annotations

import socket
import ssl
import urllib.request
from pathlib import Path

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.zone
import pytest

from world import NAME_SERVER, RESOLVER

SECURE, INSECURE, FAILS = "secure", "insecure", "fails"


def ask(name: str, rdtype: str) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, want_dnssec=True)
    query.flags |= dns.flags.AD
    return dns.query.udp(query, RESOLVER, timeout=10)


def status(answer: dns.message.Message) -> str:
    if answer.rcode() == dns.rcode.SERVFAIL:
        return FAILS
    return SECURE if answer.flags & dns.flags.AD else INSECURE


def address(host: str, family: str = "A") -> str:
    return dns.resolver.resolve(host, family)[0].address


def strict_context() -> ssl.SSLContext:
    """What a sender's TLS is: the system's roots, TLS 1.2 at least, and no common names."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    return context


def fetch(domain: str) -> bytes:
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    with urllib.request.urlopen(url, timeout=5, context=strict_context()) as answer:
        return answer.read()


class Client:
    """A plain SMTP client that shows every reply."""

    def __init__(self, host: str, family: str = "A") -> None:
        self._host = host
        self._sock = socket.create_connection((address(host, family), 25), timeout=10)
        self.greeting = self.reply()

    def reply(self) -> bytes:
        received = b""
        while not received.endswith(b"\r\n"):
            received += self._sock.recv(4096)
        return received

    def say(self, line: bytes) -> bytes:
        self._sock.sendall(line)
        return self.reply()

    def start_tls(self, more: bytes = b"") -> None:
        """STARTTLS, with more plaintext in the same packet if wanted, and the handshake."""
        assert self.say(b"STARTTLS\r\n" + more).startswith(b"220")
        self._sock = strict_context().wrap_socket(self._sock, server_hostname=self._host)


@pytest.mark.parametrize(
    ("name", "rdtype", "want"),
    [
        ("example", "SOA", SECURE),
        ("good.example", "MX", SECURE),
        ("signed.example", "MX", SECURE),
        ("_25._tcp.mx.dane.example", "TLSA", SECURE),
        ("no-such-name.good.example", "A", SECURE),
        ("mail.protection.outlook.com", "A", SECURE),
        ("unsigned.example", "MX", INSECURE),
        ("mx-bogus.example", "MX", FAILS),
        ("mx-servfail.example", "MX", FAILS),
        ("mx-lame.example", "MX", FAILS),
        ("mx-timeout.example", "MX", FAILS),
        ("mta-sts.host-bogus.example", "A", FAILS),
        ("mta-sts.hostile-cname-chain.example", "A", FAILS),
    ],
)
def test_resolver_validates(name: str, rdtype: str, want: str) -> None:
    assert status(ask(name, rdtype)) == want


def test_bogus_data_is_there_for_who_does_not_check() -> None:
    query = dns.message.make_query("mx-bogus.example", "MX", want_dnssec=True)
    query.flags |= dns.flags.CD
    assert dns.query.udp(query, RESOLVER, timeout=10).answer


def test_system_root_key_is_the_lab_root() -> None:
    anchor = dns.zone.from_text(
        Path("/usr/share/dns/root.key").read_text(), ".", relativize=False, check_origin=False
    )
    keys = {dns.name.root: anchor.find_rdataset(dns.name.root, "DNSKEY")}
    answer = dns.query.udp(dns.message.make_query(".", "DNSKEY", want_dnssec=True), NAME_SERVER, timeout=5)
    rrset = answer.find_rrset(answer.answer, dns.name.root, 1, dns.rdatatype.DNSKEY)
    signature = answer.find_rrset(answer.answer, dns.name.root, 1, dns.rdatatype.RRSIG, dns.rdatatype.DNSKEY)
    dns.dnssec.validate(rrset, signature, keys)


def test_system_resolver_is_the_lab_resolver() -> None:
    assert dns.resolver.Resolver().nameservers == [RESOLVER]


def test_policy_is_served() -> None:
    assert b"mode: enforce\r\n" in fetch("good.example")


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("https-expired.example", "certificate has expired"),
        ("https-self-signed.example", "self-signed certificate"),
        ("https-chain.example", "unable to get local issuer certificate"),
        ("https-cert-name.example", "Hostname mismatch"),
        ("https-sni-ignored.example", "Hostname mismatch"),
        ("https-cn-only.example", "Hostname mismatch"),
        ("https-tls11.example", "(?i)protocol version"),
        ("https-refused.example", "Connection refused"),
        ("https-silent.example", "timed out"),
    ],
)
def test_policy_is_out_of_reach(domain: str, reason: str) -> None:
    with pytest.raises(OSError, match=reason):
        fetch(domain)


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("postfix.mail.example", "A"),
        ("postfix.mail.example", "AAAA"),
        ("mx1.mail.example", "A"),
        ("mx1.mail.example", "AAAA"),
    ],
)
def test_mail_server_has_a_good_certificate(host: str, family: str) -> None:
    client = Client(host, family)
    assert client.greeting.startswith(b"220 " + host.encode())
    assert b"STARTTLS" in client.say(b"EHLO test.example\r\n")
    client.start_tls()
    assert b"STARTTLS" not in client.say(b"EHLO test.example\r\n")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("postfix-expired.mail.example", "certificate has expired"),
        ("postfix-selfsigned.mail.example", "self-signed certificate"),
        ("mx.mxcert-name.example", "Hostname mismatch"),
    ],
)
def test_mail_server_has_a_bad_certificate(host: str, reason: str) -> None:
    client = Client(host)
    client.say(b"EHLO test.example\r\n")
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        client.start_tls()


def test_postfix_without_tls_offers_none() -> None:
    assert b"STARTTLS" not in Client("postfix-plaintext.mail.example").say(b"EHLO test.example\r\n")


def test_plaintext_survives_starttls_where_it_should_not() -> None:
    client = Client("mx.starttls-keeps-plaintext.example")
    client.say(b"EHLO test.example\r\n")
    client.start_tls(b"NOOP\r\n")
    assert client.reply().startswith(b"250")


@pytest.mark.parametrize(
    ("target", "error"),
    [("192.0.2.99", TimeoutError), (RESOLVER, ConnectionRefusedError), ("2001:db8:dead::ffff", TimeoutError)],
)
def test_address_without_a_server(target: str, error: type[OSError]) -> None:
    with pytest.raises(error):
        socket.create_connection((target, 25), timeout=0.5)
