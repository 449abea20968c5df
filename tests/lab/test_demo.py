"""The demonstration: everything that goes wrong in it is told.

    tests/lab/lab run -- /usr/bin/python3 -m pytest tests/lab/test_demo.py
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from watch import eventually

DEMO = Path(__file__).with_name("demo")
LAB = Path(__file__).with_name("lab")
SCRATCH = Path(os.environ.get("LAB_DIR", "/nonexistent"))


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


# ---- how it is ended ----


class Terminal:
    """A demonstration that a person looks at, in a lab of its own."""

    def __init__(self) -> None:
        environment = {**os.environ, "DEMO_SECONDS": "0", "TMPDIR": str(SCRATCH)}
        before = processes()
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(LAB, [str(LAB), "run", "--", str(DEMO)], environment)
        self._before = before
        self._is_open = True
        self.shown = ""

    def shows(self, text: str) -> bool:
        while text not in self.shown:
            try:
                self.shown += os.read(self._terminal, 4096).decode()
            except OSError:  # nobody is left who could write
                return False
        return True

    def types(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)

    def close(self) -> None:
        if self._is_open:
            os.close(self._terminal)
        self._is_open = False

    def end(self) -> int:
        """Waits for it; how it ended, as a shell tells it."""
        if self._is_open:
            self.shows("\0")  # never: all that is still said
        status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return 128 - status if status < 0 else status

    def rest(self) -> list[tuple[str, str]]:
        """What it has started and not ended."""
        return sorted(set(processes().items()) - set(self._before.items()))


def processes() -> dict[str, str]:
    """Those that are there, in this lab and in labs in it, with their commands."""
    found = {}
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command:
                found[each.name] = command
    return found


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        pytest.param(lambda terminal: terminal.types("\n"), 0, id="Enter"),
        pytest.param(lambda terminal: terminal.types("\x04"), 0, id="end of input"),
        pytest.param(lambda terminal: terminal.types("\x03"), 0, id="Ctrl-C"),
        pytest.param(lambda terminal: terminal.signal(signal.SIGTERM), 143, id="SIGTERM"),
        pytest.param(lambda terminal: terminal.signal(signal.SIGKILL), 137, id="SIGKILL"),
        pytest.param(lambda terminal: terminal.close(), 129, id="the terminal is closed"),
    ],
)
def test_nothing_is_left_of_it(ends: Callable[[Terminal], None], status: int) -> None:
    terminal = Terminal()
    try:
        assert terminal.shows("ends the demonstration."), terminal.shown
        assert [each for each in terminal.rest() if "mtastsd" in each[1]], "it is alive"
        ends(terminal)
        assert terminal.end() == status, terminal.shown
    finally:
        terminal.close()
    assert eventually(lambda: not terminal.rest()), terminal.rest()
