"""The records `_mta-sts` and `_smtp._tls`, and the delegation by CNAME (groups B, C and N)."""

from __future__ import annotations

import hashlib

from domains import ID, Domain, RECORD, TLSRPT, Zone, domain, policy_text

SHARED_HTTPS_ADDRESS = "203.0.113.1"
PLAIN_POLICY = policy_text("mx1.mail.example")


def void(name: str, story: str, record: str | tuple[str, ...], slug: str) -> Domain:
    """A domain whose record is there and counts for nothing."""
    return domain(name, story, record=record, errors={slug}, deployment="broken")


TXT = [
    domain(
        "txt-absent",
        "The policy is served, but nothing announces it.",
        record=(),
        errors={"txt.absent-policy-present"},
        deployment="broken",
    ),
    domain(
        "txt-servfail",
        "The name server fails on _mta-sts.",
        record=(),
        cuts={"_mta-sts": Zone.SERVFAIL},
        unknown={"txt.lookup-failed"},
        deployment=None,
    ),
    domain(
        "txt-bogus",
        "_mta-sts fails DNSSEC validation.",
        cuts={"_mta-sts": Zone.BOGUS},
        unknown={"txt.lookup-failed"},
        deployment=None,
    ),
    void("txt-multiple", "Two records.", (RECORD, "v=STSv1; id=2;"), "txt.multiple"),
    domain(
        "txt-wildcard",
        "The record comes from a wildcard.",
        record=(),
        records=(f'* TXT "{RECORD}"',),
        warnings={"txt.wildcard"},
    ),
    domain(
        "txt-at-apex",
        "The record stands at the domain itself.",
        record=(),
        records=(f'@ TXT "{RECORD}"',),
        errors={"txt.wrong-place"},
        deployment="broken",
    ),
    domain(
        "txt-at-host",
        "The record stands at mta-sts.",
        record=(),
        records=(f'mta-sts TXT "{RECORD}"',),
        errors={"txt.wrong-place"},
        deployment="broken",
    ),
    domain(
        "txt-doubled",
        "The zone's name was added twice.",
        record=(),
        records=(f'_mta-sts.{{domain}} TXT "{RECORD}"',),
        errors={"txt.wrong-place"},
        deployment="broken",
    ),
    void("txt-spf", "An SPF record in its place.", "v=spf1 -all", "txt.spf-or-other"),
    void("txt-id-first", "The id before the version.", f"id={ID}; v=STSv1;", "txt.version-not-first"),
    void("txt-leading-space", "A space before the version.", f" v=STSv1; id={ID};", "txt.version-not-first"),
    void("txt-version-2", "A version that does not exist.", f"v=STSv2; id={ID};", "txt.version-other"),
    void("txt-version-case", "The version in lower case.", f"v=stsv1; id={ID};", "txt.version-other"),
    void("txt-id-missing", "No id.", "v=STSv1;", "txt.id-missing"),
    void("txt-id-date", "An id with hyphens.", "v=STSv1; id=2026-10-01;", "txt.id-invalid"),
    void("txt-id-long", "An id of 33 characters.", f"v=STSv1; id={'7' * 33};", "txt.id-invalid"),
    domain(
        "txt-id-duplicate",
        "Two ids in one record.",
        record=f"v=STSv1; id={ID}; id=2;",
        warnings={"txt.id-duplicate"},
    ),
    domain(
        "txt-ext-invalid",
        "A field with a space in its value.",
        record=f"v=STSv1; id={ID}; note=two words;",
        warnings={"txt.ext-invalid"},
        deployment="broken",
    ),
    void("txt-double-semicolon", "Two semicolons in a row.", f"v=STSv1; id={ID};;", "txt.delimiter"),
    void("txt-no-semicolon", "No semicolon at all.", f"v=STSv1 id={ID}", "txt.delimiter"),
    domain(
        "txt-space-before-semicolon",
        "A space before the semicolon.",
        record=f"v=STSv1 ; id={ID};",
        warnings={"txt.space-before-semicolon"},
    ),
    domain(
        "txt-trailing-space",
        "A space at the end.",
        record=f"v=STSv1; id={ID} ",
        warnings={"txt.trailing-space"},
        deployment="broken",
    ),
    void("txt-quotes", "Quotes as part of the text.", f'"\\"v=STSv1; id={ID};\\""', "txt.quotes-escaped"),
    domain(
        "txt-split-strings",
        "The record in two strings.",
        record=f'"v=STSv1; " "id={ID};"',
        info={"txt.split-strings"},
    ),
    domain(
        "txt-id-hash",
        "The id is the MD5 hash of the policy.",
        record=f"v=STSv1; id={hashlib.md5(PLAIN_POLICY.encode()).hexdigest()};",
        policy=PLAIN_POLICY,
        info={"txt.id-looks-like-hash"},
    ),
    domain(
        "txt-ttl",
        "A TTL of two days.",
        record=(),
        records=(f'_mta-sts 172800 TXT "{RECORD}"',),
        info={"txt.ttl"},
    ),
]

