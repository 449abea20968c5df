"""The API, from end to end: every operation of its description, as it is meant, and as it is not.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_web_api.py

The operations are tried in the order of a story (api_examples.py). Before each is done as it is
meant, everything is tried that it has to refuse (api_refusals.py): that has to be answered with
a problem, and to change nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser

from api_examples import (
    FOREIGN,
    NAME,
    OTHER_PASSWORD,
    OURS,
    PASSWORD,
    PATIENCE_SECONDS,
    ROWS,
    SICK,
    WELL,
    Row,
    Story,
)
from api_refusals import LONG, MARKUP, Spoiler, form_refusals
from certificates import GOOD, Authority
from described import SCOPES, Description, Operation
from live import Live
from publishing import ROLES, Publishing
from watch import eventually, postgres
from web import FORM, Answer, Web, form

SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
ADDRESS = ("127.0.0.1", 8080)
SECURE_ADDRESS = ("localhost", 8443)
LINK = re.compile(r"https?://\S+/welcome\?\S+")
PAGES = ("/", "/incidents", "/overview", "/activity", "/settings")


@pytest.fixture(scope="module", params=("http, sqlite", "https, postgresql"), name="story")
def running_story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """All of it happens twice: as on one's own machine, and as for many."""
    folder = tmp_path_factory.mktemp("api")
    with contextlib.ExitStack() as at_end:
        if request.param == "http, sqlite":
            yield at_end.enter_context(telling(folder, Web(ADDRESS), {}, None))
            return
        authority = Authority(folder / "certificates")
        pem = str(authority.issue(GOOD, SECURE_ADDRESS[0]))
        web = Web(SECURE_ADDRESS, ssl.create_default_context(cadata=authority.root_pem.decode()))
        store = at_end.enter_context(postgres(SCRATCH))
        yield at_end.enter_context(telling(folder, web, {"certificate": pem, "key": pem}, store))


@contextlib.contextmanager
def telling(folder: Path, web: Web, tls: dict[str, str], store: str | None) -> Iterator[Story]:
    """The story, at its beginning."""
    live = Live(SCRATCH / "live")
    live.reset()
    live.domain("well").set(mx=("mx1",))
    live.domain("sick").set(mx=("mx1",), https="expired")
    live.domain("gone").set(mx=("mx1",))
    port = web.origin.rpartition(":")[2]
    settings = {
        "daemon": {"roles": " ".join((*ROLES, "web"))},
        "web": {"listen": f"127.0.0.1@{port}", "origin": web.origin, "proxy": "127.0.0.0/8", **tls},
    }
    with Publishing(folder, live, settings, store) as site:
        site.start()
        assert eventually(web.is_there)
        anna = web.welcome(first_link(site), NAME, PASSWORD)
        story = Story(
            site=site,
            web=web,
            api=Description(web.stranger().get("/api/openapi.json")),
            anna=anna,
            programs={scope: web.program(new_token(anna, f"the {scope}", scope)) for scope in SCOPES},
        )
        story.owners = {
            OURS: site.owner("ours", mx=("mx1",)),
            FOREIGN: site.owner("foreign", mx=("mx1",), https="good", record=None),
        }
        yield story
    live.reset()


def first_link(site: Publishing) -> str:
    """What lets the first one in is printed when the role starts."""
    found = eventually(lambda: LINK.search(site.watch.daemons[0].output()))
    assert found, "the role web prints a link"
    return found[0].strip('"')


def new_token(person: Any, name: str, scope: str) -> str:
    answer = person.ask("POST", "/api/v1/tokens", json={"name": name, "scope": scope})
    assert answer.status == 200, answer
    return answer.json["token"]


# ---- every operation ----


def state(story: Story) -> dict[str, Any]:
    """All that an operation can change."""
    members = ("domain", "paused", "tags", "note", "settings")
    domains = story.get("/api/v1/domains?max=1000")["items"]
    incidents = story.get("/api/v1/incidents?max=1000")["items"]
    tokens = story.get("/api/v1/tokens")["items"]
    ours = [story.of(name, "/publication") for name in (OURS, FOREIGN)]
    return {
        "domains": [{member: each[member] for member in members} for each in domains],
        "publications": [(each.get("order"), each.get("move")) for each in ours],
        "acknowledged": {each["id"]: each["note"] for each in incidents if each["acknowledged_at"]},
        "users": [(each["name"], each["scope"]) for each in story.get("/api/v1/users")["items"]],
        "tokens": [(each["id"], each["name"], each["scope"], each["until"]) for each in tokens],
        "deeds": newest_deed(story)["id"],
    }


