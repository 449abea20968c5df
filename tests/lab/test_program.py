"""What the program promises beside its findings: replay, bounds, one voice in every form.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_program.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalogue import DOMAINS
from network import DOCUMENTATION

MTASTS = os.environ.get("MTASTS", "build/src/cli/mtasts")
ALLOWED = [word for prefix in DOCUMENTATION for word in ("--allow-net", prefix)]
QUICK = [row.name for row in DOMAINS if not row.slow]
HOSTILE = [row.name for row in DOMAINS if row.name.startswith("hostile-") and not row.slow]

# Runs a program and says its exit status, and the most memory that it had, in KiB. The tests' own
# process has had larger children, and is large itself, which what it starts inherits.
MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(*words: str, **kwargs) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MTASTS, *words], capture_output=True, text=True, check=False, **kwargs)


def check(*words: str, **kwargs) -> subprocess.CompletedProcess[str]:
    return run("check", *ALLOWED, *words, **kwargs)


@pytest.fixture(scope="module", name="saved")
def saved_evidence(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Evidence of the whole catalogue, and what check said of it as JSON."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "names").write_text("\n".join(QUICK))
    done = check("--json", "--file", str(folder / "names"), "--save", str(folder / "evidence"))
    return folder / "evidence", done.stdout


def test_verdicts_replay_to_the_byte(saved: tuple[Path, str]) -> None:
    evidence, said = saved
    assert run("judge", "--json", str(evidence)).stdout == said


def test_results_come_in_the_order_of_the_list(saved: tuple[Path, str]) -> None:
    assert [json.loads(line)["domain"] for line in saved[1].splitlines()] == QUICK


def test_text_never_carries_control_bytes(saved: tuple[Path, str]) -> None:
    text = run("judge", "--all", str(saved[0])).stdout
    assert not [c for c in text if c != "\n" and not c.isprintable()]


def test_plugin_is_one_line_a_domain(saved: tuple[Path, str]) -> None:
    lines = run("judge", "--plugin", str(saved[0])).stdout.splitlines()
    assert len(lines) == len(QUICK)
    assert all(line.startswith("MTASTS ") and line.count("|") == 1 for line in lines)


def test_later_the_certificates_have_expired(saved: tuple[Path, str]) -> None:
    evidence, _ = saved
    line = next(line for line in evidence.read_text().splitlines() if '"good.example"' in line)
    done = run("judge", "--json", "--now", "2060-01-01T00:00:00Z", "-", input=line)
    slugs = {finding["slug"] for finding in json.loads(done.stdout)["findings"]}
    assert {"mxcert.expired", "https.cert-expired"} <= slugs


def test_addresses_outside_the_global_space_are_refused() -> None:
    found = json.loads(run("check", "--json", "good.example").stdout)
    assert {"mx.host-private-address", "host.private-address"} <= {f["slug"] for f in found["findings"]}
    assert all(a["result"] == "fail" and "tls" not in a for mx in found["mx"] for a in mx["addresses"])


def test_a_large_domain_ends_in_time_and_by_name() -> None:
    """RFC 8461 8.4: every host is looked at, the silent ones are told by name."""
    began = time.monotonic()
    found = json.loads(check("--json", "large.example").stdout)
    assert time.monotonic() - began < 60
    addresses = [a for mx in found["mx"] for a in mx["addresses"]]
    silent = {a["address"] for a in addresses if a["result"] != "ok"}
    told = {f["address"] for f in found["findings"] if f["slug"] == "smtp.connect-some"}
    assert len(addresses) == 40 and len(silent) == 20 and silent <= told


def test_the_deadline_is_kept() -> None:
    began = time.monotonic()
    found = json.loads(check("--json", "--deadline", "2s", "large.example").stdout)
    assert time.monotonic() - began < 4
    assert found["eligibility"] == "unknown"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_peers_get_bounded_memory(name: str) -> None:
    command = [sys.executable, "-c", MEASURED, MTASTS, "check", *ALLOWED, "--json", name]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    status, peak = map(int, said.split())
    assert status in (0, 1, 2, 3)
    assert peak < 96 * 1024, "KiB; the program alone takes some 20"


def test_a_resolver_without_dnssec_is_told_once() -> None:
    done = check("--quiet", "--trust-anchor", "/dev/null", "good.example", "testing.example")
    assert done.returncode in (0, 64)
    assert done.stderr.count("DNSSEC") <= 1


def test_u_labels_are_understood() -> None:
    found = json.loads(check("--json", "GOOD.Example.").stdout)
    assert found["domain"] == "good.example"
    assert json.loads(check("--json", "bücher.example").stdout)["domain"] == "xn--bcher-kva.example"


def plan(*words: str) -> dict:
    return json.loads(run("plan", "mx-move", *ALLOWED, "--json", *words).stdout)


def test_a_move_is_planned_by_a_look_at_both_sides() -> None:
    """RFC 8461 8.1: what is published now has to run out, and a host that would be refused is told."""
    good = plan("good.example", "--to", "mx2.mail.example")
    assert good["mx"] == ["mx1.mail.example"] and not good["blocked"]
    assert 0 < good["ttl"] <= 300, "what is left of it at the resolver"
    assert good["to"] == [{"host": "mx2.mail.example", "check": "good", "problems": []}]
    states = [(step["step"], step["state"]) for step in good["steps"]]
    assert states == [("check", "done"), ("policy", "now"), ("wait", "later"), ("add", "later"), ("drop", "later"),
                      ("off", "later"), ("clean", "later")]
    assert "mx: mx1.mail.example\r\nmx: mx2.mail.example\r\n" in good["steps"][1]["file"]


@pytest.mark.parametrize("host", ["postfix-expired.mail.example", "nowhere.example"])
def test_no_move_to_a_host_that_senders_refuse(host: str) -> None:
    found = plan("good.example", "--to", host)
    assert found["blocked"] and found["to"][0]["check"] == "bad" and found["to"][0]["problems"]
    assert {step["state"] for step in found["steps"][1:]} == {"later"}


def test_a_policy_of_ones_own_has_the_mail_hosts_of_the_domain() -> None:
    told = json.loads(run("publish", "--self-hosted", "good.example", "--json", env={**os.environ, "MTASTS_STORE": ""}).stdout)
    assert "mx: mx1.mail.example\r\n" in told["body"] and not told["watched"]
    done = run("publish", "--self-hosted", "nowhere.example", env={**os.environ, "MTASTS_STORE": ""})
    assert done.returncode == 1 and "has no MX records" in done.stderr