DELEGATION = [
    domain(
        "cname-half",
        "Only the record is delegated.",
        record=(),
        records=("_mta-sts CNAME id.publisher.example.",),
        warnings={"cname.half-delegated"},
    ),
    domain(
        "cname-dangling",
        "The policy host is an alias of a name that anybody could claim.",
        host=None,
        records=("mta-sts CNAME gone.github.io.",),
        errors={"cname.dangling"},
        deployment="broken",
        demo=True,
    ),
    domain(
        "cname-record-dangling",
        "The record is an alias of nothing.",
        record=(),
        records=("_mta-sts CNAME gone.publisher.example.",),
        errors={"cname.dangling"},
        deployment=None,
    ),
    domain(
        "cname-claimable",
        "The policy host is an alias of a name that exists as all names of a service do.",
        host=None,
        records=("mta-sts CNAME unclaimed.github.io.",),
        errors={"https.sni-ignored"},
        warnings={"cname.dangling"},
        deployment="broken",
    ),
    domain(
        "cname-beside-others",
        "The record stands beside an alias of another one.",
        host=None,
        records=("mta-sts CNAME www.publisher.example.",),
        cuts={"@": Zone.BESIDE},
        errors={"cname.beside-others"},
        authority=True,
    ),
    domain(
        "cname-loop",
        "The policy host is an alias of itself by a detour.",
        host=None,
        records=("mta-sts CNAME detour.{domain}.", "detour CNAME mta-sts.{domain}."),
        errors={"cname.loop-or-long"},
        deployment="broken",
    ),
    domain(
        "cname-two-publishers",
        "Record and policy are delegated to different publishers.",
        record=(),
        host=None,
        records=("_mta-sts CNAME id.publisher.example.", "mta-sts CNAME www.otherpublisher.example."),
        warnings={"cname.two-publishers"},
    ),
    domain(
        "cname-wildcard",
        "The policy host exists by a wildcard only.",
        host=None,
        records=(f"* A {SHARED_HTTPS_ADDRESS}",),
        warnings={"cname.wildcard"},
    ),
]

TLSRPT_RECORDS = [
    domain("tlsrpt-absent", "No TLSRPT record.", tlsrpt=(), warnings={"tlsrpt.absent"}, demo=True),
    domain(
        "tlsrpt-multiple",
        "Two TLSRPT records.",
        tlsrpt=(TLSRPT, "v=TLSRPTv1; rua=mailto:b@reports.example"),
        warnings={"tlsrpt.multiple"},
    ),
    domain("tlsrpt-no-rua", "No destination.", tlsrpt="v=TLSRPTv1; note=none;", warnings={"tlsrpt.syntax"}),
    domain(
        "tlsrpt-bare-address",
        "A destination without a scheme.",
        tlsrpt="v=TLSRPTv1; rua=tls@reports.example",
        warnings={"tlsrpt.rua-scheme"},
    ),
    domain(
        "tlsrpt-empty-item",
        "A comma too many.",
        tlsrpt="v=TLSRPTv1; rua=mailto:tls@reports.example,",
        info={"tlsrpt.rua-empty-item"},
    ),
    domain(
        "tlsrpt-duplicate",
        "The same destination twice.",
        tlsrpt="v=TLSRPTv1; rua=mailto:tls@reports.example,mailto:tls@reports.example",
        info={"tlsrpt.rua-duplicate"},
    ),
    domain(
        "tlsrpt-same-domain",
        "Reports go to the domain that they are about.",
        tlsrpt="v=TLSRPTv1; rua=mailto:tls@tlsrpt-same-domain.example",
        info={"tlsrpt.rua-same-domain"},
    ),
    domain(
        "tlsrpt-old-name",
        "A record at the name of an old draft.",
        tlsrpt=(),
        records=(f'_smtp-tlsrpt TXT "{TLSRPT}"',),
        warnings={"tlsrpt.absent"},
        info={"tlsrpt.old-name"},
    ),
]

DOMAINS = [*TXT, *DELEGATION, *TLSRPT_RECORDS]
