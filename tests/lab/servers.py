"""Starts the world's servers, and knows when they are ready."""

from __future__ import annotations

import functools
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

import ca
import dns_peer
import http01_peer
import https_peer
import live_dns
import live_peers
import peers
import postfix
import resolver
import smtp_peer
import transfer_peer
import transfers
import world as worlds
from certificates import GOOD, Authority
from domains import Postfix
from live import Live
from smtp_peer import Smtp
from tls import Contexts
from world import World
from zones import Zones

STARTUP_SECONDS = 15
POLL_SECONDS = 0.01


class Servers:
    """All servers of a world, with their files below one folder.

    Nothing stops them: they end with the process namespace that they were started in.
    """

    def __init__(self, world: World, authority: Authority, folder: Path) -> None:
        self._world = world
        self._authority = authority
        self._folder = folder
        self._live = Live(folder / "live")
        self._zones = Zones(world, folder / "zones")

    def start(self) -> None:
        """Starts everything at once; returns when everything answers."""
        if not postfix.can_run(self._folder):
            number = worlds.without_postfix(self._world)
            print(
                f"lab: no user ids for Postfix here: the peer speaks for its {number} servers",
                file=sys.stderr,
            )
        for name in "live", "mail", "hooks", "http01":
            (self._folder / name).mkdir()
        certificate = self._authority.issue(GOOD, worlds.CA_HOST)
        (self._folder / "ca.pem").write_bytes(certificate.read_bytes())
        self._fork_peers()  # before there are threads: a child keeps what they have open
        with ThreadPoolExecutor() as pool:
            signed = pool.submit(self._zones.write)
            resolver.write(self._folder / "resolver", self._zones.trust_anchor, self._zones.root_ds)
            resolver.start(self._folder)
            self._run("nsd", transfers.write(self._folder / "transfers"))
            self._start_postfix()
            ca.Ca().start(self._folder)
            for command in signed.result():
                self._run("knot", command)
        self._wait_for("knot", lambda: _resolves(worlds.NAME_SERVER))
        self._wait_for("knot", lambda: _answers(worlds.LAGGING_SERVER))
        self._wait_for("unbound", lambda: _resolves(worlds.RESOLVER))
        self._wait_for("nsd", lambda: _resolves(worlds.TRANSFER_SERVER, transfers.LARGE))
        self._wait_for("ca-443", ca.Ca().answers)
        for address in self._of_type(Postfix):
            self._wait_for("postfix", lambda: _accepts(address))

    def _run(self, name: str, command: list[str]) -> None:
        with open(self._folder / f"{name}.log", "ab") as log:
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _start_postfix(self) -> None:
        servers = self._of_type(Postfix)
        if servers:
            self._run("postfix", postfix.write(self._folder / "postfix", servers, self._authority))

    def _fork_peers(self) -> None:
        contexts = Contexts(self._authority)
        mail = {
            peers.listen(address, 25): smtp_peer.conversation(each.server, each.names, contexts)
            for address, each in self._of_type(Smtp).items()
        }
        web = {
            peers.listen(address, 443): https_peer.conversation(sites, contexts)
            for address, sites in self._world.sites.items()
        }
        web |= {
            peers.listen(address, 443): live_peers.policies(self._live, edge, contexts)
            for edge, address in enumerate(worlds.LIVE_HTTPS)
        }
        web |= {peers.listen(worlds.HTTP01, 80): http01_peer.conversation(self._folder / "http01")}
        names = {dns_peer.listen(worlds.DNS_PEER): dns_peer.scripted(self._world.zones)} | {
            dns_peer.listen(address): live_dns.LiveServer(name, self._live).answer
            for name, address in worlds.LIVE_SERVERS.items()
        }
        transfer = {peers.listen(worlds.TRANSFER_PEER, 53): transfer_peer.converse}
        doors = live_peers.mail_hosts(self._live, contexts)
        doors += live_peers.sinks_of(self._live, self._folder, contexts)
        peers.fork(lambda: peers.serve_forever(mail))
        peers.fork(lambda: peers.serve_forever(web))
        peers.fork(lambda: peers.serve_forever(transfer))
        peers.fork(lambda: peers.serve_doors(doors))
        for sock, answerer in names.items():
            peers.fork(functools.partial(dns_peer.serve_forever, sock, answerer))
        for sock in [*mail, *web, *transfer, *names]:
            sock.close()

    def _of_type(self, kind: type) -> dict[str, worlds.MailServer]:
        return {
            address: each
            for address, each in self._world.mail_servers.items()
            if isinstance(each.server, kind)
        }

    def _wait_for(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTUP_SECONDS
        while not is_ready():
            if time.monotonic() > deadline:
                log = (self._folder / f"{name}.log").read_text(errors="replace")
                raise SystemExit(f"lab: {name} does not answer\n{log}")
            time.sleep(POLL_SECONDS)


def _ask(server: str, zone: str) -> dns.message.Message | None:
    query = dns.message.make_query(zone, "SOA", want_dnssec=True)
    try:
        return dns.query.udp(query, server, timeout=0.1)
    except (dns.exception.DNSException, OSError):
        return None


def _answers(server: str) -> bool:
    return _ask(server, "example") is not None


def _resolves(server: str, zone: str = "example") -> bool:
    answer = _ask(server, zone)
    return answer is not None and answer.rcode() == dns.rcode.NOERROR


def _accepts(address: str) -> bool:
    try:
        with socket.create_connection((address, 25), timeout=1):
            return True
    except OSError:
        return False
