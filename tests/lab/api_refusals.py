"""What an operation has to refuse: what is said in its example, spoilt in every way.

Each refusal is a request and the problem that it is to be answered with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api_examples import Row, Story
from described import SCOPES, Operation, Schema
from web import FORM, JSON, Answer, Caller, Person, form

LONG = "a" * 200_000
MARKUP = "<script>alert(1)</script>"
NOWHERE = "http://evil.example"

# How a value of this type does not look.
OTHER_TYPES: dict[str, tuple[Any, ...]] = {
    "string": (7, True, ["a", "b"], {"a": 1}),
    "integer": ("many", "12", 1.5, -1, 10**30, [1], True),
    "boolean": ("perhaps", 7, ["true", "false"], {"a": 1}),
    "array": ({"a": "b"}, [["a"]], [1], 7, True),
}

# A number of seconds, or "2w".
NO_TIMES = (-1, 0, 1.5, 10**9, 10**30, True, "many", "2x", "99999999999w", ["2w", "3w"], {"a": 1}, LONG)

# What stands in a path or a query and is no text.
BROKEN = ("%00", "%FF%FE", "%C0%AF", "a%00b")
NAMELESS = ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "..%2F..%2Fetc", "%20", "a" * 900, "%F0%9F%92%A9", "-")


@dataclass(frozen=True)
class Refusal:
    label: str
    caller: Caller
    method: str
    target: str
    slugs: tuple[str, ...]
    sent: dict[str, Any] = field(default_factory=dict)

    def ask(self) -> Answer:
        return self.caller.ask(self.method, self.target, **self.sent)

    def faults(self, answer: Answer) -> list[str]:
        if answer.slug in self.slugs:
            return []
        return [f"{self.label}: got {answer}, want {' or '.join(self.slugs)}"]


class Spoiler:
    """Of one operation, and its example."""

    def __init__(self, story: Story, operation: Operation, row: Row) -> None:
        self._story = story
        self._operation = operation
        self._values = {name: story.told(value) for name, value in row.values.items()}
        self._says = {name: story.told(value) for name, value in (row.says or {}).items()}
        self._query = row.query
        self._anna = story.anna
        self._caller: Caller = story.anna if row.by_person else story.programs[operation.scope or "view"]

    @property
    def target(self) -> str:
        return self._operation.target(self._values, self._query)

    @property
    def body(self) -> dict[str, Any] | None:
        return self._says if self._operation.takes_body else None

    def all(self) -> Iterator[Refusal]:
        yield from self.strangers()
        yield from self.paths()
        if not self._operation.writes:
            yield from self.queries()
            return
        yield from self.forgeries()
        yield from self.bodies()
        yield from self.members()

    def _refusal(
        self, label: str, *slugs: str, caller: Caller | None = None, target: str = "", **sent: Any
    ) -> Refusal:
        return Refusal(
            label,
            caller or self._caller,
            self._operation.method,
            target or self.target,
            slugs,
            sent or self._right(),
        )

    def _right(self) -> dict[str, Any]:
        return {} if self.body is None else {"json": self.body}

    # ---- who asks ----

    def strangers(self) -> Iterator[Refusal]:
        web = self._story.web
        yield self._refusal("a stranger", "login-needed", caller=web.stranger())
        for label, token in ("no token", "A" * 43), ("a long token", "A" * 5000), ("an empty token", ""):
            yield self._refusal(label, "login-needed", caller=web.program(token))
        cookie = Caller(web, {"Cookie": "mtasts=" + "A" * 43, "X-CSRF-Token": self._anna.csrf})
        yield self._refusal("no session", "login-needed", caller=cookie)
        for scope in SCOPES[: SCOPES.index(self._operation.scope)]:
            yield self._refusal(f"scope {scope}", "not-allowed", caller=self._story.programs[scope])

    def forgeries(self) -> Iterator[Refusal]:
        """What another site makes a browser send, which has the cookie."""
        for label, fields in (
            ("no CSRF token", {"X-CSRF-Token": ""}),
            ("a wrong CSRF token", {"X-CSRF-Token": "0" * len(self._anna.csrf)}),
            ("half a CSRF token", {"X-CSRF-Token": self._anna.csrf[:10]}),
            ("from elsewhere", {"Origin": NOWHERE}),
            ("from nowhere", {"Origin": "null"}),
        ):
            yield self._refusal(label, "not-from-here", caller=self._anna, fields=fields, **self._right())

    # ---- where ----

    def paths(self) -> Iterator[Refusal]:
        for name, value in self._values.items():
            if name == "tag":
                continue  # one that is not there is gone
            others = ("no-such.live.example", "0", "-1", "99999999999999999999") + NAMELESS
            for other in others:
                yield self._refusal(
                    f"{name} {other[:40]}",
                    "not-found",
                    target=self._raw_target(name, value, other),
                    **self._right(),
                )
            for other in BROKEN:
                yield self._refusal(
                    f"{name} {other}",
                    "not-found",
                    "bad-input",
                    target=self._raw_target(name, value, other),
                    **self._right(),
                )

    def _raw_target(self, name: str, value: Any, other: str) -> str:
        """With that, as it is, in the place of one parameter."""
        values = {key: each for key, each in self._values.items() if key != name}
        return self._operation.target(values, self._query).replace(f"{{{name}}}", other)

    def queries(self) -> Iterator[Refusal]:
        target = self._operation.target(self._values)
        for name in self._operation.queries:
            for other in BROKEN:
                yield self._refusal(f"?{name}={other}", "bad-input", target=f"{target}?{name}={other}")
        strict = {"after", "before", "sort", "state", "severity", "verdict"}
        if self._operation.name == "api_incident":
            strict.remove("after")  # a name, of a domain or not
        for name in strict & set(self._operation.queries):
            for other in "no-such", MARKUP.replace("<", "%3C").replace(">", "%3E"):
                yield self._refusal(f"?{name}={other}", "bad-input", target=f"{target}?{name}={other}")

    # ---- what is said ----

    def bodies(self) -> Iterator[Refusal]:
        for label, body in (
            ("half of JSON", b'{"a": '),
            ("text behind", b'{} "a"'),
            ("a list", b"[]"),
            ("a string", b'"a"'),
            ("a number", b"1"),
            ("no UTF-8", b'{"a": "\xff\xfe"}'),
            ("a NUL", b'{"a": "\\u0000"}'),
            ("a name twice", b'{"a": "b", "a": "c"}'),
            ("half of a pair", b'{"a": "\\ud800"}'),
            ("very deep", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
            ("what is not known", b'{"surprise": "here"}'),
            ("a member without a name", b'{"": "here"}'),
        ):
            yield self._refusal(label, "bad-input", body=body)
        yield self._refusal("far too long", "too-long", body=json.dumps({"surprise": LONG * 8}).encode())
        for media in "text/plain", "application/xml", "multipart/form-data; boundary=x", f"{JSON}x", MARKUP:
            yield self._refusal(f"as {media}", "media-type", body=b"{}", media=media)
        if self._operation.required:
            yield self._refusal("nothing", "bad-input", body=b"")
            yield self._refusal("an empty object", "bad-input", json={})

    def members(self) -> Iterator[Refusal]:
        for name in self._operation.required:
            without = {key: value for key, value in self._says.items() if key != name}
            yield self._refusal(f"no {name}", "bad-input", json=without)
            yield self._refusal(f"{name} is null", "bad-input", json={**self._says, name: None})
        for name, schema in self._operation.members.items():
            for value in self._wrong(name, self._story.api.resolved(schema)):
                said = json.dumps(value)
                yield self._refusal(f"{name}: {said[:60]}", "bad-input", json={**self._says, name: value})
        yield self._refusal("a member too many", "bad-input", json={**self._says, "surprise": "here"})

    def _wrong(self, name: str, schema: Schema) -> Iterator[Any]:
        if isinstance(schema["type"], list):
            yield from NO_TIMES
            return
        yield from OTHER_TYPES[schema["type"]]
        if "minimum" in schema:
            yield schema["minimum"] - 1
        if "maximum" in schema:
            yield schema["maximum"] + 1
        if schema["type"] == "string" and name != "old":  # a wrong one is wrong, however long
            yield LONG
        if "enum" in schema or name.endswith("-every"):
            yield from ("no-such", MARKUP)
        if name in ("domains", "hosts", "to", "mute"):
            yield from ([MARKUP], ["a..b"], [LONG], ["\u202e"])
        elif schema["type"] == "array":
            yield [LONG]
        if schema.get("minItems"):
            yield []


def form_refusals(story: Story, operation: Operation, row: Row) -> Iterator[tuple[str, Answer, int]]:
    """What a form has to be refused for, as a person is told: label, answer, want."""
    person: Person = story.anna
    target = Spoiler(story, operation, row).target
    hidden = {} if operation.method == "POST" else {"method": operation.method}
    nobody = story.web.stranger()
    says = {name: story.told(value) for name, value in (row.says or {}).items()}
    for label, fields, status in (
        ("a form without its token", {}, 403),
        ("a form with a wrong token", {"csrf": "0" * 64}, 403),
        ("a form with what is not known", {"csrf": person.csrf, "surprise": "here"}, 400),
    ):
        body = form({**hidden, **fields, **says})
        yield label, person.ask("POST", target, body=body, media=FORM, fields={"X-CSRF-Token": ""}), status
    yield "a stranger's form", nobody.ask("POST", target, body=form({**hidden, **says}), media=FORM), 303
    body = form({**hidden, "csrf": person.csrf, **says}) + b"&surprise=%FF%FE%00"
    yield "a form that is no text", person.ask(
        "POST", target, body=body, media=FORM, fields={"X-CSRF-Token": ""}
    ), 400
