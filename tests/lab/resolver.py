"""The validating resolver: an unbound that recurses from the lab's own root."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from world import NAME_SERVER, RESOLVER

# On a busy machine a name server that was quick is slow for a while. It is waited for half a second
# at least, is given up for infra-host-ttl only after some seconds of silence, and an answer that
# took long is given all the same. One that never speaks costs three seconds.
UNBOUND = """\
server:
    interface: {address}
    access-control: 0.0.0.0/0 allow
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
    do-daemonize: no
    use-syslog: no
    verbosity: 0
    log-servfail: yes
    num-threads: 1
    root-hints: "{folder}/root.hints"
    trust-anchor-file: "{folder}/root.key"
    module-config: "validator iterator"
    target-fetch-policy: "0 0 0 0 0"
    do-not-query-localhost: no
    outgoing-range: 900
    num-queries-per-thread: 900
    so-rcvbuf: 4m
    cache-max-ttl: 604800
    outbound-msg-retry: 2
    infra-cache-min-rtt: 500
    infra-cache-max-rtt: 2000
    infra-keep-probing: yes
    infra-host-ttl: 5
{newer}remote-control:
    control-enable: no
"""

# What came with an update, to be switched off where it is there: an answer that took long is
# dropped, and who has too many questions out is not answered.
NEWER = ("discard-timeout: 0", "wait-limit: 0")

ROOT_HINTS = f"""\
. 3600 NS ns1.nic.example.
ns1.nic.example. 3600 A {NAME_SERVER}
"""


def write(folder: Path, trust_anchor: str, root_ds: str) -> None:
    """Writes the configuration and the root's data."""
    folder.mkdir()
    (folder / "root.hints").write_text(ROOT_HINTS)
    (folder / "root.key").write_text(trust_anchor)
    (folder / "root.ds").write_text(root_ds)
    known = "".join(f"    {each}\n" for each in NEWER if _is_known(folder / "try.conf", each))
    (folder / "unbound.conf").write_text(UNBOUND.format(folder=folder, address=RESOLVER, newer=known))


def _is_known(path: Path, option: str) -> bool:
    path.write_text(f"server:\n    {option}\n")
    tried = subprocess.run(["/usr/sbin/unbound-checkconf", path], capture_output=True, check=False)
    return b"unknown keyword" not in tried.stdout + tried.stderr


def start(scratch: Path) -> None:
    """Starts the resolver of the lab with this scratch folder; it outlives the caller."""
    with open(scratch / "unbound.log", "ab") as log:
        subprocess.Popen(
            ["/usr/sbin/unbound", "-c", str(scratch / "resolver" / "unbound.conf")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def restart(scratch: Path, down_seconds: float = 5) -> None:
    """Kills it, as a crash would, and starts it again after a while with an empty cache."""
    os.kill(int((scratch / "resolver" / "pid").read_text()), signal.SIGKILL)
    time.sleep(down_seconds)
    start(scratch)
