"""The receivers of what is told: mail and webhooks, kept as files and read by tests.

mail.sink.example takes mail at the ports 25 and 587, hook.sink.example takes requests at 443.
Each does what its state says (live.py), and keeps what it took, and nothing else, in a folder.
"""

from __future__ import annotations

import base64
import email
import email.policy
import itertools
import json
import re
import socket
import time
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

from https_peer import Answer, Https, Policies, Request, Site
from live import SILENT_SECONDS, WITHOUT_STARTTLS, Entry, HookSink, MailSink
from peers import Conversation
from smtp_peer import Session, Smtp
from tls import Contexts


@dataclass(frozen=True)
class Mail:
    """A message that was taken, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    tls: str | None  # the version, if it came by TLS
    user: str | None
    message: EmailMessage

    @property
    def subject(self) -> str:
        return self.message["Subject"]

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()


@dataclass(frozen=True)
class Hook:
    """A request that was answered, whatever the answer."""

    method: str
    path: str
    headers: dict[str, str]  # their names in lower case
    body: bytes
    answer: int

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Shelf:
    """A folder of files in the order in which they came. A file is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def put(self, content: bytes) -> None:
        name = f"{time.time_ns():020d}.{next(self._numbers)}"
        temporary = self._folder / f".{name}"
        temporary.write_bytes(content)
        temporary.rename(self._folder / name)

    def all(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self._folder.glob("[!.]*"))]

    def clear(self) -> None:
        for path in self._folder.glob("[!.]*"):
            path.unlink()


def mails(folder: Path) -> list[Mail]:
    """The mail that was taken, oldest first."""
    return [_mail(content) for content in Shelf(folder).all()]


def hooks(folder: Path) -> list[Hook]:
    """The requests that came, oldest first."""
    return [_hook(json.loads(content)) for content in Shelf(folder).all()]


def clear(folder: Path) -> None:
    Shelf(folder).clear()


def _mail(content: bytes) -> Mail:
    envelope, message = content.split(b"\n", 1)
    said = json.loads(envelope)
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    return Mail(said["sender"], tuple(said["recipients"]), said["tls"], said["user"], parsed)


def _hook(said: dict) -> Hook:
    return Hook(**{**said, "body": base64.b64decode(said["body"])})


class _Delivery(Session):
    """One caller's session with the mail sink, by the state at its beginning."""

    def __init__(self, *session, state: MailSink, shelf: Shelf) -> None:
        super().__init__(*session)
        self._state = state
        self._shelf = shelf
        self._user: str | None = None
        self._sender = ""
        self._recipients: list[str] = []

    def _offers(self) -> list[str]:
        needs_user = ["AUTH PLAIN"] if self._state.user and self._in_tls else []
        return super()._offers() + needs_user

    def _reply(self, verb: str, argument: str) -> str:
        match verb:
            case "AUTH":
                return self._auth(argument)
            case "MAIL" if self._state.user and not self._user:
                return "530 5.7.0 Authentication required\r\n"
            case "MAIL":
                self._sender, self._recipients = _path(argument), []
            case "RCPT" if self._state.answers == "4xx":
                return "451 4.3.0 Try again later\r\n"
            case "RCPT" if self._state.answers == "5xx":
                return "550 5.7.1 Not wanted here\r\n"
            case "RCPT":
                self._recipients.append(_path(argument))
            case "DATA" if not self._recipients:
                return "503 5.5.1 To whom?\r\n"
            case "DATA":
                return self._data()
            case "RSET":
                self._recipients = []
            case _:
                return super()._reply(verb, argument)
        return "250 2.0.0 Ok\r\n"

    def _auth(self, argument: str) -> str:
        method, _, first = argument.partition(" ")
        if method.upper() != "PLAIN" or not self._in_tls:
            return "504 5.5.4 Not so\r\n"
        if not first:
            self._say("334 \r\n")
            first = next(self._lines()).decode().strip()
        _, user, password = base64.b64decode(first).decode().split("\0")
        if (user, password) != (self._state.user, self._state.password):
            return "535 5.7.8 Wrong\r\n"
        self._user = user
        return "235 2.7.0 Welcome\r\n"

    def _data(self) -> str:
        self._say("354 Go ahead\r\n")
        lines = itertools.takewhile(lambda line: line.rstrip(b"\r") != b".", self._lines())
        message = b"".join(re.sub(rb"^\.", b"", line) + b"\n" for line in lines)
        envelope = {
            "sender": self._sender,
            "recipients": self._recipients,
            "tls": self._sock.version() if self._in_tls else None,
            "user": self._user,
        }
        self._shelf.put(json.dumps(envelope).encode() + b"\n" + message)
        if self._state.answers == "lost":
            raise EOFError
        return "250 2.0.0 Taken\r\n"


def _path(argument: str) -> str:
    """The address in `FROM:<address>` and `TO:<address>`."""
    return argument.partition("<")[2].partition(">")[0]


def mail_sink(entry: Entry[MailSink], folder: Path, contexts: Contexts) -> Conversation:
    """What the mail sink does with each caller."""
    shelf = Shelf(folder)

    def converse(sock: socket.socket) -> None:
        state = entry.state
        script = Smtp(
            capabilities=Smtp().capabilities if state.starttls else WITHOUT_STARTTLS,
            greeting_delay=SILENT_SECONDS if state.answers == "hang" else 0,
        )
        _Delivery(sock, script, (entry.name,), contexts, state=state, shelf=shelf).run()

    return converse


def hook_sink(entry: Entry[HookSink], folder: Path, contexts: Contexts) -> Conversation:
    """What the receiver of webhooks does with each caller."""
    shelf = Shelf(folder)

    def answer(request: Request) -> Answer:
        said = _hook_answer(entry.state)
        kept = asdict(request) | {
            "body": base64.b64encode(request.body).decode(),
            "answer": int(said.status.split()[0]),
        }
        shelf.put(json.dumps(kept).encode())
        return said

    site = Site(Https(answer, path=None), b"")
    return Policies({entry.name: site}.get, contexts).conversation


def _hook_answer(state: HookSink) -> Answer:
    match state.answers:
        case "200":
            return Answer(body=b"ok\n")
        case "204":
            return Answer("204 No Content", None, framing="close", body=b"")
        case "400":
            return Answer("400 Bad Request", body=b"no\n")
        case "410":
            return Answer("410 Gone", body=b"gone\n")
        case "429":
            return Answer(
                "429 Too Many Requests", headers=(f"Retry-After: {state.retry_after}",), body=b"later\n"
            )
        case "500":
            return Answer("500 Internal Server Error", body=b"oh\n")
        case "redirect":
            return Answer("302 Found", headers=("Location: https://hook.sink.example/other",), body=b"")
        case _:
            return Answer(body=b"at last\n", delay=SILENT_SECONDS)