def newest_deed(story: Story) -> dict[str, Any]:
    deeds = story.get("/api/v1/audit?max=1")["items"]
    return deeds[0] if deeds else {"id": 0}


def refuse(story: Story, operation: Operation, row: Row) -> None:
    """Whatever is wrong with it: it is refused, and nothing has changed."""
    before = state(story)
    faults = []
    for refusal in Spoiler(story, operation, row).all():
        faults += refusal.faults(refusal.ask())
        if newest_deed(story)["id"] != before["deeds"]:
            faults.append(f"{refusal.label}: {newest_deed(story)}")
            break
    if operation.writes:
        for label, answer, status in form_refusals(story, operation, row):
            if answer.status != status or (answer.type != "text/html" and status != 303):
                faults.append(f"{label}: got {answer}, want {status}, as a page")
    assert not faults, "\n".join(faults)
    assert state(story) == before


def do(story: Story, operation: Operation, row: Row) -> Answer:
    """As it is meant, by whoever may do just that."""
    caller = story.anna if row.by_person else story.programs[operation.scope or "view"]
    spoiler = Spoiler(story, operation, row)
    answer = caller.ask(operation.method, spoiler.target, json=spoiler.body)
    assert answer.status == 200, answer
    assert not story.api.faults(operation, answer)
    if operation.writes:
        who = NAME if row.by_person else f"token the {operation.scope}"
        assert newest_deed(story)["who"] == who
    return answer


def do_as_form(story: Story, operation: Operation, row: Row) -> None:
    """The same as a page says it: it is led back."""
    spoiler = Spoiler(story, operation, row)
    answer = story.anna.submit(operation.method, spoiler.target, {**(spoiler.body or {}), "back": "/"})
    assert answer.status in (200, 303), answer
    assert newest_deed(story)["who"] == NAME


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
def test_operation(story: Story, row: Row) -> None:
    operation = story.api.operation(row.operation)
    assert eventually(lambda: row.ready(story), PATIENCE_SECONDS), "it could be tried"
    if operation.scope:
        refuse(story, operation, row)
    answer = do(story, operation, row)
    said = answer.json if answer.type == "application/json" else answer
    assert eventually(lambda: row.then(story, said), PATIENCE_SECONDS), "it was done"
    if operation.writes and row.again:
        do_as_form(story, operation, row)


def test_every_operation_has_an_example(story: Story) -> None:
    described = {each.name for each in story.api.operations}
    assert described == {row.operation for row in ROWS}


# ---- text of strangers ----


def test_text_of_strangers_is_no_markup(story: Story) -> None:
    """Whatever stands in a note, a tag or a name, or is asked for, a page shows it as text."""
    program = story.programs["administer"]
    text = f"\"><b x='{MARKUP}"
    known = f"/api/v1/domains/{WELL}"
    for method, target, says in (
        ("PUT", f"{known}/note", {"note": text}),
        ("POST", f"{known}/tags", {"tag": text}),
        ("POST", f"/api/v1/incidents/{story.known['incident']}/acknowledge", {"note": text}),
        ("POST", "/api/v1/tokens", {"name": text, "scope": "view"}),
    ):
        answer = program.ask(method, target, json=says)
        assert answer.status == 200, answer
    asked = "".join(f"%{octet:02x}" for octet in text.encode())
    shown = 0
    for target in (
        *PAGES,
        f"/domains/{WELL}",
        f"/domains/{WELL}/evidence",
        f"/domains/{WELL}/move?to={asked}",
        f"/incidents/{story.known['incident']}",
        f"/?search={asked}&tag={asked}&provider={asked}",
        f"/activity?kind={asked}&tag={asked}",
        f"/domains/{asked}",
        f"/?said={asked}",
        f"/login?back={asked}",
    ):
        page = story.anna.ask("GET", target)
        assert page.status in (200, 303, 400, 404), f"{target}: {page}"
        assert "<b x=" not in page.text and MARKUP not in page.text, target
        shown += "&lt;script&gt;alert(1)" in page.text
    assert shown >= 3, "it is shown, as text"
    assert story.of(WELL)["note"] == text


