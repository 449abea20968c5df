"""Does what changes in the lab change when it is said, and do the receivers keep what they take?

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_live.py
"""

from __future__ import annotations

import itertools
import os
import smtplib
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

import live as states
import resolver
import sinks
from live import HTTPS, SMTP, Domain, Entry, Live
from test_lab import Client, ask, fetch, strict_context
from world import LIVE_SERVERS, RESOLVER

SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
LAB = Path(__file__).with_name("lab")
NUMBERS = itertools.count(1)
PATIENCE_SECONDS = 10


@pytest.fixture(name="live")
def live_states() -> Iterator[Live]:
    live = Live(SCRATCH / "live")
    live.reset()
    sinks.clear(SCRATCH / "mail")
    sinks.clear(SCRATCH / "hooks")
    yield live
    live.reset()


@pytest.fixture(name="domain")
def fresh_domain(live: Live) -> Entry[Domain]:
    """A domain of which no resolver remembers anything."""
    entry = live.domain(f"d{next(NUMBERS)}")
    entry.set()
    return entry


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def texts(answer: dns.message.Message) -> list[str]:
    return sorted(item.to_text() for rrset in answer.answer for item in rrset)


def at_server(server: str, name: str, rdtype: str, timeout: float = 2) -> dns.message.Message:
    """What one of the name servers itself says."""
    return dns.query.udp(dns.message.make_query(name, rdtype), LIVE_SERVERS[server], timeout=timeout)


def test_domain_that_was_never_set_is_not_there(live: Live) -> None:
    assert ask("never.live.example", "MX").rcode() == dns.rcode.NXDOMAIN


def test_change_of_a_record_is_seen_soon(domain: Entry[Domain]) -> None:
    domain.set(id="1", mx=["mx1", "mx2"])
    assert texts(ask(f"_mta-sts.{domain.name}", "TXT")) == ['"v=STSv1; id=1;"']
    assert texts(ask(domain.name, "MX")) == ["10 mx1.live.example.", "10 mx2.live.example."]
    domain.set(id="2", mx=["mx3"])
    assert eventually(lambda: texts(ask(f"_mta-sts.{domain.name}", "TXT")) == ['"v=STSv1; id=2;"'])
    assert eventually(lambda: texts(ask(domain.name, "MX")) == ["10 mx3.live.example."])


def test_record_that_is_gone_does_not_exist(domain: Entry[Domain]) -> None:
    domain.set(record="")
    assert ask(f"_mta-sts.{domain.name}", "TXT").rcode() == dns.rcode.NXDOMAIN


def test_name_between_two_others_exists(domain: Entry[Domain]) -> None:
    domain.set(mx=[])
    answer = ask(domain.name, "MX")
    assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])


def test_policy_is_what_the_state_says(domain: Entry[Domain]) -> None:
    domain.set(mode="testing", mx=["mx2"], max_age=86400)
    assert fetch(domain.name) == (
        b"version: STSv1\r\nmode: testing\r\nmx: mx2.live.example\r\nmax_age: 86400\r\n"
    )
    domain.set(policy="anything\n")
    assert fetch(domain.name) == b"anything\n"


def test_second_address_may_serve_something_else(domain: Entry[Domain]) -> None:
    domain.set(policy="one", other_policy="two")
    assert len(texts(ask(f"mta-sts.{domain.name}", "A"))) == 2
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen = set()
    while len(seen) < 2 and time.monotonic() < deadline:
        seen.add(fetch(domain.name))
    assert seen == {b"one", b"two"}


@pytest.mark.parametrize(
    ("https", "reason"),
    [
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate"),
        ("other-name", "Hostname mismatch"),
        ("404", "HTTP Error 404"),
        ("500", "HTTP Error 500"),
        ("silent", "timed out"),
        ("down", "Connection refused"),
        ("no-address", "No address associated"),
        ("no-name", "Name or service not known"),
    ],
)
def test_policy_is_out_of_reach(domain: Entry[Domain], https: str, reason: str) -> None:
    domain.set(https=https)
    with pytest.raises(OSError, match=reason):
        fetch(domain.name)
    domain.set(https="good")
    assert eventually(lambda: _can_be_fetched(domain))


