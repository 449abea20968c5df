"""The policy host: its addresses, its TLS and its HTTP (groups D, E and F, and O05)."""

from __future__ import annotations

import gzip
from typing import Any

from certificates import (
    CN_ONLY,
    EXPIRED,
    EXPIRING,
    NO_INTERMEDIATE,
    NOT_YET_VALID,
    SELF_SIGNED,
    UNTRUSTED,
    WEAK_KEY,
    Certificate,
)
from domains import REFUSED, SILENT, V6, At, Domain, Place, Zone, domain, policy_text
from https_peer import NOT_FOUND, PARKING, Answer, Https, Request
from tls import CLIENT_CERTIFICATE, NO_SHARED_CIPHER, ONLY_1_1, ONLY_1_3

POLICY = policy_text("mx1.mail.example").encode()
CHALLENGE = Answer(
    "403 Forbidden",
    "text/html; charset=UTF-8",
    headers=("Server: cloudflare", "CF-Mitigated: challenge", "CF-RAY: 8d0f00000000abcd-LAB"),
    body=b"<!DOCTYPE html><html><title>Just a moment...</title></html>\n",
)


def browsers_only(request: Request) -> Answer:
    """The policy for browsers, a refusal for everybody else."""
    if request.headers.get("user-agent", "").startswith("Mozilla/5.0"):
        return Answer()
    return Answer("403 Forbidden", "text/html", body=b"<html><h1>Forbidden</h1></html>\n")


def out_of_reach(name: str, story: str, slug: str, *places: Place, **more: Any) -> Domain:
    """A domain whose policy nobody can fetch."""
    return domain(name, story, host=places, errors={slug}, deployment="broken", **more)


ADDRESSES = [
    out_of_reach("host-nxdomain", "The policy host does not exist.", "host.nxdomain"),
    out_of_reach(
        "host-no-address",
        "The policy host has no address.",
        "host.no-address",
        records=('mta-sts TXT "under construction"',),
    ),
    domain(
        "host-servfail",
        "The policy host's name server fails.",
        host=(),
        cuts={"mta-sts": Zone.SERVFAIL},
        unknown={"host.lookup-failed"},
        deployment=None,
    ),
    domain(
        "host-timeout",
        "The policy host's name server is silent.",
        host=(),
        cuts={"mta-sts": Zone.MUTE},
        unknown={"host.lookup-failed"},
        deployment=None,
    ),
    out_of_reach(
        "host-bogus",
        "The policy host fails DNSSEC validation.",
        "host.dnssec-bogus",
        Https(),
        cuts={"mta-sts": Zone.BOGUS},
    ),
    domain("host-v6-only", "IPv6 only.", host=(V6(Https()),), warnings={"host.v6-only"}),
    out_of_reach("host-private", "A private address.", "host.private-address", At("10.11.12.13")),
    domain(
        "host-private-too",
        "A private address beside a good one.",
        host=(Https(), At("10.11.12.13")),
        warnings={"host.private-address"},
    ),
]

TLS = [
    out_of_reach("https-refused", "Nobody listens on port 443.", "https.connect", REFUSED),
    out_of_reach("https-silent", "Nothing answers on port 443.", "https.connect", SILENT),
    domain(
        "https-broken-v6",
        "Works over IPv4, refused over IPv6.",
        host=(Https(), V6(REFUSED)),
        warnings={"https.some-addresses"},
    ),
    out_of_reach("https-tls11", "TLS 1.1 at most.", "https.tls-version", Https(tls=ONLY_1_1)),
    out_of_reach("https-no-cipher", "No cipher in common.", "https.handshake", Https(tls=NO_SHARED_CIPHER)),
    domain("https-tls13-only", "TLS 1.3 only.", host=(Https(tls=ONLY_1_3),), info={"https.tls13-only"}),
    out_of_reach(
        "https-sni-ignored", "The default certificate.", "https.sni-ignored", Https(ignores_sni=True)
    ),
    out_of_reach(
        "https-cert-name",
        "A certificate for the web site.",
        "https.cert-name",
        Https(certificate=Certificate(names=("www.https-cert-name.example",))),
    ),
    out_of_reach(
        "https-cn-only", "The name as common name only.", "https.cert-name", Https(certificate=CN_ONLY)
    ),
    out_of_reach(
        "https-expired",
        "An expired certificate.",
        "https.cert-expired",
        Https(certificate=EXPIRED),
        demo=True,
    ),
    out_of_reach(
        "https-not-yet-valid",
        "A certificate of next week.",
        "https.cert-expired",
        Https(certificate=NOT_YET_VALID),
    ),
    domain(
        "https-expiring",
        "Five days left.",
        host=(Https(certificate=EXPIRING),),
        warnings={"https.cert-expiring"},
    ),
    out_of_reach("https-self-signed", "Self-signed.", "https.cert-untrusted", Https(certificate=SELF_SIGNED)),
    out_of_reach(
        "https-untrusted", "From a private CA.", "https.cert-untrusted", Https(certificate=UNTRUSTED)
    ),
    out_of_reach(
        "https-chain",
        "The intermediate certificate is missing.",
        "https.cert-chain-incomplete",
        Https(certificate=NO_INTERMEDIATE),
    ),
    domain(
        "https-weak-key",
        "An RSA key of 1024 bits.",
        host=(Https(certificate=WEAK_KEY),),
        warnings={"https.cert-weak"},
    ),
    domain(
        "https-client-cert",
        "Insists on a client certificate.",
        host=(Https(tls=CLIENT_CERTIFICATE),),
        errors={"https.client-cert-asked"},
        deployment="broken",
    ),
]

