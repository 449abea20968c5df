"""MX records and MX hosts: DNS, SMTP, TLS, certificates and DANE (groups A, J, K and M)."""

from __future__ import annotations

from typing import Any

from certificates import (
    CN_ONLY,
    EXPIRED,
    EXPIRING,
    FOR_CLIENTS,
    NO_INTERMEDIATE,
    NOT_YET_VALID,
    SELF_SIGNED,
    UNTRUSTED,
    WEAK_KEY,
    Certificate,
)
from domains import REFUSED, SHARED_MX, SILENT, V6, At, Domain, Host, Server, Zone, domain, implicit_mx, mx
from smtp_peer import Smtp
from tls import CLIENT_CERTIFICATE, NO_SHARED_CIPHER, OLD_TOO, ONLY_1_1, ONLY_1_2, WITHOUT_AEAD

ALL_BUT_STARTTLS = ("PIPELINING", "SIZE 10240000", "8BITMIME")
WRONG_HASH = "00" * 32


def failing(name: str, story: str, slug: str, server: Server, **more: Any) -> Domain:
    """A domain with one MX host, to which senders that enforce the policy do not deliver."""
    return domain(name, story, mx=(mx("mx", server),), errors={slug}, eligibility="ineligible", **more)


def passing(name: str, story: str, server: Server, **expected: Any) -> Domain:
    """A domain with one MX host that is not perfect."""
    return domain(name, story, mx=(mx("mx", server),), **expected)


RECORDS = [
    domain("mx-none", "No MX record.", mx=(implicit_mx(Smtp()),), warnings={"mx.none"}),
    domain(
        "mx-none-no-address",
        "No way to send it mail.",
        mx=(),
        patterns=["mx1.mail.example"],
        info={"mx.none-no-address"},
        eligibility="no-mail",
    ),
    domain(
        "mx-null-with-policy",
        "Takes no mail, but has a policy.",
        mx=(mx(".", preference=0),),
        patterns=["mx1.mail.example"],
        warnings={"mx.null-with-policy"},
        eligibility="no-mail",
    ),
    domain(
        "mx-null-with-others",
        "Takes no mail, and has an MX host for it.",
        mx=(SHARED_MX, mx(".", preference=0)),
        patterns=["mx1.mail.example"],
        errors={"mx.null-with-others"},
        eligibility=None,
    ),
    domain(
        "mx-servfail",
        "The domain's name server fails on everything.",
        cuts={"@": Zone.SERVFAIL},
        unknown={"mx.lookup-failed", "txt.lookup-failed"},
        deployment=None,
        eligibility="unknown",
    ),
    domain(
        "mx-lame",
        "The domain's name server does not know the domain.",
        cuts={"@": Zone.LAME},
        unknown={"mx.lookup-failed", "txt.lookup-failed"},
        deployment=None,
        eligibility="unknown",
    ),
    domain(
        "mx-timeout",
        "The domain's name server is silent.",
        cuts={"@": Zone.MUTE},
        unknown={"mx.lookup-failed", "txt.lookup-failed"},
        deployment=None,
        eligibility="unknown",
    ),
    domain(
        "mx-bogus",
        "The whole domain fails DNSSEC validation.",
        cuts={"@": Zone.BOGUS},
        unknown={"mx.lookup-failed", "txt.lookup-failed"},
        deployment=None,
        eligibility="unknown",
    ),
    domain(
        "mx-host-nxdomain",
        "The second MX host does not exist.",
        mx=(SHARED_MX, mx("gone", preference=20)),
        errors={"mx.host-nxdomain"},
        eligibility=None,
    ),
    domain(
        "mx-host-no-address",
        "The second MX host has no address.",
        mx=(SHARED_MX, mx("idle", preference=20)),
        records=('idle TXT "out of order"',),
        errors={"mx.host-no-address"},
        eligibility=None,
    ),
    domain(
        "mx-host-servfail",
        "The MX host's name server fails.",
        mx=(mx("mx"),),
        cuts={"mx": Zone.SERVFAIL},
        unknown={"mx.host-lookup-failed"},
        eligibility="unknown",
    ),
    domain(
        "mx-host-cname",
        "The MX record names an alias.",
        mx=(mx("mail"),),
        hosts=(
            Host(
                "mx",
                (
                    Smtp(
                        certificate=Certificate(
                            names=("mx.mx-host-cname.example", "mail.mx-host-cname.example")
                        )
                    ),
                ),
            ),
        ),
        records=("mail CNAME mx.{domain}.",),
        warnings={"mx.host-is-cname"},
    ),
    domain(
        "mx-host-ip",
        "The MX record holds an address.",
        mx=(SHARED_MX, mx("198.51.100.25.", preference=20)),
        patterns=["mx1.mail.example"],
        errors={"mx.host-is-ip"},
        eligibility=None,
    ),
    domain(
        "mx-host-private",
        "The MX host has a private address.",
        mx=(mx("mx", At("10.0.0.25")),),
        warnings={"mx.host-private-address"},
        eligibility=None,
    ),
    domain(
        "mx-host-underscore",
        "The MX host's name has an underscore.",
        mx=(SHARED_MX, mx("mail_2", Smtp(), preference=20)),
        patterns=["mx1.mail.example"],
        errors={"mx.invalid-name"},
        eligibility=None,
    ),
    domain(
        "mx-ttl",
        "MX records that live for two days.",
        mx=(),
        patterns=["mx1.mail.example"],
        records=("@ 172800 MX 10 mx1.mail.example.",),
        info={"mx.ttl-long"},
    ),
]