def _can_be_fetched(domain: Entry[Domain]) -> bool:
    try:
        return fetch(domain.name).startswith(b"version: STSv1")
    except OSError:
        return False


def test_slow_policy_comes_late(domain: Entry[Domain]) -> None:
    domain.set(https="slow")
    began = time.monotonic()
    fetch(domain.name)
    assert time.monotonic() - began >= states.SLOW_SECONDS


def test_delegation_is_whole_and_then_removed(domain: Entry[Domain]) -> None:
    domain.set(delegation="whole", id="7")
    label = domain.name.split(".")[0]
    assert '"v=STSv1; id=7;"' in texts(ask(f"_mta-sts.{domain.name}", "TXT"))
    assert texts(ask(f"_mta-sts.{domain.name}", "CNAME")) == [f"{label}.id.publisher.live.example."]
    assert fetch(domain.name).startswith(b"version: STSv1")
    domain.set(delegation="removed")
    assert eventually(lambda: ask(f"_mta-sts.{domain.name}", "TXT").rcode() == dns.rcode.NXDOMAIN)
    assert eventually(lambda: ask(f"mta-sts.{domain.name}", "A").rcode() == dns.rcode.NXDOMAIN)
    assert texts(ask(f"{label}.id.publisher.live.example", "TXT")) == ['"v=STSv1; id=7;"']


def test_delegation_to_a_name_elsewhere(domain: Entry[Domain]) -> None:
    target = "mx.sound.example"
    domain.set(delegation="whole", target=target)
    for name in f"mta-sts.{domain.name}", f"_mta-sts.{domain.name}":
        assert texts(at_server("ns1", name, "A")) == [f"{target}."]
    domain.set(delegation="half")
    assert eventually(lambda: ask(f"mta-sts.{domain.name}", "A").rcode() == dns.rcode.NXDOMAIN)
    assert texts(ask(f"_mta-sts.{domain.name}", "CNAME")) == [f"{target}."]


def test_lagging_server_says_what_was(live: Live, domain: Entry[Domain]) -> None:
    domain.set(id="1")
    live.server("ns2").set(lag=True)
    domain.set(id="2")
    assert texts(at_server("ns1", f"_mta-sts.{domain.name}", "TXT")) == ['"v=STSv1; id=2;"']
    assert texts(at_server("ns2", f"_mta-sts.{domain.name}", "TXT")) == ['"v=STSv1; id=1;"']
    live.server("ns2").set(lag=False)
    assert texts(at_server("ns2", f"_mta-sts.{domain.name}", "TXT")) == ['"v=STSv1; id=2;"']


@pytest.mark.parametrize(("answers", "rcode"), [("lame", "REFUSED"), ("servfail", "SERVFAIL")])
def test_server_answers_badly(live: Live, answers: str, rcode: str) -> None:
    live.server("ns1").set(answers=answers)
    assert dns.rcode.to_text(at_server("ns1", "live.example", "SOA").rcode()) == rcode
    assert at_server("ns2", "live.example", "SOA").rcode() == dns.rcode.NOERROR


def test_server_is_silent(live: Live) -> None:
    live.server("ns1").set(answers="silent")
    with pytest.raises(dns.exception.Timeout):
        at_server("ns1", "live.example", "SOA", timeout=0.3)


def test_one_good_server_is_enough_for_the_resolver(live: Live, domain: Entry[Domain]) -> None:
    domain.set()
    live.server("ns1").set(answers="silent")
    assert eventually(lambda: texts(ask(domain.name, "MX")) == ["10 mx1.live.example."])


def test_the_resolver_waits_for_slow_servers(live: Live) -> None:
    """However quick they were before: it does not take them for dead, and never says SERVFAIL."""
    names = [f"d{next(NUMBERS)}" for _ in range(6)]
    for name in names:
        live.domain(name).set()
        assert texts(ask(f"{name}.live.example", "MX")) == ["10 mx1.live.example."]
    for server in LIVE_SERVERS:
        live.server(server).set(answers="slow")
    for name in names:
        assert texts(ask(f"_mta-sts.{name}.live.example", "TXT")) == ['"v=STSv1; id=1;"'], name


