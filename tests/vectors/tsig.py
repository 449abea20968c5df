#!/usr/bin/python3
"""Prints src/wire/test_tsig_vectors.h: a signed zone transfer as dnspython makes it.

    tests/vectors/tsig.py > src/wire/test_tsig_vectors.h
    tests/vectors/tsig.py src/wire/test_tsig_vectors.h      fails if that is another one

For each algorithm: the query, three signed answers with unsigned ones between them, and for
every signature the octets that dnspython put into its HMAC. dnspython (python3-dnspython) is
an implementation of RFC 8945 of its own.
"""

import sys
from pathlib import Path

import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import dns.tsig
from dns.rdtypes.ANY.TSIG import TSIG

NOW = 1_700_000_000
ID = 0x1234
ORIGIN = "example.net."
SOA = (ORIGIN, 3600, "IN", "SOA", "ns.example.net. hostmaster.example.net. 7 3600 600 86400 60")
SECRET = bytes(range(32))
# Unsigned messages between the second signature and the last one.
BETWEEN = 99

HEADER = """\
/* test_tsig_vectors.h - for tests only: a signed zone transfer, printed by
 * tests/vectors/tsig.py from what python3-dnspython makes of it. */
#ifndef WIRE_TEST_TSIG_VECTORS_H
#define WIRE_TEST_TSIG_VECTORS_H

#include "wire/tsig.h"

enum {{ VECTOR_ID = {id}, VECTOR_NOW = {now}, VECTOR_BETWEEN = {between} }};

struct tsig_vector {{
	enum tsig_algorithm algorithm;
	struct span query, query_digest;
	struct span first, first_digest;
	struct span between; /* unsigned; once, then BETWEEN times */
	struct span second, second_digest; /* behind first and one between */
	struct span last, last_digest; /* behind second and all between, which
					* stand in the digest once */
}};

/* clang-format off */
/* Of the key "transfer.key", for every algorithm. */
static const struct span tsig_vector_secret =
	SPAN_INIT({secret});

static const struct tsig_vector tsig_vectors[] = {{
"""


class Recorder:
    """An HMAC of dnspython's that keeps what goes into it."""

    digested = b""  # for the last MAC made

    def __init__(self, key: dns.tsig.Key) -> None:
        self._octets = b""
        self._context = dns.tsig.HMACTSig(key.secret, key.algorithm)

    def update(self, data: bytes) -> None:
        self._octets += data
        self._context.update(data)

    def sign(self) -> bytes:
        Recorder.digested = self._octets
        return self._context.sign()


def literal(data: bytes) -> str:
    rows = (data[i : i + 18] for i in range(0, len(data), 18))
    return "\n".join('\t      "' + "".join(f"\\x{octet:02x}" for octet in row) + '"' for row in rows).lstrip()


def answer(*rrsets: tuple, question: bool = False) -> dns.message.Message:
    message = dns.message.Message(id=ID)
    message.flags = dns.flags.QR | dns.flags.AA
    if question:
        message.question = [dns.rrset.RRset(dns.name.from_text(ORIGIN), 1, dns.rdatatype.AXFR)]
    message.answer = [dns.rrset.from_text(*each) for each in rrsets]
    return message


class Signer:
    """Signs a query and then the answers to it, one after the other."""

    def __init__(self, algorithm: dns.name.Name) -> None:
        self._key = dns.tsig.Key("Transfer.Key.", SECRET, algorithm)
        self._template = TSIG(255, 250, algorithm, NOW, 300, b"", ID, 0, b"")
        self._request_mac = b""
        self._context = None

    def query(self) -> bytes:
        wire = dns.message.make_query(ORIGIN, "AXFR", flags=0, id=ID).to_wire()
        tsig, _ = dns.tsig.sign(wire, self._key, self._template, NOW)
        self._request_mac = tsig.mac
        return self._append(wire, tsig, self._key.name.canonicalize())

    def answer(self, message: dns.message.Message, unsigned: bytes = b"") -> bytes:
        """Unsigned messages may come before it."""
        if unsigned:
            self._context.update(unsigned)
        wire = message.to_wire()
        tsig, self._context = dns.tsig.sign(
            wire, self._key, self._template, NOW, self._request_mac, self._context, multi=True
        )
        return self._append(wire, tsig, self._key.name)

    @staticmethod
    def _append(wire: bytes, tsig: TSIG, owner: dns.name.Name) -> bytes:
        data = tsig.to_wire()
        record = owner.to_wire() + bytes((0, 250, 0, 255, 0, 0, 0, 0)) + len(data).to_bytes(2, "big") + data
        count = int.from_bytes(wire[10:12], "big") + 1
        return wire[:10] + count.to_bytes(2, "big") + wire[12:] + record


def vector(symbol: str, algorithm: dns.name.Name) -> str:
    signer = Signer(algorithm)
    between = answer(("b.example.net.", 60, "IN", "MX", "10 mx.example.net.")).to_wire()
    members = {"between": between}

    def add(name: str, wire: bytes) -> None:
        members.update({name: wire, f"{name}_digest": Recorder.digested})

    add("query", signer.query())
    mx = (ORIGIN, 60, "IN", "MX", "10 mx.example.net.")
    add("first", signer.answer(answer(SOA, mx, question=True)))
    null_mx = ("c.example.net.", 60, "IN", "MX", "0 .")
    add("second", signer.answer(answer(null_mx), between))
    mx = ("d.example.net.", 60, "IN", "MX", "5 mx.example.net.")
    add("last", signer.answer(answer(mx, SOA), between * BETWEEN))
    # What stands between is not written out so often.
    members["last_digest"] = members["last_digest"].replace(between * BETWEEN, between)
    lines = ",\n".join(f"\t  .{name} = SPAN_INIT({literal(data)})" for name, data in members.items())
    return f"\t{{ .algorithm = {symbol},\n{lines} }},\n"


def header() -> str:
    dns.tsig.get_context = Recorder
    text = HEADER.format(id=ID, now=NOW, between=BETWEEN, secret=literal(SECRET))
    text += vector("TSIG_SHA256", dns.tsig.HMAC_SHA256)
    text += vector("TSIG_SHA384", dns.tsig.HMAC_SHA384)
    text += vector("TSIG_SHA512", dns.tsig.HMAC_SHA512)
    return text + "};\n/* clang-format on */\n\n#endif\n"


def main() -> int:
    if len(sys.argv) > 1:
        return header() != Path(sys.argv[1]).read_text()
    print(header(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
