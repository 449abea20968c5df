"""One example of each operation of the API, in the order of a story: two domains are added, one is
published and changes its mind, one falls ill, and people and programs come and go.

What stands as "@name" is what the story has learned by then.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from described import Description, Operation
from live import FORGOTTEN_SECONDS
from publishing import CA, PUBLISHED_SECONDS, Owner, Publishing
from watch import eventually
from web import Caller, Person, Web

WELL, SICK, GONE, OURS, FOREIGN = (
    f"{each}.live.example" for each in ("well", "sick", "gone", "ours", "foreign")
)
MX1, MX2, MX3 = (f"mx{number}.live.example" for number in (1, 2, 3))
NAME, PASSWORD = "anna", "correct horse battery staple"
OTHER_PASSWORD = "wrong horse battery staple"


@dataclass
class Story:
    """Who takes part, and what is known."""

    site: Publishing
    web: Web
    api: Description
    anna: Person
    programs: dict[str, Caller]  # by scope
    owners: dict[str, Owner] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def get(self, target: str) -> Any:
        return self.programs["administer"].get(target)

    def of(self, name: str, part: str = "") -> Any:
        """A domain, or something of it; {} if there is none."""
        answer = self.programs["administer"].ask("GET", f"/api/v1/domains/{name}{part}")
        return answer.json if answer.status == 200 else {}

    def told(self, value: Any) -> Any:
        """The value itself, with what is known in the place of "@name"."""
        if isinstance(value, list):
            return [self.told(each) for each in value]
        return self.known[value[1:]] if isinstance(value, str) and value.startswith("@") else value


Holds = Callable[[Story, Any], Any]


def always(*_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Row:
    operation: str
    values: dict[str, Any] = field(default_factory=dict)  # of the path's parameters
    says: dict[str, Any] | None = None
    query: str = ""
    ready: Callable[[Story], Any] = always  # comes true before it is tried
    then: Holds = always  # comes true afterwards, of what was answered
    again: bool = True  # as a form of a page it can be done once more
    by_person: bool = False  # no program can do it


def items(answer: Any, member: str) -> list[Any]:
    return [each[member] for each in answer["items"]]


def of_domain(name: str) -> dict[str, str]:
    return {"domain": name}


# ---- what has to be so ----


def all_are_looked_at(story: Story) -> bool:
    return all(story.of(name).get("verdict") for name in (WELL, SICK, GONE))


def sick_is_known(story: Story) -> bool:
    found = story.get(f"/api/v1/incidents?domain={SICK}")["items"]
    if found:
        story.known["incident"] = found[0]["id"]
    return bool(found)


def is_of_today(story: Story, answer: Any) -> bool:
    today = datetime.datetime.now(datetime.UTC).date()
    found = story.get(f"/api/v1/incidents?domain={SICK}&day={today}")
    return bool(answer["items"]) and set(items(answer, "id")) <= set(items(found, "id"))


def cnames_are_set(story: Story, answer: Any) -> bool:
    owner = story.owners[OURS]
    owner.target = answer["target"].rstrip(".")
    assert len(answer["records"]) == 2 and all(owner.target in each for each in answer["records"])
    owner.delegate()
    return True


def is_live(story: Story) -> bool:
    story.site.hurry_orders()
    return story.of(OURS, "/publication").get("stage") == "live"


def ca_has_issued(story: Story, _: Any) -> bool:
    """Some order may fail at its first try: a resolver remembers where the policy host was."""
    [ca] = [each for each in story.get("/api/v1/cas")["items"] if each["configured"]]
    assert ca["directory"] == CA.directory
    return sum(ca["certificates"].values()) > 0 and bool(ca["orders"]["failing"]) == bool(ca["reasons"])


def another_host_waits(story: Story) -> bool:
    story.owners[OURS].live.set(mx=("mx1", "mx3"))
    return story.of(OURS, "/publication")["mx"]["state"] == "waiting"


def patterns_are(*hosts: str) -> Holds:
    def are(story: Story, _: Any) -> bool:
        found = story.of(OURS, "/publication")["mx"]["patterns"]
        return sorted(each["host"] for each in found) == sorted(hosts)

    return are


def another_policy_bars(story: Story) -> bool:
    """Its owner has a policy of his own, and has ours put beside it."""
    owner = story.owners[FOREIGN]
    if not owner.target:
        program = story.programs["operate"]
        program.ask("POST", "/api/v1/domains", json={"domains": [FOREIGN]})
        assert eventually(lambda: story.of(FOREIGN)["deployment"] == "enforce")
        asked = program.ask(
            "PUT", f"/api/v1/domains/{FOREIGN}/publication", json={"mode": "testing", "max_age": 86400}
        )
        owner.target = asked.json["target"].rstrip(".")
        owner.live.set(https="no-name")
        time.sleep(FORGOTTEN_SECONDS)
        owner.delegate()
    story.site.hurry_orders()
    return story.of(FOREIGN, "/publication").get("bar") == "foreign"


def stage_is(name: str, *stages: str) -> Holds:
    return lambda story, _: story.of(name, "/publication").get("stage") in stages


def hook_was_told(story: Story, _: Any) -> bool:
    return any("test" in str(each) for each in story.site.watch.messages())


def learns(**members: str) -> Holds:
    """What was answered is known from now on, under another name."""

    def learn(story: Story, answer: Any) -> bool:
        story.known |= {name: answer[member] for name, member in members.items()}
        return True

    return learn


def guest_comes_in(story: Story, answer: Any) -> bool:
    person = story.web.welcome(answer["link"], "guest", OTHER_PASSWORD)
    return person.get("/api/v1/me")["name"] == "guest"


def token_works(story: Story, answer: Any) -> bool:
    story.known |= {"token": answer["id"], "secret": answer["token"]}
    return story.web.program(answer["token"]).get("/api/v1/me")["scope"] == "view"


def token_does_not_work(story: Story, _: Any) -> bool:
    return story.web.program(story.known["secret"]).ask("GET", "/api/v1/me").status == 401


def password_is_new(story: Story, _: Any) -> bool:
    return (
        story.web.login(NAME, PASSWORD).status != 303 and story.web.login(NAME, OTHER_PASSWORD).status == 303
    )


# ---- the story ----

ROWS = (
    Row("page_openapi"),
    Row("page_healthz"),
    Row("page_metrics"),
    Row("api_me", then=lambda _, a: a["kind"] == "program" and a["csrf"] is None),
    # The portfolio.
    Row(
        "api_domains_add",
        says={"domains": [WELL, SICK, GONE], "tags": ["api"]},
        then=lambda _, a: (a["added"], a["known"]) == (3, 0),
    ),
    Row(
        "api_domains",
        query="tag=api&paused=no&sort=name&max=2",
        ready=all_are_looked_at,
        then=lambda _, a: items(a, "domain") == [GONE, SICK] and a["next"] and a["total"] == 3,
    ),
    Row("api_domains_csv", query="tag=api"),
    Row(
        "api_domain",
        of_domain(WELL),
        then=lambda story, a: a["deployment"] == "enforce" and story.of(WELL.upper())["domain"] == WELL,
    ),
    Row("api_domain_check", of_domain(WELL)),
    Row("api_domain_pause", of_domain(WELL), then=lambda story, _: story.of(WELL)["paused"]),
    Row("api_domain_resume", of_domain(WELL), then=lambda story, _: not story.of(WELL)["paused"]),
    Row(
        "api_domain_tag",
        of_domain(WELL),
        says={"tag": "a b/c"},
        then=lambda story, _: "a b/c" in story.of(WELL)["tags"],
    ),
    Row(
        "api_domain_untag",
        {"domain": WELL, "tag": "a b/c"},
        then=lambda story, _: "a b/c" not in story.of(WELL)["tags"],
    ),
    Row(
        "api_domain_note",
        of_domain(WELL),
        says={"note": "Ask Bert.\nHe knows."},
        then=lambda story, _: story.of(WELL)["note"].split() == ["Ask", "Bert.", "He", "knows."],
    ),
    Row(
        "api_domain_settings",
        of_domain(WELL),
        says={
            "records-every": 1200,
            "policy-every": "1h",
            "mute": ["tlsrpt.absent"],
            "intent": "enforce",
            "status-page": True,
        },
        then=lambda story, _: story.of(WELL)["settings"]["records-every"] == "20m",
    ),
    Row("page_status", of_domain(WELL)),
    Row("page_badge", {"file": f"{WELL}.svg"}),
    Row("api_domain_evidence", of_domain(WELL), then=lambda _, a: a["domain"] == WELL and a["findings"]),
    Row("api_domain_history", of_domain(WELL), then=lambda _, a: a["next"] is None),
    Row("api_activity", query="tag=api&max=5"),
    Row(
        "api_bulk",
        says={"action": "tag", "domains": [WELL, GONE], "tag": "bulk"},
        then=lambda story, _: items(story.get("/api/v1/domains?tag=bulk"), "domain") == [GONE, WELL],
    ),
    Row(
        "api_bulk",
        says={"action": "untag", "all": True, "matching": "tag=bulk", "count": 2, "tag": "bulk"},
        then=lambda story, _: story.get("/api/v1/domains?tag=bulk")["total"] == 0,
        again=False,  # nobody is counted any more
    ),
    Row(
        "api_domains",
        query="tag=api&certificate_from=2026-01-01&certificate_to=2099-12-31",
        then=lambda _, a: WELL in items(a, "domain"),
    ),
    Row("api_census", then=lambda _, a: a["days"][-1]["domains"] >= 3),
    Row("api_calendar", then=lambda _, a: a["incidents"]),
    # A publication.
    Row(
        "api_publication_ask",
        of_domain(OURS),
        says={"mode": "testing", "max_age": 86400, "follow": "approve", "overlap": 86400, "override": False},
        ready=lambda story: story.programs["operate"].ask(
            "POST", "/api/v1/domains", json={"domains": [OURS]}
        ),
        then=cnames_are_set,
    ),
    Row(
        "api_publication", of_domain(OURS), ready=is_live, then=lambda _, a: a["order"]["follow"] == "approve"
    ),
    Row(
        "api_publication_approve",
        of_domain(OURS),
        says={"hosts": [MX1, MX3]},
        ready=another_host_waits,
        then=patterns_are(MX1, MX3),
        again=False,
    ),
    Row("api_move_begin", of_domain(OURS), says={"to": [MX2]}),
    Row(
        "api_move",
        of_domain(OURS),
        then=lambda _, a: a["under_way"] and [each["host"] for each in a["to"]] == [MX2],
    ),
    Row("api_move_cancel", of_domain(OURS), again=False),
    Row("api_publication_remove", of_domain(OURS), then=stage_is(OURS, "leaving", "removable"), again=False),
    Row("api_publication_keep", of_domain(OURS), then=stage_is(OURS, "live"), again=False),
    Row(
        "api_publication_replace",
        of_domain(FOREIGN),
        ready=another_policy_bars,
        then=lambda story, _: story.of(FOREIGN, "/publication")["bar"] != "foreign",
        again=False,
    ),
    # Incidents.
    Row(
        "api_incidents", query=f"domain={SICK}&state=open", ready=sick_is_known, then=is_of_today
    ),
    Row("api_incident", {"id": "@incident"}, then=lambda _, a: SICK in items(a["domain_list"], "domain")),
    Row(
        "api_incident_acknowledge",
        {"id": "@incident"},
        says={"note": "It is known."},
        then=lambda story, _: story.get(f"/api/v1/incidents/{story.known['incident']}")["note"]
        == "It is known.",
    ),
    # Settings.
    Row("api_channels", then=lambda _, a: sorted(items(a, "name")) == ["hook", "mail"]),
    Row("api_channel_test", {"channel": "hook"}, then=hook_was_told),
    Row("api_cas", then=ca_has_issued),
    Row(
        "api_users_add",
        says={"name": "guest", "scope": "view"},
        then=guest_comes_in,
        again=False,
    ),
    Row("api_users", then=lambda _, a: items(a, "name") == [NAME, "guest"]),
    Row(
        "api_user_change",
        {"user": "guest"},
        says={"scope": "operate"},
        then=lambda story, _: items(story.get("/api/v1/users"), "scope") == ["administer", "operate"],
    ),
    Row("api_user_link", {"user": "guest"}, then=guest_comes_in),
    Row(
        "api_user_remove",
        {"user": "guest"},
        then=lambda story, _: items(story.get("/api/v1/users"), "name") == [NAME],
        again=False,
    ),
    Row("api_tokens_add", says={"name": "reader", "scope": "view", "days": 30}, then=token_works),
    Row("api_tokens", then=lambda _, a: "reader" in items(a, "name")),
    Row("api_token_remove", {"token": "@token"}, then=token_does_not_work, again=False),
    Row("api_audit", query="max=3", then=lambda _, a: len(a["items"]) == 3 and a["next"]),
    Row(
        "api_me_password",
        says={"old": PASSWORD, "new": OTHER_PASSWORD},
        then=password_is_new,
        by_person=True,
        again=False,
    ),
    # The end.
    Row("api_domain_remove", of_domain(GONE), then=lambda story, _: not story.of(GONE), again=False),
)

PATIENCE_SECONDS = PUBLISHED_SECONDS


def row_of(operation: Operation) -> Row | None:
    return next((each for each in ROWS if each.operation == operation.name), None)
