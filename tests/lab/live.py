"""Domains, hosts and servers whose behaviour changes while everything runs.

Below live.example every name has a state: a plain value that the peers read from a file at
every query and every connection, so that what is set holds for whoever asks next.

    live = Live(Path(os.environ["LAB_DIR"]) / "live")
    live.domain("a").set(mx=["mx1", "mx2"], mode="testing", id="2")
    live.host("mx1").set(smtp="expired")
    live.server("ns2").set(lag=True)

A domain is there once it was set. The hosts mx1 to mx20, the name servers ns1 and ns2 and
the two receivers of sink.example, `mail` and `hook`, are always there, and good at first.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from certificates import EXPIRED, EXPIRING, SELF_SIGNED, Certificate
from domains import TLSRPT, TWO_WEEKS, policy_text
from https_peer import NOT_FOUND, PARKING, Answer, Https
from smtp_peer import Smtp, hang_up

ZONE = "live.example"
SLOW_SECONDS = 3
SILENT_SECONDS = 100
LATE_SECONDS = 0.3
TTL = 1  # what is set shows within two seconds, whatever a resolver remembers
FORGOTTEN_SECONDS = TTL + 1.2
STEADY_TTL = 300  # of what never changes: a resolver that forgets a zone's servers is soon lost

NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")

STRANGE = Certificate(names=("www.hosting.example",))
GREYLISTING = "421 4.7.0 {host} Try again later\r\n"
WITHOUT_STARTTLS = tuple(each for each in Smtp().capabilities if each != "STARTTLS")

# How a policy host behaves. "down" is settled by the DNS: its name points to an address at
# which nobody listens, since one that many names share cannot refuse for one of them.
HTTPS = {
    "good": Https(),
    "expired": Https(certificate=EXPIRED),
    "expiring": Https(certificate=EXPIRING),
    "self-signed": Https(certificate=SELF_SIGNED),
    "other-name": Https(certificate=STRANGE),
    "404": Https(NOT_FOUND),
    "500": Https(Answer("500 Internal Server Error", body=b"")),
    "html": Https(PARKING),
    "slow": Https(Answer(delay=SLOW_SECONDS)),
    "silent": Https(Answer(delay=SILENT_SECONDS)),
    "down": Https(),
    "no-address": Https(),
    "no-name": Https(),
}

# How a mail host behaves. "refused" closes its door.
SMTP = {
    "good": Smtp(),
    "expired": Smtp(certificate=EXPIRED),
    "expiring": Smtp(certificate=EXPIRING),
    "self-signed": Smtp(certificate=SELF_SIGNED),
    "other-name": Smtp(certificate=STRANGE),
    "no-starttls": Smtp(capabilities=WITHOUT_STARTTLS),
    "greylist": Smtp(greeting=GREYLISTING),
    "hang-up": Smtp(talk=hang_up),
    "slow": Smtp(greeting_delay=SLOW_SECONDS),
    "silent": Smtp(greeting_delay=SILENT_SECONDS),
    "refused": Smtp(),
}

# Whether both names are aliases that point to a publisher. "half": only that of the record is,
# and the policy host has no name. "removed": the aliases are gone, and the publisher still
# serves what they pointed to.
DELEGATION = ("none", "whole", "half", "removed")

# "slow" is as on a busy machine: one answer after the other, each late.
NAME_SERVER = ("good", "lame", "servfail", "silent", "slow")
MAIL_SINK = ("good", "4xx", "5xx", "hang", "lost", "down")
HOOK_SINK = ("200", "204", "400", "410", "429", "500", "redirect", "hang", "down")


def _one_of(words: tuple[str, ...] | dict[str, Any], default: str) -> Any:
    return field(default=default, metadata={"words": tuple(words)})


@dataclass(frozen=True)
class Domain:
    """What a domain publishes; MX hosts are relative to the zone unless they have a dot."""

    id: str = "1"
    mode: str = "enforce"
    max_age: int = TWO_WEEKS
    mx: tuple[str, ...] = ("mx1",)
    patterns: tuple[str, ...] | None = None  # of the policy; None: the MX hosts
    record: str | None = None  # None: made of the id; "": there is none
    policy: str | None = None  # the file; None: made of the mode, the patterns and max_age
    other_policy: str | None = None  # the policy host has a second address, and serves this there
    tlsrpt: str = TLSRPT
    https: str = _one_of(HTTPS, "good")
    delegation: str = _one_of(DELEGATION, "none")
    target: str = ""  # the name that both are aliases of; "": names of the lab's own publisher

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(each if "." in each else f"{each}.{ZONE}" for each in self.mx)

    @property
    def txt(self) -> str:
        return f"v=STSv1; id={self.id};" if self.record is None else self.record

    @property
    def body(self) -> str:
        if self.policy is not None:
            return self.policy
        patterns = self.hosts if self.patterns is None else self.patterns
        return policy_text(*patterns, mode=self.mode, max_age=self.max_age)


@dataclass(frozen=True)
class MailHost:
    smtp: str = _one_of(SMTP, "good")


@dataclass(frozen=True)
class NameServer:
    """How a name server of the zone answers."""

    answers: str = _one_of(NAME_SERVER, "good")
    lag: bool = False  # it says what was so when this was set
    flaky: int = 0  # percent of the queries that go wrong
    flaky_answers: str = _one_of(("servfail", "silent"), "servfail")


@dataclass(frozen=True)
class MailSink:
    """What takes mail: 4xx and 5xx at the recipient; "lost": taken, and the reply is lost."""

    answers: str = _one_of(MAIL_SINK, "good")
    starttls: bool = True
    user: str = ""  # with a password, nobody sends without it
    password: str = ""


@dataclass(frozen=True)
class HookSink:
    """What takes webhooks."""

    answers: str = _one_of(HOOK_SINK, "200")
    retry_after: int = 2  # seconds, said with 429


State = TypeVar("State", Domain, MailHost, NameServer, MailSink, HookSink)


class Entry(Generic[State]):
    """The state of one name, read and written as a whole."""

    _numbers: ClassVar[Iterator[int]] = itertools.count()

    def __init__(self, path: Path, default: State, full_name: str) -> None:
        self._path = path
        self._default = default
        self.name = full_name

    @property
    def exists(self) -> bool:
        return self._path.exists()

    @property
    def state(self) -> State:
        """What holds now; the default if nothing was ever set."""
        try:
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return self._default
        return _replaced(self._default, found)

    def set(self, **changes: Any) -> State:
        """Changes the named members and leaves the others. ValueError for what is none."""
        state = _replaced(self.state, changes)
        temporary = self._path.with_name(
            f".{self._path.name}.{os.getpid()}.{threading.get_ident()}.{next(self._numbers)}"
        )
        temporary.write_text(json.dumps(dataclasses.asdict(state)))
        temporary.rename(self._path)
        return state

    def remove(self) -> None:
        """Back to the default; a domain is no more."""
        self._path.unlink(missing_ok=True)


class ServerEntry(Entry[NameServer]):
    """A name server: one that lags keeps the states of that moment."""

    def __init__(self, path: Path, frozen: Path, full_name: str) -> None:
        super().__init__(path, NameServer(), full_name)
        self._frozen = frozen

    def set(self, **changes: Any) -> NameServer:
        if changes.get("lag") and not self.state.lag:
            shutil.rmtree(self._frozen, ignore_errors=True)
            shutil.copytree(self._path.parent, self._frozen, ignore=_all_but_states)
        return super().set(**changes)

    def view(self, live: Live) -> Live:
        """The states as this server knows them."""
        return Live(self._frozen) if self.state.lag else live


class Live:
    """The states of all names, below one folder."""

    MAIL_HOSTS = tuple(f"mx{number}" for number in range(1, 21))
    SERVERS = ("ns1", "ns2")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def domain(self, name: str) -> Entry[Domain]:
        if not NAME.fullmatch(name) or name in self._taken():
            raise ValueError(f"{name}: no name for a domain")
        return Entry(self._folder / name, Domain(), f"{name}.{ZONE}")

    def domains(self) -> list[str]:
        """The names of the domains that are there."""
        return sorted({each.name for each in self._folder.glob("[!.]*")} - self._taken())

    def has_domain(self, name: str) -> bool:
        return bool(NAME.fullmatch(name)) and name not in self._taken() and self.domain(name).exists

    def host(self, name: str) -> Entry[MailHost]:
        if name not in self.MAIL_HOSTS:
            raise ValueError(f"{name}: no mail host")
        return Entry(self._folder / name, MailHost(), f"{name}.{ZONE}")

    def server(self, name: str) -> ServerEntry:
        if name not in self.SERVERS:
            raise ValueError(f"{name}: no name server")
        return ServerEntry(self._folder / name, self._folder / f".{name}.frozen", f"{name}.{ZONE}")

    @property
    def mail(self) -> Entry[MailSink]:
        return Entry(self._folder / "mail", MailSink(), "mail.sink.example")

    @property
    def hook(self) -> Entry[HookSink]:
        return Entry(self._folder / "hook", HookSink(), "hook.sink.example")

    def entry(self, name: str) -> Entry:
        """Whatever is called so."""
        if name in self.MAIL_HOSTS:
            return self.host(name)
        if name in self.SERVERS:
            return self.server(name)
        return {"mail": self.mail, "hook": self.hook}.get(name) or self.domain(name)

    def all_names(self) -> list[str]:
        return [*self.domains(), *self.MAIL_HOSTS, *self.SERVERS, "mail", "hook"]

    def reset(self) -> None:
        """No domain is left, and everybody else is good again."""
        for path in self._folder.iterdir():
            if path.is_file():
                path.unlink(missing_ok=True)

    def _taken(self) -> set[str]:
        return {*self.MAIL_HOSTS, *self.SERVERS, "mail", "hook", "publisher"}


def parse(entry: Entry, words: list[str]) -> dict[str, Any]:
    """The changes that a person writes as KEY=VALUE; `KEY=default` takes one back."""
    defaults = type(entry.state)()
    changes = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise ValueError(f"{word}: not KEY=VALUE")
        default = getattr(_checked_key(defaults, key), key)
        changes[key] = default if text == "default" else _parsed(key, default, text)
    return changes


def _parsed(key: str, default: Any, text: str) -> Any:
    if isinstance(default, bool):
        return {"yes": True, "no": False}[text] if text in ("yes", "no") else _fail(f"{key}: yes or no")
    if isinstance(default, int):
        return int(text) if text.isdigit() else _fail(f"{key}: a number")
    if isinstance(default, tuple) or key == "patterns":
        return tuple(each for each in text.split(",") if each)
    return text.replace("\\n", "\n")


def _replaced(state: State, changes: dict[str, Any]) -> State:
    for key, value in changes.items():
        _checked_key(state, key)
        words = type(state).__dataclass_fields__[key].metadata.get("words")
        if words and value not in words:
            _fail(f"{key}={value}: one of {', '.join(words)}")
    tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in changes.items()}
    return dataclasses.replace(state, **tuples)


def _checked_key(state: State, key: str) -> State:
    keys = [each.name for each in dataclasses.fields(state)]
    return state if key in keys else _fail(f"{key}: one of {', '.join(keys)}")


def _fail(text: str) -> Any:
    raise ValueError(text)


def _all_but_states(folder: str, names: list[str]) -> list[str]:
    return [each for each in names if each.startswith(".")]
