"""The scripted name servers: answers that a decent name server would never give, or not always."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset

from domains import Zone
from world import NAME_SERVER

Script = Callable[[dns.message.Message], None]
Answerer = Callable[[dns.message.Message], dns.message.Message | None]  # None: silence

SO_RCVBUFFORCE = 33  # Linux: whatever its ceiling is
MOST_OCTETS = 4096
BUFFER_OCTETS = 8 << 20  # a burst of a whole portfolio waits here until it is this process's turn


def listen(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)  # as far as one may
    with contextlib.suppress(PermissionError):
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_OCTETS)
    sock.bind((address, 53))
    return sock


def serve_forever(sock: socket.socket, answerer: Answerer) -> None:
    """Answers whatever comes."""
    while True:
        wire, client = sock.recvfrom(MOST_OCTETS)
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            continue
        answer = answerer(query)
        if answer:
            sock.sendto(answer.to_wire(), client)


def scripted(zones: dict[str, Zone]) -> Answerer:
    """Answers queries for the zones, each by its script."""
    scripts = {name: SCRIPTS[zone] for name, zone in zones.items() if zone in SCRIPTS}
    return lambda query: _answer(query, scripts)


def _answer(query: dns.message.Message, scripts: dict[str, Script]) -> dns.message.Message:
    answer = dns.message.make_response(query)
    name = query.question[0].name.to_text(omit_final_dot=True).lower()
    zone = next((zone for zone in scripts if name == zone or name.endswith(f".{zone}")), None)
    scripts.get(zone, _refused)(answer)
    return answer


def _refused(answer: dns.message.Message) -> None:
    answer.set_rcode(dns.rcode.REFUSED)


def _servfail(answer: dns.message.Message) -> None:
    answer.set_rcode(dns.rcode.SERVFAIL)


def _cname_chain(answer: dns.message.Message) -> None:
    """An alias of the next number; every step is a name never asked for before."""
    name = answer.question[0].name
    answer.flags |= dns.flags.AA
    number = re.fullmatch(rb"\d+", name.labels[0])
    if number:
        following = f"{int(number[0]) + 1}.{name.parent()}"
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", following))


def _beside(answer: dns.message.Message) -> None:
    """What the zone has, and at _mta-sts a CNAME besides (RFC 1034 3.6.2)."""
    question = answer.question[0]
    true = dns.query.udp(dns.message.make_query(question.name, question.rdtype), NAME_SERVER, timeout=2)
    answer.set_rcode(true.rcode())
    answer.flags |= true.flags & dns.flags.AA
    answer.answer, answer.authority = true.answer, true.authority
    if question.name.labels[0] == b"_mta-sts":
        alias = dns.rrset.from_text(question.name, 60, "IN", "CNAME", "id.publisher.example.")
        answer.answer.insert(0, alias)


SCRIPTS = {
    Zone.BESIDE: _beside,
    Zone.SERVFAIL: _servfail,
    Zone.LAME: _refused,
    Zone.CNAME_CHAIN: _cname_chain,
}
