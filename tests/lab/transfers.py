"""Zones that are given away: the keys for it, and an NSD that serves a large one.

The zone is large enough for some 240 messages. Knot gives the lab's own zones to the holder
of the first key.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from world import TRANSFER_SERVER

LARGE, OPEN = "customers.example", "open.example"
NAMES = 5000


@dataclass(frozen=True)
class TsigKey:
    """A key that a server and those who may ask it for a zone share."""

    name: str
    algorithm: str
    secret: str = "bGFiIGxhYiBsYWIgbGFiIGxhYiBsYWIgbGFiIGxhYiE="

    @property
    def file(self) -> str:
        """As tsig-keygen prints it."""
        return f'key "{self.name}" {{\n\talgorithm {self.algorithm};\n\tsecret "{self.secret}";\n}};\n'


KEYS = {each: TsigKey(f"{each}.transfer.key", f"hmac-{each}") for each in ("sha256", "sha384", "sha512")}

NSD = """\
server:
    ip-address: {address}
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
remote-control:
    control-enable: no
"""

APEX = """\
$ORIGIN {origin}.
$TTL 300
@ SOA transfer.nic.example. hostmaster.nic.example. 1 3600 600 86400 60
@ NS transfer.nic.example.
@ MX 10 mx
mx A {address}
"""


def write(folder: Path) -> list[str]:
    """Writes zones, keys and configuration; returns the command of the server."""
    folder.mkdir()
    (folder / f"{LARGE}.zone").write_text(_apex(LARGE) + "".join(map(_customer, range(NAMES))))
    (folder / f"{OPEN}.zone").write_text(_apex(OPEN))
    config = NSD.format(address=TRANSFER_SERVER, folder=folder)
    for key in KEYS.values():
        config += f"key:\n    name: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}\n"
    config += _zone(LARGE, [key.name for key in KEYS.values()]) + _zone(OPEN, ["NOKEY"])
    (folder / "nsd.conf").write_text(config)
    return ["/usr/sbin/nsd", "-d", "-c", str(folder / "nsd.conf")]


def _zone(name: str, keys: list[str]) -> str:
    allowed = "".join(f"    provide-xfr: 0.0.0.0/0 {key}\n" for key in keys)
    return f'zone:\n    name: {name}\n    zonefile: "{name}.zone"\n{allowed}'


def _apex(name: str) -> str:
    return APEX.format(origin=name, address=TRANSFER_SERVER)


def _customer(number: int) -> str:
    """A customer's records; the text makes some twenty of them fill a message."""
    text = " ".join(f'"{number:04d}-{part}-{"x" * 230}"' for part in range(3))
    return f"c{number:04d} MX 10 mx\n  TXT {text}\n"