def test_flaky_server_fails_as_often_as_it_should(live: Live) -> None:
    live.server("ns1").set(flaky=20)
    failed = [at_server("ns1", "live.example", "SOA").rcode() == dns.rcode.SERVFAIL for _ in range(400)]
    assert 40 <= sum(failed) <= 120


@pytest.mark.parametrize(
    ("smtp", "reason"),
    [
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate"),
        ("other-name", "Hostname mismatch"),
    ],
)
def test_mail_host_has_a_bad_certificate(live: Live, smtp: str, reason: str) -> None:
    live.host("mx1").set(smtp=smtp)
    client = Client("mx1.live.example")
    client.say(b"EHLO test.example\r\n")
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        client.start_tls()


def test_mail_host_follows_its_state(live: Live) -> None:
    live.host("mx1").set(smtp="no-starttls")
    assert b"STARTTLS" not in Client("mx1.live.example").say(b"EHLO test.example\r\n")
    live.host("mx1").set(smtp="greylist")
    assert Client("mx1.live.example").greeting.startswith(b"421 ")
    live.host("mx1").set(smtp="good")
    client = Client("mx1.live.example")
    assert b"STARTTLS" in client.say(b"EHLO test.example\r\n")
    client.start_tls()


def test_mail_host_refuses_and_comes_back(live: Live) -> None:
    def refuses() -> bool:
        try:
            Client("mx1.live.example")
        except ConnectionRefusedError:
            return True
        except OSError:
            return False  # what waited at the door when it closed
        return False

    live.host("mx1").set(smtp="refused")
    assert eventually(refuses)
    assert Client("mx2.live.example").greeting.startswith(b"220 mx2.live.example")
    live.host("mx1").set(smtp="good")
    assert eventually(lambda: not refuses())


def test_resolver_goes_and_comes_back(domain: Entry[Domain]) -> None:
    domain.set()
    assert texts(ask(domain.name, "MX"))
    resolver.restart(SCRATCH, down_seconds=0.5)
    query = dns.message.make_query(domain.name, "MX")

    def answers() -> bool:
        try:
            return bool(dns.query.udp(query, RESOLVER, timeout=1).answer)
        except (dns.exception.Timeout, OSError):
            return False

    assert eventually(answers)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("a", {"colour": "red"}),
        ("a", {"https": "splendid"}),
        ("mx1", {"smtp": "splendid"}),
        ("hook", {"answers": "201"}),
        ("mx99..", {}),
    ],
)
def test_state_that_is_none_is_refused(live: Live, name: str, change: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        live.entry(name).set(**change)
    assert live.domains() == []


@pytest.mark.parametrize("name", ["mx1", "ns1", "mail", "publisher", "A", "a.b", "../a", ""])
def test_name_that_is_taken_or_none(live: Live, name: str) -> None:
    with pytest.raises(ValueError):
        live.domain(name)


def lab_live(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LAB, "live", *words], capture_output=True, text=True, check=False)


def test_command_changes_and_shows(live: Live) -> None:
    assert lab_live("a", "mx=mx2,mx3", "id=9", "max_age=60", "record=").returncode == 0
    state = live.domain("a").state
    assert (state.mx, state.id, state.max_age, state.txt) == (("mx2", "mx3"), "9", 60, "")
    shown = lab_live("a", "record=default", "mx=default").stdout
    assert shown.startswith("a.live.example id=9 ")
    assert live.domain("a").state.txt == "v=STSv1; id=9;"
    assert live.domain("a").state.mx == ("mx1",)
    assert lab_live("ns2", "lag=yes", "flaky=20").returncode == 0
    assert live.server("ns2").state.lag


