"""The edge of the daemon: policies, challenges and the zone, while everything changes.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_edge.py

The service zone is delegated to the edge's addresses. What it serves is put into the store by
fill_edge, as the roles publish and certs would.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from certificates import GOOD, Authority
from domains import TWO_WEEKS, policy_text
from live import Live
from network import DOCUMENTATION
from test_name_server import KNOT, KNOT_PORT
from transfers import TsigKey
from watch import MTASTS, Daemon, eventually, postgres
from world import EDGES, RESOLVER, SERVICE_ZONE

FILL_EDGE = os.environ.get("FILL_EDGE", "build/tests/fill_edge")
SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
WORKERS = 2
SOON_SECONDS = 5
SILENT_SECONDS = 6  # more than an edge waits for a store
TIMEOUT_SECONDS = 10
PATH = "/.well-known/mta-sts.txt"
LABEL = "abcdefghijklmnop"
DOMAIN = "edge.live.example"
HOST = f"mta-sts.{DOMAIN}"
SECONDARY = "127.0.0.1"
KEY = TsigKey("edge.key", "hmac-sha256")

CONFIG = """\
[daemon]
store = {store}
roles = edge
drain = 10s
[service]
zone = {zone}
{addresses}
name-server = ns1.{zone}
name-server = ns2.{zone}
host = ns1.{zone}={edges[0]}
host = ns2.{zone}={edges[1]}
mailbox = hostmaster@nic.example
secondary = {secondary}@{port}
secondary-key = {folder}/tsig.key
ttl = 1s
keys = {folder}/keys/keys.db
sealing-key = {folder}/keys/sealing.key
[publish]
edge-lease = 5s
[edge]
workers = {workers}
dns-rate = 100000
"""
ELSEWHERE = "127.0.0.2"
LISTEN_ELSEWHERE = "".join(f"listen-{what} = {ELSEWHERE}\n" for what in ("https", "http", "dns"))


class Edge:
    """The daemon with its edges, and what they serve."""

    def __init__(self, folder: Path, store: str | None = None, more: str = "") -> None:
        self.folder = folder
        self.store = store or str(folder / "mtasts.db")
        (folder / "keys").mkdir()
        key = folder / "tsig.key"
        key.write_text(KEY.file)
        key.chmod(0o600)
        self._authority = Authority(folder / "ca")
        self.trust = folder / "trusted.pem"
        system = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes()
        self.trust.write_bytes(system + self._authority.root_pem)
        self.context = ssl.create_default_context(cafile=str(self.trust))
        self.config = folder / "mtastsd.conf"
        self.config.write_text(
            CONFIG.format(
                folder=folder,
                store=self.store,
                zone=SERVICE_ZONE,
                edges=EDGES,
                addresses="\n".join(f"address = {each}" for each in EDGES),
                secondary=SECONDARY,
                port=KNOT_PORT,
                workers=WORKERS,
            )
            + more
        )

    def start(self) -> None:
        self.daemon = Daemon(self.config, self.folder / "log")
        assert eventually(lambda: self.served()[0] == WORKERS), (self.folder / "log").read_text()

    def fill(self, *words: str) -> str:
        keys = self.folder / "keys"
        command = [FILL_EDGE, self.store, keys / "keys.db", keys / "sealing.key", *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def publish(self, domain: str, label: str, body: str, announced: str) -> None:
        policy = self.folder / "policy"
        policy.write_text(body, newline="")
        self.fill("publish", domain, label, str(policy), announced)

    def certify(self, domain: str) -> None:
        self.fill("certify", domain, str(self._authority.issue(GOOD, f"mta-sts.{domain}")))

    def served(self) -> tuple[int, int, int]:
        """How many edges live, up to which number they serve, and the last number."""
        alive, number, last = map(int, self.fill("served").split())
        return alive, number, last

    def wait_served(self) -> None:
        def is_served() -> bool:
            alive, number, last = self.served()
            return alive >= WORKERS and number == last

        assert eventually(is_served, SOON_SECONDS)

    def get(self, host: str = HOST, path: str = PATH, method: str = "GET", address: str = EDGES[0]) -> HTTPResponse:
        """Over a connection of its own. What was not answered is an OSError or an HTTPException."""
        with socket.create_connection((address, 443), timeout=TIMEOUT_SECONDS) as plain:
            with self.context.wrap_socket(plain, server_hostname=host) as secure:
                secure.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                answer = HTTPResponse(secure, method=method)
                answer.begin()
                answer.body = answer.read().decode()
                return answer

    def curl(self, *words: str) -> str:
        command = ["curl", "-sS", "-i", "--cacert", str(self.trust), "-m", str(TIMEOUT_SECONDS), *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.replace("\r", "")

    def pids(self) -> list[int]:
        """Of the last process of each worker."""
        found = {each["instance"]: int(each["pid"]) for each in self.daemon.log("role-started")}
        return [found[str(number)] for number in range(WORKERS)]


def body(max_age: int = TWO_WEEKS) -> str:
    return policy_text("mx1.live.example", mode="enforce", max_age=max_age)


def ask(name: str, kind: str, server: str = EDGES[0], port: int = 53) -> dns.message.Message | None:
    try:
        return dns.query.udp(dns.message.make_query(name, kind), server, port=port, timeout=2)
    except (dns.exception.DNSException, OSError):
        return None


def texts(name: str, server: str = EDGES[0], port: int = 53) -> list[str]:
    answer = ask(name, "TXT", server, port)
    return [each.to_text() for found in answer.answer for each in found] if answer else []


def serial(server: str = EDGES[0], port: int = 53) -> int:
    answer = ask(SERVICE_ZONE, "SOA", server, port)
    return answer.answer[0][0].serial if answer and answer.answer else 0


def announcement(identifier: str) -> list[str]:
    return [f'"v=STSv1; id={identifier};"']


@pytest.fixture(scope="module", name="edge")
def running_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    edge = Edge(tmp_path_factory.mktemp("edge"))
    edge.publish(DOMAIN, LABEL, body(), "1")
    edge.certify(DOMAIN)
    edge.start()
    yield edge
    assert edge.daemon.stop() == 0
    assert edge.served()[0] == 0, "an edge that ends does not count any more"
    assert not [each for each in edge.daemon.log("role-died") if each["signal"] != "9"]


# ---- the zone ----


@pytest.mark.parametrize("server", EDGES)
def test_the_zone_is_answered(edge: Edge, server: str) -> None:
    assert texts(f"{LABEL}.{SERVICE_ZONE}", server) == announcement("1")
    got = {each.to_text() for each in ask(f"{LABEL}.{SERVICE_ZONE}", "A", server).answer[0]}
    assert got == set(EDGES)
    assert ask(f"{'a' * 16}.{SERVICE_ZONE}", "TXT", server).rcode() == dns.rcode.NXDOMAIN
    assert ask("example.com", "A", server).rcode() == dns.rcode.REFUSED


def test_a_resolver_finds_it(edge: Edge) -> None:
    assert texts(f"{LABEL}.{SERVICE_ZONE}", RESOLVER) == announcement("1")


def test_a_name_comes_changes_and_goes(edge: Edge) -> None:
    label, name = "bcdefghijklmnopq", f"bcdefghijklmnopq.{SERVICE_ZONE}"
    edge.publish("comes.live.example", label, "", "")
    assert eventually(lambda: ask(name, "A").answer, SOON_SECONDS), "it has addresses for the CA"
    assert texts(name) == []
    edge.publish("comes.live.example", label, body(), "7")
    assert eventually(lambda: texts(name) == announcement("7"), SOON_SECONDS)
    edge.fill("unpublish", "comes.live.example")
    assert eventually(lambda: ask(name, "A").rcode() == dns.rcode.NXDOMAIN, SOON_SECONDS)


@pytest.fixture(scope="module", name="knot")
def running_knot(edge: Edge) -> Iterator[None]:
    folder = edge.folder / "knot"
    folder.mkdir()
    config = KNOT.format(
        folder=folder, address=f"{SECONDARY}@{KNOT_PORT}", host=EDGES[0], primary=53, zone=SERVICE_ZONE, key=KEY
    )
    # NOTIFY comes from an address that the system chose; the key says who it is.
    config = config.replace(f"    address: {EDGES[0]}\n    key: {KEY.name}\n    action: notify", f"    key: {KEY.name}\n    action: notify")
    (folder / "conf").write_text(config)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/knotd", "-c", str(folder / "conf")], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def test_a_secondary_follows(edge: Edge, knot: None) -> None:
    """It refreshes every five minutes by itself: what it learns at once it learns by NOTIFY."""
    assert eventually(lambda: serial(SECONDARY, KNOT_PORT) == serial() > 0, TIMEOUT_SECONDS)
    assert texts(f"{LABEL}.{SERVICE_ZONE}", SECONDARY, KNOT_PORT) == announcement("1")
    for number in range(3):
        label = f"secondary{'abc'[number]}aaaaaa"
        edge.publish(f"secondary{number}.live.example", label, body(), str(number))
        name = f"{label}.{SERVICE_ZONE}"
        assert eventually(lambda: texts(name, SECONDARY, KNOT_PORT) == announcement(str(number)), TIMEOUT_SECONDS)
    assert eventually(lambda: serial(SECONDARY, KNOT_PORT) == serial(), TIMEOUT_SECONDS)


# ---- policies ----


@pytest.mark.parametrize(("version", "status"), [("--http1.1", "HTTP/1.1 200 OK"), ("--http2", "HTTP/2 200")])
def test_the_policy(edge: Edge, version: str, status: str) -> None:
    got = edge.curl(version, "--resolve", f"{HOST}:443:{EDGES[0]}", f"https://{HOST}{PATH}")
    head, _, text = got.partition("\n\n")
    assert head.startswith(status)
    assert "content-type: text/plain" in head.lower()
    assert text == body().replace("\r", "")


def test_head_and_what_is_not_there(edge: Edge) -> None:
    answer = edge.get(method="HEAD")
    assert (answer.status, answer.body) == (200, "")
    assert int(answer.headers["Content-Length"]) == len(body())
    assert edge.get(path="/").status == 404
    assert edge.get(path="/.well-known/").status == 404
    plain = edge.curl("-H", f"Host: {HOST}", f"http://{EDGES[0]}{PATH}")
    assert plain.startswith("HTTP/1.1 404") and "location" not in plain.lower()


@pytest.mark.parametrize("name", ["mta-sts.nobody.example", "www.example", None])
def test_an_unknown_name_gets_no_handshake(edge: Edge, name: str | None) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((EDGES[0], 443), timeout=TIMEOUT_SECONDS) as plain:
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            context.wrap_socket(plain, server_hostname=name)


def test_a_challenge_is_answered_at_once_by_all(edge: Edge) -> None:
    edge.fill("challenge", DOMAIN, "to-ken_1", "to-ken_1.thumbprint")
    url = f"http://{EDGES[0]}/.well-known/acme-challenge/"
    for _ in range(10):
        assert edge.curl("-H", f"Host: {HOST}", f"{url}to-ken_1").endswith("\n\nto-ken_1.thumbprint")
    assert edge.curl("-H", f"Host: {HOST}", f"{url}to-ken_2").startswith("HTTP/1.1 404")
    assert edge.curl("-H", "Host: mta-sts.other.example", f"{url}to-ken_1").startswith("HTTP/1.1 404")


def test_served_up_to_a_number_is_true(edge: Edge) -> None:
    """Once all edges have said so, nobody gets an older policy: asked of many connections."""
    for max_age in range(90000, 90008):
        for _ in range(4):
            edge.get()  # so that the old one is in the caches
        edge.publish(DOMAIN, LABEL, body(max_age), "1")
        edge.wait_served()
        got = {edge.get(address=EDGES[number % 2]).body for number in range(12)}
        assert got == {body(max_age)}


def test_a_new_certificate_is_shown_at_once(edge: Edge) -> None:
    def shown() -> bytes:
        with socket.create_connection((EDGES[0], 443), timeout=TIMEOUT_SECONDS) as plain:
            with edge.context.wrap_socket(plain, server_hostname="mta-sts.renewed.live.example") as secure:
                return secure.getpeercert(binary_form=True)

    edge.publish("renewed.live.example", "cdefghijklmnopqr", body(), "1")
    edge.certify("renewed.live.example")
    edge.wait_served()
    old = {shown() for _ in range(6)}
    other = Authority(edge.folder / "ca2")
    edge.context.load_verify_locations(cadata=other.root_pem.decode())
    edge.fill("certify", "renewed.live.example", str(other.issue(GOOD, "mta-sts.renewed.live.example")))
    edge.wait_served()
    new = {shown() for _ in range(6)}
    assert (len(old), len(new), old & new) == (1, 1, set())


def test_check_is_content(edge: Edge) -> None:
    edge.publish(DOMAIN, LABEL, body(), "2")
    edge.wait_served()
    live = Live(SCRATCH / "live")
    live.domain("edge").set(mx=("mx1",), delegation="whole", target=f"{LABEL}.{SERVICE_ZONE}")
    command = [MTASTS, "check", "--json", "--ca-file", str(edge.trust), DOMAIN]
    command += [word for prefix in DOCUMENTATION for word in ("--allow-net", prefix)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    report = json.loads(done.stdout)
    assert [each["slug"] for each in report["findings"]] == ["txt.insecure"], "live.example is not signed"
    assert report["deployment"] == "enforce"


# ---- processes ----


class Stream:
    """Clients that ask without a pause, each over new connections."""

    def __init__(self, edge: Edge, clients: int = 4) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._edge = edge
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self) -> Stream:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                status = self._edge.get().status
            except (OSError, HTTPException) as error:
                self.failures.append(repr(error))
                continue
            if status == 200:
                self.answered += 1
            else:
                self.failures.append(str(status))


def wait_exchanged(edge: Edge, before: list[int]) -> None:
    def is_so() -> bool:
        return not set(edge.pids()) & set(before) and edge.served()[0] == WORKERS

    assert eventually(is_so, 30)


def test_an_exchange_loses_no_request(edge: Edge) -> None:
    before = edge.pids()
    with Stream(edge) as stream:
        time.sleep(0.5)
        edge.daemon.signal(signal.SIGHUP)
        wait_exchanged(edge, before)
        time.sleep(0.5)
    assert stream.failures == []
    assert stream.answered > 100
    ended = edge.daemon.log("role-ended")
    assert [each["status"] for each in ended] == ["0"] * WORKERS


def test_a_worker_that_is_killed_is_started_again(edge: Edge) -> None:
    before = edge.pids()
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: edge.pids()[0] != before[0], SOON_SECONDS)
    assert edge.pids()[1] == before[1], "the other one goes on"
    assert eventually(lambda: edge.served()[0] == WORKERS + 1, SOON_SECONDS), "the new one, and the dead one's lease"
    assert {edge.get().status for _ in range(10)} == {200}
    assert eventually(lambda: edge.served()[0] == WORKERS, TIMEOUT_SECONDS)
    assert texts(f"{LABEL}.{SERVICE_ZONE}") == announcement("2")


# ---- a store that hangs ----


def database_processes() -> list[int]:
    """Those of PostgreSQL, which are all of this test: the lab sees no others."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (each / "comm").read_text() == "postgres\n":
                found.append(int(each.name))
    return found


