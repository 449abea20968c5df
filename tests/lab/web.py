"""The dashboard of a daemon in the lab, as a browser and as a program ask it.

    web = Web(("127.0.0.1", 8080))
    anna = web.welcome(link, "anna", PASSWORD)
    token = anna.ask("POST", "/api/v1/tokens", json={"name": "x", "scope": "view"}).json["token"]
    assert web.program(token).ask("GET", "/api/v1/me").json["kind"] == "program"
"""

from __future__ import annotations

import http.client
import json as codec
import re
import ssl
import urllib.parse
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

TIMEOUT_SECONDS = 20
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')

Fields = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    fields: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return codec.loads(self.body)

    @property
    def type(self) -> str:
        return self.fields.get_content_type()

    @property
    def slug(self) -> str:
        """Of a problem; "" if it is none, or not whole."""
        if self.type != PROBLEM:
            return ""
        problem = self.json
        if problem["status"] != self.status or not problem["title"]:
            return ""
        return problem["type"].removeprefix("urn:mtasts:problem:")

    def __str__(self) -> str:
        return f"{self.status} {self.type} {self.body[:300]!r}"


def form(says: dict[str, Any]) -> bytes:
    """As a page says it: a name several times for a list, "on" for true."""
    pairs = [(name, _word(each)) for name, value in says.items() for each in _list(value)]
    return urllib.parse.urlencode(pairs).encode()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _word(value: Any) -> str:
    return {True: "on", False: "false"}[value] if isinstance(value, bool) else str(value)


class Caller:
    """Somebody who asks: with these fields in each request."""

    def __init__(self, web: Web, fields: Fields | None = None) -> None:
        self.web = web
        self.fields = fields or {}

    def ask(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        media: str = JSON,
        fields: Fields | None = None,
    ) -> Answer:
        """Says `json`, or these octets as they are."""
        sent = {**self.fields, **(fields or {})}
        if json is not None:
            body = codec.dumps(json).encode()
        if body is not None and media:
            sent["Content-Type"] = media
        return self.web.ask(method, target, body, {k: v for k, v in sent.items() if v})

    def get(self, target: str) -> Any:
        """The JSON of something that is there."""
        answer = self.ask("GET", target)
        assert answer.status == 200, f"{target}: {answer}"
        return answer.json


class Person(Caller):
    """Somebody who is logged in: a cookie, and the token that pages have."""

    def __init__(self, web: Web, cookie: str) -> None:
        super().__init__(web, {"Cookie": cookie})
        self.csrf: str = self.get("/api/v1/me")["csrf"]
        self.fields |= {"X-CSRF-Token": self.csrf}

    def submit(self, method: str, target: str, says: dict[str, Any]) -> Answer:
        """A form of a page: always POST, whatever the operation is."""
        hidden = {"csrf": self.csrf, **({} if method == "POST" else {"method": method})}
        return self.ask(
            "POST",
            target,
            body=form({**hidden, **says}),
            media=FORM,
            fields={"X-CSRF-Token": "", "Origin": self.web.origin},
        )


class Web:
    """Where the dashboard is: with TLS if it is said whom to trust."""

    def __init__(self, address: tuple[str, int], trust: ssl.SSLContext | None = None) -> None:
        self._address = address
        self._trust = trust
        self.origin = f"{'https' if trust else 'http'}://{address[0]}:{address[1]}"

    def ask(
        self, method: str, target: str, body: bytes | None = None, fields: Fields | None = None
    ) -> Answer:
        connection = self._connection()
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (fields or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._trust is None:
            return http.client.HTTPConnection(*self._address, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPSConnection(*self._address, timeout=TIMEOUT_SECONDS, context=self._trust)

    @property
    def is_secure(self) -> bool:
        return self._trust is not None

    def is_there(self) -> bool:
        """Does it answer at all?"""
        try:
            return bool(self.ask("GET", "/healthz").status)
        except OSError:
            return False

    def stranger(self) -> Caller:
        return Caller(self)

    def program(self, token: str) -> Caller:
        return Caller(self, {"Authorization": f"Bearer {token}"})

    def login(self, name: str, password: str) -> Answer:
        return self._enter("/login", {"name": name, "password": password})

    def person(self, name: str, password: str) -> Person:
        return self._person(self.login(name, password))

    def welcome(self, link: str, name: str, password: str) -> Person:
        """Who has a link that lets somebody in once sets the password of that account."""
        target = link.removeprefix(self.origin)
        return self._person(self._enter(target, {"name": name, "password": password, "again": password}))

    def _enter(self, target: str, says: dict[str, str]) -> Answer:
        """The form of the page, with what it hides, filled in as far as it asks."""
        page = self.ask("GET", target)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        asked = set(re.findall(r'name="([^"]+)"', page.text))
        said = {**hidden, **{name: value for name, value in says.items() if name in asked}}
        return self.ask(
            "POST", target.partition("?")[0], form(said), {"Content-Type": FORM, "Origin": self.origin}
        )

    def _person(self, answer: Answer) -> Person:
        assert answer.status == 303, answer
        cookie = SimpleCookie(answer.fields["Set-Cookie"])
        return Person(self, "; ".join(f"{name}={each.value}" for name, each in cookie.items()))