@pytest.mark.parametrize(
    "words", [["a", "id"], ["a", "x=1"], ["ns1", "lag=maybe"], ["ns1", "flaky=-1"], ["mx99.", "smtp=good"]]
)
def test_command_refuses(live: Live, words: list[str]) -> None:
    done = lab_live(*words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("lab: ")


def send(port: int = 587, user: str = "", password: str = "", starttls: bool = True) -> None:
    with smtplib.SMTP("mail.sink.example", port, timeout=2) as client:
        if starttls:
            client.starttls(context=strict_context())
        if user:
            client.login(user, password)
        client.sendmail(
            "monitor@test.example",
            ["admin@sink.example"],
            "Subject: =?utf-8?q?gr=C3=BCn?=\nMessage-ID: <1@test.example>\n\nOne.\n.\n..two\n",
        )


@pytest.mark.parametrize("port", [25, 587])
def test_mail_is_kept(live: Live, port: int) -> None:
    send(port)
    (mail,) = sinks.mails(SCRATCH / "mail")
    assert (mail.sender, mail.recipients) == ("monitor@test.example", ("admin@sink.example",))
    assert (mail.tls, mail.user) == ("TLSv1.3", None)
    assert mail.subject == "grün"
    assert mail.message["Message-ID"] == "<1@test.example>"
    assert mail.text.splitlines() == ["One.", ".", "..two"]


def test_mail_by_a_user(live: Live) -> None:
    live.mail.set(user="monitor", password="secret")
    with pytest.raises(smtplib.SMTPSenderRefused):
        send()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(user="monitor", password="other")
    send(user="monitor", password="secret")
    assert [mail.user for mail in sinks.mails(SCRATCH / "mail")] == ["monitor"]


@pytest.mark.parametrize(
    ("answers", "error", "kept"),
    [
        ("4xx", smtplib.SMTPRecipientsRefused, 0),
        ("5xx", smtplib.SMTPRecipientsRefused, 0),
        ("hang", smtplib.SMTPServerDisconnected, 0),
        ("lost", smtplib.SMTPServerDisconnected, 1),
    ],
)
def test_mail_is_not_taken(live: Live, answers: str, error: type[Exception], kept: int) -> None:
    live.mail.set(answers=answers)
    with pytest.raises(error):
        send()
    assert len(sinks.mails(SCRATCH / "mail")) == kept


def test_mail_sink_without_starttls(live: Live) -> None:
    live.mail.set(starttls=False)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        send()


def test_mail_sink_is_down(live: Live) -> None:
    live.mail.set(answers="down")

    def refuses() -> bool:
        try:
            socket.create_connection(("mail.sink.example", 587), timeout=1).close()
        except ConnectionRefusedError:
            return True
        return False

    assert eventually(refuses)


def post(body: bytes = b'{"a": 1}') -> int:
    request = urllib.request.Request(
        "https://hook.sink.example/alerts?x=1",
        body,
        {"X-Signature": "abc", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=strict_context()), _NoRedirect)
    try:
        with opener.open(request, timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(
    ("answers", "status"),
    [("200", 200), ("204", 204), ("400", 400), ("410", 410), ("429", 429), ("500", 500), ("redirect", 302)],
)
def test_hook_is_kept_and_answered(live: Live, answers: str, status: int) -> None:
    live.hook.set(answers=answers)
    assert post() == status
    (hook,) = sinks.hooks(SCRATCH / "hooks")
    assert (hook.method, hook.path, hook.answer) == ("POST", "/alerts?x=1", status)
    assert hook.headers["x-signature"] == "abc"
    assert hook.json == {"a": 1}


def test_hook_hangs(live: Live) -> None:
    live.hook.set(answers="hang")
    with pytest.raises(TimeoutError):
        post()
    assert len(sinks.hooks(SCRATCH / "hooks")) == 1


def test_large_hook_is_kept_whole(live: Live) -> None:
    body = b'"' + b"x" * 100_000 + b'"'
    assert post(body) == 200
    assert sinks.hooks(SCRATCH / "hooks")[0].body == body


def test_words_of_the_states_are_of_use() -> None:
    assert set(HTTPS) >= {"good", "expired", "404", "slow", "down"}
    assert set(SMTP) >= {"good", "expired", "no-starttls", "greylist", "silent", "slow", "refused"}
