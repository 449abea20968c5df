"""The scripted name servers: answers that a decent name server would never give, or not always."""

from __future__ import annotations

import re
import selectors
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
Answerer = Callable[[dns.message.Message], dns.message.Message | None]


def listen(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 53))
    return sock


def serve_forever(servers: dict[socket.socket, Answerer]) -> None:
    """Answers what comes to each of the servers; None is silence."""
    with selectors.DefaultSelector() as selector:
        for sock, answerer in servers.items():
            selector.register(sock, selectors.EVENT_READ, answerer)
        while True:
            for key, _ in selector.select():
                _serve(key.fileobj, key.data)


def scripted(zones: dict[str, Zone]) -> Answerer:
    """Answers queries for the zones, each by its script."""
    scripts = {name: SCRIPTS[zone] for name, zone in zones.items() if zone in SCRIPTS}
    return lambda query: _answer(query, scripts)


def _serve(sock: socket.socket, answerer: Answerer) -> None:
    wire, client = sock.recvfrom(4096)
    try:
        query = dns.message.from_wire(wire)
    except dns.exception.DNSException:
        return
    answer = answerer(query)
    if answer:
        sock.sendto(answer.to_wire(), client)


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
