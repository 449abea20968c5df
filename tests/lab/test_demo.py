"""The demonstration: everything that goes wrong in it is told.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_demo.py
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

DEMO = Path(__file__).with_name("demo")


@pytest.fixture(scope="module", name="output")
def one_run() -> str:
    environment = {**os.environ, "DEMO_SECONDS": "90"}
    done = subprocess.run([DEMO], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("SUMMARY", "of"),
        ("ERROR", "bakery.live.example"),
        ("LOSS", "mx9.live.example (10 domains)"),
        ("CHANGED", "brewery.live.example"),
        ("LOSS", "florist.live.example"),
        ("LOSS", "grocer.live.example"),
        ("RESOLVED", "bakery.live.example"),
        ("RESOLVED", "mx9.live.example (10 domains)"),
    ],
)
def test_it_is_told(output: str, words: tuple[str, str]) -> None:
    assert [line for line in output.splitlines() if all(word in line for word in words)]


def test_it_sums_up_all_incidents(output: str) -> None:
    summary = output.split("All incidents of this minute")[1].split("Policies can be published")[0]
    assert "bakery.live.example" in summary and "mx9.live.example" in summary


def test_a_policy_is_published_and_followed(output: str) -> None:
    scene = output.split("Policies can be published")[1]
    assert scene.count("tailor.live.example. 3600 IN CNAME") == 2
    before, after = scene.split("The tailor adds the mail host mx2")
    assert "mx: mx1.live.example" in before and "mx2.live.example" not in before
    assert "mx2.live.example" in after and "tailor.live.example" in after
    assert len(set(re.findall(r"reads the id (\w+)", scene))) == 2
    assert " 0 times it got a policy older than its id" in after


def test_it_ends_with_the_way_into_the_dashboard(output: str) -> None:
    assert re.search(r"^ +http://127\.0\.0\.1:\d+/welcome\?token=[0-9a-f]{64}$", output.splitlines()[-1])
