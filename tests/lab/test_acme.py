"""The ACME client against pebble: from names of the lab to certificates for them.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_acme.py
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ca import EAB, Ca

ISSUE = os.environ.get("ISSUE", "build/tests/issue")
SCRATCH = Path(os.environ["LAB_DIR"])

HOSTILE_NONCES = Ca(port=8001, rejected_nonces=40, reused_proofs=0)
REUSING = Ca(port=8002, rejected_nonces=0, reused_proofs=100)
BOUND = Ca(port=8003, eab=True)
DOWN = Ca(port=8009)
KID, KEY = next(iter(EAB.items()))

STATES = ["wanted", "pending", "ready", "processing", "valid", "done"]


@pytest.fixture(scope="module", name="cas", autouse=True)
def running_cas() -> Iterator[None]:
    cas = HOSTILE_NONCES, REUSING, BOUND
    processes = [each.start(SCRATCH) for each in cas]
    for each in cas:
        each.wait()
    yield
    for each in processes:
        each.kill()
        each.wait()


def issue(*words: str, cas: tuple[Ca, ...] = (HOSTILE_NONCES,), status: int = 0) -> list[dict]:
    """What the program says of each order."""
    directories = [word for each in cas for word in ("--directory", each.directory)]
    command = [ISSUE, *directories, "--answers", str(SCRATCH / "http01"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def names_of(certificate: x509.Certificate) -> list[str]:
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return san.value.get_values_for_type(x509.DNSName)


def certificate_in(folder: Path, name: str) -> x509.Certificate:
    """The certificate for this name, which is for the key beside it."""
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
    key = serialization.load_der_private_key((folder / f"{name}.key").read_bytes(), None)
    assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
    return certificate


@pytest.mark.parametrize("ca", [HOSTILE_NONCES, REUSING], ids=["nonces", "reuse"])
def test_a_name_becomes_a_certificate(ca: Ca, tmp_path: Path) -> None:
    [order] = issue("--out", str(tmp_path), "one.acme.example", cas=(ca,))
    assert (order["state"], order["failure"], order["why"]) == ("done", "none", "")
    assert names_of(certificate_in(tmp_path, "one.acme.example")) == ["one.acme.example"]
    assert (tmp_path / "one.acme.example.pem").read_text().count("BEGIN CERTIFICATE") == 2


def test_several_names_in_one_order(tmp_path: Path) -> None:
    names = [f"{each}.many.acme.example" for each in ("a", "b", "c", "d", "e")]
    issue("--out", str(tmp_path), *names)
    assert sorted(names_of(certificate_in(tmp_path, names[0]))) == names


def test_a_name_proven_before_is_not_proven_again(tmp_path: Path) -> None:
    state = ["--state", str(tmp_path)]
    issue(*state, "again.acme.example", cas=(REUSING,))
    for answer in (SCRATCH / "http01").glob("again.acme.example.*"):
        answer.unlink()
    (tmp_path / "order.json").unlink()
    [order] = issue(*state, "again.acme.example", cas=(REUSING,))
    assert order["state"] == "done"
    assert not list((SCRATCH / "http01").glob("again.acme.example.*"))


def test_renewal_has_a_key_of_its_own(tmp_path: Path) -> None:
    words = ["--state", str(tmp_path), "--out", str(tmp_path), "renewed.acme.example"]
    issue(*words)
    first = certificate_in(tmp_path, "renewed.acme.example")
    [order] = issue("--renew", *words)
    second = certificate_in(tmp_path, "renewed.acme.example")
    assert order["state"] == "done"
    assert first.serial_number != second.serial_number
    assert first.public_key().public_numbers() != second.public_key().public_numbers()
    authority = first.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert order["replaces"].startswith(base64url(authority) + ".")


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@pytest.mark.parametrize("state", STATES)
def test_a_crash_loses_nothing(state: str, tmp_path: Path) -> None:
    """The process dies right behind the moment at which that state was saved."""
    name = f"{state}.crash.acme.example"
    words = ["--state", str(tmp_path), "--out", str(tmp_path), name]
    issue(*words, "--die-in", state, status=9)
    saved = json.loads((tmp_path / "order.json").read_text())
    key = (tmp_path / "order.key").read_bytes()
    assert saved["plan"]["state"] == state
    [order] = issue(*words)
    assert order["state"] == "done"
    after = json.loads((tmp_path / "order.json").read_text())
    assert (tmp_path / "order.key").read_bytes() == key
    if state != "wanted":
        assert after["order"] == saved["order"]
    assert names_of(certificate_in(tmp_path, name)) == [name]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("refused.acme.example", "connection refused"),
        ("absent.example", "no such host|NXDOMAIN|[Nn]o valid|lookup|unknown host"),
    ],
)
def test_a_name_that_is_not_proven(name: str, why: str) -> None:
    [order] = issue("--seconds", "10", name, status=1)
    assert (order["state"], order["failure"]) == ("wanted", "proof")
    assert order["problem"] and json.loads(order["problem"])["detail"] == order["why"]
    assert 200 < order["wait_s"] < 400


def test_the_name_that_failed_is_told() -> None:
    [order] = issue("--seconds", "10", "good.acme.example", "refused.acme.example", status=1)
    assert (order["failure"], order["parts"]) == ("proof", 1)


def test_an_account_bound_to_another(tmp_path: Path) -> None:
    [order] = issue("--eab", f"{KID}:{KEY}", "bound.acme.example", cas=(BOUND,))
    assert order["state"] == "done"


@pytest.mark.parametrize("eab", [[], ["--eab", f"{KID}:AAAA"], ["--eab", f"nobody:{KEY}"]])
def test_an_account_that_is_not_bound(eab: list[str]) -> None:
    [order] = issue("--seconds", "5", *eab, "unbound.acme.example", cas=(BOUND,), status=1)
    assert order["state"] == "wanted"
    assert order["failure"] in ("account", "request-refused")
    assert order["wait_s"] > 3000


def test_a_ca_that_is_down_has_a_fallback(tmp_path: Path) -> None:
    [order] = issue("fallback.acme.example", cas=(DOWN, REUSING))
    assert (order["state"], order["ca"]) == ("done", 1)


def test_a_ca_that_is_down_alone() -> None:
    [order] = issue("--seconds", "5", "alone.acme.example", cas=(DOWN,), status=1)
    assert (order["state"], order["failure"]) == ("wanted", "unreachable")
    assert 50 < order["wait_s"] < 70


@pytest.mark.parametrize(
    ("name", "ca", "allowed"),
    [
        ("one.acme.example", "ca.example", True),
        ("caa-other.acme.example", "other.example", True),
        ("caa-other.acme.example", "ca.example", False),
        ("below.caa-other.acme.example", "ca.example", False),
    ],
)
def test_caa_is_looked_at_before_the_ca_is_asked(name: str, ca: str, allowed: bool) -> None:
    [order] = issue("--seconds", "10", "--caa", ca, name, status=int(not allowed))
    assert order["failure"] == ("none" if allowed else "caa")
    if not allowed:
        assert order["why"] == f"{name}: the CAA records of caa-other.acme.example do not name this CA"
        assert not order["problem"]


def test_caa_that_cannot_be_looked_up() -> None:
    """Nobody may issue then: the zone's only server answers SERVFAIL."""
    [order] = issue("--seconds", "20", "--caa", "ca.example", "mta-sts.host-servfail.example", status=1)
    assert order["failure"] == "caa"
    assert "cannot be looked up" in order["why"]
