"""The dashboard as a person sees it: every page and every action, in a real browser.

    AXE=$(tests/browser/fetch build/browser) tests/lab/lab run -- /usr/bin/python3 -m pytest \\
        tests/lab/test_browser.py

One person goes through all of it, so the tests stand in the order of a story. SCREENS names a
folder for pictures of every page: light, dark, and as narrow as screens get.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import thirty
from browser import NARROW, WIDE, Browser
from dashboard import Dashboard
from live import FORGOTTEN_SECONDS, Live
from publishing import CA
from watch import eventually

SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
SCREENS = Path(os.environ["SCREENS"]) if "SCREENS" in os.environ else None
NAME, PASSWORD = "anna", "correct horse battery staple"
OTHER, OTHER_PASSWORD = "bert", "another horse, another battery"
LOOKED_SECONDS = 120
HOSTILE = "<script>alert(1)</script>"

BAKERY, BREWERY, TAILOR = (f"{label}.live.example" for label in ("bakery", "brewery", "tailor"))
MX3 = "mx3.live.example"

# What a domain can be, as the API describes it: each has to be seen in the portfolio.
DESCRIPTION = json.loads(Path(__file__).parents[2].joinpath("web", "openapi.json").read_text())
STATES = [
    (axis, state)
    for axis in ("verdict", "deployment", "eligibility")
    for state in DESCRIPTION["components"]["parameters"][axis]["schema"]["enum"]
    if state != "unseen"  # for seconds: nobody has looked at it yet
]
STATES.append(("paused", True))

# Every page by the name of its pictures. {incident} is one that is open.
PAGES = {
    "portfolio": "/",
    "portfolio-filtered": "/?verdict=error",
    "portfolio-nothing": "/?search=nobody-is-called-so",
    "domain-error": f"/domains/{BAKERY}",
    "domain-good": f"/domains/{BREWERY}",
    "domain-published": f"/domains/{TAILOR}",
    "evidence": f"/domains/{BAKERY}/evidence",
    "move": f"/domains/{BREWERY}/move",
    "incidents": "/incidents",
    "incidents-ended": "/incidents?state=resolved",
    "incident": "/incidents/{incident}",
    "overview": "/overview",
    "activity": "/activity",
    "settings": "/settings",
    "missing": "/domains/nobody.example",
}


@pytest.fixture(scope="module", name="live")
def live_states() -> Iterator[Live]:
    live = Live(SCRATCH / "live")
    live.reset()
    time.sleep(FORGOTTEN_SECONDS)
    yield live
    live.reset()


@pytest.fixture(scope="module", name="board")
def running_board(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    names = thirty.set_up(live)
    live.domain("bakery").set(https="expired")
    with Dashboard(tmp_path_factory.mktemp("board"), live) as board:
        thirty.add(board.watch, names)
        board.start()
        assert eventually(lambda: thirty.are_looked_at(board.watch), LOOKED_SECONDS)
        assert eventually(lambda: board.watch.incidents("--domain", BAKERY), LOOKED_SECONDS)
        thirty.pause(board.watch, live)
        yield board


@pytest.fixture(scope="module", name="browser")
def one_browser(board: Dashboard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(board.web.origin, tmp_path_factory.mktemp("browser"), SCREENS) as browser:
        yield browser


@pytest.fixture(autouse=True)
def as_usual(request: pytest.FixtureRequest) -> Iterator[None]:
    """What went wrong is kept as a picture; whatever a test did to the window is undone."""
    yield
    browser: Browser = request.getfixturevalue("browser")
    browser.size(*WIDE)
    browser.scheme("light")


def log_in(browser: Browser, name: str = NAME, password: str = PASSWORD) -> None:
    browser.open("/login")
    browser.fill("Name", name)
    browser.fill("Password", password)
    browser.press("Log in")


def look(browser: Browser, name: str) -> None:
    """The page as it stands, for everybody: axe in light and dark, and no wider than a phone."""
    found = []
    for scheme in "light", "dark":
        browser.scheme(scheme)
        found += [f"{scheme}: {each}" for each in browser.violations()]
        browser.screen(f"{name}-{scheme}")
    browser.scheme("light")
    browser.size(*NARROW)
    found += [f"narrow: {each}" for each in browser.violations()]
    browser.screen(f"{name}-360")
    if browser.overflow() > 0:
        found.append(f"{browser.path}: {browser.overflow()} pixels wider than a narrow screen")
    browser.size(*WIDE)
    assert not found, "\n".join(found)


def incident_of(board: Dashboard, name: str) -> int:
    return board.watch.incidents("--domain", name)[0]["id"]


# ---- the way in ----


def test_nobody_sees_anything_without_a_login(browser: Browser) -> None:
    for path in "/", f"/domains/{BAKERY}", "/settings":
        browser.open(path)
        assert browser.is_at("/login"), path
        assert BAKERY not in browser.text
    look(browser, "login")


def test_the_first_one_comes_in_by_the_printed_link(board: Dashboard, browser: Browser) -> None:
    link = board.link()
    browser.forgiven.append("404")
    browser.open(link)
    look(browser, "welcome")
    browser.fill("Name", NAME)
    browser.fill("Password", PASSWORD)
    browser.press("Log in")
    assert browser.is_at("/")
    assert browser.sees("Portfolio")
    browser.open(link)
    assert "Portfolio" not in browser.text, "once"


def test_a_wrong_password_is_told(browser: Browser) -> None:
    browser.open("/")
    browser.press("Log out")
    assert browser.sees("logged out")
    browser.forgiven.append("401")
    log_in(browser, password="incorrect horse")
    assert browser.is_at("/login")
    assert browser.sees("wrong", 5) or browser.sees("not", 5)
    look(browser, "login-refused")
    log_in(browser)
    assert browser.is_at("/")


# ---- the portfolio ----


def rows(browser: Browser) -> list[str]:
    """The names of the domains that are shown."""
    return browser.texts("table.grid tbody .name > a")


def test_the_portfolio_shows_all_and_what_they_are(board: Dashboard, browser: Browser) -> None:
    browser.open("/")
    assert sorted(rows(browser)) == sorted(board.watch.domains())
    assert rows(browser)[0] != sorted(rows(browser))[0], "what needs attention stands first"
    assert browser.sees("Enforce") or browser.sees("enforce")


def test_domains_are_added(board: Dashboard, browser: Browser, live: Live) -> None:
    for label in "tailor", "cooper":
        live.domain(label).set(mx=("mx1",), record="", https="no-name")
    before = len(board.watch.domains())
    browser.open("/")
    browser.unfold("Add domains")
    browser.fill("Domains", f"{TAILOR}\ncooper.live.example")
    browser.fill("Tag for all", "new")
    browser.press("Add")
    assert browser.sees("Added")
    assert eventually(lambda: len(rows(browser)) == before + 2)
    assert eventually(lambda: thirty.are_looked_at(board.watch))


def test_what_is_no_domain_is_refused_in_words(browser: Browser) -> None:
    browser.open("/")
    browser.unfold("Add domains")
    browser.fill("Domains", HOSTILE)
    browser.press("Add")
    assert browser.sees("not understood")
    assert HOSTILE in browser.text, "shown as text"
    browser.forgiven.append("400")


def test_searching_while_typing(browser: Browser) -> None:
    browser.open("/")
    browser.key("/")
    browser.key(*"bakery")
    assert eventually(lambda: rows(browser) == [BAKERY])
    assert "search=bakery" in browser.path
    assert browser.name(browser.focused) == "Search", "the focus stays where one types"
    browser.key(*"xyz")
    assert browser.sees("No domain is like that")
    browser.driver.back()


def test_filters(browser: Browser) -> None:
    browser.open("/")
    browser.fill("Deployed", "Testing")
    assert eventually(lambda: "cobbler.live.example" in rows(browser) and BREWERY not in rows(browser))
    assert "deployment=testing" in browser.path
    browser.follow("Show all")
    assert eventually(lambda: BREWERY in rows(browser))


def test_sorting(browser: Browser) -> None:
    browser.open("/?sort=name")
    assert rows(browser) == sorted(rows(browser))
    browser.follow("Domain", "thead")
    assert eventually(lambda: rows(browser) == sorted(rows(browser), reverse=True))
    assert browser.one("th[aria-sort=descending]").text.startswith("Domain")


def test_paging(board: Dashboard, browser: Browser) -> None:
    browser.open("/?sort=name&max=20")
    first = rows(browser)
    assert len(first) == 20
    browser.follow("Next")
    assert eventually(lambda: rows(browser) and rows(browser)[0] > first[-1])
    assert len(rows(browser)) == len(board.watch.domains()) - 20
    browser.follow("Previous")
    assert eventually(lambda: rows(browser) == first)


def test_many_at_once(browser: Browser) -> None:
    browser.open("/?sort=name&search=live.example")
    for name in BAKERY, BREWERY:
        browser.fill(f"Choose {name}", "on")
    assert browser.sees("2 chosen")
    browser.fill("Do", "Add the tag")
    browser.fill("Tag", "chosen", "fieldset.bulk")
    browser.press("Do it")
    assert browser.sees("Done")
    browser.open("/?tag=chosen")
    assert sorted(rows(browser)) == [BAKERY, BREWERY]


def test_all_that_match_at_once(browser: Browser) -> None:
    browser.open("/?tag=chosen")
    browser.fill("Do", "Pause")
    browser.fill("All 2 that match", "on")
    browser.press("Do it")
    assert browser.sees("Done")
    browser.open("/?tag=chosen&paused=yes")
    assert sorted(rows(browser)) == [BAKERY, BREWERY]
    browser.fill("Do", "Resume")
    browser.fill("All 2 that match", "on")
    browser.press("Do it")
    assert browser.sees("Done")
    browser.open("/?tag=chosen&paused=yes")
    assert not rows(browser)


def test_all_of_a_page_are_chosen(browser: Browser) -> None:
    browser.open("/?tag=chosen")
    browser.fill("Choose all", "on")
    assert browser.sees("2 chosen")
    browser.fill("Choose all", "")
    assert browser.misses("2 chosen")


def test_the_table_for_a_spreadsheet(board: Dashboard, browser: Browser) -> None:
    browser.open("/?tag=chosen")
    link = browser.named("//a[@href]", "CSV").get_attribute("href")
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in browser.driver.get_cookies())
    answer = board.web.ask("GET", link.removeprefix(board.web.origin), fields={"Cookie": cookies})
    assert answer.status == 200 and answer.type == "text/csv"
    assert len(answer.text.splitlines()) == 3


# ---- one domain ----


def test_a_look_now_is_followed_live(browser: Browser) -> None:
    browser.open(f"/domains/{BREWERY}")
    browser.press("Re-check now")
    assert browser.sees("A look is under way.")
    browser.driver.execute_script("window.isTheSamePage = true")
    assert eventually(lambda: re.search(r"Last look .*\.\s+Next look", browser.text)), browser.text
    assert browser.driver.execute_script("return window.isTheSamePage"), "it was not loaded again"


def test_a_record_is_copied(browser: Browser) -> None:
    browser.open(f"/domains/{BREWERY}")
    browser.press("Copy the record")
    assert eventually(lambda: "Copied" in browser.one("[role=status].hearing").get_attribute("textContent"))
    pasted = browser.driver.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(String(e)))"
    )
    assert pasted.startswith("v=STSv1;")


def test_a_tag_is_added_and_taken_away(board: Dashboard, browser: Browser) -> None:
    browser.open(f"/domains/{BREWERY}")
    browser.fill("Another tag", "beer")
    browser.press("Add", ".inline")
    assert eventually(lambda: "beer" in "".join(browser.texts("ul.tags")))
    assert "beer" in board.watch.domains()[BREWERY]["tags"]
    browser.press("Take the tag beer away")
    assert eventually(lambda: "beer" not in board.watch.domains()[BREWERY]["tags"])
    browser.open(f"/domains/{BREWERY}")
    assert "beer" not in "".join(browser.texts("ul.tags"))


def test_a_note_is_text(browser: Browser) -> None:
    browser.open(f"/domains/{BREWERY}")
    browser.fill("Note", HOSTILE)
    browser.press("Save the note")
    assert browser.sees("Saved.")
    assert browser.field("Note").get_attribute("value") == HOSTILE


def test_a_pause(board: Dashboard, browser: Browser) -> None:
    browser.open(f"/domains/{BREWERY}")
    browser.press("Pause")
    assert browser.sees("Paused: it is not looked at.")
    assert board.watch.domains()[BREWERY]["paused"]
    browser.press("Resume")
    assert browser.sees("It is looked at again.")


def test_anybody_may_see_the_status_if_the_owner_says_so(browser: Browser) -> None:
    browser.forgiven.append("404")
    browser.open(f"/status/{BREWERY}")
    assert BREWERY not in browser.text or "no such" in browser.text
    browser.open(f"/domains/{BREWERY}")
    browser.fill("status page", "on")
    browser.press("Save", "#settings")
    assert browser.sees("Saved.")
    browser.open(f"/status/{BREWERY}")
    assert browser.sees(BREWERY)
    assert not browser.all("nav, form"), "nothing of who looks at it"
    look(browser, "status")
    browser.open(f"/badge/{BREWERY}.svg")
    assert browser.driver.execute_script("return document.documentElement.tagName") == "svg"


def test_a_policy_is_published_by_two_cnames(board: Dashboard, browser: Browser, live: Live) -> None:
    browser.open(f"/domains/{TAILOR}")
    browser.fill("Senders keep the policy for", "1w")
    browser.fill("Changes of the MX records", "once they are approved")
    browser.press("Publish")
    assert browser.sees("Ordered.")
    assert browser.sees("not there yet") or browser.sees("not looked at yet")
    look(browser, "domain-ordered")
    cnames = [each.text for each in browser.all("#publication .copy code") if "CNAME" in each.text]
    assert len(cnames) == 2
    target = cnames[0].split()[-1].rstrip(".")
    browser.driver.execute_script("window.isTheSamePage = true")

    def ticks(number: int) -> bool:
        return browser.text.count("a CNAME is there") == number

    assert ticks(0)
    live.domain("tailor").set(delegation="half", target=target)
    assert eventually(lambda: ticks(1)), "each is ticked as it appears"
    live.domain("tailor").set(delegation="whole")
    assert eventually(lambda: ticks(2))

    def is_live() -> bool:
        board.hurry_orders()
        return "Live since" in browser.text

    assert eventually(is_live), "and all that follows"
    assert eventually(lambda: len(browser.all("#publication .steps > .done")) >= 4)
    assert browser.driver.execute_script("return window.isTheSamePage"), "it was not loaded again"


def test_a_change_of_mx_hosts_is_approved(board: Dashboard, browser: Browser, live: Live) -> None:
    live.domain("tailor").set(mx=("mx1", "mx2"))
    browser.open(f"/domains/{TAILOR}")

    def asks() -> bool:
        browser.driver.refresh()
        return browser.has_button("Approve these hosts")

    assert eventually(asks)
    look(browser, "domain-approval")
    browser.press("Approve these hosts")
    assert browser.sees("Approved.")
    body = "mx: mx2.live.example"
    assert eventually(lambda: body in board.fetch_at_edge(TAILOR))


def test_a_move_is_planned_begun_and_called_off(browser: Browser) -> None:
    browser.open(f"/domains/{TAILOR}")
    browser.follow("Plan a move")
    browser.fill("Mail host 1", MX3)
    browser.press("Plan")
    assert browser.sees(MX3)
    look(browser, "move-planned")
    browser.press("Begin the move")
    assert browser.sees("The move has begun.")
    look(browser, "move-under-way")
    browser.press("Call the move off")
    assert browser.sees("The move is called off.")


def test_a_move_is_made_to_its_end(board: Dashboard, browser: Browser, live: Live) -> None:
    """The owner follows the plan, step by step, and each wait is over at once."""
    browser.open(f"/domains/{TAILOR}/move?to={MX3}")
    browser.press("Begin the move")
    assert browser.sees("The move has begun.")
    assert eventually(lambda: f"mx: {MX3}" in board.fetch_at_edge(TAILOR)), "the policy goes ahead"

    def says(text: str) -> bool:
        browser.open(f"/domains/{TAILOR}/move?to={MX3}")
        return text in browser.text

    def says_after_a_while(text: str) -> bool:
        board.hurry_moves()
        return says(text)

    assert says("Change nothing in the MX records until then.")
    assert eventually(lambda: says_after_a_while("Add the new hosts to the MX records, beside the old ones."))
    live.domain("tailor").set(mx=("mx1", "mx2", "mx3"))
    assert eventually(lambda: says("Remove the old hosts from the MX records."))
    look(browser, "move-added")
    live.domain("tailor").set(mx=("mx3",))
    assert eventually(lambda: says_after_a_while("There is nothing left to do."))
    assert not browser.has_button("Call the move off"), "it is done"
    assert re.findall(r"^mx: (\S+)", board.fetch_at_edge(TAILOR), re.M) == [MX3]
    browser.open("/activity")
    assert browser.sees(f"The move to {MX3} is done.")


def test_a_publication_is_removed_and_kept(browser: Browser) -> None:
    browser.open(f"/domains/{TAILOR}")
    browser.press("Begin the removal")
    assert browser.sees("The removal has begun.")
    look(browser, "domain-leaving")
    browser.press("Call the removal off")
    assert browser.sees("The removal is called off.")


def test_a_domain_leaves_the_portfolio(board: Dashboard, browser: Browser) -> None:
    browser.open("/domains/cooper.live.example")
    browser.unfold("Remove from the portfolio")
    browser.press("Remove", "#settings")
    assert browser.is_at("/")
    assert browser.sees("Removed from the portfolio")
    assert "cooper.live.example" not in board.watch.domains()


# ---- incidents, activity, overview ----


def test_an_incident_is_acknowledged(board: Dashboard, browser: Browser) -> None:
    browser.open("/incidents")
    assert browser.sees("bakery.live.example")
    browser.open(f"/incidents/{incident_of(board, BAKERY)}")
    browser.fill("Note", f"We know. {HOSTILE}")
    browser.press("Acknowledge")
    assert browser.sees("Acknowledged: no more reminders.")
    assert NAME in browser.text and HOSTILE in browser.text
    assert any(each["acknowledged_by"] == NAME for each in board.watch.incidents("--domain", BAKERY))


def test_incidents_are_filtered(browser: Browser) -> None:
    browser.open("/incidents")
    browser.fill("Severity", "error")
    assert eventually(lambda: "severity=error" in browser.path)
    assert browser.sees("bakery.live.example")
    browser.fill("State", "ended")
    assert eventually(lambda: "state=resolved" in browser.path)
    assert browser.misses("bakery.live.example")


def test_activity_tells_what_happened(live: Live, browser: Browser) -> None:
    live.domain("brewery").set(patterns=("mx1.live.example", "mx2.live.example"), id="2")
    browser.open("/activity")

    def is_told() -> bool:
        browser.driver.refresh()
        return bool(re.search(rf"{BREWERY}.*mx2\.live\.example", browser.text, re.S))

    assert eventually(is_told)


def test_the_overview_has_pictures_and_their_figures(browser: Browser) -> None:
    browser.open("/overview")
    pictures = browser.all("main svg.chart")
    assert pictures
    for each in pictures:
        assert each.get_attribute("role") == "img" and browser.name(each), "it has a name"
    assert browser.all("main table"), "and its figures"


def test_a_day_of_the_calendar_leads_to_its_incidents(browser: Browser) -> None:
    browser.open("/overview")
    [*_, today] = browser.all("a[href^='/incidents?day=']")
    day = today.get_attribute("href").partition("=")[2]
    browser.driver.get(today.get_attribute("href"))
    assert browser.field("Open on").get_attribute("value") == day
    assert browser.all("main a[href^='/incidents/']")


# ---- settings ----


def test_the_ca_of_what_is_published_is_told(browser: Browser) -> None:
    browser.open("/settings")
    look(browser, "cas")
    [ca, *_] = browser.texts("#cas tbody tr")
    assert ca.startswith(CA.directory) and "fail" not in ca


def test_a_channel_is_tested(browser: Browser) -> None:
    browser.open("/settings")
    browser.press("Test hook")
    assert browser.sees("A test is on its way.")
    assert browser.sees("delivered"), "shown without loading the page again"


def test_a_token_is_made_used_and_revoked(board: Dashboard, browser: Browser) -> None:
    browser.open("/settings")
    browser.fill("Name", "exporter", "#tokens")
    browser.press("Make")
    assert browser.sees("It is shown this once")
    look(browser, "token")
    token = browser.one(".copy code").text
    assert re.fullmatch(r"mtasts_[0-9a-f]{64}", token)
    browser.press("Copy")
    assert eventually(lambda: browser.one("[role=status].hearing").get_attribute("textContent") == "Copied")
    program = board.web.program(token)
    assert program.get("/api/v1/me")["kind"] == "program"
    browser.open("/settings")
    assert "exporter" in browser.text
    browser.unfold("Revoke")
    browser.press("Revoke exporter")
    assert eventually(lambda: browser.texts("#tokens") and "exporter" not in browser.texts("#tokens")[0])
    assert program.ask("GET", "/api/v1/me").status == 401


def test_a_user_is_added_and_may_only_look(board: Dashboard, browser: Browser) -> None:
    browser.open("/settings")
    browser.fill("Name", OTHER, "#users")
    browser.press("Add, and make a link")
    link = browser.one(".copy code").text
    browser.open("/")
    browser.press("Log out")
    browser.open(link)
    browser.fill("Password", OTHER_PASSWORD)
    browser.press("Log in")
    assert browser.is_at("/")
    assert not browser.all("input[name=domains]"), "nothing to choose"
    assert "Add domains" not in browser.text
    browser.open(f"/domains/{BAKERY}")
    assert not browser.has_button("Look")
    browser.open("/settings")
    assert "Audit log" not in browser.text
    browser.press("Log out", "header")


def test_a_user_is_removed(browser: Browser) -> None:
    log_in(browser)
    browser.open("/settings")
    browser.unfold("Remove")
    browser.press(f"Remove {OTHER}")
    assert eventually(lambda: browser.texts("#users") and OTHER not in browser.texts("#users")[0])
    assert OTHER in browser.one("#audit").text


# ---- without scripts, by keyboard alone, for everybody ----


def test_without_scripts(browser: Browser) -> None:
    with browser.without_scripts():
        browser.open("/")
        assert BAKERY in browser.text
        browser.fill("Search", "bakery")
        browser.press("Show")
        assert eventually(lambda: rows(browser) == [BAKERY])
        browser.follow(BAKERY)
        assert browser.is_at(f"/domains/{BAKERY}")
        for path in "/incidents", "/overview", "/activity", "/settings":
            browser.open(path)
            assert browser.all("main h1"), path


def test_what_is_done_needs_no_scripts(board: Dashboard, browser: Browser) -> None:
    with browser.without_scripts():
        browser.open(f"/domains/{BREWERY}")
        browser.fill("Note", "written without scripts")
        browser.press("Save the note")
        assert browser.sees("Saved.")
        assert browser.field("Note").get_attribute("value") == "written without scripts"
        browser.press("Re-check now")
        assert browser.sees("A look")
        browser.open(f"/incidents/{incident_of(board, BAKERY)}")
        browser.fill("Note", "seen without scripts")
        browser.press("Acknowledge" if browser.has_button("Acknowledge") else "Change")
        assert browser.sees("seen without scripts")


def test_what_is_done_needs_no_mouse(board: Dashboard, browser: Browser) -> None:
    browser.open(f"/?search={BREWERY}")
    assert browser.tab_to(BREWERY)
    browser.key(Keys.ENTER)
    assert browser.is_at(f"/domains/{BREWERY}")
    assert browser.sees("Re-check now")
    assert browser.tab_to("Re-check now")
    browser.key(Keys.ENTER)
    assert browser.sees("A look is")
    browser.open(f"/incidents/{incident_of(board, BAKERY)}")
    assert browser.tab_to("Note")
    browser.key(*"by hand")
    browser.key(Keys.TAB)
    browser.key(Keys.ENTER)
    assert browser.sees("by hand")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/", ["Skip to the content", "Portfolio", "Incidents", "Log out", "Search", "Deployed", "Domain"]),
        ("/incidents", ["State", "Severity"]),
        ("/settings", ["Password", "Make"]),
    ],
)
def test_the_tab_key_leads_everywhere(browser: Browser, path: str, names: list[str]) -> None:
    browser.open(path)
    for name in names:
        assert browser.tab_to(name), name
        assert browser.driver.execute_script(
            "return getComputedStyle(arguments[0]).outlineStyle", browser.focused
        ) not in ("none", ""), f"{name}: one sees where one is"


def test_the_skip_link_skips(browser: Browser) -> None:
    browser.open("/")
    browser.key(Keys.TAB)
    browser.key(Keys.ENTER)
    assert browser.focused.tag_name == "main"


@pytest.mark.parametrize("page", PAGES)
def test_everybody_can_use_it(board: Dashboard, browser: Browser, page: str) -> None:
    browser.open(PAGES[page].format(incident=incident_of(board, BAKERY)))
    assert browser.all("main h1"), "it has a heading"
    if page == "missing":
        browser.forgiven.append("404")
    look(browser, page)


@pytest.mark.parametrize(("axis", "state"), STATES)
def test_each_state_can_be_seen(board: Dashboard, browser: Browser, axis: str, state: str | bool) -> None:
    domains = board.watch.domains()
    found = sorted(name for name in domains if (domains[name][axis] or "unseen") == state)
    assert found, f"one of the portfolio is in it: {({each[axis] for each in domains.values()})}"
    browser.open(f"/domains/{found[0]}")
    look(browser, f"state-{axis}-{state}")


def test_logging_out_ends_the_session(browser: Browser) -> None:
    browser.open("/")
    cookies = browser.driver.get_cookies()
    browser.press("Log out")
    assert browser.is_at("/login")
    for each in cookies:
        browser.driver.add_cookie(each)
    browser.open("/")
    assert browser.is_at("/login"), "the cookie of before lets nobody in"


def test_nobody_else_was_asked(browser: Browser) -> None:
    assert browser.strangers() == []
    assert browser.requests, "the log says what was"


def test_the_browser_has_nothing_to_complain_of(browser: Browser) -> None:
    browser.listen()
    assert browser.complaints == [], "\n".join(browser.complaints)
