"""Owners of domains, the daemon that publishes for them, and a sender that looks on.

    with Publishing(folder, live) as site:
        site.start()
        owner = site.owner("a", mx=("mx1",))
        owner.publish("--mode", "testing")
        owner.delegate()
        assert owner.sees(mode="testing")
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import socket
import sqlite3
import ssl
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from ca import Ca
from live import Entry, Live
from network import DOCUMENTATION
from watch import Settings, Watch, eventually
from world import CA_HOST, EDGES, RESOLVER, SERVICE_ZONE

CA = Ca(port=8004)
ROLES = ("monitor", "publish", "certs", "edge", "notify")
LOOK_SECONDS = 0.2
PUBLISHED_SECONDS = 60
TIMEOUT_SECONDS = 5
TARGET = re.compile(rf"CNAME\s+([a-z2-7]+\.{re.escape(SERVICE_ZONE)})\.?$", re.M)


def trusting(trust: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(trust))


def ask_txt(name: str) -> str | None:
    """The first TXT record that the lab's resolver gives, if there is one."""
    query = dns.message.make_query(name, "TXT")
    try:
        answer = dns.query.udp(query, RESOLVER, timeout=TIMEOUT_SECONDS)
    except dns.exception.Timeout:
        return None
    texts = [each.to_text() for found in answer.answer if found.rdtype == dns.rdatatype.TXT for each in found]
    return texts[0] if texts else None


class Sender:
    """Looks at record and policy as a sender does, again and again.

    It first reads the id and then fetches. What it gets is of the version that this id was
    announced for, or a later one; `wrong` has what was not so. Which version that is, is read
    from the store.
    """

    def __init__(self, name: str, trust: Path, store: str) -> None:
        self._name = name
        self._trust = trusting(trust)
        self._store = store
        self._versions: dict[str, int] = {}  # by id: what it was announced for
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.id = ""
        self.body = ""
        self.looks = 0  # that could tell
        self.wrong: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        announced = self._record()
        if announced is None:
            return
        self._learn(announced)
        try:
            body = self._fetch()
        except OSError:
            return
        if announced in self._versions:
            self._judge(announced, body)
        self.id, self.body = announced, body

    def _record(self) -> str | None:
        found = re.search(r"id=([0-9A-Za-z]+)", ask_txt(f"_mta-sts.{self._name}") or "")
        return found[1] if found else None

    def _fetch(self) -> str:
        address = f"https://mta-sts.{self._name}/.well-known/mta-sts.txt"
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS, context=self._trust) as answer:
            return answer.read().decode()

    def _learn(self, announced: str) -> None:
        """Another id may be out by now: then nothing is known of this one."""
        rows = self._ask(
            "SELECT id, id_version FROM publication p JOIN served s ON s.label = p.label"
            " WHERE s.host = ?",
            f"mta-sts.{self._name}",
        )
        self._versions |= {found: version for found, version in rows if found == announced}

    def _judge(self, announced: str, body: str) -> None:
        versions = self._ask(
            "SELECT max(version) FROM published_body b JOIN domain d ON d.id = b.domain"
            " WHERE d.name = ? AND b.body = CAST(? AS BLOB)",
            self._name,
            body,
        )
        served = versions[0][0] or 0
        if served < self._versions[announced]:
            self.wrong.append(f"{announced}, of {self._versions[announced]}: {served}: {body!r}")
        self.looks += 1

    def _ask(self, statement: str, *values: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(f"file:{self._store}?mode=ro", uri=True)) as store:
            return store.execute(statement, values).fetchall()


class Owner:
    """Somebody with a domain of the lab, who has it published."""

    def __init__(self, site: Publishing, label: str, entry: Entry) -> None:
        self._site = site
        self.label = label
        self.live = entry
        self.name = entry.name
        self.target = ""
        self.sender = Sender(self.name, site.trust, site.watch.store)
        if not site.watch.is_shared:  # what it judges by it reads from the file
            self.sender.start()

    def mtasts(self, *words: str) -> str:
        return self._site.watch.mtasts("publish", self.name, *words)

    def publish(self, *words: str) -> str:
        """What is printed: the CNAMEs, which have one target."""
        printed = self.mtasts(*words)
        found = set(TARGET.findall(printed))
        assert len(found) == 1, found
        self.target = found.pop()
        return printed

    def delegate(self) -> None:
        self.live.set(delegation="whole", target=self.target)

    def approve(self, *hosts: str) -> None:
        self.mtasts("--approve", *(word for host in hosts for word in ("--host", host)))

    def remove(self) -> None:
        self.mtasts("--remove")

    def status(self) -> dict[str, Any]:
        return json.loads(self.mtasts("--status", "--json"))

    def sees(self, mode: str | None = None, mx: list[str] | None = None) -> bool:
        """Will a sender see such a policy?"""

        def does() -> bool:
            self._site.hurry_orders()
            lines = [line.partition(": ")[::2] for line in self.sender.body.splitlines()]
            modes = [value for key, value in lines if key == "mode"]
            hosts = sorted(value for key, value in lines if key == "mx")
            return bool(modes) and mode in (None, modes[0]) and mx in (None, hosts)

        return eventually(does, PUBLISHED_SECONDS)


