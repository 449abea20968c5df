"""Customers of somebody who hosts policies for others: very many domains on few mail hosts.

They stand in one zone of the lab, and have MX records and nothing else. What they come to
later, the two CNAMEs and another MX record, is written into the zone while everything runs.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from domains import Host, Shared
from smtp_peer import Smtp

ZONE = "hosted.example"
MX_HOSTS = 21  # of which the last is nobody's at first
ADDRESSES = 60  # of mail hosts; shared with bulk.py
TTL = 1  # of MX records: what is changed shows soon


def names(number: int) -> list[str]:
    """The domains `h00001.hosted.example` and so on."""
    return [f"h{index + 1:05d}.{ZONE}" for index in range(number)]


def hosts() -> list[Host]:
    """Their mail hosts."""
    return [Host(_mx_host(index), (Shared(Smtp(), 1 + index % ADDRESSES),)) for index in range(MX_HOSTS)]


def records(number: int) -> list[str]:
    """Their records at first, "OWNER TYPE DATA"."""
    return [f"{name} {TTL} MX 10 {mx}." for name, mx in zip(names(number), map(_first_host, range(number)))]


def another_host(number: int) -> list[str]:
    """A second mail host for each, as lines of a zone file."""
    return [f"{name}. {TTL} MX 20 {_mx_host(MX_HOSTS - 1)}." for name in names(number)]


class HostedZone:
    """The zone of a lab that is running, at its name server.

    Nobody remembers for longer than a second that a name was not there: daemon and CA ask the same
    resolver, and an order fails if a CA comes while that still says so.
    """

    def __init__(self, scratch: Path) -> None:
        self._file = scratch / "zones" / f"{ZONE}.zone"
        self._config = scratch / "zones" / "knot.conf"
        self._serial = 1
        self.add("")

    def add(self, lines: str) -> None:
        """More lines of a zone file; they are served when this returns."""
        self._serial += 1
        soa = rf"\g<1> {self._serial} 3600 600 86400 {TTL}"
        text = re.sub(r"(?m)^(@ SOA \S+ \S+) .*", soa, self._file.read_text(), count=1)
        self._file.write_text(f"{text}{lines}\n")
        command = ["/usr/sbin/knotc", "-c", self._config, "-b", "-t", "120", "zone-reload", f"{ZONE}."]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _first_host(index: int) -> str:
    return _mx_host(index % (MX_HOSTS - 1))


def _mx_host(index: int) -> str:
    return f"mx{index + 1}.{ZONE}"
