"""A portfolio as a provider has it: very many domains, few of which have a policy, on few mail hosts.

Each domain has two MX hosts, of which there are 300, and every tenth publishes a policy at a
policy host of its own. They are lines of one zone as far as that will do: a hundred thousand
must come up in seconds.
"""

from __future__ import annotations

import functools

from certificates import Certificate
from domains import Domain, Host, Shared, domain, mx
from https_peer import Https
from smtp_peer import Smtp

ZONE = "portfolio.example"
MX_HOSTS = 300
HAS_POLICY = 10  # one of so many
ADDRESSES = 60  # of mail hosts, and of policy hosts; shared with bulk.py
CERTIFICATE_NAMES = 50


def names(number: int) -> list[str]:
    """The domains `c000001.portfolio.example` and so on."""
    return [_name(index) for index in range(number)]


def hosts() -> list[Host]:
    """Their mail hosts."""
    return [Host(_mx_host(index), (Shared(Smtp(), 1 + index % ADDRESSES),)) for index in range(MX_HOSTS)]


def domains(number: int) -> list[Domain]:
    """Those that have a policy."""
    return [_domain(index, number) for index in range(0, number, HAS_POLICY)]


def records(number: int) -> list[str]:
    """The records of all others, "OWNER TYPE DATA"."""
    return [
        f"{_name(index)} MX {preference} {host}."
        for index in range(number)
        if index % HAS_POLICY
        for preference, host in _exchangers(index)
    ]


def _domain(index: int, number: int) -> Domain:
    policy_host = Https(certificate=_certificate(index // (HAS_POLICY * CERTIFICATE_NAMES), number))
    return domain(
        _name(index).removesuffix(".example"),
        "One of very many.",
        mx=tuple(mx(f"{host}.", preference=preference) for preference, host in _exchangers(index)),
        host=(Shared(policy_host, 1 + index // HAS_POLICY % ADDRESSES),),
    )


def _name(index: int) -> str:
    return f"c{index + 1:06d}.{ZONE}"


def _mx_host(index: int) -> str:
    return f"mx{index + 1}.{ZONE}"


def _exchangers(index: int) -> list[tuple[int, str]]:
    """Two hosts that stand side by side, for ten domains in a row."""
    first = 2 * (index // HAS_POLICY) % MX_HOSTS
    return [(10, _mx_host(first)), (20, _mx_host(first + 1))]


@functools.cache
def _certificate(block: int, number: int) -> Certificate:
    """One certificate for some policy hosts: one a name would cost more than the handshakes."""
    first = block * HAS_POLICY * CERTIFICATE_NAMES
    last = min(first + HAS_POLICY * CERTIFICATE_NAMES, number)
    return Certificate(names=tuple(f"mta-sts.{_name(index)}" for index in range(first, last, HAS_POLICY)))