class Publishing:
    """A daemon with all roles, on a store and a service zone of its own."""

    def __init__(
        self, folder: Path, live: Live, settings: Settings | None = None, store: str | None = None
    ) -> None:
        self._folder = folder
        self._live = live
        self._scratch = Path(os.environ["LAB_DIR"])
        self._ca = CA.start(self._scratch)
        CA.wait()
        self.trust = folder / "trusted.pem"
        self.trust.write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes() + _issuer())
        (folder / "keys").mkdir(mode=0o700)
        sections = self._settings()
        for section, keys in (settings or {}).items():
            sections[section] = sections.get(section, {}) | keys
        self.watch = Watch(folder, store, sections)
        self._owners: list[Owner] = []

    def _settings(self) -> Settings:
        servers = [f"ns{number}.{SERVICE_ZONE}" for number in range(1, len(EDGES) + 1)]
        return {
            "daemon": {"roles": " ".join(ROLES)},
            "network": {"ca-file": str(self.trust)},
            "monitor": {"hosts-every": "10s"},
            "service": {
                "zone": SERVICE_ZONE,
                "address": EDGES,
                "name-server": servers,
                "host": [f"{name}={address}" for name, address in zip(servers, EDGES)],
                "mailbox": "hostmaster@nic.example",
                "ttl": "1s",
                "keys": str(self._folder / "keys" / "keys.db"),
                "sealing-key": str(self._folder / "keys" / "sealing.key"),
            },
            "publish": {"every": "2s", "edge-lease": "5s"},
            "certs": {"ca": CA.directory, "agree": "on"},
        }

    def __enter__(self) -> Publishing:
        return self

    def __exit__(self, *_: object) -> None:
        for owner in self._owners:
            owner.sender.stop()
        self.watch.__exit__()
        self._ca.kill()
        self._ca.wait()

    def start(self) -> None:
        self._daemon = self.watch.start()
        assert eventually(lambda: len(self._daemon.log("started")) > len(ROLES))
        assert eventually(lambda: self._daemon.log("serving"))
        assert eventually(self._knows_zone), "publish has set it"

    def _knows_zone(self) -> bool:
        return bool(self.watch.ask_store("SELECT name FROM setting WHERE name = 'service-zone'"))

    @property
    def is_alive(self) -> bool:
        return self._daemon.is_alive

    def hurry_orders(self) -> None:
        """What a CA did not find at its first visit is shown to it again at once, and not in minutes:
        its resolver, which is that of everybody here, may have remembered that there was nothing."""
        self.watch.ask_store(
            "UPDATE certificate SET due_at = 0, order_text = '', order_key = ''"
            " WHERE claimed_by IS NULL AND failing_since IS NOT NULL AND problem <> ''"
        )

    def hurry_moves(self) -> None:
        """A host that left stays in the policy for seconds, and not for a day at least."""
        self.watch.ask_store("UPDATE publication SET overlap = 2")

    def kill_somebody(self) -> None:
        """kill -9 of one of the roles that publish."""
        self._daemon.kill_role(random.choice(("publish", "certs", "edge")))

    def owner(self, label: str, mx: tuple[str, ...], https: str = "no-name", record: str | None = "") -> Owner:
        """Somebody whose domain takes mail, and has no policy unless said otherwise."""
        entry = self._live.domain(label)
        entry.set(mx=mx, https=https, record=record)
        owner = Owner(self, label, entry)
        self._owners.append(owner)
        return owner

    def published(self, label: str, mx: tuple[str, ...], follow: str = "auto") -> Owner:
        """An owner whose policy is out."""
        owner = self.owner(label, mx)
        owner.publish("--mode", "testing", "--max-age", "1d", "--follow", follow)
        owner.delegate()
        assert owner.sees(mode="testing", mx=sorted(f"{each}.live.example" for each in mx))
        return owner

    def check(self, owner: Owner) -> dict[str, Any]:
        """What `mtasts check` says of a domain that we publish for."""
        words = ["check", "--json", "--ca-file", str(self.trust), owner.name]
        words += [word for prefix in DOCUMENTATION for word in ("--allow-net", prefix)]
        return json.loads(self.watch.run(*words, statuses=(0, 1, 2, 3)))

    def told(self, owner: Owner, kind: str, word: str) -> bool:
        """Was there news of this kind with this word?"""
        return eventually(
            lambda: any(each.concerns(owner.name) and word in each.text for each in self.watch.news(kind))
        )

    def fetch_at_edge(self, name: str) -> str:
        """A domain's policy, from the edge itself, whatever the owner's DNS says."""
        context = trusting(self.trust)
        host = f"mta-sts.{name}"
        with socket.create_connection((EDGES[0], 443), timeout=TIMEOUT_SECONDS) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                secure.sendall(f"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                answer = http.client.HTTPResponse(secure)
                answer.begin()
                return answer.read().decode()

    @staticmethod
    def ask_edge() -> dns.message.Message:
        """The service zone's SOA, from the edge itself."""
        return dns.query.udp(dns.message.make_query(SERVICE_ZONE, "SOA"), EDGES[0], timeout=TIMEOUT_SECONDS)


def _issuer() -> bytes:
    """The root of the CA's certificates, which is another at every start."""
    address = f"https://{CA_HOST}:{CA.port + 1000}/roots/0"
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:
        return answer.read()
