"""The name server of the edge: judged by dnspython, and against Knot and NSD as its secondaries.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_name_server.py

The zone is that of serve_zone. The secondaries refresh by the hour, so what they learn within
seconds they learn by NOTIFY.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.zone
import pytest

import transfers
from transfers import TsigKey

SERVE_ZONE = os.environ.get("SERVE_ZONE", "build/tests/serve_zone")
ZONE, NAMES = "svc.example", 3000
HOST, PORT, KNOT_PORT, NSD_PORT = "127.0.0.1", 5401, 5402, 5403
KEY = TsigKey("secondary.key", "hmac-sha256")
PATIENCE_SECONDS, POLL_SECONDS = 20, 0.05
SOON = 3  # seconds

KNOT = """\
server:
    rundir: "{folder}"
    listen: {address}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{folder}"
log:
  - target: stderr
    any: info
key:
  - id: {key.name}
    algorithm: {key.algorithm}
    secret: {key.secret}
remote:
  - id: primary
    address: {host}@{primary}
    key: {key.name}
acl:
  - id: notify
    address: {host}
    key: {key.name}
    action: notify
zone:
  - domain: {zone}
    storage: "{folder}"
    master: primary
    acl: notify
"""

NSD = (
    transfers.NSD
    + """\
key:
    name: {key.name}
    algorithm: {key.algorithm}
    secret: {key.secret}
zone:
    name: {zone}
    zonefile: "zone"
    allow-notify: {host} {key.name}
    request-xfr: {host}@{primary} {key.name}
