"""The scripted name server for zone transfers: one that signs as few messages as it may.

RFC 8945 5.3.1 lets a hundredth message be signed, the first and the last; NSD did so up to
4.3, today's servers sign each. The peer gives one zone to the holder of a key.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rrset
import dns.tsig

import transfers

SPARSE = "sparse.example"
MESSAGES, NAMES_EACH = 250, 4
SIGNED_EACH = 100
SOA = (SPARSE + ".", 300, "IN", "SOA", "transfer.nic.example. hostmaster.nic.example. 1 3600 600 86400 60")


def converse(caller: socket.socket) -> None:
    """Answers one query with the zone."""
    query, _ = dns.query.receive_tcp(caller, keyring=_keyring())
    context = None
    for number, answer in enumerate(_answers(query)):
        wire, context = _signed(answer, context, number)
        dns.query.send_tcp(caller, wire)


def _keyring() -> dict[dns.name.Name, dns.tsig.Key]:
    keys = (dns.tsig.Key(key.name, key.secret, key.algorithm) for key in transfers.KEYS.values())
    return {key.name: key for key in keys}


def _answers(query: dns.message.Message) -> Iterator[dns.message.Message]:
    for number in range(MESSAGES):
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        first = number * NAMES_EACH
        records = [
            (f"{name(n)}.", 300, "IN", "MX", f"10 mx.{SPARSE}.") for n in range(first, first + NAMES_EACH)
        ]
        if number == 0:
            records.insert(0, SOA)
        else:
            answer.question = []
        if number == MESSAGES - 1:
            records.append(SOA)
        answer.answer = [dns.rrset.from_text(*each) for each in records]
        yield answer


def name(number: int) -> str:
    return f"c{number:04d}.{SPARSE}"


def _signed(
    answer: dns.message.Message, context: dns.tsig.HMACTSig | None, number: int
) -> tuple[bytes, dns.tsig.HMACTSig]:
    """The message, which has a signature if it is its turn, and what goes on behind it."""
    if number % SIGNED_EACH and number < MESSAGES - 1:
        answer.tsig = None
        wire = answer.to_wire()
        context.update(wire)
        return wire, context
    wire = answer.to_wire(multi=True, tsig_ctx=context)
    return wire, answer.tsig_ctx
