"""The web server at port 80 of the names below acme.example.

What it says at /.well-known/acme-challenge/TOKEN is in a file called HOST.TOKEN in its folder
(RFC 8555 8.3), or in the store that STORE in that folder leads to, as an edge finds it there;
everything else it does not know.
"""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path

from peers import Conversation

LONGEST_REQUEST = 8192
STORE = "store"
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
    text = _of_file(folder / f"{host}.{token}") or _of_store(folder / STORE, host, token)
    return ("200 OK", text) if text else ("404 Not Found", b"")


def _of_file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _of_store(link: Path, host: str, token: str) -> bytes | None:
    if not link.exists():
        return None
    store = sqlite3.connect(f"file:{link.resolve()}?mode=ro", uri=True, timeout=10)
    try:
        found = store.execute(
            "SELECT text FROM challenge WHERE host = ? AND token = ?", (host, token)
        ).fetchone()
    finally:
        store.close()
    return found[0].encode() if found else None
