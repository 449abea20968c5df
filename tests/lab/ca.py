"""A certification authority: pebble, at an address of its own, which resolves through the lab.

It checks names at their port 80, where http01_peer.py answers. One stands at ca.nic.example
from the start; tests that need others start them at other ports.
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
POLL_SECONDS = 0.02
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
        """Starts it in the lab with this scratch folder; it answers soon (`answers`)."""
        folder = scratch / f"ca-{self.port}"
        folder.mkdir(exist_ok=True)
        (folder / "pebble.json").write_text(json.dumps({"pebble": self._config(scratch / "ca.pem")}))
        environment = os.environ | {
            "PEBBLE_VA_NOSLEEP": "1",
            "PEBBLE_WFE_NONCEREJECT": str(self.rejected_nonces),
            "PEBBLE_AUTHZREUSE": str(self.reused_proofs),
        }
        command = ["/usr/bin/pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"{RESOLVER}:53"]
        with open(scratch / f"ca-{self.port}.log", "ab") as log:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self) -> bool:
        try:
            socket.create_connection((CA, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def wait(self) -> None:
        deadline = time.monotonic() + STARTUP_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"pebble does not answer at port {self.port}")
            time.sleep(POLL_SECONDS)

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
