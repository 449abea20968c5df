"""Domains with which nothing is wrong."""

from __future__ import annotations

from certificates import Certificate
from domains import ID, RECORD, SILENT, V6, Zone, domain, mx, policy_text
from https_peer import Answer, Https
from smtp_peer import Smtp

TWO_KEYS = ("_25._tcp.mx TLSA 3 1 1 {spki}", "_25._tcp.mx TLSA 3 1 1 " + "5a" * 32)

DOMAINS = [
    domain("good", "A policy in mode enforce, TLS reports, one good MX host.", demo=True),
    domain("testing", "The same in mode testing.", mode="testing", demo=True),
    domain(
        "plain",
        "Mail with good TLS, but no MTA-STS.",
        record=(),
        host=(),
        info={"txt.absent"},
        deployment="none",
        demo=True,
    ),
    domain(
        "removing",
        "A removal under way: mode none.",
        mode="none",
        max_age=86400,
        patterns=[],
        info={"mode.none-live"},
    ),
    domain("postfix", "A real Postfix as its MX host.", mx=(mx("postfix.mail.example."),), demo=True),
    domain(
        "hosted",
        "Both names delegated to a publisher.",
        record=(),
        host=None,
        records=("_mta-sts CNAME id.publisher.example.", "mta-sts CNAME www.publisher.example."),
        demo=True,
    ),
    domain(
        "dane",
        "DANE and MTA-STS side by side, with a TLSA record for the next key.",
        mx=(mx("mx", Smtp()),),
        records=TWO_KEYS,
    ),
    domain(
        "dane-only",
        "DANE without MTA-STS.",
        record=(),
        host=(),
        mx=(mx("mx", Smtp()),),
        records=TWO_KEYS,
        info={"txt.absent", "dane.only"},
        deployment="none",
    ),
    domain(
        "dual-stack",
        "IPv4 and IPv6 everywhere.",
        host=(Https(), V6(Https())),
        mx=(mx("mx", Smtp(), V6(Smtp())),),
    ),
    domain("two-mx", "Two MX hosts.", mx=(mx("mx1.mail.example."), mx("mx2.mail.example.", preference=20))),
    domain("unsigned", "No DNSSEC.", cuts={"@": Zone.UNSIGNED}, info={"txt.insecure"}),
    domain("signed", "A zone of its own, signed.", cuts={"@": Zone.SIGNED}),
    domain("xn--bcher-kva", "An internationalised name."),
    domain(
        "wildcard-own",
        "A pattern over all hosts of the domain.",
        patterns=["*.wildcard-own.example"],
        mx=(mx("mx", Smtp()),),
        info={"mx.wildcard-own"},
    ),
    domain(
        "wildcard-cert",
        "A wildcard certificate at the MX host.",
        mx=(mx("mx", Smtp(certificate=Certificate(names=("*.wildcard-cert.example",)))),),
    ),
    domain(
        "lf-only",
        "Lines end in LF, the last one in nothing.",
        policy=policy_text("mx1.mail.example").replace("\r\n", "\n").rstrip(),
    ),
    domain("txt-unrelated", "Another TXT record beside the right one.", record=(RECORD, "verification=4711")),
    domain(
        "spf-wildcard",
        "SPF for every name of the domain, and no MTA-STS.",
        record=(),
        host=(),
        records=('* TXT "v=spf1 -all"',),
        info={"txt.absent"},
        deployment="none",
    ),
    domain("txt-extension", "A field that a later RFC may define.", record=f"v=STSv1; id={ID}; a=b;"),
    domain("http-chunked", "The policy in chunks.", host=(Https(Answer(framing="chunked")),)),
    domain("http-close", "The policy ends with the connection.", host=(Https(Answer(framing="close")),)),
    domain(
        "greet-delay",
        "The MX host lets clients wait before it greets them.",
        mx=(mx("mx", Smtp(greeting_delay=5)),),
    ),
    domain(
        "long-greeting",
        "A greeting of several lines.",
        mx=(mx("mx", Smtp(greeting="220-{host} ESMTP\r\n220-No spam, please\r\n220 Thank you\r\n")),),
    ),
    domain(
        "null-mx",
        "Takes no mail, and says so.",
        mx=(mx(".", preference=0),),
        record=(),
        host=(),
        tlsrpt=(),
        info={"txt.absent"},
        deployment="none",
        eligibility="no-mail",
    ),
    domain(
        "large",
        "10 MX hosts with 40 addresses, half of which are silent.",
        mx=tuple(
            mx(f"mx{number}", Smtp(), V6(Smtp()), SILENT, V6(SILENT), preference=number)
            for number in range(1, 11)
        ),
        warnings={"smtp.connect-some"},
        eligibility=None,
    ),
]
