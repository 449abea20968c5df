"""Thirty domains, in all the states that a domain can be in: for people to look at.

A dozen of the catalogue, each with something of its own; eight trades, to which things happen;
ten clubs, whose mail goes to one host.
"""

from __future__ import annotations

import os
from pathlib import Path

from live import Live

TRADES = "bakery brewery butcher cobbler florist grocer jeweller optician".split()
CLUBS = "archers bowlers climbers dancers fencers gliders hikers judoka oarsmen skaters".split()
PROVIDER = "mx9"  # of all the clubs

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
    catalogue = Path(os.environ["LAB_DEMO_LIST"]).read_text().split()
    return [*catalogue, *(live.domain(name).name for name in (*TRADES, *CLUBS))]
