"""The scripted SMTP server: a good MX host by default, and every way to be a bad one.

An `Smtp` value is the whole script of one address. What differs only in words is a field;
what leaves the protocol altogether is a `talk` function that gets the bare socket.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from certificates import GOOD, Certificate
from peers import Conversation
from tls import MODERN, Contexts, Tls

CHUNK = 4096


@dataclass(frozen=True)
class Smtp:
    """How an SMTP server behaves. `{host}` in a reply stands for the MX host's name."""

    greeting: str = "220 {host} ESMTP\r\n"
    greeting_delay: float = 0
    capabilities: tuple[str, ...] = ("PIPELINING", "SIZE 10240000", "STARTTLS", "8BITMIME")
    starttls_reply: str = "220 2.0.0 Ready to start TLS\r\n"
    closes_after_starttls: bool = False
    keeps_plaintext: bool = False  # commands sent along with STARTTLS are answered inside TLS
    certificate: Certificate = GOOD
    certificate_without_sni: Certificate | None = None
    tls: Tls = MODERN
    talk: Callable[[socket.socket], None] | None = None


def flood(sock: socket.socket) -> None:
    """A greeting that never ends."""
    block = b"220-and another thing\r\n" * 512
    while True:
        sock.sendall(block)


def drip(sock: socket.socket) -> None:
    """A greeting at one byte a second."""
    for octet in b"220 " + b"patience is a virtue " * 100:
        sock.sendall(bytes([octet]))
        time.sleep(1)


def garbage(sock: socket.socket) -> None:
    """Not SMTP at all."""
    sock.sendall(bytes(range(256)) * 16 + b"\r\n")


def one_long_line(sock: socket.socket) -> None:
    """A greeting of one mebibyte without a line end before its last octet."""
    sock.sendall(b"220 " + b"x" * (1 << 20) + b"\r\n")


def hang_up(sock: socket.socket) -> None:
    """Closes before a word is said."""


def conversation(script: Smtp, names: tuple[str, ...], contexts: Contexts) -> Conversation:
    """The conversation that the server called `names` has with each caller."""
    if script.talk:
        return script.talk
    return lambda sock: Session(sock, script, names, contexts).run()


class Session:
    """One caller's session, from the greeting to QUIT."""

    def __init__(self, sock: socket.socket, script: Smtp, names: tuple[str, ...], contexts: Contexts) -> None:
        self._sock = sock
        self._script = script
        self._names = names
        self._contexts = contexts
        self._unread = b""
        self._in_tls = False

    def run(self) -> None:
        if self._script.greeting_delay:
            time.sleep(self._script.greeting_delay)
        self._say(self._script.greeting)
        if not self._script.greeting.startswith("220"):
            return
        for line in self._lines():
            command, _, argument = line.decode("latin-1").strip().partition(" ")
            verb = command.upper()
            if verb == "STARTTLS" and verb in self._offers():
                if not self._start_tls():
                    return
            elif verb == "QUIT":
                self._say("221 2.0.0 Bye\r\n")
                return
            else:
                self._say(self._reply(verb, argument))

    def _lines(self) -> Iterator[bytes]:
        """What the caller says, line by line."""
        while True:
            while b"\n" not in self._unread:
                received = self._sock.recv(CHUNK)
                if not received:
                    return
                self._unread += received
            line, self._unread = self._unread.split(b"\n", 1)
            yield line

    def _reply(self, verb: str, _argument: str) -> str:
        match verb:
            case "EHLO":
                return self._ehlo_reply()
            case "HELO":
                return f"250 {self._names[0]}\r\n"
            case "MAIL" | "RSET" | "NOOP":
                return "250 2.0.0 Ok\r\n"
            case "RCPT":
                return "550 5.1.1 No mailboxes here\r\n"
            case _:
                return "502 5.5.1 Command not implemented\r\n"

    def _offers(self) -> list[str]:
        """The capabilities at this point: inside TLS no second STARTTLS."""
        return [each for each in self._script.capabilities if each != "STARTTLS" or not self._in_tls]

    def _ehlo_reply(self) -> str:
        lines = [self._names[0], *self._offers()]
        return "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"

    def _start_tls(self) -> bool:
        """False when the session ends here."""
        self._say(self._script.starttls_reply)
        if not self._script.starttls_reply.startswith("220"):
            return True
        if self._script.closes_after_starttls:
            return False
        if not self._script.keeps_plaintext:
            self._unread = b""
        self._sock = self._context().wrap_socket(self._sock, server_side=True)
        self._in_tls = True
        return True

    def _context(self) -> ssl.SSLContext:
        script = self._script
        if script.certificate_without_sni:
            return self._contexts.by_name(
                script.tls, script.certificate_without_sni, script.certificate, *self._names
            )
        return self._contexts.get(script.tls, script.certificate, *self._names)

    def _say(self, reply: str) -> None:
        self._sock.sendall(reply.replace("{host}", self._names[0]).encode("latin-1"))