HTTP = [
    out_of_reach(
        "http-redirect",
        "A redirect to the web site.",
        "http.redirect",
        Https(
            Answer("301 Moved Permanently", headers=("Location: https://www.example/mta-sts.txt",), body=b"")
        ),
        demo=True,
    ),
    out_of_reach("http-404", "Not there.", "http.status", Https(NOT_FOUND)),
    out_of_reach("http-500", "A server error.", "http.status", Https(Answer("500 Oops", body=b""))),
    out_of_reach("http-challenge", "A page that asks for a browser.", "http.bot-challenge", Https(CHALLENGE)),
    out_of_reach("http-browsers-only", "Robots are refused.", "http.bot-challenge", Https(browsers_only)),
    domain(
        "http-content-type",
        "Served as text/html.",
        host=(Https(Answer(content_type="text/html")),),
        warnings={"http.content-type"},
        deployment="broken",
    ),
    domain(
        "http-content-type-missing",
        "Served without a media type.",
        host=(Https(Answer(content_type=None)),),
        warnings={"http.content-type-missing"},
        deployment="broken",
    ),
    domain(
        "http-charset",
        "Another charset.",
        host=(Https(Answer(content_type="text/plain; charset=iso-8859-1")),),
        info={"http.charset"},
    ),
    out_of_reach(
        "http-too-big",
        "70 KB, as announced.",
        "http.too-big",
        Https(Answer(body=POLICY + b"x-padding: y\r\n" * 5000)),
    ),
    domain(
        "http-big",
        "5 KB of a policy.",
        more=("x-padding: nothing to see here",) * 160,
        info={"http.big", "policy.unknown-key"},
    ),
    domain(
        "http-slow",
        "The answer takes 12 seconds.",
        host=(Https(Answer(delay=12)),),
        warnings={"http.slow"},
        slow=True,
    ),
    out_of_reach(
        "http-truncated", "Ends before its length.", "http.truncated", Https(Answer(missing_octets=100))
    ),
    out_of_reach(
        "http-cut-off",
        "Ends without length and without close_notify: who can tell whether it is whole?",
        "http.truncated",
        Https(Answer(framing="close"), closes_without_notify=True),
    ),
    out_of_reach("http-garbage", "Not HTTP.", "http.broken", Https(Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n"))),
    domain(
        "http-gzip",
        "Compressed, though nobody asked.",
        host=(Https(Answer(headers=("Content-Encoding: gzip",), body=gzip.compress(POLICY))),),
        warnings={"http.encoding"},
        deployment="broken",
    ),
    out_of_reach("http-parking", "A parking page.", "http.wrong-vhost", Https(PARKING)),
    domain(
        "http-429",
        "Too many requests, it says.",
        host=(Https(Answer("429 Too Many Requests", headers=("Retry-After: 60",), body=b"")),),
        warnings={"http.ratelimit"},
        deployment=None,
    ),
    domain(
        "http-503",
        "Overloaded.",
        host=(Https(Answer("503 Service Unavailable", headers=("Retry-After: 60",), body=b"")),),
        warnings={"http.ratelimit"},
        deployment=None,
    ),
    domain(
        "http-two-bodies",
        "The second address serves last year's policy.",
        host=(Https(), Https(Answer(body=policy_text("mx1.mail.example", mode="testing").encode()))),
        errors={"vantage.body-differs"},
        deployment=None,
    ),
    domain(
        "http-two-line-ends",
        "The second address serves the same policy in other bytes.",
        host=(Https(), Https(Answer(body=POLICY.replace(b"\r\n", b"\n")))),
    ),
]

DOMAINS = [*ADDRESSES, *TLS, *HTTP]
