"""The authoritative DNS: zone files, one signing key, and the configuration of knotd.

Every signed zone has the same key, which is known before any server starts: so the DS
records and the trust anchor are written along with the zones, and nothing waits.
"""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

import dns.dnssec
import dns.name
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

import transfers
from domains import Zone
from world import LAGGING_SERVER, NAME_SERVER, Record, World, name_servers

KNOT = """\
server:
    rundir: {folder}
    listen: {address}@53
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
database:
    storage: {folder}
    kasp-db: keys
log:
  - target: stderr
    any: warning
key:
  - id: {key.name}
    algorithm: {key.algorithm}
    secret: {key.secret}
acl:
  - id: transfer
    key: {key.name}
    action: transfer
policy:
  - id: lab
    algorithm: ecdsap256sha256
    manual: on
    single-type-signing: on
    cds-cdnskey-publish: none
template:
  - id: default
    storage: {folder}
    file: "%s.zone"
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
    dnssec-policy: lab
    acl: transfer
zone:
"""

APEX = """\
$ORIGIN {origin}
$TTL 300
@ SOA ns1.nic.example. hostmaster.nic.example. 1 3600 600 86400 60
"""

SIGNED_HERE = (Zone.SIGNED, Zone.BOGUS)
UNSIGNED_HERE = (Zone.UNSIGNED, Zone.BESIDE, Zone.LAGGING, Zone.HALF_LAME, Zone.HALF_MUTE)


class SigningKey:
    """The key of all signed zones."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.dnskey = dns.dnssec.make_dnskey(self._key.public_key(), dns.dnssec.ECDSAP256SHA256, flags=257)

    def pem(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def ds(self, zone: str) -> str:
        return dns.dnssec.make_ds(dns.name.from_text(zone), self.dnskey, "SHA256").to_text()


class Zones:
    """The zones of a world, ready to be served from a folder."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._key = SigningKey()
        self._strange_key = SigningKey()

    @property
    def trust_anchor(self) -> str:
        """The root's key as a zone-file line, the form of /usr/share/dns/root.key."""
        return f". 3600 IN DNSKEY {self._key.dnskey.to_text()}\n"

    @property
    def root_ds(self) -> str:
        return f". 3600 IN DS {self._key.ds('.')}\n"

    def write(self) -> list[list[str]]:
        """Writes zones, keys and configuration; returns the commands that serve them."""
        served = {name: zone for name, zone in self._world.zones.items() if self._is_served(zone)}
        lagging = {name: zone for name, zone in served.items() if zone is Zone.LAGGING}
        return [
            self._write(self._folder, NAME_SERVER, served, self._world.records),
            self._write(self._folder / "lagging", LAGGING_SERVER, lagging, self._records_before()),
        ]

    @staticmethod
    def _is_served(zone: Zone) -> bool:
        return zone in SIGNED_HERE or zone in UNSIGNED_HERE

    def _records_before(self) -> list[Record]:
        """The records of the world, with those of before in the place of what they became."""
        replaced = {(record.owner, record.type) for record in self._world.before}
        kept = (each for each in self._world.records if (each.owner, each.type) not in replaced)
        return [*kept, *self._world.before]

    def _write(self, folder: Path, address: str, served: dict[str, Zone], records: list[Record]) -> list[str]:
        """One server: its zones in a folder; returns its command."""
        folder.mkdir()
        contents = self._contents(records)
        for name, zone in served.items():
            (folder / f"{name}.zone").write_text(_zone_file(name, zone, contents[name]))
        config = folder / "knot.conf"
        config.write_text(self._config(folder, address, served))
        self._import_keys(folder, config, served)
        return ["/usr/sbin/knotd", "--config", str(config)]

    def _contents(self, records: list[Record]) -> dict[str, list[str]]:
        """The lines of each zone: its records, and the delegations from it."""
        lines = defaultdict(list)
        lines[""].append(f"ns1.nic.example. A {NAME_SERVER}")  # glue
        for record in records:
            lines[self._zone_of(record.owner)].append(f"{record.owner}. {record.data}")
        for name, zone in self._world.zones.items():
            if name:
                lines[self._parent(name)] += self._delegation(name, zone)
        return lines

    def _delegation(self, name: str, zone: Zone) -> list[str]:
        servers = name_servers(zone)
        lines = [f"{name}. NS {server}." for server in servers]
        lines += [f"{server}. A {address}" for server, address in servers.items() if _is_below(server, name)]
        if zone is Zone.SIGNED:
            lines.append(f"{name}. DS {self._key.ds(name)}")
        elif zone is Zone.BOGUS:
            lines.append(f"{name}. DS {self._strange_key.ds(name)}")
        return lines

    def _parent(self, zone: str) -> str:
        return self._zone_of(zone.partition(".")[2])

    def _zone_of(self, name: str) -> str:
        """The closest enclosing zone."""
        while name not in self._world.zones:
            name = name.partition(".")[2]
        return name

    def _config(self, folder: Path, address: str, served: dict[str, Zone]) -> str:
        zones = (
            f"  - domain: {name}.\n"
            f'    file: "{name}.zone"\n'
            f"    dnssec-signing: {'on' if zone in SIGNED_HERE else 'off'}\n"
            for name, zone in served.items()
        )
        return KNOT.format(folder=folder, address=address, key=transfers.KEYS["sha256"]) + "".join(zones)

    def _import_keys(self, folder: Path, config: Path, served: dict[str, Zone]) -> None:
        pem = folder / "key.pem"
        pem.write_bytes(self._key.pem())
        for name, zone in served.items():
            if zone in SIGNED_HERE:
                subprocess.run(
                    [
                        "/usr/sbin/keymgr",
                        "-c",
                        config,
                        f"{name}.",
                        "import-pem",
                        pem,
                        "algorithm=13",
                        "ksk=yes",
                        "zsk=yes",
                    ],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )


def _is_below(name: str, zone: str) -> bool:
    """Whether a delegation must come with the address of the name."""
    return name.endswith(f".{zone}")


def _zone_file(name: str, zone: Zone, lines: list[str]) -> str:
    servers = [f"@ NS {server}." for server in name_servers(zone)]
    return APEX.format(origin=f"{name}.") + "".join(f"{line}\n" for line in [*servers, *lines])
