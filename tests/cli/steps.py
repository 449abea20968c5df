"""Calls of the program, one after the other on one store, as a TAP test.

The store is the empty one that STORE_URL names, else a file that goes with the test.
"""

import dataclasses
import os
import re
import shlex
import subprocess
import tempfile


@dataclasses.dataclass
class Step:
    """One call: its words, its standard input, and what is wanted of it."""

    words: str
    status: int = 0
    out: str = ""  # the whole output, as a regular expression
    err: str = ""
    stdin: str = ""


def faults(mtasts: str, step: Step, folder: str, store: str) -> list[str]:
    done = subprocess.run([mtasts, *shlex.split(step.words)], input=step.stdin, text=True, capture_output=True,
                          check=False, cwd=folder, env={**os.environ, "MTASTS_STORE": store})
    found = []
    if done.returncode != step.status:
        found.append(f"status {done.returncode}, want {step.status}: {done.stderr.strip()}")
    if not re.fullmatch(step.out, done.stdout):
        found.append(f"out {done.stdout!r}, want {step.out!r}")
    if not re.search(step.err, done.stderr):
        found.append(f"err {done.stderr!r}, want {step.err!r}")
    return found


def run(mtasts: str, steps: list[Step], sqlite_only: list[Step] = (), files: list[tuple[str, int, str]] = (),
        fill: str | None = None) -> bool:
    """Print TAP; true if a step failed. Of files: name, mode, text. `fill` is a program that is given the store first."""
    mtasts = os.path.abspath(mtasts)
    with tempfile.TemporaryDirectory() as folder:
        store = os.environ.get("STORE_URL", os.path.join(folder, "store.db"))
        for name, mode, text in files:
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text)
        if fill:
            subprocess.run([os.path.abspath(fill), store], check=True)
        steps = [*steps, *(sqlite_only if "://" not in store else [])]
        results = [(step.words, faults(mtasts, step, folder, store)) for step in steps]
    print(f"1..{len(results)}")
    for number, (name, found) in enumerate(results, 1):
        print(f"{'not ok' if found else 'ok'} {number} - {name}")
        for line in found:
            print(f"# {line}")
    return any(found for _, found in results)
