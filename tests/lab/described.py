"""The description of the API, read as a program reads it that wants to be sure.

    api = Description(answer.json)
    for operation in api.operations: ...
    assert not api.faults(operation, answer)
"""

from __future__ import annotations

import csv
import datetime
import io
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema

from web import Answer

SCOPES = ("view", "operate", "administer")
CHECKER = jsonschema.FormatChecker(formats=())

Schema = dict[str, Any]


@CHECKER.checks("date-time", ValueError)
def _is_time(value: Any) -> bool:
    return not isinstance(value, str) or bool(datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ"))


@CHECKER.checks("date", ValueError)
def _is_day(value: Any) -> bool:
    return not isinstance(value, str) or bool(datetime.date.fromisoformat(value))


@dataclass(frozen=True)
class Operation:
    name: str  # operationId
    method: str
    path: str  # with its {parameters}
    scope: str  # "": it is for anybody
    says: Schema  # what it takes; empty: it takes nothing
    takes_body: bool
    queries: tuple[str, ...]
    media: str  # of what it answers
    answers: Schema

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def members(self) -> dict[str, Schema]:
        return self.says.get("properties", {})

    @property
    def required(self) -> list[str]:
        return self.says.get("required", [])

    @property
    def parameters(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def target(self, values: dict[str, Any], query: str = "") -> str:
        """Where to ask, with each value in the place of its parameter."""
        path = self.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", urllib.parse.quote(str(value), safe=""))
        return path + (f"?{query}" if query else "")


class Description:
    """All operations, and what each answers."""

    def __init__(self, root: Schema) -> None:
        self._root = _closed(root)
        self.operations = list(self._operations())

    def operation(self, name: str) -> Operation:
        return next(each for each in self.operations if each.name == name)

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._root["paths"].items():
            for method, said in item.items():
                if method == "parameters":
                    continue
                content = said["responses"]["200"]["content"]
                media = next(iter(content))
                body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
                parameters = map(self.resolved, said.get("parameters", []))
                yield Operation(
                    name=said["operationId"],
                    method=method.upper(),
                    path=path,
                    scope=said.get("x-scope", ""),
                    says=self.resolved(body.get("schema", {})),
                    takes_body=bool(body),
                    queries=tuple(each["name"] for each in parameters if each["in"] == "query"),
                    media=media,
                    answers=content[media]["schema"],
                )

    def resolved(self, said: Schema) -> Schema:
        """What a reference leads to, or itself."""
        reference = said.get("$ref")
        if reference is None:
            return said
        found = self._root
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return self.resolved(found)

    def faults(self, operation: Operation, answer: Answer) -> list[str]:
        """In what an answer is not what the description says."""
        if answer.type != operation.media:
            return [f"{answer.type}, not {operation.media}"]
        if operation.media == "text/csv":
            widths = {len(row) for row in csv.reader(io.StringIO(answer.text), strict=True)}
            return [] if len(widths) == 1 else [f"rows of {widths} columns"]
        if operation.media != "application/json":
            return []
        # A reference inside the schema leads into the whole.
        schema = {**operation.answers, "components": self._root["components"]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=CHECKER)
        return [
            f"{'/'.join(map(str, each.path))}: {each.message[:300]}"
            for each in validator.iter_errors(answer.json)
        ]


def _closed(said: Any) -> Any:
    """Members may be added some day; today none is answered that is not described."""
    if isinstance(said, list):
        return [_closed(each) for each in said]
    if not isinstance(said, dict):
        return said
    found = {key: _closed(value) for key, value in said.items()}
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return found