SMTP = [
    failing("smtp-refused", "Nobody listens on port 25.", "smtp.connect-all", REFUSED),
    failing("smtp-silent", "Nothing answers on port 25.", "smtp.connect-all", SILENT),
    domain(
        "smtp-broken-v6",
        "Works over IPv4, refused over IPv6.",
        mx=(mx("mx", Smtp(), V6(REFUSED)),),
        warnings={"smtp.connect-some"},
        eligibility=None,
    ),
    passing(
        "smtp-554",
        "Turns everybody away.",
        Smtp(greeting="554 5.7.1 No service for you\r\n"),
        warnings={"smtp.greeting"},
        eligibility=None,
    ),
    passing(
        "smtp-421",
        "Too busy for us.",
        Smtp(greeting="421 4.7.0 Too many connections, come back later\r\n"),
        unknown={"smtp.rate-limited"},
        eligibility="unknown",
    ),
    failing(
        "starttls-missing", "No STARTTLS.", "starttls.missing", Smtp(capabilities=ALL_BUT_STARTTLS), demo=True
    ),
    domain(
        "postfix-plaintext",
        "A Postfix without TLS.",
        mx=(mx("postfix-plaintext.mail.example."),),
        errors={"starttls.missing"},
        eligibility="ineligible",
    ),
    failing(
        "starttls-refused",
        "STARTTLS is offered, then refused.",
        "starttls.refused",
        Smtp(starttls_reply="454 4.7.0 TLS not available due to local problem\r\n"),
    ),
    failing(
        "starttls-dropped",
        "220, and the line goes dead.",
        "starttls.refused",
        Smtp(closes_after_starttls=True),
    ),
    passing(
        "starttls-keeps-plaintext",
        "Answers inside TLS what it was told before.",
        Smtp(keeps_plaintext=True),
        warnings={"smtp.plaintext-injected"},
        eligibility=None,
    ),
    passing(
        "starttls-injected",
        "More plaintext behind the 220.",
        Smtp(starttls_reply="220 2.0.0 Go\r\n250 injected\r\n"),
        warnings={"smtp.plaintext-injected"},
        eligibility=None,
    ),
]

TLS = [
    failing("tls-no-cipher", "No cipher in common.", "tls.handshake", Smtp(tls=NO_SHARED_CIPHER)),
    failing("tls-11", "TLS 1.1 at most.", "tls.version", Smtp(tls=ONLY_1_1)),
    passing("tls-12", "TLS 1.2 at most.", Smtp(tls=ONLY_1_2), info={"tls.no13"}),
    passing("tls-old-too", "TLS 1.0 and 1.1 as well.", Smtp(tls=OLD_TOO), info={"tls.old-enabled"}),
    passing(
        "tls-cbc",
        "No authenticated encryption.",
        Smtp(tls=WITHOUT_AEAD),
        warnings={"tls.ciphers"},
        info={"tls.no13"},
    ),
    passing(
        "tls-client-cert",
        "Insists on a client certificate.",
        Smtp(tls=CLIENT_CERTIFICATE),
        warnings={"tls.client-cert-demanded"},
        eligibility=None,
    ),
    domain(
        "member-differs",
        "One of two servers was not renewed.",
        mx=(mx("mx", Smtp(), Smtp(certificate=EXPIRED)),),
        errors={"mxcert.expired"},
        warnings={"smtp.member-differs"},
        eligibility="ineligible",
        demo=True,
    ),
]

