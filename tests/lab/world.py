"""From the catalogue to a world: who stands at which address, and what the DNS says.

Pure: it decides and touches nothing. Addresses are given out in the order of the rows, so
that they stay the same from run to run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domains import SILENT, V6, At, Domain, Host, Place, Postfix, Server, Shared, Zone
from https_peer import Https, Site
from smtp_peer import Smtp

RESOLVER = "192.0.2.53"
NAME_SERVER = "192.0.2.54"
DNS_PEER = "192.0.2.55"
LAGGING_SERVER = "192.0.2.58"
TRANSFER_SERVER = "192.0.2.59"
TRANSFER_PEER = "192.0.2.65"
MUTE_SERVER = "192.0.2.66"
LIVE_SERVERS = {"ns1": "192.0.2.56", "ns2": "192.0.2.57"}  # of live.example, see live.py
LIVE_MAIL = {f"mx{number}": f"192.0.2.{number}" for number in range(1, 21)}
LIVE_HTTPS = ("192.0.2.60", "192.0.2.61")
LIVE_CLOSED = "192.0.2.62"
MAIL_SINK = "192.0.2.63"
HOOK_SINK = "192.0.2.64"
HTTP01 = "192.0.2.67"  # port 80 of *.acme.example, see http01_peer.py
CA = "192.0.2.68"  # see ca.py
CA_HOST = "ca.nic.example"
SERVICE_ZONE = "svc.example"  # delegated to edges of ours, which a test starts
EDGES = ("192.0.2.69", "192.0.2.70")
SHARED_HTTPS = "203.0.113.1"

# The servers of a zone, each with its address; a zone that is not here has ns1 alone.
NS1 = {"ns1.nic.example": NAME_SERVER}
PEER = {"peer.nic.example": DNS_PEER}
MUTE = {"mute.nic.example": MUTE_SERVER}
NAME_SERVERS = {
    Zone.SERVFAIL: PEER,
    Zone.LAME: PEER,
    Zone.CNAME_CHAIN: PEER,
    Zone.BESIDE: PEER,
    Zone.MUTE: MUTE,
    Zone.LAGGING: NS1 | {"lagging.nic.example": LAGGING_SERVER},
    Zone.HALF_LAME: NS1 | PEER,
    Zone.HALF_MUTE: NS1 | MUTE,
    Zone.SERVICE: {f"ns{number}.{SERVICE_ZONE}": address for number, address in enumerate(EDGES, 1)},
    Zone.LIVE: {f"{name}.live.example": address for name, address in LIVE_SERVERS.items()},
}


def name_servers(zone: Zone) -> dict[str, str]:
    """The names of a zone's servers, and their addresses."""
    return NAME_SERVERS.get(zone, NS1)


@dataclass(frozen=True)
class Record:
    """A resource record: the owner without its final dot, type and data in one."""

    owner: str
    data: str

    @property
    def type(self) -> str:
        """The word before the data, behind a TTL if there is one."""
        return next(word for word in self.data.split() if not word.isdigit())


@dataclass
class MailServer:
    """A mail server at one address, and the names of the hosts that have the address."""

    server: Smtp | Postfix
    names: tuple[str, ...]


@dataclass
class World:
    """All there is in the lab's internet."""

    domains: list[Domain]
    records: list[Record] = field(default_factory=list)
    before: list[Record] = field(default_factory=list)  # what the lagging server has
    zones: dict[str, Zone] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    mail_servers: dict[str, MailServer] = field(default_factory=dict)
    sites: dict[str, dict[str, Site]] = field(default_factory=lambda: defaultdict(dict))


