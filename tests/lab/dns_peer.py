"""The scripted name server: the answers that a decent name server would never give."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from domains import Zone

Script = Callable[[dns.message.Message], None]


def serve(sock: socket.socket, zones: dict[str, Zone]) -> None:
    """Answers queries for the zones, each by its script, for ever."""
    scripts = {name: SCRIPTS[zone] for name, zone in zones.items() if zone in SCRIPTS}
    while True:
        wire, client = sock.recvfrom(4096)
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            continue
        sock.sendto(_answer(query, scripts).to_wire(), client)


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


SCRIPTS = {Zone.SERVFAIL: _servfail, Zone.LAME: _refused, Zone.CNAME_CHAIN: _cname_chain}
