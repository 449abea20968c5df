"""mtastsd at work in the lab, as the benchmarks start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from figures import LAB

sys.path.insert(0, str(LAB))  # its modules serve us too

import watch
from network import DOCUMENTATION

START_SECONDS = 30


class Daemon:
    """One mtastsd on a store, that watches and tells nobody."""

    def __init__(
        self, build: Path, folder: Path, store: str, settings: dict[str, str], name: str = "mtastsd"
    ) -> None:
        self._build = build.resolve()
        self._store = store
        self._config = folder / f"{name}.conf"
        self._log = folder / f"{name}.log"
        if store.startswith("/"):
            Path(store).parent.mkdir()
        lines = ["[daemon]", f"store = {store}", "roles = monitor", "[network]"]
        lines += [f"allow-net = {prefix}" for prefix in DOCUMENTATION]
        lines += ["[monitor]", *(f"{key} = {value}" for key, value in settings.items())]
        self._config.write_text("".join(f"{line}\n" for line in lines))
        self._daemon: watch.Daemon | None = None
        self.worker = self.pid = 0

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        if self._daemon and self._daemon.is_alive:
            self._daemon.kill()

    def add(self, names: str) -> None:
        """Puts the names that a file lists into the portfolio."""
        mtasts = self._build / "src" / "cli" / "mtasts"
        command = [mtasts, "domain", "add", "--store", self._store, "--file", names]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> int:
        """Returns the process id of the monitor, when it is at work; `worker` is its number in the store."""
        watch.MTASTSD = str(self._build / "src" / "roles" / "mtastsd")
        self._daemon = watch.Daemon(self._config, self._log)
        deadline = time.monotonic() + START_SECONDS
        while not self._daemon.log("joined"):
            if time.monotonic() > deadline or not self._daemon.is_alive:
                raise SystemExit(f"the daemon does not start\n{self._log.read_text()}")
            time.sleep(0.1)
        self.worker = int(self._daemon.log("joined")[0]["worker"])
        pid = self._daemon.role("monitor")
        if pid is None:
            raise SystemExit(f"the monitor has ended\n{self._log.read_text()}")
        self.pid = pid
        return pid

    def signal_monitor(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """As when its machine dies."""
        if self._daemon:
            self._daemon.kill()