CERTIFICATES = [
    failing("mxcert-expired", "Expired.", "mxcert.expired", Smtp(certificate=EXPIRED), demo=True),
    domain(
        "postfix-expired",
        "A Postfix whose certificate is expired.",
        mx=(mx("postfix-expired.mail.example."),),
        errors={"mxcert.expired"},
        eligibility="ineligible",
    ),
    failing("mxcert-not-yet-valid", "Of next week.", "mxcert.expired", Smtp(certificate=NOT_YET_VALID)),
    passing(
        "mxcert-expiring",
        "Five days left.",
        Smtp(certificate=EXPIRING),
        warnings={"mxcert.expiring"},
    ),
    failing(
        "mxcert-name",
        "For another host.",
        "mxcert.name",
        Smtp(certificate=Certificate(names=("imap.provider.example",))),
    ),
    domain(
        "mxcert-deep-wildcard",
        "A wildcard that would have to span two labels.",
        mx=(mx("mx.west", Smtp(certificate=Certificate(names=("*.mxcert-deep-wildcard.example",)))),),
        errors={"mxcert.name"},
        eligibility="ineligible",
    ),
    failing(
        "mxcert-domain",
        "For the mail domain.",
        "mxcert.name-is-domain",
        Smtp(certificate=Certificate(names=("mxcert-domain.example",))),
    ),
    failing("mxcert-cn-only", "The name as common name only.", "mxcert.cn-only", Smtp(certificate=CN_ONLY)),
    failing("mxcert-self-signed", "Self-signed.", "mxcert.untrusted", Smtp(certificate=SELF_SIGNED)),
    domain(
        "postfix-selfsigned",
        "A Postfix as it was installed.",
        mx=(mx("postfix-selfsigned.mail.example."),),
        errors={"mxcert.untrusted"},
        eligibility="ineligible",
    ),
    failing("mxcert-untrusted", "From a private CA.", "mxcert.untrusted", Smtp(certificate=UNTRUSTED)),
    failing(
        "mxcert-chain",
        "The intermediate certificate is missing.",
        "mxcert.chain",
        Smtp(certificate=NO_INTERMEDIATE),
    ),
    passing(
        "mxcert-weak-key",
        "An RSA key of 1024 bits.",
        Smtp(certificate=WEAK_KEY),
        warnings={"mxcert.weak"},
        eligibility=None,
    ),
    failing("mxcert-for-clients", "Not for servers.", "mxcert.eku", Smtp(certificate=FOR_CLIENTS)),
    passing(
        "mxcert-needs-sni",
        "Another certificate for clients without SNI.",
        Smtp(certificate_without_sni=Certificate(names=("localhost.localdomain",))),
        warnings={"mxcert.needs-sni"},
        eligibility=None,
    ),
]

DANE = [
    passing(
        "dane-mismatch",
        "The TLSA record of the last certificate.",
        Smtp(),
        records=(f"_25._tcp.mx TLSA 3 1 1 {WRONG_HASH}",),
        errors={"dane.tlsa-mismatch"},
        eligibility=None,
        demo=True,
    ),
    passing(
        "dane-unsigned",
        "TLSA records without DNSSEC.",
        Smtp(),
        cuts={"@": Zone.UNSIGNED},
        records=("_25._tcp.mx TLSA 3 1 1 {spki}",),
        warnings={"dane.unsigned"},
    ),
    passing(
        "dane-usage",
        "A usage that SMTP does not have.",
        Smtp(),
        records=("_25._tcp.mx TLSA 1 1 1 {spki}",),
        warnings={"dane.usage"},
    ),
    passing(
        "dane-no-rollover",
        "One TLSA record, for the key of today.",
        Smtp(),
        records=("_25._tcp.mx TLSA 3 1 1 {spki}",),
        info={"dane.no-rollover"},
    ),
    domain(
        "dane-partial",
        "TLSA records for one MX host of two.",
        mx=(mx("mx", Smtp()), mx("mx2.mail.example.", preference=20)),
        records=("_25._tcp.mx TLSA 3 1 1 {spki}", f"_25._tcp.mx TLSA 3 1 1 {WRONG_HASH}"),
        info={"dane.partial"},
    ),
    passing(
        "dane-bogus",
        "TLSA records that fail validation.",
        Smtp(),
        cuts={"_tcp.mx": Zone.BOGUS},
        records=("_25._tcp.mx TLSA 3 1 1 {spki}",),
        errors={"dane.bogus"},
        eligibility=None,
    ),
    passing(
        "dane-servfail",
        "The name server fails on TLSA.",
        Smtp(),
        cuts={"_tcp.mx": Zone.SERVFAIL},
        errors={"dane.bogus"},
        eligibility=None,
    ),
]

DOMAINS = [*RECORDS, *SMTP, *TLS, *CERTIFICATES, *DANE]
