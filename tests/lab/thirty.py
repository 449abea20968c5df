"""Thirty domains, in all the states that a domain can be in: for people to look at.

A dozen of the catalogue, each in a state of its own; eight trades, to which things happen; ten
clubs, whose mail goes to one host.
"""

from __future__ import annotations

from live import Live
from watch import Watch

# Of the catalogue, by what they are there for.
STANDING = {
    "good": "enforce",
    "plain": "none, and eligible",
    "postfix": "a real mail server",
    "hosted": "published by somebody else",
    "tlsrpt-absent": "a warning",
    "cname-dangling": "broken",
    "match-none": "enforce, and no mail host is covered",
    "starttls-missing": "ineligible",
    "dane-mismatch": "DANE",
    "null-mx": "no mail",
    "txt-servfail": "unknown whether its policy is announced",
    "mx-servfail": "nothing of it is known",
}
TRADES = "bakery brewery butcher cobbler florist grocer jeweller optician".split()
CLUBS = "archers bowlers climbers dancers fencers gliders hikers judoka oarsmen skaters".split()
PROVIDER = "mx9"  # of all the clubs
PAUSED = "butcher"

# What is different about some trades from the beginning.
DIFFERENT = {
    "butcher": {"mx": ("mx1", "mx3")},
    "cobbler": {"mode": "testing"},
    "jeweller": {"mode": "none", "max_age": 86400},
    "optician": {"record": "", "https": "no-name", "tlsrpt": ""},
}


def set_up(live: Live) -> list[str]:
    """Their names."""
    for trade in TRADES:
        live.domain(trade).set(mx=("mx1",), patterns=None)
        live.domain(trade).set(**DIFFERENT.get(trade, {}))
    for club in CLUBS:
        live.domain(club).set(mx=(PROVIDER,))
    standing = [f"{name}.example" for name in STANDING]
    return [*standing, *(live.domain(name).name for name in (*TRADES, *CLUBS))]


def pause(watch: Watch, live: Live) -> None:
    """One of them is not looked at any more."""
    watch.mtasts("domain", "set", "--pause", live.domain(PAUSED).name)
