"""Many sound domains at once, for measuring how fast they can be checked.

Each has a policy host of its own, and every three of them share an MX host. All the hosts
share some sixty addresses of each kind, as the customers of real providers do.
"""

from __future__ import annotations

import functools

from certificates import Certificate
from domains import SILENT, Domain, Host, Shared, domain, mx
from https_peer import Https
from smtp_peer import Smtp

DOMAINS_PER_MX_HOST = 3
ADDRESSES = 60


def domains(number: int) -> list[Domain]:
    """The domains `d0001.bulk.example` and so on, all in one unsigned zone."""
    return [_domain(index, number) for index in range(number)]


def hosts(number: int, first_is_silent: bool) -> list[Host]:
    """The MX hosts of that many bulk domains."""
    count = -(-number // DOMAINS_PER_MX_HOST)
    found = [
        Host(f"mx{index}.bulk.example", (Shared(Smtp(), 1 + index % ADDRESSES),)) for index in range(count)
    ]
    if first_is_silent:
        found[0] = Host(found[0].name, (SILENT,))
    return found


def _domain(index: int, number: int) -> Domain:
    return domain(
        _name(index),
        "One of many.",
        mx=(mx(f"mx{index // DOMAINS_PER_MX_HOST}.bulk.example."),),
        host=(Shared(Https(certificate=_certificate(index % ADDRESSES, number)), 1 + index % ADDRESSES),),
    )


def _name(index: int) -> str:
    return f"d{index + 1:04d}.bulk"


@functools.cache
def _certificate(address: int, number: int) -> Certificate:
    """One certificate for all policy hosts of an address: one a name would cost more than the handshakes."""
    return Certificate(
        names=tuple(f"mta-sts.{_name(index)}.example" for index in range(address, number, ADDRESSES))
    )