"""
)


@dataclass
class Servers:
    """Ours, and what it says."""

    ours: subprocess.Popen[bytes]
    said: Path

    def next_version(self) -> None:
        self.ours.send_signal(signal.SIGHUP)


def serial(port: int) -> int | None:
    try:
        answer = dns.query.udp(dns.message.make_query(ZONE, "SOA"), HOST, port=port, timeout=0.5)
    except (dns.exception.DNSException, OSError):
        return None
    return answer.answer[0][0].serial if answer.answer else None


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


@pytest.fixture(name="servers", scope="module")
def running_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("name_server")
    key, said = folder / "key", folder / "said"
    key.write_text(KEY.file)
    key.chmod(0o600)
    secondaries = [word for port in (KNOT_PORT, NSD_PORT) for word in ("-s", f"{HOST}@{port}")]
    command = [SERVE_ZONE, "-k", str(key), *secondaries, "-t", "2", "-r", "1000000"]
    with open(said, "wb") as output:
        started = [subprocess.Popen([*command, ZONE, str(NAMES), f"{HOST}@{PORT}"], stdout=output)]
    try:
        assert wait_until(lambda: serial(PORT) == 1)
        started.append(start_secondary(folder / "knot", KNOT, KNOT_PORT, ["/usr/sbin/knotd", "-c"]))
        started.append(start_secondary(folder / "nsd", NSD, NSD_PORT, ["/usr/sbin/nsd", "-d", "-c"]))
        for port in KNOT_PORT, NSD_PORT:
            assert wait_until(lambda: serial(port) == 1), folder
        yield Servers(started[0], said)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def start_secondary(folder: Path, config: str, port: int, command: list[str]) -> subprocess.Popen[bytes]:
    folder.mkdir()
    address = f"{HOST}@{port}"
    text = config.format(folder=folder, address=address, host=HOST, primary=PORT, zone=ZONE, key=KEY)
    (folder / "conf").write_text(text)
    with open(folder / "log", "wb") as log:
        return subprocess.Popen([*command, str(folder / "conf")], stdout=log, stderr=log)


def ask(port: int, name: str, kind: str, **how: object) -> dns.message.Message:
    return dns.query.udp(dns.message.make_query(name, kind, **how), HOST, port=port, timeout=2)


def texts(port: int, name: str) -> list[str]:
    return [rdata.to_text() for each in ask(port, name, "TXT").answer for rdata in each]


def exchange(raw: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.sendto(raw, (HOST, PORT))
        return sock.recv(4096)


def sets(rrsets: list[dns.rrset.RRset]) -> set[tuple[str, int, str, int, frozenset[str]]]:
    return {
        (
            each.name.to_text().lower(),
            each.rdclass,
            dns.rdatatype.to_text(each.rdtype),
            each.ttl,
            frozenset(rdata.to_text().lower() for rdata in each),
        )
        for each in rrsets
    }


QUESTIONS = [
    *((name, kind) for name in (f"c0000007.{ZONE}", f"C0000008.SVC.Example") for kind in ("TXT", "A", "AAAA", "MX")),
    *((ZONE, kind) for kind in ("SOA", "NS", "A", "AAAA", "TXT", "CAA", "DS", "DNSKEY")),
    *((f"ns1.{ZONE}", kind) for kind in ("A", "AAAA", "TXT")),
    *((f"{name}.{ZONE}", kind) for name in ("nowhere", "x.c0000007", "x.ns1", "*", "c") for kind in ("A", "TXT")),
    (f"c{NAMES:07d}.{ZONE}", "TXT"),
]


@pytest.mark.parametrize("port", [KNOT_PORT, NSD_PORT], ids=["knot", "nsd"])
@pytest.mark.parametrize("edns", [-1, 0], ids=["plain", "edns"])
@pytest.mark.parametrize(("name", "kind"), QUESTIONS)
def test_as_its_secondaries_answer(servers: Servers, name: str, kind: str, edns: int, port: int) -> None:
    """They have the zone from us, so they answer the same; NSD adds NS records to what is there."""
    mine, theirs = (ask(each, name, kind, use_edns=edns) for each in (PORT, port))
    assert dns.rcode.to_text(mine.rcode()) == dns.rcode.to_text(theirs.rcode())
    assert mine.flags == theirs.flags
    assert sets(mine.answer) == sets(theirs.answer)
    assert mine.edns == theirs.edns
    if not mine.answer:
        assert sets(mine.authority) == sets(theirs.authority)
    assert mine.question[0].name.labels == dns.name.from_text(name).labels  # its case too


@pytest.mark.parametrize(("name", "kind"), [("example.com", "A"), ("example", "SOA"), (".", "NS"), ("xsvc.example", "A")])
def test_other_zones_are_refused(servers: Servers, name: str, kind: str) -> None:
    answer = ask(PORT, name, kind)
    assert (answer.rcode(), answer.answer, answer.authority) == (dns.rcode.REFUSED, [], [])
    assert not answer.flags & (dns.flags.AA | dns.flags.RA)


def test_chaos_is_refused(servers: Servers) -> None:
    query = dns.message.make_query("version.bind", "TXT", "CH")
    assert dns.query.udp(query, HOST, port=PORT, timeout=2).rcode() == dns.rcode.REFUSED


def test_any_is_minimal(servers: Servers) -> None:
    """RFC 8482 4.1."""
    for name in (f"c0000001.{ZONE}", ZONE):
        assert len(ask(PORT, name, "ANY").answer) == 1


def test_edns(servers: Servers) -> None:
    answer = ask(PORT, f"c0000001.{ZONE}", "TXT", want_dnssec=True, payload=4096)
    assert (answer.edns, answer.payload) == (0, 1232)
    assert answer.ednsflags & dns.flags.DO
    cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"8 octets")
    assert ask(PORT, f"c0000001.{ZONE}", "TXT", options=[cookie]).answer
    version_1 = bytearray(dns.message.make_query(ZONE, "SOA", use_edns=0).to_wire())
    version_1[-5] = 1  # dnspython writes none but 0
    assert dns.message.from_wire(exchange(version_1)).rcode() == dns.rcode.BADVERS


def test_other_opcodes(servers: Servers) -> None:
    for opcode in dns.opcode.STATUS, dns.opcode.NOTIFY, dns.opcode.UPDATE:
        query = dns.message.make_query(ZONE, "SOA")
        query.set_opcode(opcode)
        raw = query.to_wire()
        got = exchange(raw)
        assert (got[:2], got[2] >> 3 & 15, got[3] & 15) == (raw[:2], opcode, dns.rcode.NOTIMP)


def test_tcp(servers: Servers) -> None:
    """RFC 7766 6.2.1.1: one connection, all queries at once."""
    queries = [dns.message.make_query(f"c{number:07d}.{ZONE}", "TXT") for number in range(200)]
    with socket.create_connection((HOST, PORT)) as sock:
        sock.settimeout(5)
        for query in queries:
            dns.query.send_tcp(sock, query.to_wire())
        for query in queries:
            answer, _ = dns.query.receive_tcp(sock)
            assert query.is_response(answer)
            assert answer.answer


def keyring(key: TsigKey) -> dict[dns.name.Name, dns.tsig.Key]:
    return {dns.name.from_text(key.name): dns.tsig.Key(key.name, key.secret, key.algorithm)}


def transfer(key: TsigKey | None, kind: str = "AXFR") -> dns.zone.Zone:
    how = {"keyring": keyring(key), "keyname": key.name, "keyalgorithm": key.algorithm} if key else {}
    messages = dns.query.xfr(HOST, ZONE, kind, port=PORT, relativize=False, lifetime=20, **how)
    return dns.zone.from_xfr(messages, relativize=False)


def test_transfer(servers: Servers) -> None:
    zone = transfer(KEY)
    names = {name.to_text() for name in zone.nodes if name.to_text().startswith("c")}
    assert names >= {f"c{number:07d}.{ZONE}." for number in range(NAMES)}
    for name in f"c0000000.{ZONE}.", f"c{NAMES - 1:07d}.{ZONE}.", f"ns1.{ZONE}.", f"{ZONE}.":
        for rdataset in zone[name]:
            answer = ask(PORT, name, dns.rdatatype.to_text(rdataset.rdtype)).answer[0]
            assert set(answer) == set(rdataset)


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (TsigKey("stranger.key", "hmac-sha256"), dns.tsig.PeerBadKey),
        (TsigKey(KEY.name, KEY.algorithm, "AAAA"), dns.tsig.PeerBadSignature),
        (TsigKey(KEY.name, "hmac-sha512"), dns.tsig.PeerBadKey),
        (None, dns.query.TransferError),
    ],
)
def test_no_transfer(servers: Servers, key: TsigKey | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        transfer(key)


def test_notify(servers: Servers) -> None:
    """RFC 1996: both have the next version, and the one after it, soon."""
    for version in 2, 3:
        servers.next_version()
        number = NAMES + version - 2
        want = [f'"v=STSv1; id=v{version}n{number:07d};"']
        for port in PORT, KNOT_PORT, NSD_PORT:
            assert wait_until(lambda: serial(port) == version, SOON + 2), port
            # NSD's last process may answer once more beside the new one
            assert wait_until(lambda: texts(port, f"c{number:07d}.{ZONE}") == want, SOON), port
        told = [f"told {HOST}@{port} {version}" for port in (KNOT_PORT, NSD_PORT)]
        assert wait_until(lambda: set(told) <= set(servers.said.read_text().splitlines()), SOON)


def test_up_to_date(servers: Servers) -> None:
    """RFC 1995 2: who has the version gets the SOA record alone; who has an older one gets all."""
    now = serial(PORT)
    for have, want in [(now, 1), (now + 1, 1), (now - 1, 10)]:
        query = dns.message.make_query(ZONE, "IXFR")
        soa = f"ns1.{ZONE}. hostmaster.{ZONE}. {have} 3600 600 86400 60"
        query.authority.append(dns.rrset.from_text(ZONE + ".", 300, "IN", "SOA", soa))
        query.use_tsig(keyring(KEY), dns.name.from_text(KEY.name))
        with socket.create_connection((HOST, PORT)) as sock:
            dns.query.send_tcp(sock, query.to_wire())
            answer, _ = dns.query.receive_tcp(sock, keyring=keyring(KEY), request_mac=query.mac, one_rr_per_rrset=True)
        assert answer.had_tsig
        assert (len(answer.answer) == 1) == (want == 1)


def test_answers_are_few_for_one_who_floods() -> None:
    """At 1 a second: a burst of five, then half of the others are "ask again over TCP"."""
    port = 5404
    process = subprocess.Popen([SERVE_ZONE, "-r", "1", ZONE, "10", f"{HOST}@{port}"], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"ready\n"
        query = dns.message.make_query(f"c0000001.{ZONE}", "TXT")
        got = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.5)
            for _ in range(100):
                sock.sendto(query.to_wire(), (HOST, port))
            try:
                while True:
                    got.append(dns.message.from_wire(sock.recv(4096), ignore_trailing=False))
            except TimeoutError:
                pass
        whole = [each for each in got if each.answer]
        slipped = [each for each in got if each.flags & dns.flags.TC]
        assert 5 <= len(whole) <= 6
        assert 46 <= len(slipped) <= 48
        assert len(got) == len(whole) + len(slipped)
        assert dns.query.tcp(query, HOST, port=port, timeout=2).answer
    finally:
        process.terminate()
        process.wait()
