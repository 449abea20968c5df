"""A certification authority: pebble, at an address of its own, which resolves through the lab.

It checks names at their port 80, where http01_peer.py answers. Nothing starts it with the
lab, since each takes a second to make its keys: whoever needs one says what it is like.
Several stand side by side at different ports.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from world import CA, CA_HOST, RESOLVER

STARTUP_SECONDS = 15
EAB = {"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}


@dataclass(frozen=True)
class Ca:
    """How a CA behaves."""

    port: int = 443
    rejected_nonces: int = 5  # percent of those that are good
    reused_proofs: int = 50  # percent of the orders for a name that was proven before
    eab: bool = False  # an account must be bound to one elsewhere

    @property
    def directory(self) -> str:
        return f"https://{CA_HOST}:{self.port}/dir"

    def start(self, scratch: Path) -> subprocess.Popen:
        """Starts it in the lab with this scratch folder; returns when it answers."""
        folder = scratch / f"ca-{self.port}"
        folder.mkdir(exist_ok=True)
        (folder / "pebble.json").write_text(json.dumps({"pebble": self._config(scratch / "ca.pem")}))
        environment = os.environ | {
            "PEBBLE_VA_NOSLEEP": "1",
            "PEBBLE_WFE_NONCEREJECT": str(self.rejected_nonces),
            "PEBBLE_AUTHZREUSE": str(self.reused_proofs),
        }
        command = ["/usr/bin/pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"{RESOLVER}:53"]
        with open(folder / "log", "ab") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait(process, folder / "log")
        return process

    def _config(self, certificate: Path) -> dict:
        return {
            "listenAddress": f"{CA}:{self.port}",
            "managementListenAddress": f"{CA}:{self.port + 1000}",
            "certificate": str(certificate),
            "privateKey": str(certificate),
            "httpPort": 80,
            "tlsPort": 443,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": self.eab,
            **({"externalAccountMACKeys": EAB} if self.eab else {}),
        }

    def _wait(self, process: subprocess.Popen, log: Path) -> None:
        deadline = time.monotonic() + STARTUP_SECONDS
        while True:
            try:
                socket.create_connection((CA, self.port), timeout=1).close()
                return
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"lab: pebble does not answer\n{log.read_text()}") from None
                time.sleep(0.02)