def test_pages_say_what_a_browser_may_do(story: Story) -> None:
    for target in (*PAGES, f"/domains/{WELL}", "/login", "/no-such-page"):
        fields = story.anna.ask("GET", target).fields
        policy = fields["Content-Security-Policy"]
        for word in "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'":
            assert word in policy, target
        assert "unsafe" not in policy
        assert fields["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in fields["Cache-Control"]
        assert fields["Referrer-Policy"]


# ---- HTTP as nobody means it ----


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("PATCH", "/api/v1/me", (405, 501)),
        ("DELETE", "/api/v1/me", (405,)),
        ("PUT", "/api/v1/census", (405,)),
        ("GET", "/api/v1/bulk", (405,)),
        ("GET", "/api/v1/no-such", (404,)),
        ("GET", "/api/v1", (404,)),
        ("GET", "/api/v1//me", (404,)),
        ("GET", "/api/v1/me/", (404,)),
        ("GET", "/api/v1/../v1/me", (400, 404)),
        ("GET", "/static/..%2f..%2fetc%2fpasswd", (400, 404)),
        ("GET", "/static/%00", (400, 404)),
        ("GET", "/api/v1/%zz", (400, 404)),
        ("GET", "/api/v1/domains?" + "a=b&" * 5000, (400, 414, 431)),
        ("GET", "/" + "a" * 10_000, (414, 431)),
    ],
)
def test_what_cannot_be_asked_for(story: Story, method: str, target: str, status: tuple[int, ...]) -> None:
    answer = story.programs["administer"].ask(method, target)
    assert answer.status in status, answer
    for says in None, b"method=DELETE":
        answer = story.web.stranger().ask(method, target, body=says, media=FORM)
        assert answer.status in (*status, 303, 401), answer


def test_a_head_is_a_get_without_its_body(story: Story) -> None:
    for target in "/api/v1/me", "/healthz", "/settings":
        answer = story.anna.ask("HEAD", target)
        assert (answer.status, answer.body) == (200, b""), target


def test_what_is_too_large_is_not_read(story: Story) -> None:
    """Though nobody but the sender knows how much is to come."""
    program = story.programs["operate"]
    for length in "99999999999", "18446744073709551617":
        answer = program.ask(
            "POST", "/api/v1/bulk", fields={"Content-Type": "application/json", "Content-Length": length}
        )
        assert answer.status in (400, 413), answer


# ---- who is let in ----


def test_a_wrong_password_is_refused_and_then_nobody_may_try(story: Story) -> None:
    """Of an address far away; whoever comes from elsewhere is not kept out."""
    far = {"X-Forwarded-For": "192.0.2.77", "Content-Type": FORM, "Origin": story.web.origin}
    statuses = []
    for turn in range(30):
        body = form({"name": NAME, "password": f"guess {turn}"})
        statuses.append(story.web.ask("POST", "/login", body, far).status)
    assert 303 not in statuses
    assert statuses[-1] == 429, statuses
    assert len({*statuses} & {400, 401, 403}) == 1, statuses
    right = form({"name": NAME, "password": OTHER_PASSWORD})
    assert story.web.ask("POST", "/login", right, far).status == 429, "the right one too"
    assert story.web.login(NAME, OTHER_PASSWORD).status == 303, "from elsewhere"
    tried = [each for each in story.get("/api/v1/audit?max=100")["items"] if each["what"] == "login-failed"]
    assert "192.0.2.77" in {each["from"] for each in tried}


def test_an_account_that_is_not_there_looks_like_a_wrong_password(story: Story) -> None:
    wrong, unknown = (story.web.login(name, "no such password") for name in (NAME, "nobody"))
    assert wrong.status == unknown.status
    assert re.sub(r"anna|nobody|value=\"[^\"]*\"", "", wrong.text) == re.sub(
        r"anna|nobody|value=\"[^\"]*\"", "", unknown.text
    )


