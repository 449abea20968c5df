"""What the benchmarks share: figures with their targets, and what a process has used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LAB = TOP / "tests" / "lab"
TICK = os.sysconf("SC_CLK_TCK")


def again_in_lab(*options: str) -> int:
    """Runs this program again, with --inside, in a lab with these options; returns its exit status."""
    lab = [str(LAB / "lab"), "run", *options, "--", os.path.abspath(sys.argv[0]), "--inside"]
    return subprocess.run([*lab, *sys.argv[1:]]).returncode


def tell(what: str, value: float, unit: str, target: str = "") -> bool:
    """Prints a figure, and says whether it meets its target, such as ">= 50"."""
    met = True
    if target:
        limit = float(target.split()[1])
        met = value >= limit if target.startswith(">") else value < limit
    note = f"  target {target}: {'met' if met else 'MISSED'}" if target else ""
    print(f"{what:44} {value:9.1f} {unit:10}{note}", flush=True)
    return met


def cpu(stat: Path) -> float:
    """Seconds that a process, or a thread, has run; its stat file. 0 if it has ended."""
    try:
        fields = re.sub(r".*\)", "", stat.read_text()).split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_of(pid: int) -> float:
    return cpu(Path(f"/proc/{pid}/stat"))


def cpu_of_threads(pid: int) -> dict[int, float]:
    return {int(task.name): cpu(task / "stat") for task in Path(f"/proc/{pid}/task").iterdir()}


def cpu_of_others(*pids: int) -> float:
    """Seconds of all processes in sight but these and this one, those that have ended left out."""
    left_out = {str(os.getpid()), *map(str, pids)}
    stats = Path("/proc").glob("[0-9]*/stat")
    return sum(cpu(stat) for stat in stats if stat.parent.name not in left_out)


def megabytes_at_most(pid: int) -> float:
    """The most that a process has had resident. 0 if it has ended.

    Its rusage will not do: it counts what this program had resident when it forked.
    """
    try:
        found = re.search(r"^VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) / 1024 if found else 0
