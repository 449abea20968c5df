"""The scripted HTTPS server: a policy host by default, and every way to be a bad one.

An `Https` value is the script of one name at one address; an `Answer` is what it says to a
request. Many names share an address and are told apart by SNI, each with a certificate of
its own, issued when it is first asked for.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from certificates import GOOD, Certificate
from peers import Conversation
from tls import MODERN, Contexts, Tls

CHUNK = 8192
POLICY_PATH = "/.well-known/mta-sts.txt"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Without a body of its own it carries the domain's policy."""

    status: str = "200 OK"
    content_type: str | None = "text/plain; charset=utf-8"
    headers: tuple[str, ...] = ()
    body: bytes | Callable[[], Iterator[bytes]] | None = None
    framing: str = "length"  # or "chunked", "close"
    missing_octets: int = 0  # how many of the Content-Length never come
    delay: float = 0
    raw: bytes | None = None  # sent in the place of anything that is HTTP


@dataclass(frozen=True)
class Https:
    """How an HTTPS server behaves for one name."""

    answer: Answer | Callable[[Request], Answer] = Answer()
    certificate: Certificate = GOOD
    tls: Tls = MODERN
    ignores_sni: bool = False
    closes_without_notify: bool = False
    path: str | None = POLICY_PATH  # all others are not found; None: whatever is asked for

    @property
    def needs_own_address(self) -> bool:
        """What is settled before SNI is read cannot differ between the names of an address."""
        return self.ignores_sni or self.tls != MODERN


@dataclass(frozen=True)
class Site:
    """A script, and the policy which it serves unless it has something else to say."""

    script: Https
    policy: bytes


NOT_FOUND = Answer("404 Not Found", "text/html", body=b"<html><h1>Not Found</h1></html>\n")
PARKING = Answer(
    content_type="text/html", body=b"<!DOCTYPE html><html><title>This domain is parked</title></html>\n"
)
STRANGER = Site(Https(PARKING, certificate=Certificate(names=("www.hosting.example",))), b"")


def endless() -> Iterator[bytes]:
    """Ten gigabytes of a policy that might still become one."""
    block = b"x-padding: " + b"x" * 65524 + b"\n"
    for _ in range(10_000_000_000 // len(block)):
        yield block


def dripping() -> Iterator[bytes]:
    """A policy at one octet a second."""
    for octet in b"version: STSv1\nmode: enforce\n" * 20:
        yield bytes([octet])
        time.sleep(1)


class Policies:
    """The sites of one address. `find` knows what is done under a name, `alone` is the only one there."""

    def __init__(
        self, find: Callable[[str], Site | None], contexts: Contexts, alone: Site | None = None
    ) -> None:
        self._find = find
        self._contexts = contexts
        self._alone = alone
        self._front = self._make_front()

    def _make_front(self) -> ssl.SSLContext:
        """The context before SNI is known, which every name of the address shares."""
        if self._alone and self._alone.script.ignores_sni:
            return self._contexts.get(self._alone.script.tls, STRANGER.script.certificate, "hosting.example")
        tls = self._alone.script.tls if self._alone else MODERN
        front = self._contexts.fresh(tls, STRANGER.script.certificate, "hosting.example")
        front.sni_callback = self._choose
        return front

    def _choose(self, connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        site = self._find(name or "")
        if site:
            certificate = site.script.certificate
            connection.context = self._contexts.get(
                site.script.tls, certificate, *(certificate.names or (name,))
            )

    def conversation(self, sock: socket.socket) -> None:
        """Handshake, one request, one answer, end."""
        tls = self._front.wrap_socket(sock, server_side=True)
        request = _read_request(tls)
        site = self._site(request)
        answer = _answer(site, request)
        time.sleep(answer.delay)
        for part in _render(answer, site.policy):
            tls.sendall(part)
        if not site.script.closes_without_notify:
            tls.unwrap()

    def _site(self, request: Request) -> Site:
        return self._find(request.headers.get("host", "")) or STRANGER


def conversation(sites: dict[str, Site], contexts: Contexts) -> Conversation:
    """What the HTTPS server with these sites does with each caller."""
    alone = next(iter(sites.values())) if len(sites) == 1 else None
    return Policies(sites.get, contexts, alone).conversation


def _read_request(tls: ssl.SSLSocket) -> Request:
    received = b""
    while b"\r\n\r\n" not in received:
        more = tls.recv(CHUNK)
        if not more:
            raise EOFError
        received += more
    head, body = received.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split()
    while len(body) < int(headers.get("content-length", 0)):
        more = tls.recv(CHUNK)
        if not more:
            raise EOFError
        body += more
    return Request(method, path, headers, body)


def _answer(site: Site, request: Request) -> Answer:
    if site.script.path not in (None, request.path):
        return NOT_FOUND
    answer = site.script.answer
    return answer if isinstance(answer, Answer) else answer(request)


def _render(answer: Answer, policy: bytes) -> Iterator[bytes]:
    if answer.raw is not None:
        yield answer.raw
        return
    body = policy if answer.body is None else answer.body
    parts = [body] if isinstance(body, bytes) else body()
    head = [f"HTTP/1.1 {answer.status}", "Connection: close", *answer.headers]
    if answer.content_type is not None:
        head.append(f"Content-Type: {answer.content_type}")
    if answer.framing == "chunked":
        head.append("Transfer-Encoding: chunked")
        parts = _chunked(parts)
    elif answer.framing == "length":
        head.append(f"Content-Length: {len(body) + answer.missing_octets}")
    yield "\r\n".join([*head, "", ""]).encode("latin-1")
    yield from parts


def _chunked(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"