def test_the_cookie_is_for_this_dashboard_alone(story: Story) -> None:
    cookie = story.web.login(NAME, OTHER_PASSWORD).fields["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert "Domain=" not in cookie
    assert cookie.startswith("__Host-mtasts=" if story.web.is_secure else "mtasts=")
    assert ("Secure" in cookie) == story.web.is_secure


def test_tls_is_for_good(story: Story) -> None:
    """RFC 6797 7.2: where there is none it cannot be asked for."""
    for target in "/login", "/api/v1/me", "/static/no-such", "/healthz":
        fields = story.web.ask("GET", target).fields
        assert bool(fields["Strict-Transport-Security"]) == story.web.is_secure, target


def test_whoever_logs_out_is_out(story: Story) -> None:
    person = story.web.person(NAME, OTHER_PASSWORD)
    assert person.ask("POST", "/logout", body=b"", media=FORM, fields={"X-CSRF-Token": ""}).status == 403
    assert person.get("/api/v1/me")["name"] == NAME, "nobody else can log one out"
    assert person.submit("POST", "/logout", {}).status == 303
    assert person.ask("GET", "/api/v1/me").status == 401


def test_a_link_lets_in_once(story: Story) -> None:
    program = story.programs["administer"]
    link = program.ask("POST", "/api/v1/users", json={"name": "eve", "scope": "view"}).json["link"]
    eve = story.web.welcome(link, "eve", PASSWORD)
    target = link.removeprefix(story.web.origin)
    assert story.web.ask("GET", target).status in (400, 403, 404, 410), "it was used"
    assert program.ask("DELETE", "/api/v1/users/eve").status == 200
    assert eve.ask("GET", "/api/v1/me").status == 401, "who is removed is out"
    assert story.web.login("eve", PASSWORD).status != 303


def test_the_last_who_may_administer_stays(story: Story) -> None:
    program = story.programs["administer"]
    for method, says in ("DELETE", None), ("PUT", {"scope": "operate"}):
        answer = program.ask(method, f"/api/v1/users/{NAME}", json=says)
        assert answer.slug == "conflict", answer


def test_what_is_held_is_not_removed(story: Story) -> None:
    answer = story.programs["operate"].ask("DELETE", f"/api/v1/domains/{OURS}")
    assert answer.slug == "conflict", answer
    assert story.of(OURS)


def test_what_is_not_published_has_no_publication_and_no_move(story: Story) -> None:
    program = story.programs["operate"]
    at = f"/api/v1/domains/{SICK}"
    for word in "keep", "remove", "replace":
        answer = program.ask("POST", f"{at}/publication/{word}")
        assert answer.slug == "not-found", f"{word}: {answer}"
    answer = program.ask("POST", f"{at}/publication/approve", json={"hosts": ["mx.example"]})
    assert answer.slug == "not-found", answer
    for method in "GET", "DELETE":
        answer = program.ask(method, f"{at}/move")
        assert answer.slug == "not-found", f"{method}: {answer}"


def test_pages_lead_a_stranger_to_the_login(story: Story) -> None:
    for target in *PAGES, f"/domains/{WELL}":
        answer = story.web.ask("GET", target)
        assert answer.status == 303 and answer.fields["Location"].startswith("/login"), f"{target}: {answer}"


def test_a_status_page_is_there_for_who_wants_one(story: Story) -> None:
    stranger = story.web.stranger()
    assert stranger.ask("GET", f"/status/{WELL}").status == 200
    assert stranger.ask("GET", f"/badge/{WELL}.svg").type == "image/svg+xml"
    for target in f"/status/{SICK}", f"/badge/{SICK}.svg", "/status/no-such.example":
        assert stranger.ask("GET", target).status == 404, target


# ---- what machines read ----


def test_pages_of_a_list_have_each_row_once(story: Story) -> None:
    names, after = [], ""
    while after is not None:
        page = story.get(f"/api/v1/domains?sort=name&max=2&after={after}")
        names += [each["domain"] for each in page["items"]]
        after = page["next"]
    assert names == sorted(names)
    assert len(set(names)) == len(names) == page["total"]


def test_metrics_are_open_metrics(story: Story) -> None:
    assert story.web.ask("GET", "/metrics").status == 401
    answer = story.programs["view"].ask("GET", "/metrics")
    assert answer.status == 200 and answer.type == "application/openmetrics-text", answer
    families = list(parser.text_string_to_metric_families(answer.text))
    assert families and all(each.name.startswith("mtasts_") and each.documentation for each in families)
    values = [value for each in families for sample in each.samples for value in sample.labels.values()]
    assert not [value for value in values if "live.example" in value], "no label is a domain's"


def test_it_is_well_while_it_is(story: Story) -> None:
    assert story.web.ask("GET", "/healthz").status == 200


def test_answers_are_short(story: Story) -> None:
    """What is asked for packed comes packed."""
    packed = story.anna.ask("GET", "/", fields={"Accept-Encoding": "gzip"})
    assert packed.fields["Content-Encoding"] == "gzip"
    assert len(packed.body) < len(story.anna.ask("GET", "/").body)


def test_a_long_name_is_no_name(story: Story) -> None:
    answer = story.web.login(LONG, LONG)
    assert answer.status in (400, 401, 403), answer
