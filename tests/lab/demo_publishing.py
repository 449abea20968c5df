"""The last part of the demonstration: a policy that is published by two CNAMEs."""

from __future__ import annotations

import time
from collections.abc import Callable

from publishing import Owner, Publishing
from watch import eventually
from world import EDGES, SERVICE_ZONE

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 30
ASKS = ("--mode", "testing", "--max-age", "1w")


def play(site: Publishing, say: Callable[[str], None]) -> bool:
    """Has a policy published and changed; true if a sender saw all of it, and nothing wrong."""
    say(
        f"Policies can be published here, too. The zone {SERVICE_ZONE} is delegated to mtastsd, which"
        " serves it, is the policy host of its customers, and gets their certificates from a CA:"
    )
    for number, address in enumerate(EDGES, 1):
        print(f"       {SERVICE_ZONE}. NS ns{number}.{SERVICE_ZONE}.   ns{number}.{SERVICE_ZONE}. A {address}")
    owner = site.owner("tailor", mx=("mx1",))
    say(f"The tailor wants a policy:  mtasts publish {owner.name} {' '.join(ASKS)}")
    print(indented(owner.publish(*ASKS)), end="")
    clock = Clock(owner)
    has_come = come(owner, clock, say)
    has_followed = has_come and follow(site, owner, clock, say)
    say(f"How far it has come:  mtasts publish --status {owner.name}")
    print(indented(owner.mtasts("--status")), end="")
    sender = owner.sender
    say(f"A sender looked {sender.looks} times; {len(sender.wrong)} times it got a policy older than its id.")
    return has_followed and not sender.wrong


def come(owner: Owner, clock: Clock, say: Callable[[str], None]) -> bool:
    say("The tailor creates both CNAMEs. Nothing else is left to do; step by step, as they are done:")
    owner.delegate()
    if not clock.tell_steps(lambda: bool(owner.sender.body)):
        return False
    clock.tell(f"a sender reads the id {owner.sender.id} and fetches")
    print(indented(owner.sender.body.replace("\r\n", "\n")), end="")
    return True


def follow(site: Publishing, owner: Owner, clock: Clock, say: Callable[[str], None]) -> bool:
    say("The tailor adds the mail host mx2. The policy follows, and its id behind it:")
    first = owner.sender.id
    clock.begin()
    owner.live.set(mx=("mx1", "mx2"))
    if not owner.sees(mx=["mx1.live.example", "mx2.live.example"]):
        return False
    clock.tell("a sender fetches a policy with mx2.live.example")
    if not eventually(lambda: owner.sender.id != first, PATIENCE_SECONDS):
        return False
    clock.tell(f"a sender reads the id {owner.sender.id}")
    if not site.told(owner, "changed", "mx2.live.example"):
        return False
    told = [each for each in site.watch.messages() if owner.name in each["text"] and "mx2.live.example" in each["text"]]
    clock.tell(told[0]["subject"])
    return True


class Clock:
    """Tells what happens, with the seconds since the owner did something."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.begin()

    def begin(self) -> None:
        self._began = time.monotonic()

    def tell(self, what: str) -> None:
        print(f"  {time.monotonic() - self._began:3.0f} s  {what}", flush=True)

    def tell_steps(self, is_over: Callable[[], bool]) -> bool:
        """Each step of the status when it is done, until then, or as long as patience lasts."""
        told: set[str] = set()
        self.begin()
        over = False
        while not over and time.monotonic() < self._began + PATIENCE_SECONDS:
            over = is_over()
            for step in self._owner.status()["steps"]:
                if step["state"] == "done" and step["step"] not in told:
                    told.add(step["step"])
                    self.tell(f"{step['step']:12} {step['text'].splitlines()[0]}")
            time.sleep(POLL_SECONDS)
        return over


def indented(text: str) -> str:
    return "".join(f"       {line}\n" for line in text.splitlines())