def test_a_store_that_hangs(tmp_path: Path) -> None:
    """What is known is served on; what is not is soon refused, and keeps nobody waiting."""
    with postgres(SCRATCH) as url:
        edge = Edge(tmp_path, url, LISTEN_ELSEWHERE)
        edge.publish(DOMAIN, LABEL, body(), "1")
        edge.certify(DOMAIN)
        edge.publish("unknown.live.example", "defghijklmnopqrs", body(), "1")
        edge.certify("unknown.live.example")
        edge.start()
        for _ in range(20):
            assert edge.get(address=ELSEWHERE).status == 200
        for each in database_processes():
            os.kill(each, signal.SIGSTOP)
        time.sleep(SILENT_SECONDS)
        begin = time.monotonic()
        for _ in range(20):
            assert edge.get(address=ELSEWHERE).body == body()
            assert texts(f"{LABEL}.{SERVICE_ZONE}", ELSEWHERE) == announcement("1")
            with pytest.raises(ssl.SSLError):
                edge.get("mta-sts.unknown.live.example", address=ELSEWHERE)
        assert time.monotonic() - begin < SOON_SECONDS
        for each in database_processes():
            os.kill(each, signal.SIGCONT)
        assert eventually(lambda: edge.served()[0] == WORKERS, TIMEOUT_SECONDS)
        edge.publish(DOMAIN, LABEL, body(90000), "2")
        edge.wait_served()
        assert edge.get(address=ELSEWHERE).body == body(90000)
        assert edge.get("mta-sts.unknown.live.example", address=ELSEWHERE).status == 200
        assert edge.daemon.stop() == 0