class Builder:
    """Builds a world row by row."""

    def __init__(self, domains: list[Domain], spki_sha256: str) -> None:
        self.world = World(domains)
        self._spki_sha256 = spki_sha256
        self._next = {
            (Smtp, 4): _pool("198.51.100.{}", range(1, 255)),
            (Smtp, 6): _pool("2001:db8:25::{:x}", range(1, 65536)),
            (Https, 4): _pool("203.0.113.{}", range(2, 190)),
            (Shared, Smtp): _pool("192.0.2.{}", range(190, 255)),
            (Shared, Https): _pool("203.0.113.{}", range(190, 255)),
            (Https, 6): _pool("2001:db8:443::{:x}", range(1, 65536)),
            (SILENT, 4): _pool("192.0.2.{}", range(100, 190)),
            (SILENT, 6): _pool("2001:db8:dead::{:x}", range(1, 65536)),
        }
        self._shared = {(Https, 0): SHARED_HTTPS}
        self.world.addresses += [RESOLVER, NAME_SERVER, DNS_PEER, LAGGING_SERVER, SHARED_HTTPS]
        self.world.addresses += [TRANSFER_SERVER, TRANSFER_PEER]
        self.world.addresses += [*LIVE_SERVERS.values(), *LIVE_MAIL.values(), *LIVE_HTTPS, LIVE_CLOSED]
        self.world.addresses += [MAIL_SINK, HOOK_SINK, HTTP01, CA, *EDGES]
        self.world.zones |= {name: Zone.SIGNED for name in ("", "example", "com")}
        self.world.zones |= {
            f"{name}.example": Zone.UNSIGNED for name in ("bulk", "portfolio", "hosted")
        }
        self.world.zones["live.example"] = Zone.LIVE
        self.world.zones[SERVICE_ZONE] = Zone.SERVICE
        servers = {"ns1": NAME_SERVER, "peer": DNS_PEER, "lagging": LAGGING_SERVER, "mute": MUTE_SERVER}
        servers["transfer"] = TRANSFER_SERVER
        for server, address in servers.items():
            self.record(f"{server}.nic.example", f"A {address}")
        self.record("mail.sink.example", f"A {MAIL_SINK}")
        self.record("hook.sink.example", f"A {HOOK_SINK}")
        self.record(CA_HOST, f"A {CA}")
        self.record("*.acme.example", f"A {HTTP01}")

    def record(self, owner: str, data: str) -> None:
        self.world.records.append(Record(owner, data.replace("{spki}", self._spki_sha256)))

    def host(self, host: Host, policy: bytes = b"") -> None:
        """Gives each of the host's places an address, and the host's name the records."""
        for place in host.places:
            address = self._settle(place, host, policy)
            self.record(host.name, f"{'AAAA' if ':' in address else 'A'} {address}")

    def domain(self, row: Domain) -> None:
        for relative, zone in row.cuts.items():
            self.world.zones[_under(relative, row.name)] = zone
        for text in row.record:
            self.record(f"_mta-sts.{row.name}", f"TXT {quoted(text)}")
        for text in row.tlsrpt:
            self.record(f"_smtp._tls.{row.name}", f"TXT {quoted(text)}")
        for exchanger in row.mx:
            if exchanger.preference is not None:
                self.record(row.name, f"MX {exchanger.preference} {exchanger.host.name}.")
        for host in *(each.host for each in row.mx), *row.hosts:
            self.host(host)
        for line in row.records:
            owner, data = line.split(maxsplit=1)
            self.record(_under(owner, row.name), data)
        for line in row.before:
            owner, data = line.split(maxsplit=1)
            self.world.before.append(Record(_under(owner, row.name), data))
        if row.policy_host:
            self.host(row.policy_host, row.policy)
        else:
            self._serve(SHARED_HTTPS, Https(), f"mta-sts.{row.name}", row.policy)

    def _settle(self, place: Place, host: Host, policy: bytes) -> str:
        """Puts a place on the map and says at which address."""
        if isinstance(place, At):
            return place.address
        if isinstance(place, Https) and len(host.places) == 1 and not place.needs_own_address:
            place = Shared(place)
        if isinstance(place, Shared):
            server, address = place.server, self._shared_address(place)
        elif isinstance(place, V6):
            server, address = place.server, self._new_address(place.server, 6)
        else:
            server, address = place, self._new_address(place, 4)
        if isinstance(server, Https):
            self._serve(address, server, host.name, policy)
        elif isinstance(server, (Smtp, Postfix)):
            self._take_mail(address, server, host.name)
        return address

    def _shared_address(self, place: Shared) -> str:
        kind = type(place.server)
        if (kind, place.number) not in self._shared:
            address = next(self._next[Shared, kind])
            self._shared[kind, place.number] = address
            self.world.addresses.append(address)
        return self._shared[kind, place.number]

    def _new_address(self, server: Server, family: int) -> str:
        if server is SILENT:
            return next(self._next[SILENT, family])
        kind = Https if isinstance(server, Https) else Smtp
        address = next(self._next[kind, family])
        self.world.addresses.append(address)
        return address

    def _take_mail(self, address: str, server: Smtp | Postfix, name: str) -> None:
        there = self.world.mail_servers.setdefault(address, MailServer(server, ()))
        there.names += (name,)

    def _serve(self, address: str, script: Https, name: str, policy: bytes) -> None:
        self.world.sites[address][name] = Site(script, policy)


def build(domains: list[Domain], hosts: Iterable[Host], records: Iterable[str], spki_sha256: str) -> World:
    """The world of these domains, further hosts, and records "OWNER TYPE DATA".

    In records, `{spki}` stands for the hash of the public key of every good certificate.
    """
    builder = Builder(domains, spki_sha256)
    for host in hosts:
        builder.host(host)
    for line in records:
        builder.record(*line.split(maxsplit=1))
    for row in domains:
        builder.domain(row)
    return builder.world


def without_postfix(world: World) -> int:
    """Puts the scripted peer in the place of every Postfix; says how many there were."""
    real = [each for each in world.mail_servers.values() if isinstance(each.server, Postfix)]
    for each in real:
        each.server = _like_postfix(each.server)
    return len(real)


def _like_postfix(server: Postfix) -> Smtp:
    offered = Smtp().capabilities
    if not server.offers_tls:
        offered = tuple(each for each in offered if each != "STARTTLS")
    return Smtp(certificate=server.certificate, capabilities=offered)


def _pool(form: str, numbers: range) -> Iterator[str]:
    return map(form.format, numbers)


def _under(relative: str, origin: str) -> str:
    return origin if relative == "@" else f"{relative}.{origin}"


def quoted(text: str) -> str:
    """A TXT record's text as zone-file strings of at most 255 octets.

    Text that begins with a quotation mark is taken to be in zone-file form already.
    """
    if text.startswith('"'):
        return text
    octets = text.encode()
    pieces = [octets[i : i + 255] for i in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(map(_escaped, piece)) + '"' for piece in pieces)


def _escaped(octet: int) -> str:
    return chr(octet) if 0x20 <= octet < 0x7F and octet not in b'"\\' else f"\\{octet:03d}"
