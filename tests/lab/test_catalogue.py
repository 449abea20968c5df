"""Checks every domain of the catalogue with the program, and compares with what the row wants.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_catalogue.py

The program is `build/mtasts`, or what the variable MTASTS names. Domains that take up to a
minute are left out by `-m "not slow"`.
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
from pathlib import Path

import pytest

from catalogue import DOMAINS
from domains import Domain
from network import DOCUMENTATION

MTASTS = os.environ.get("MTASTS", "build/mtasts")
EXIT_STATUS = {"ok": 0, "warning": 1, "error": 2, "unknown": 3}

# The core checks that one look at a domain can decide.
CORE = """
mx.none mx.null-with-policy mx.null-with-others mx.host-nxdomain mx.host-no-address
txt.absent-policy-present txt.lookup-failed txt.multiple txt.wildcard txt.wrong-place
txt.spf-or-other txt.version-not-first txt.version-other txt.id-missing txt.id-invalid
txt.delimiter txt.id-looks-like-hash
cname.half-delegated cname.dangling
host.nxdomain host.no-address host.lookup-failed host.dnssec-bogus
https.connect https.some-addresses https.tls-version https.sni-ignored https.cert-name
https.cert-expired https.cert-expiring https.cert-untrusted https.cert-chain-incomplete
http.redirect http.status http.bot-challenge http.content-type http.content-type-missing
http.too-big http.wrong-vhost
policy.empty policy.html policy.bom policy.encoding policy.bare-cr policy.blank-line
policy.no-colon policy.comment policy.leading-space policy.typo-key policy.duplicate-key
policy.template-left
version.missing-or-bad mode.missing mode.invalid max_age.invalid max_age.too-big max_age.zero
max_age.short mx.missing mx.syntax mx.trailing-dot mx.bad-wildcard mx.u-label mx.ip
mx.wildcard-broad mode.none-live
match.none match.some match.backup-only match.extra
smtp.connect-all smtp.connect-some starttls.missing starttls.refused tls.handshake tls.version
smtp.member-differs
mxcert.expired mxcert.expiring mxcert.name mxcert.name-is-domain mxcert.cn-only
mxcert.untrusted mxcert.chain mxcert.needs-sni
dane.tlsa-mismatch dane.unsigned dane.bogus
tlsrpt.absent tlsrpt.multiple tlsrpt.syntax tlsrpt.rua-scheme
vantage.body-differs
ns.txt-differs ns.mx-differs
""".split()


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    allowed = [word for prefix in DOCUMENTATION for word in ("--allow-net", prefix)]
    return subprocess.run(
        [MTASTS, "check", "--json", *allowed, *arguments], stdout=subprocess.PIPE, text=True
    )


def check_all(names: Path, rows: list[Domain], *arguments: str) -> dict[str, dict]:
    """What the program says of each of the domains, from a single run."""
    if not rows:
        return {}
    names.write_text("".join(f"{row.name}\n" for row in rows))
    found = map(json.loads, check("--file", str(names), "-j", "32", *arguments).stdout.splitlines())
    return {report["domain"]: report for report in found}


@pytest.fixture(scope="session")
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What the program says of each domain that is to be tested."""
    items = (item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec"))
    rows = [row for row in items if isinstance(row, Domain)]
    names: Path = tmp_path_factory.mktemp("catalogue") / "names"
    return check_all(names, [row for row in rows if not row.authority]) | check_all(
        names, [row for row in rows if row.authority], "--authority"
    )


def wanted(row: Domain) -> dict[str, object]:
    want = {
        "verdict": row.verdict,
        "errors": sorted(row.errors),
        "warnings": sorted(row.warnings),
        "info": sorted(row.info),
        "unknown": sorted(row.unknown),
        "deployment": row.deployment,
        "eligibility": row.eligibility,
    }
    return {name: value for name, value in want.items() if value is not None}


def got(report: dict, row: Domain) -> dict[str, object]:
    """The same of a report. Of the information given, only what the row names is compared."""
    slugs = collections.defaultdict(set)
    for finding in report["findings"]:
        severity = finding["severity"]
        is_unknown = finding["result"] == "unknown" and severity != "info"
        slugs["unknown" if is_unknown else severity].add(finding["slug"])
    return {
        "verdict": report["verdict"],
        "errors": sorted(slugs["error"]),
        "warnings": sorted(slugs["warning"]),
        "info": sorted(slugs["info"] & row.info),
        "unknown": sorted(slugs["unknown"]),
        "deployment": report["deployment"],
        "eligibility": report["eligibility"],
    }


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row.name, marks=[pytest.mark.slow] if row.slow else []) for row in DOMAINS],
)
def test_domain(row: Domain, reports: dict[str, dict]) -> None:
    want = wanted(row)
    found = got(reports[row.name], row)
    assert {name: found[name] for name in want} == want


@pytest.mark.parametrize(
    ("domain", "verdict"),
    [
        ("good.example", "ok"),
        ("tlsrpt-absent.example", "warning"),
        ("mxcert-expired.example", "error"),
        ("mx-servfail.example", "unknown"),
    ],
)
def test_exit_status(domain: str, verdict: str) -> None:
    assert check(domain).returncode == EXIT_STATUS[verdict]


def test_servers_are_not_compared_unless_asked() -> None:
    """The program contacts name servers only where it is told to."""
    assert json.loads(check("ns-lame.example").stdout)["verdict"] == "ok"


@pytest.mark.parametrize("slug", CORE)
def test_core_check_has_a_domain(slug: str) -> None:
    assert any(slug in row.want | row.info | row.unknown for row in DOMAINS)


def test_names_are_unique() -> None:
    assert not [name for name, count in collections.Counter(row.name for row in DOMAINS).items() if count > 1]
