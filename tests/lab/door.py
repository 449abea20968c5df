"""A door into the lab: an address of this machine that leads to the same address inside.

The socket is opened outside, where a person's browser is, and goes through the namespaces as an
open file; whoever accepts from it inside connects to a server of the lab. LAB_DOOR names the port.
"""

from __future__ import annotations

import contextlib
import socket
import threading

HOST = "127.0.0.1"
CHUNK = 65536


def listen(port: int) -> socket.socket:
    """At that port or, if somebody has it already, at another."""
    for each in port, 0:
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, each))
    raise SystemExit(f"lab: {HOST} has no free port")


def lead_in(descriptor: int) -> int:
    """Lets everybody in from now on; returns the port."""
    listener = socket.socket(fileno=descriptor)
    threading.Thread(target=_admit, args=(listener,), daemon=True).start()
    return listener.getsockname()[1]


def _admit(listener: socket.socket) -> None:
    while True:
        outside, _ = listener.accept()
        try:
            inside = socket.create_connection(listener.getsockname())
        except OSError:
            outside.close()
            continue
        for pair in (outside, inside), (inside, outside):
            threading.Thread(target=_pass, args=pair, daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    """What comes from the one goes to the other, until one of them ends."""
    with contextlib.suppress(OSError):
        while octets := source.recv(CHUNK):
            sink.sendall(octets)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
