"""mtasts domain add --axfr against Knot and NSD.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_transfer.py
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import dns.query
import dns.tsig
import dns.zone
import pytest

import transfer_peer
from transfer_peer import MESSAGES, NAMES_EACH, SPARSE
from transfers import KEYS, LARGE, NAMES, OPEN, TsigKey
from world import NAME_SERVER, RESOLVER, TRANSFER_PEER, TRANSFER_SERVER

MTASTS = os.environ.get("MTASTS", "build/src/cli/mtasts")
SHA256 = KEYS["sha256"]


class Portfolio:
    """An empty store, and the calls on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        store = str(self._folder / "domains.db")
        return subprocess.run(
            [MTASTS, "domain", *words, "--store", store], capture_output=True, text=True, check=False
        )

    def transfer(self, source: str, key: TsigKey | None = None) -> subprocess.CompletedProcess[str]:
        words = ["--axfr", source]
        if key:
            file = self._folder / "key"
            file.write_text(key.file)
            file.chmod(0o600)
            words += ["--tsig", str(file)]
        return self.run("add", *words)

    def names(self) -> list[str]:
        return [line.split()[0] for line in self.run("list").stdout.splitlines()]


@pytest.fixture(name="portfolio")
def empty_portfolio(tmp_path: Path) -> Portfolio:
    return Portfolio(tmp_path)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_large_zone_from_nsd(portfolio: Portfolio, key: TsigKey) -> None:
    done = portfolio.transfer(f"{LARGE}@{TRANSFER_SERVER}", key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{NAMES + 1} added, 0 known already\n"
    assert portfolio.names() == [*(f"c{n:04d}.{LARGE}" for n in range(NAMES)), LARGE]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_unsigned_messages_between(portfolio: Portfolio, key: TsigKey) -> None:
    done = portfolio.transfer(f"{SPARSE}@{TRANSFER_PEER}", key)
    assert (done.returncode, done.stderr) == (0, "")
    assert portfolio.names() == [transfer_peer.name(n) for n in range(MESSAGES * NAMES_EACH)]


def test_a_zone_without_a_key(portfolio: Portfolio) -> None:
    assert portfolio.transfer(f"{OPEN}@{TRANSFER_SERVER}@53").stdout == "1 added, 0 known already\n"
    assert portfolio.names() == [OPEN]


def test_a_signed_zone_from_knot_by_name(portfolio: Portfolio) -> None:
    """The same names that dnspython finds."""
    key = dns.tsig.Key(SHA256.name, SHA256.secret, SHA256.algorithm)
    messages = dns.query.xfr(
        NAME_SERVER, "example", keyring={key.name: key}, keyname=key.name, relativize=False
    )
    zone = dns.zone.from_xfr(messages, relativize=False)
    want = {
        name.to_text(omit_final_dot=True)
        for name, rdatas in zone.iterate_rdatasets("MX")
        if any(len(rdata.exchange.labels) > 1 for rdata in rdatas)
    }
    done = portfolio.transfer("example@ns1.nic.example", SHA256)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(want) > 100
    assert set(portfolio.names()) == want


STRANGER = TsigKey("stranger.key", "hmac-sha256")
OTHER_SECRET = TsigKey(SHA256.name, SHA256.algorithm, "AAAA")
OTHER_ALGORITHM = TsigKey(SHA256.name, "hmac-sha512")


@pytest.mark.parametrize(
    ("source", "key", "want"),
    [
        (f"{LARGE}@{TRANSFER_SERVER}", OTHER_SECRET, "BADSIG"),
        (f"{LARGE}@{TRANSFER_SERVER}", STRANGER, "BADKEY"),
        (f"{LARGE}@{TRANSFER_SERVER}", OTHER_ALGORITHM, "REFUSED"),
        (f"{LARGE}@{TRANSFER_SERVER}", None, "REFUSED.*allow the transfer"),
        (f"nowhere.example@{TRANSFER_SERVER}", None, "NOTAUTH|REFUSED"),
        (f"example@{NAME_SERVER}", OTHER_SECRET, "BADSIG"),
        (f"example@{NAME_SERVER}", STRANGER, "BADKEY"),
        (f"example@{NAME_SERVER}", OTHER_ALGORITHM, "BADKEY"),
        (f"example@{NAME_SERVER}", None, "NOTAUTH"),
        (f"nowhere.invalid@{NAME_SERVER}", SHA256, "NOTAUTH"),
        (f"{LARGE}@{RESOLVER}", None, "REFUSED|NOTIMP|no zone|closed"),
        (f"{LARGE}@{TRANSFER_SERVER}@54", None, "cannot connect: Connection refused"),
        (f"{LARGE}@no-such-name.example", None, "has no address"),
    ],
)
def test_nothing_is_added(portfolio: Portfolio, source: str, key: TsigKey | None, want: str) -> None:
    done = portfolio.transfer(source, key)
    assert done.returncode == 64
    assert re.search(want, done.stderr)
    assert portfolio.names() == []
