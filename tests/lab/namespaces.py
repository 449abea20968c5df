"""The namespaces that make the lab private, and the files of the system that it covers.

Network, mounts, processes and IPC are the lab's own, and for an ordinary user the user ids
too. When the first process of the lab ends, the kernel ends all others and the mounts go.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

PR_SET_PDEATHSIG = 1


def command() -> list[str]:
    """The command that runs its arguments in new namespaces, as the first process there."""
    flags = ["--net", "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags += ["--map-root-user"]
        if _has_subordinate_ids():
            flags += ["--map-auto"]
    return ["unshare", *flags, "--"]


def die_with_parent() -> None:
    """For a child before exec: it is killed when the parent dies, however that happens."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def mount_scratch(folder: Path) -> None:
    """Gives the lab a file system of its own at the scratch folder; it vanishes with the lab."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "lab", folder], check=True)


def cover(target: str, source: Path) -> None:
    """Shows `source` in the place of a file or folder of the system, here and nowhere else."""
    if os.path.exists(target):
        subprocess.run(["mount", "--bind", source, os.path.realpath(target)], check=True)


def _has_subordinate_ids() -> bool:
    user = pwd.getpwuid(os.getuid()).pw_name
    try:
        lines = Path("/etc/subuid").read_text().splitlines()
    except OSError:
        return False
    return shutil.which("newuidmap") is not None and any(line.startswith(f"{user}:") for line in lines)
