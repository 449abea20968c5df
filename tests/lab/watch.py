"""A portfolio that is watched in the lab: a store, the daemon at work, and what it tells.

    with Watch(folder, store, {"monitor": {"records-every": "1s"}}) as watch:
        watch.add("a.live.example")
        watch.start()
        ...
        watch.news("opened")

Cadences are seconds here. What is told goes to the lab's two receivers: as mail, and as JSON
to the webhook, which is what is read.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sinks
from network import DOCUMENTATION
from sinks import Mail

HERE = Path(__file__).resolve().parent
MTASTS = os.environ.get("MTASTS", "build/src/cli/mtasts")
MTASTSD = os.environ.get("MTASTSD", "build/src/roles/mtastsd")
TEST_POSTGRES = HERE.parent.parent / "src" / "store" / "test_postgres.sh"

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.2

Settings = dict[str, dict[str, str | list[str]]]

# Everything at a speed at which a person can wait for it.
QUICK: Settings = {
    "daemon": {"log": "stderr", "drain": "5s"},
    "monitor": {
        "records-every": "2s",
        "authority-every": "4s",
        "policy-every": "3s",
        "hosts-every": "3s",
        "again-after": "1s",
        "backoff-max": "4s",
        "lease": "10s",
    },
    "notify": {"group": "2s", "first-group": "2s", "burst": "100"},
    "channel mail": {
        "type": "mail",
        "to": "admin@sink.example",
        "from": "monitor@lab.example",
        "server": "smtp://mail.sink.example:587",
        "reminder": "never",
    },
    "channel hook": {
        "type": "webhook",
        "url": "https://hook.sink.example/alerts",
        "reminder": "never",
    },
}

Found = TypeVar("Found")


@dataclass(frozen=True)
class News:
    """One piece of news in one message of the webhook."""

    message: str  # its id: the same thing said twice has the same
    kind: str
    incident: int | None
    check: str
    subject: str
    severity: str
    domains: int
    names: tuple[str, ...]
    text: str
    in_summary: bool

    def concerns(self, name: str) -> bool:
        return name == self.subject or name in self.names


class Daemon:
    """One mtastsd with its processes."""

    def __init__(self, config: Path, log: Path) -> None:
        self._log = log
        with open(log, "ab") as stderr:
            self._process = subprocess.Popen(
                [MTASTSD, "-c", str(config)], stdin=subprocess.DEVNULL, stderr=stderr, stdout=stderr
            )

    def role(self, name: str) -> int | None:
        """The process id of a role, unless it is just being started again."""
        return next(iter(self.roles().get(name, [])), None)

    def roles(self) -> dict[str, list[int]]:
        """The process ids of each role."""
        found: dict[str, list[int]] = {}
        for child in _children(self._process.pid):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
                if "--role" in words:
                    found.setdefault(words[words.index("--role") + 1], []).append(child)
        return found

    def kill_role(self, name: str) -> bool:
        """kill -9; false if it was not there to be killed."""
        pid = self.role(name)
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def kill(self) -> None:
        """kill -9 of everything at once, as when a machine dies."""
        pids = [self._process.pid, *_children(self._process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        self._process.terminate()
        return self._process.wait(timeout=PATIENCE_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """All that it has printed."""
        return self._log.read_text(errors="replace")

    def log(self, event: str) -> list[dict[str, str]]:
        """The lines of one event, each as its fields."""
        lines = self.output().splitlines()
        return [fields for fields in map(_logfmt, lines) if fields.get("event") == event]


class Watch:
    """A store with its portfolio, and the daemons that work on it."""

    def __init__(self, folder: Path, store: str | None = None, settings: Settings | None = None) -> None:
        self._folder = folder
        self._scratch = Path(os.environ["LAB_DIR"])
        self.store = store or str(folder / "store" / "mtasts.db")
        (folder / "store").mkdir(exist_ok=True)
        self._config = folder / "mtastsd.conf"
        self.configure(settings or {})
        self.daemons: list[Daemon] = []
        sinks.clear(self._scratch / "mail")
        sinks.clear(self._scratch / "hooks")

    def configure(self, settings: Settings) -> None:
        """Writes the configuration: what is quick, and these settings."""
        sections = {
            "daemon": {"store": self.store},
            "network": {"allow-net": list(DOCUMENTATION)},
            **{name: {} for name in QUICK if name != "daemon"},
        }
        for name in {**QUICK, **settings}:
            section = sections.setdefault(name, {})
            section.update(QUICK.get(name, {}))
            section.update(settings.get(name, {}))
        self._config.write_text(_ini(sections))

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        for daemon in self.daemons:
            if daemon.is_alive:
                daemon.kill()

    def start(self) -> Daemon:
        """A daemon more on the same store."""
        daemon = Daemon(self._config, self._folder / f"mtastsd{len(self.daemons)}.log")
        self.daemons.append(daemon)
        return daemon

    @property
    def is_shared(self) -> bool:
        """Is the store a server's?"""
        return self.store.startswith("postgresql:")

    def ask_store(self, statement: str) -> list[str]:
        """The first column of what a statement gives, past the programs."""
        if self.is_shared:
            command = ["psql", "--no-psqlrc", "--quiet", "-At", "-v", "ON_ERROR_STOP=1", self.store]
            done = subprocess.run([*command, "-c", statement], capture_output=True, text=True, check=True)
            return done.stdout.splitlines()
        with contextlib.closing(sqlite3.connect(self.store, timeout=PATIENCE_SECONDS)) as store, store:
            return [str(row[0]) for row in store.execute(statement)]

    def mtasts(self, *words: str, text: str | None = None, statuses: tuple[int, ...] = (0,)) -> str:
        """A command that has to do with the store."""
        return self.run(*words, "--store", self.store, text=text, statuses=statuses)

    def run(self, *words: str, text: str | None = None, statuses: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [MTASTS, *words],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode not in statuses:
            raise AssertionError(f"mtasts {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def add(self, *names: str, tag: str | None = None) -> None:
        tags = ["--tag", tag] if tag else []
        self.mtasts("domain", "add", *tags, "--file", "-", text="\n".join(names))

    def domains(self) -> dict[str, dict[str, Any]]:
        """The portfolio, by name."""
        listed = map(json.loads, self.mtasts("domain", "list", "--json").splitlines())
        return {each["domain"]: each for each in listed}

    def looked_at(self) -> int:
        """How many domains had their first look."""
        return sum(each["verdict"] is not None for each in self.domains().values())

    def incidents(self, *words: str) -> list[dict[str, Any]]:
        """The open incidents; with --all those that ended, too. The exit status is what they weigh."""
        listed = self.mtasts("incidents", "--json", *words, statuses=(0, 1, 2))
        return [json.loads(line) for line in listed.splitlines()]

    def open_checks(self, name: str) -> dict[str, str]:
        """Slug and severity of what is open for a domain."""
        found = self.incidents("--domain", name)
        return {each["slug"]: each["severity"] for each in found}

    def history(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.mtasts("history", "--json", name).splitlines()]

    def mails(self) -> list[Mail]:
        return sinks.mails(self._scratch / "mail")

    def messages(self) -> list[dict[str, Any]]:
        """What the webhook was told, and did not refuse."""
        return [hook.json for hook in sinks.hooks(self._scratch / "hooks") if hook.answer < 300]

    def news(self, kind: str | None = None) -> list[News]:
        """All news that was told, in order."""
        found = [_news(message, each) for message in self.messages() for each in message["news"]]
        return [each for each in found if kind in (None, each.kind)]


def eventually(ask: Callable[[], Found], seconds: float = PATIENCE_SECONDS) -> Found:
    """Asks until the answer is of use, or gives the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return answer


@contextlib.contextmanager
def postgres(scratch: Path) -> Iterator[str]:
    """A PostgreSQL server of its own, and its URL."""
    process = subprocess.Popen(
        ["sh", TEST_POSTGRES, "sh", "-c", 'echo "$STORE_URL"; read end'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert process.stdin and process.stdout
    try:
        url = process.stdout.readline().strip()
        if not url.startswith("postgresql:"):
            raise RuntimeError(f"PostgreSQL did not start: {url}")
        yield url
    finally:
        process.stdin.close()
        process.wait()


def _news(message: dict[str, Any], each: dict[str, Any]) -> News:
    incident = each.get("incident") or {}
    domain = each.get("domain") or ""
    return News(
        message=message["id"],
        kind=each["kind"],
        incident=incident.get("id"),
        check=incident.get("slug", ""),
        subject=incident.get("subject") or domain,
        severity=incident.get("severity") or message["severity"],
        domains=incident.get("domains", 1),
        names=tuple(incident.get("domain_names", [])) or (domain,),
        text=each.get("change") or each.get("advice") or incident.get("message", ""),
        in_summary=message["kind"] == "summary",
    )


def _ini(sections: Settings) -> str:
    """The file; a key with a list of values stands there once for each."""
    lines = []
    for name, section in sections.items():
        lines += [f"[{name}]"] if section else []
        for key, value in section.items():
            lines += [f"{key} = {each}" for each in ([value] if isinstance(value, str) else value)]
    return "".join(f"{line}\n" for line in lines)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _logfmt(line: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in line.split(" "))
    return {name: value for name, _, value in pairs}
