"""The network of the lab: its own namespace, where addresses answer, refuse or are silent.

The addresses of the world stand on `lo`, so they answer or refuse. All other documentation
addresses are routed into one end of a veth pair whose other end forwards nothing: packets
to them vanish.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")

VOID = """\
link set lo up
link add void type veth peer name voidend
link set void arp off up
link set voidend arp off up
"""


def set_up(addresses: Iterable[str]) -> None:
    """Brings the network up with these addresses."""
    commands = VOID
    commands += "".join(_add(each) for each in addresses)
    commands += "".join(f"route add {prefix} dev void\n" for prefix in DOCUMENTATION)
    subprocess.run(["ip", "-batch", "-"], input=commands.encode(), check=True)


def _add(address: str) -> str:
    """Without duplicate address detection an IPv6 address can be bound at once."""
    return f"address add {address} dev lo {'nodad' if ':' in address else ''}\n"
