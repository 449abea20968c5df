"""Publication by two CNAMEs, from end to end: the daemon with all its roles, pebble as the CA.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_publish.py

An owner asks with `mtasts publish`, creates the two CNAMEs that it prints, and everything else
happens by itself. A sender looks on: under a new id nobody ever gets an older policy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from live import FORGOTTEN_SECONDS, Live
from publishing import Publishing
from watch import eventually

SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))
MX1, MX2, MX3 = (f"mx{number}.live.example" for number in (1, 2, 3))


@pytest.fixture(scope="module", name="live")
def live_states() -> Live:
    live = Live(SCRATCH / "live")
    live.reset()
    return live


@pytest.fixture(scope="module", name="site")
def running_site(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publishing]:
    with Publishing(tmp_path_factory.mktemp("site"), live) as site:
        site.start()
        yield site


def test_from_two_cnames_to_enforce_and_back(site: Publishing) -> None:
    """The life of one domain, in one go: each step builds on the one before."""
    owner = site.owner("life", mx=("mx1",))
    owner.publish("--mode", "testing", "--max-age", "1d", "--follow", "auto")
    assert owner.status()["stage"] == "awaited"
    assert not owner.sender.id, "nothing is announced before the CNAMEs"

    owner.delegate()
    assert owner.sees(mode="testing", mx=[MX1])
    assert site.check(owner)["verdict"] in ("ok", "warning"), site.check(owner)["findings"]

    first = owner.sender.id
    owner.live.set(mx=("mx1", "mx2"))
    assert owner.sees(mode="testing", mx=[MX1, MX2]), "an added host is published"
    assert eventually(lambda: owner.sender.id != first), "and then announced"
    assert site.told(owner, "changed", MX2), "and the owner is told"

    owner.publish("--mode", "enforce")
    assert eventually(lambda: "auto.gate-blocked" in site.watch.open_checks(owner.name))
    assert owner.sees(mode="testing"), "the gate is closed: not long enough in testing"
    owner.publish("--mode", "enforce", "--override")
    assert owner.sees(mode="enforce", mx=[MX1, MX2])

    owner.publish("--mode", "testing")
    assert owner.sees(mode="testing"), "the way back is open"

    owner.remove()
    assert owner.sees(mode="none")
    assert owner.status()["stage"] == "leaving"
    assert owner.sender.wrong == []


def test_an_mx_that_vanishes_is_held(site: Publishing) -> None:
    owner = site.published("held", mx=("mx1",))
    owner.live.set(mx=())
    assert eventually(lambda: "auto.mx-empty-held" in site.watch.open_checks(owner.name))
    assert owner.sees(mode="testing", mx=[MX1])
    owner.live.set(mx=("mx1",))
    assert eventually(lambda: "auto.mx-empty-held" not in site.watch.open_checks(owner.name))


def test_an_mx_change_waits_for_approval(site: Publishing) -> None:
    owner = site.published("asked", mx=("mx1",), follow="approve")
    owner.live.set(mx=("mx1", "mx3"))
    assert eventually(lambda: "auto.mx-change-held" in site.watch.open_checks(owner.name))
    assert owner.sees(mx=[MX1])
    assert eventually(lambda: owner.status()["mx"]["state"] == "waiting"), "told, and to be approved now"
    owner.approve(MX1, MX3)
    assert owner.sees(mx=[MX1, MX3])


def test_a_delegation_that_vanishes_is_served_on(site: Publishing) -> None:
    owner = site.published("lost", mx=("mx1",))
    owner.live.set(delegation="half")
    assert eventually(lambda: "cname.removed-by-surprise" in site.watch.open_checks(owner.name))
    assert site.fetch_at_edge(owner.name).startswith("version: STSv1"), "copies live, so it is served on"
    owner.live.set(delegation="whole")
    assert eventually(lambda: "cname.removed-by-surprise" not in site.watch.open_checks(owner.name))


def test_a_policy_of_somebody_else_is_not_overwritten(site: Publishing) -> None:
    owner = site.owner("foreign", mx=("mx1",), https="good", record=None)
    site.watch.add(owner.name)
    assert eventually(lambda: site.watch.domains()[owner.name]["deployment"] == "enforce")
    owner.publish("--mode", "testing", "--max-age", "1d")
    # The CA would go to the old host for as long as a resolver knows its address.
    owner.live.set(https="no-name")
    time.sleep(FORGOTTEN_SECONDS)
    owner.delegate()
    assert eventually(lambda: owner.status().get("bar") == "foreign")
    owner.mtasts("--replace")
    assert owner.sees(mode="testing", mx=[MX1])


def test_kills_at_random_never_put_the_id_first(site: Publishing) -> None:
    owner = site.published("killed", mx=("mx1",))
    for turn in range(12):
        site.kill_somebody()
        owner.live.set(mx=("mx1", "mx2") if turn % 2 == 0 else ("mx1", "mx3"))
        time.sleep(1)
    owner.live.set(mx=("mx1", "mx2", "mx3"))
    assert owner.sees(mx=[MX1, MX2, MX3])
    assert owner.sender.looks > 20
    assert owner.sender.wrong == []
