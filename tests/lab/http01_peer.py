"""The web server at port 80 of the names below acme.example.

What it says at /.well-known/acme-challenge/TOKEN is in a file called HOST.TOKEN in its folder
(RFC 8555 8.3); everything else it does not know.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

from peers import Conversation

LONGEST_REQUEST = 8192
# Pebble writes the port behind the host, though it is the scheme's own.
REQUEST = re.compile(
    rb"GET /\.well-known/acme-challenge/([\w-]+) HTTP/1\.1\r\n(?:.*\r\n)*?Host: ([\w.-]+)(?::80)?\r\n"
)


def conversation(folder: Path) -> Conversation:
    """What the server with this folder does with each caller."""

    def converse(sock: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            more = sock.recv(LONGEST_REQUEST)
            if not more or len(received) > LONGEST_REQUEST:
                return
            received += more
        status, body = _answer(folder, received)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        sock.sendall(head.encode() + body)

    return converse


def _answer(folder: Path, request: bytes) -> tuple[str, bytes]:
    found = REQUEST.match(request)
    if not found:
        return "404 Not Found", b""
    token, host = (part.decode() for part in found.groups())
    try:
        return "200 OK", (folder / f"{host}.{token}").read_bytes()
    except FileNotFoundError:
        return "404 Not Found", b""
