"""The policy file: its syntax, its values, and how it fits the MX records (groups G, H and I)."""

from __future__ import annotations

from typing import Any

from domains import SHARED_MX, Domain, domain, mx, policy_text
from smtp_peer import Smtp

PLAIN = policy_text("mx1.mail.example")
OUTLOOK = mx("lab-example.mail.protection.outlook.com.")


def void(name: str, story: str, slug: str, **parts: Any) -> Domain:
    """A domain whose policy file is no policy."""
    return domain(name, story, errors={slug}, deployment="broken", **parts)


SYNTAX = [
    void("policy-empty", "Nothing in it.", "policy.empty", policy=""),
    void("policy-html", "A web page called text.", "policy.html", policy="<!DOCTYPE html>\n<html></html>\n"),
    void("policy-json", "JSON.", "policy.html", policy='{"version": "STSv1", "mode": "enforce"}\n'),
    void("policy-bom", "A byte order mark.", "policy.bom", policy="\ufeff" + PLAIN),
    domain(
        "policy-latin1",
        "Bytes that are not UTF-8.",
        policy=PLAIN.encode() + b"x-note: caf\xe9\r\n",
        warnings={"policy.encoding"},
    ),
    void("policy-bare-cr", "Lines end in CR.", "policy.bare-cr", policy=PLAIN.replace("\r\n", "\r")),
    domain("policy-blank-line", "A blank line at the end.", more=("",), warnings={"policy.blank-line"}),
    void("policy-no-colon", "A line without a colon.", "policy.no-colon", more=("end of policy",)),
    void("policy-comment", "A comment.", "policy.comment", more=("# do not edit",)),
    void(
        "policy-indented",
        "Indented lines.",
        "policy.leading-space",
        policy="  " + PLAIN.replace("\n", "\n  ").strip(),
    ),
    domain(
        "policy-key-case",
        "A key in upper case.",
        more=("MX: mx2.mail.example",),
        errors={"policy.key-case"},
    ),
    domain("policy-unknown-key", "A key of nobody's.", more=("x-note: hello",), info={"policy.unknown-key"}),
    domain(
        "policy-typo-key",
        "A misspelt key hides an MX host.",
        more=("nx: mx2.mail.example",),
        errors={"policy.typo-key"},
    ),
    domain(
        "policy-ext-invalid",
        "A key with a space.",
        more=("my note: hello",),
        warnings={"policy.ext-invalid"},
    ),
    domain(
        "policy-duplicate-key",
        "Two lives.",
        more=("max_age: 2419200",),
        warnings={"policy.duplicate-key"},
    ),
    domain(
        "policy-template",
        "A host of the manual's example.",
        patterns=["mx1.mail.example", "mail.example.com"],
        errors={"policy.template-left"},
    ),
    domain("policy-id", "An id in the file.", more=("id: 20261001",), info={"policy.id-in-file"}),
]

VALUES = [
    void("version-missing", "No version.", "version.missing-or-bad", policy=PLAIN.partition("\r\n")[2]),
    void("version-bad", "Version 2.", "version.missing-or-bad", policy=PLAIN.replace("STSv1", "STSv2")),
    domain(
        "version-last",
        "The version at the end.",
        policy=PLAIN.partition("\r\n")[2] + "version: STSv1\r\n",
        info={"version.not-first"},
    ),
    void("mode-missing", "No mode.", "mode.missing", policy=PLAIN.replace("mode: enforce\r\n", "")),
    void("mode-invalid", "A participle.", "mode.invalid", mode="enforced"),
    void("max-age-unit", "A life with a unit.", "max_age.invalid", max_age="2w"),
    void("max-age-negative", "A negative life.", "max_age.invalid", max_age="-1"),
    void("max-age-missing", "No life.", "max_age.invalid", policy=PLAIN.replace("max_age: 1209600\r\n", "")),
    domain("max-age-too-big", "Three years.", max_age=99999999, errors={"max_age.too-big"}),
    domain("max-age-zero", "Expires at once.", max_age=0, warnings={"max_age.zero"}),
    domain("max-age-short", "An hour.", max_age=3600, warnings={"max_age.short"}),
    domain("max-age-week", "A week.", max_age=604800, info={"max_age.short-enforce"}),
    void("mx-missing", "No mx.", "mx.missing", patterns=[]),
    void("mx-list", "Two hosts on a line.", "mx.syntax", patterns=["mx1.mail.example, mx2.mail.example"]),
    void("mx-url", "A URL.", "mx.syntax", patterns=["smtp://mx1.mail.example"]),
    void("mx-trailing-dot", "A dot at the end.", "mx.trailing-dot", patterns=["mx1.mail.example."]),
    void("mx-bad-wildcard", "A star inside a label.", "mx.bad-wildcard", patterns=["mx*.mail.example"]),
    void("mx-leading-dot", "The form of an old draft.", "mx.bad-wildcard", patterns=[".mail.example"]),
    void("mx-u-label", "Not in ASCII.", "mx.u-label", patterns=["mx.b\u00fccher.example"]),
    void("mx-ip", "An address.", "mx.ip", patterns=["198.51.100.25"]),
    domain("mx-uppercase", "In upper case.", patterns=["MX1.mail.example"], info={"mx.uppercase"}),
    domain("mx-duplicate", "Twice.", patterns=["mx1.mail.example"] * 2, info={"mx.duplicate"}),
    domain(
        "mx-wildcard-broad",
        "Any customer of the provider passes.",
        patterns=["*.mail.protection.outlook.com"],
        mx=(OUTLOOK,),
        warnings={"mx.wildcard-broad"},
    ),
    domain(
        "mx-wildcard-tld",
        "Half of the Internet passes.",
        patterns=["lab-example.mail.protection.outlook.com", "*.com"],
        mx=(OUTLOOK,),
        warnings={"mx.wildcard-broad"},
    ),
    domain(
        "mode-none",
        "Mode none, with an mx and a long life.",
        mode="none",
        info={"mode.none-live"},
    ),
]

MATCHING = [
    domain(
        "match-none",
        "The policy lists the old provider.",
        patterns=["mx.oldprovider.example"],
        errors={"match.none"},
        eligibility=None,
        demo=True,
    ),
    domain(
        "match-some",
        "The policy misses the preferred host.",
        patterns=["mx2.mail.example"],
        mx=(SHARED_MX, mx("mx2.mail.example.", preference=20)),
        errors={"match.some"},
        eligibility=None,
    ),
    domain(
        "match-backup-only",
        "The policy misses the backup.",
        patterns=["mx1.mail.example"],
        mx=(SHARED_MX, mx("mx2.mail.example.", preference=20)),
        warnings={"match.backup-only"},
        eligibility=None,
    ),
    domain(
        "match-extra",
        "The policy lists a host more.",
        patterns=["mx1.mail.example", "mx9.mail.example"],
        info={"match.extra"},
    ),
    domain(
        "match-multi-label",
        "The star would have to span two labels.",
        patterns=["*.match-multi-label.example"],
        mx=(mx("mx.west", Smtp()),),
        errors={"match.none"},
        warnings={"match.multi-label"},
        eligibility=None,
    ),
]

DOMAINS = [*SYNTAX, *VALUES, *MATCHING]
