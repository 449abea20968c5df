"""What the name servers of live.example say: the states of the moment as records."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from live import LATE_SECONDS, STEADY_TTL, TTL, ZONE, Domain, Live
from world import LIVE_CLOSED, LIVE_HTTPS, LIVE_MAIL, LIVE_SERVERS, quoted

Records = dict[str, list[str]]  # owner -> "TYPE DATA", names without their final dot

PUBLISHER = f"publisher.{ZONE}"
STEPS = 4  # of aliases, within the zone


def records_of(name: str, state: Domain) -> Records:
    """The records of a domain."""
    domain = f"{name}.{ZONE}"
    found: Records = {domain: [f"MX 10 {host}." for host in state.hosts]}
    found |= _text(f"_smtp._tls.{domain}", state.tlsrpt)
    match state.delegation:
        case "none":
            found |= _text(f"_mta-sts.{domain}", state.txt)
            found |= _policy_host(f"mta-sts.{domain}", state)
        case "whole":
            found[f"_mta-sts.{domain}"] = [f"CNAME {state.target or f'{name}.id.{PUBLISHER}'}."]
            found[f"mta-sts.{domain}"] = [f"CNAME {state.target or f'{name}.www.{PUBLISHER}'}."]
        case "half":
            found[f"_mta-sts.{domain}"] = [f"CNAME {state.target or f'{name}.id.{PUBLISHER}'}."]
    return found


def published(name: str, state: Domain) -> Records:
    """The records that a publisher has for it, whether or not it points there."""
    return _text(f"{name}.id.{PUBLISHER}", state.txt) | _policy_host(f"{name}.www.{PUBLISHER}", state)


def _text(owner: str, text: str) -> Records:
    return {owner: [f"TXT {quoted(text)}"]} if text else {}


def _policy_host(owner: str, state: Domain) -> Records:
    if state.https == "no-name":
        return {}
    if state.https == "no-address":
        return {owner: ["TXT nobody"]}
    if state.https == "down":
        return {owner: [f"A {LIVE_CLOSED}"]}
    edges = LIVE_HTTPS if state.other_policy is not None else LIVE_HTTPS[:1]
    return {owner: [f"A {address}" for address in edges]}


@functools.cache
def apex() -> Records:
    """What does not change: the zone itself, its servers and its mail hosts."""
    servers = [f"{name}.{ZONE}" for name in LIVE_SERVERS]
    soa = f"SOA {servers[0]}. hostmaster.nic.example. 1 3600 600 86400 {TTL}"
    hosts = {**LIVE_SERVERS, **LIVE_MAIL}
    return {ZONE: [soa, *(f"NS {each}." for each in servers)], f"www.{PUBLISHER}": ["TXT publisher"]} | {
        f"{name}.{ZONE}": [f"A {address}"] for name, address in hosts.items()
    }


def zone_at(owner: str, live: Live) -> Records:
    """As much of the zone as could have to do with a name."""
    labels = owner.removesuffix(ZONE).rstrip(".").split(".")
    name = labels[0] if owner.endswith(f".{PUBLISHER}") else labels[-1]
    if not live.has_domain(name):
        return apex()
    publish = published if owner.endswith(f".{PUBLISHER}") else records_of
    return apex() | publish(name, live.domain(name).state)


def fill(answer: dns.message.Message, records_at: Callable[[str], Records]) -> None:
    """Answers the question, following aliases as far as the zone knows them."""
    question = answer.question[0]
    owner = question.name.to_text(omit_final_dot=True).lower()
    rdtype = dns.rdatatype.to_text(question.rdtype)
    answer.flags |= dns.flags.AA
    for _ in range(STEPS):
        zone = records_at(owner)
        here = zone.get(owner, [])
        alias = next((line for line in here if line.startswith("CNAME ")), None)
        wanted = [alias] if alias else [line for line in here if line.split()[0] == rdtype]
        if wanted:
            _add(answer, owner, wanted)
        if not alias or rdtype == "CNAME":
            break
        owner = alias.split()[1].rstrip(".").lower()
        if not owner.endswith(f".{ZONE}"):
            break  # elsewhere: the resolver goes on
    if not wanted:
        if not any(name == owner or name.endswith(f".{owner}") for name in zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        answer.authority.append(_rrset(ZONE, TTL, zone[ZONE][:1]))


def _add(answer: dns.message.Message, owner: str, lines: list[str]) -> None:
    answer.answer.append(_rrset(owner, STEADY_TTL if owner in apex() else TTL, lines))


def _rrset(owner: str, ttl: int, lines: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(f"{owner}.", ttl, [_rdata(each) for each in lines])


@functools.lru_cache(10_000)
def _rdata(line: str) -> dns.rdata.Rdata:
    """Reading text is most of the work, and the same is said again and again."""
    rdtype, data = line.split(maxsplit=1)
    return dns.rdata.from_text("IN", rdtype, data)


class LiveServer:
    """One of the name servers. The seed is its own, so that a run can be told again."""

    def __init__(self, name: str, live: Live) -> None:
        self._entry = live.server(name)
        self._live = live
        self._random = random.Random(name)

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """None: silence."""
        state = self._entry.state
        is_off = self._random.randrange(100) < state.flaky
        behaviour = state.flaky_answers if is_off else state.answers
        answer = dns.message.make_response(query)
        match behaviour:
            case "silent":
                return None
            case "servfail":
                answer.set_rcode(dns.rcode.SERVFAIL)
            case "lame":
                answer.set_rcode(dns.rcode.REFUSED)
            case _:
                if behaviour == "slow":
                    time.sleep(LATE_SECONDS)
                view = self._entry.view(self._live)
                fill(answer, lambda owner: zone_at(owner, view))
        return answer
