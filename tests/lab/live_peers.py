"""The servers of live.example and sink.example: each caller meets the state of the moment."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import sinks
import smtp_peer
from https_peer import Policies, Site
from live import HTTPS, SMTP, ZONE, Entry, Live
from peers import Conversation, Door
from tls import Contexts
from world import HOOK_SINK, LIVE_MAIL, MAIL_SINK


def policies(live: Live, edge: int, contexts: Contexts) -> Conversation:
    """The policy hosts of all domains, at the first address or at the second."""

    def find(name: str) -> Site | None:
        domain = name.removeprefix("mta-sts.").removesuffix(f".{ZONE}")
        if not live.has_domain(domain):
            return None
        state = live.domain(domain).state
        body = state.other_policy if edge and state.other_policy is not None else state.body
        return Site(HTTPS[state.https], body.encode())

    return Policies(find, contexts).conversation


def mail_hosts(live: Live, contexts: Contexts) -> list[Door]:
    return [_mail_host(live.host(name), address, contexts) for name, address in LIVE_MAIL.items()]


def _mail_host(entry: Entry, address: str, contexts: Contexts) -> Door:
    def converse(sock: socket.socket) -> None:
        smtp_peer.conversation(SMTP[entry.state.smtp], (entry.name,), contexts)(sock)

    return Door(address, 25, converse, lambda: entry.state.smtp != "refused")


def sinks_of(live: Live, scratch: Path, contexts: Contexts) -> list[Door]:
    """The receivers, which keep what they take below the scratch folder."""
    mail = sinks.mail_sink(live.mail, scratch / "mail", contexts)
    hook = sinks.hook_sink(live.hook, scratch / "hooks", contexts)
    return [
        *(Door(MAIL_SINK, port, mail, _is_up(live.mail)) for port in (25, 587)),
        Door(HOOK_SINK, 443, hook, _is_up(live.hook)),
    ]


def _is_up(entry: Entry) -> Callable[[], bool]:
    return lambda: entry.state.answers != "down"
