"""Domains that mean harm to whoever looks at them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from certificates import Certificate
from domains import RECORD, V6, Domain, Zone, domain, mx
from https_peer import Answer, Https, dripping, endless
from smtp_peer import Smtp, drip, flood, garbage, hang_up, one_long_line

MANY_NAMES = Certificate(names=tuple(f"n{number}.hostile-names.example" for number in range(2000)))


def bad_talk(name: str, story: str, talk: Callable[[socket.socket], None], **more: Any) -> Domain:
    """A domain whose MX host speaks something else than SMTP."""
    return domain(
        name, story, mx=(mx("mx", Smtp(talk=talk)),), errors={"smtp.broken"}, eligibility=None, **more
    )


DOMAINS = [
    bad_talk("hostile-flood", "A greeting without end.", flood),
    domain(
        "hostile-drip",
        "A greeting at one octet a second.",
        mx=(mx("mx", Smtp(talk=drip)),),
        warnings={"smtp.greeting"},
        eligibility=None,
        slow=True,
    ),
    bad_talk("hostile-garbage", "Binary garbage for a greeting.", garbage),
    bad_talk("hostile-line", "A greeting in one line of a mebibyte.", one_long_line),
    bad_talk("hostile-hang-up", "Accepts, and hangs up.", hang_up),
    domain(
        "hostile-endless",
        "A policy of 10 GB.",
        host=(Https(Answer(body=endless, framing="chunked")),),
        errors={"http.too-big"},
        deployment="broken",
    ),
    domain(
        "hostile-http-drip",
        "A policy at one octet a second.",
        host=(Https(Answer(body=dripping, framing="chunked")),),
        errors={"http.broken"},
        deployment="broken",
        slow=True,
    ),
    domain(
        "hostile-patterns",
        "A policy of nearly 64 KB in patterns.",
        patterns=["mx1.mail.example", *(f"mx{number}.hostile-patterns.example" for number in range(1600))],
        info={"http.big", "match.extra"},
    ),
    domain(
        "hostile-cname-chain",
        "A policy host at the end of an endless chain.",
        host=None,
        records=("mta-sts CNAME 1.chain.{domain}.",),
        cuts={"chain": Zone.CNAME_CHAIN},
        errors={"cname.loop-or-long"},
        deployment="broken",
    ),
    domain(
        "hostile-txt",
        "60 records, one of them with an escape sequence for the terminal.",
        record=(RECORD, "\x1b[31mowned\x07", *(f"filler={number:03d}{'x' * 180}" for number in range(58))),
    ),
    domain(
        "hostile-100-mx",
        "100 MX hosts.",
        mx=tuple(mx(f"mx{number:03d}", V6(Smtp()), preference=number) for number in range(1, 101)),
        warnings={"mx.too-many"},
    ),
    domain(
        "hostile-300-mx",
        "300 MX records to nowhere, and a good one.",
        mx=(mx("mx1.mail.example.", preference=0), *(mx(f"mx{number:03d}") for number in range(1, 301))),
        patterns=["mx1.mail.example", "*.hostile-300-mx.example"],
        errors={"mx.host-nxdomain"},
        warnings={"mx.too-many"},
        eligibility=None,
    ),
    domain(
        "hostile-names",
        "A certificate with 2000 names.",
        mx=(mx("mx", Smtp(certificate=MANY_NAMES)),),
        errors={"mxcert.name"},
        eligibility="ineligible",
    ),
]
