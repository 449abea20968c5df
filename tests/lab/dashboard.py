"""A daemon with all its roles, the dashboard among them.

    with Dashboard(folder, live) as board:
        board.watch.add("a.live.example")
        board.start()
        board.link()        # what lets the first one in
"""

from __future__ import annotations

import re
from pathlib import Path

from live import Live
from publishing import ROLES, Publishing
from watch import Settings, eventually
from web import Web

PORT = 8080
LINK = re.compile(r"https?://\S+/welcome\?[^\s\"]+")


class Dashboard(Publishing):
    """At a port of the loopback interface."""

    def __init__(self, folder: Path, live: Live, settings: Settings | None = None, port: int = PORT) -> None:
        self.web = Web(("127.0.0.1", port))
        super().__init__(
            folder,
            live,
            {
                **(settings or {}),
                "daemon": {"roles": " ".join((*ROLES, "web"))},
                "web": {"listen": f"127.0.0.1@{port}", "origin": self.web.origin},
            },
        )

    def start(self) -> None:
        super().start()
        assert eventually(self.web.is_there), "the dashboard answers"

    def link(self) -> str:
        """What lets the first one in, once, as it is printed at the start."""
        found = eventually(lambda: LINK.search(self.watch.daemons[-1].output()))
        assert found, "the role web prints a link"
        return found[0]
