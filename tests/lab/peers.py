"""What the scripted peers have in common: listening, accepting, and a thread for each caller.

Sockets are bound before the peer's process is forked, so a peer is ready from the start. A
conversation is straight-line blocking code in a thread of its own; the callers are the
programs under test, a few dozen at a time.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import ssl
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass

Conversation = Callable[[socket.socket], None]

PATIENCE_SECONDS = 120
BACKLOG = 512
TICK_SECONDS = 0.1


@dataclass
class Door:
    """A place at which callers are met while it is open; closed, it refuses them."""

    address: str
    port: int
    conversation: Conversation
    is_open: Callable[[], bool]
    sock: socket.socket | None = None


def listen(address: str, port: int) -> socket.socket:
    """A listening TCP socket at an address of either family."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, port))
    sock.listen(BACKLOG)
    return sock


def fork(serve: Callable[[], None]) -> int:
    """Runs `serve` in a child process, deaf to the terminal's Ctrl-C; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serve()
    except BaseException:
        traceback.print_exc()  # a peer that is gone without a word is a riddle for hours
    finally:
        os._exit(1)


def serve_forever(doors: dict[socket.socket, Conversation]) -> None:
    """Accepts callers at every door and gives each a thread."""
    with selectors.DefaultSelector() as selector:
        for door, conversation in doors.items():
            door.setblocking(False)
            selector.register(door, selectors.EVENT_READ, conversation)
        while True:
            for key, _ in selector.select():
                _admit(key.fileobj, key.data)


def serve_doors(doors: list[Door]) -> None:
    """The same, with doors that are opened and closed."""
    with selectors.DefaultSelector() as selector:
        while True:
            for door in doors:
                _adjust(door, selector)
            for key, _ in selector.select(TICK_SECONDS):
                _admit(key.fileobj, key.data)


def _adjust(door: Door, selector: selectors.BaseSelector) -> None:
    if door.is_open() == (door.sock is not None):
        return
    if door.sock:
        selector.unregister(door.sock)
        door.sock.close()
        door.sock = None
    else:
        door.sock = listen(door.address, door.port)
        door.sock.setblocking(False)
        selector.register(door.sock, selectors.EVENT_READ, door.conversation)


def _admit(door: socket.socket, conversation: Conversation) -> None:
    try:
        caller, _ = door.accept()
    except BlockingIOError:
        return
    caller.settimeout(PATIENCE_SECONDS)
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=_converse, args=(conversation, caller), daemon=True).start()


def _converse(conversation: Conversation, caller: socket.socket) -> None:
    """A caller that leaves or breaks the protocol is what this network is for: no news."""
    try:
        conversation(caller)
    except (OSError, ssl.SSLError, EOFError):
        pass
    finally:
        caller.close()
