"""The certs role against pebble: what is wanted in the store becomes certificates there.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_certs.py

Nobody publishes here: the test itself writes what is wanted, and port 80 of *.acme.example
answers from the store (http01_peer.py), as an edge does.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

import http01_peer
from ca import Ca
from watch import Settings, Watch, eventually
from world import HTTP01

SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
HOSTILE = Ca(port=8011, rejected_nonces=20, reused_proofs=0)
SECOND = Ca(port=8012, rejected_nonces=20)
DOWN = Ca(port=8019)
MANY = 20


@contextlib.contextmanager
def running(ca: Ca) -> Iterator[subprocess.Popen]:
    process = ca.start(SCRATCH)
    try:
        ca.wait()
        yield process
    finally:
        process.kill()
        process.wait()


def settings(folder: Path, *cas: Ca) -> Settings:
    directories = "\nca = ".join(each.directory for each in cas)
    return {
        "daemon": {"roles": "certs"},
        "service": {
            "zone": "service.example",
            "address": HTTP01,
            "name-server": "ns1.nic.example",
            "keys": f"{folder}/keys/keys.db",
            "sealing-key": f"{folder}/keys/sealing.key",
        },
        "certs": {"ca": directories, "contact": "hostmaster@example.com", "agree": "on"},
    }


class Certificates:
    """What the store says of them, and what is wanted there."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def _execute(self, statement: str, *values: object) -> list[sqlite3.Row]:
        store = sqlite3.connect(self._watch.store, timeout=30)
        store.row_factory = sqlite3.Row
        try:
            with store:
                return store.execute(statement, values).fetchall()
        finally:
            store.close()

    def want(self, *labels: str) -> None:
        """Certificates for the policy hosts of these domains below acme.example."""
        names = [f"{each}.acme.example" for each in labels]
        self._watch.add(*names)
        for name in names:
            self._execute(
                "INSERT INTO certificate (host, domain, wanted, chain, due_at)"
                " SELECT ?, id, 1, x'', 0 FROM domain WHERE name = ?",
                f"mta-sts.{name}",
                name,
            )

    def drop(self) -> None:
        self._execute("UPDATE certificate SET wanted = 0, due_at = 0")

    def hurry(self) -> None:
        """What waits after a failure begins anew, as it would by itself in a minute or an hour."""
        self._execute(
            "UPDATE certificate SET due_at = 0, order_text = '', order_key = '' WHERE claimed_by IS NULL"
        )

    def rows(self) -> dict[str, sqlite3.Row]:
        return {row["host"]: row for row in self._execute("SELECT * FROM certificate")}

    def issued(self) -> dict[str, sqlite3.Row]:
        return {host: row for host, row in self.rows().items() if row["number"] > 0}

    def challenges(self) -> int:
        return self._execute("SELECT COUNT(*) AS n FROM challenge")[0]["n"]


@pytest.fixture(name="folder")
def own_folder(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path


@contextlib.contextmanager
def watching(folder: Path, *cas: Ca) -> Iterator[tuple[Watch, Certificates]]:
    """A daemon with the role, and port 80 of its store."""
    link = SCRATCH / "http01" / http01_peer.STORE
    with Watch(folder, settings=settings(folder, *cas)) as watch:
        watch.mtasts("db", "migrate")
        link.symlink_to(watch.store)
        try:
            watch.start()
            yield watch, Certificates(watch)
        finally:
            link.unlink()


def secrets(folder: Path, prefix: str) -> list[str]:
    keys = sqlite3.connect(f"file:{folder}/keys/keys.db?mode=ro", uri=True)
    try:
        names = [name for (name,) in keys.execute("SELECT name FROM secret")]
    finally:
        keys.close()
    return sorted(each for each in names if each.startswith(prefix))


def leaf(row: sqlite3.Row) -> x509.Certificate:
    """The first of the certificates, which lie end to end."""
    chain = row["chain"]
    octets = chain[1] & 0x7F
    return x509.load_der_x509_certificate(chain[: 2 + octets + int.from_bytes(chain[2 : 2 + octets], "big")])


def names_of(certificate: x509.Certificate) -> list[str]:
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return san.value.get_values_for_type(x509.DNSName)


def test_all_come_whatever_is_killed(folder: Path) -> None:
    """One name is not ours; each of the others gets one certificate, and no second one."""
    with running(HOSTILE), watching(folder, HOSTILE) as (watch, certificates):
        [daemon] = watch.daemons
        certificates.want(*(f"d{number}" for number in range(MANY)), "x.refused")
        for number in (1, 6, 12):
            assert eventually(lambda: len(certificates.issued()) >= number)
            assert eventually(lambda: daemon.kill_role("certs"))
        assert eventually(lambda: len(certificates.issued()) >= MANY)
        issued = certificates.issued()
        assert [names_of(leaf(row)) for row in issued.values()] == [[host] for host in issued]
        assert all(row["problem"] == "" and row["failing_since"] is None for row in issued.values())
        refused = certificates.rows()["mta-sts.x.refused.acme.example"]
        assert "did not get our answer from the name's port 80: Get" in refused["problem"]
        assert refused["failing_since"] and refused["number"] == 0
        assert len(issued) == MANY
        in_use = sorted(row["key_name"] for row in issued.values())
        assert set(in_use) <= set(secrets(folder, "certificate/"))
        assert len(secrets(folder, "account/")) == 1
        assert (folder / "keys" / "sealing.key").stat().st_mode & 0o777 == 0o600
        log = (SCRATCH / f"ca-{HOSTILE.port}.log").read_text()
        assert log.count("Issued certificate serial") == MANY


def test_a_ca_that_goes_and_comes_back(folder: Path) -> None:
    """Two names: after a third that it fails in a row a CA is left in peace for minutes."""
    with watching(folder, HOSTILE) as (watch, certificates):
        certificates.want("e0", "e1")
        assert eventually(lambda: all(row["failing_since"] for row in certificates.rows().values()))
        for row in certificates.rows().values():
            assert row["problem"].startswith(f"ca.nic.example:{HOSTILE.port} cannot be reached: ")
            assert row["due_at"] > time.time() + 45
        with running(HOSTILE):
            certificates.hurry()
            assert eventually(lambda: len(certificates.issued()) == 2)
        assert all(row["problem"] == "" for row in certificates.issued().values())
        assert eventually(lambda: certificates.challenges() == 0)
        first = secrets(folder, "certificate/")
        # It has forgotten us meanwhile, and is told who we are.
        with running(HOSTILE):
            certificates.want("e3")
            assert eventually(lambda: certificates.hurry() or len(certificates.issued()) == 3)
        certificates.drop()
        assert eventually(lambda: not certificates.rows())
        assert len(first) == 2
        assert eventually(lambda: not secrets(folder, "certificate/"))
        assert watch.daemons[0].stop() == 0


def test_a_second_ca(folder: Path) -> None:
    with running(SECOND), watching(folder, DOWN, SECOND) as (_, certificates):
        certificates.want("f0", "f1", "f2")
        assert eventually(lambda: len(certificates.issued()) == 3)
        assert {row["issuer"] for row in certificates.issued().values()} == {SECOND.directory}
