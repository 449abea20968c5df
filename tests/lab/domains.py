"""The vocabulary of the catalogue: what a domain publishes, and what should be said of it.

Everything here is a plain value. `world.py` turns the values into addresses, zones and
servers; nothing here touches the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from certificates import GOOD, Certificate
from https_peer import Https
from smtp_peer import Smtp

ID = "20261001T120000"
RECORD = f"v=STSv1; id={ID};"
TLSRPT = "v=TLSRPTv1; rua=mailto:tls@reports.example"
TWO_WEEKS = 1209600


class Nobody(Enum):
    """Addresses at which nobody serves."""

    REFUSED = "packets to it are answered by a reset"
    SILENT = "packets to it vanish"


REFUSED = Nobody.REFUSED
SILENT = Nobody.SILENT


class Zone(Enum):
    """How a zone that is cut off from its parent fares."""

    SIGNED = "signed, and the parent has its DS record"
    UNSIGNED = "an insecure delegation"
    BOGUS = "signed with one key, while the parent has the DS record of another"
    SERVFAIL = "its server answers SERVFAIL"
    LAME = "its server answers REFUSED"
    MUTE = "its server never answers"
    BESIDE = "an insecure delegation to a server that has a CNAME beside all else at _mta-sts"
    CNAME_CHAIN = "every name n.… is an alias of (n+1).…"
    LAGGING = "an insecure delegation to two servers, of which one has the records of before"
    HALF_LAME = "likewise, but one answers REFUSED"
    HALF_MUTE = "likewise, but one never answers"
    LIVE = "its two servers say what is so at the moment"


@dataclass(frozen=True)
class Postfix:
    """A real Postfix behind an address."""

    certificate: Certificate = GOOD
    offers_tls: bool = True


@dataclass(frozen=True)
class V6:
    """What stands at an IPv6 address."""

    server: Server


@dataclass(frozen=True)
class Shared:
    """What stands at an IPv4 address that all hosts with the same number share."""

    server: Smtp | Https
    number: int = 0


@dataclass(frozen=True)
class At:
    """An address written out, at which the lab puts nothing."""

    address: str


Server = Smtp | Https | Postfix | Nobody
Place = Server | V6 | Shared | At


@dataclass(frozen=True)
class Host:
    """A host name and, for each of its addresses, what stands there."""

    name: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Mx:
    """An MX record; without a preference the host is the implicit MX and there is no record."""

    preference: int | None
    host: Host


@dataclass(frozen=True)
class Domain:
    """One row: what a domain publishes, and what a check of it must find."""

    name: str
    story: str
    record: tuple[str, ...] = (RECORD,)
    policy: bytes = b""
    policy_host: Host | None = None
    mx: tuple[Mx, ...] = ()
    tlsrpt: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()  # more hosts of the domain
    records: tuple[str, ...] = ()  # more records: "OWNER TYPE DATA", the owner relative to the domain
    cuts: dict[str, Zone] = field(default_factory=dict)  # zones of its own by relative name, "@": all
    before: tuple[str, ...] = ()  # records that a lagging server has instead of its owner's and type's
    authority: bool = False  # what must be found is found with --authority
    errors: frozenset[str] = frozenset()
    warnings: frozenset[str] = frozenset()
    info: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    deployment: str | None = "enforce"  # None: whatever the program makes of it
    eligibility: str | None = "eligible"
    slow: bool = False
    demo: bool = False

    @property
    def want(self) -> frozenset[str]:
        """The slugs that must fail, no more and no fewer, apart from those of mere information."""
        return self.errors | self.warnings

    @property
    def verdict(self) -> str:
        if self.errors:
            return "error"
        if self.unknown:
            return "unknown"
        return "warning" if self.warnings else "ok"


def mx(name: str, *places: Place, preference: int = 10) -> Mx:
    """An MX record; the host name is relative to the domain unless it ends with a dot."""
    return Mx(preference, Host(name, places))


def implicit_mx(*places: Place) -> Mx:
    """The domain itself as its mail host, without an MX record."""
    return Mx(None, Host("@", places))


SHARED_MX = mx("mx1.mail.example.")


def policy_text(
    *patterns: str, mode: str = "enforce", max_age: int | str = TWO_WEEKS, more: tuple[str, ...] = ()
) -> str:
    """A policy file."""
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {each}" for each in patterns), f"max_age: {max_age}"]
    return "".join(f"{line}\r\n" for line in [*lines, *more])


def domain(
    name: str,
    story: str,
    *,
    mode: str = "enforce",
    max_age: int | str = TWO_WEEKS,
    patterns: list[str] | None = None,
    more: tuple[str, ...] = (),
    policy: str | bytes | None = None,
    record: str | tuple[str, ...] = RECORD,
    host: tuple[Place, ...] | None = (Https(),),
    mx: tuple[Mx, ...] = (SHARED_MX,),
    tlsrpt: str | tuple[str, ...] = TLSRPT,
    hosts: tuple[Host, ...] = (),
    records: tuple[str, ...] = (),
    cuts: dict[str, Zone] | None = None,
    before: tuple[str, ...] = (),
    authority: bool = False,
    errors: set[str] = frozenset(),
    warnings: set[str] = frozenset(),
    info: set[str] = frozenset(),
    unknown: set[str] = frozenset(),
    deployment: str | None = "",
    eligibility: str | None = "eligible",
    slow: bool = False,
    demo: bool = False,
) -> Domain:
    """A row of the catalogue: a sound domain, but for what is named.

    `patterns` are the policy's mx patterns, by default the MX hosts; `policy` is the whole
    file where it is not made of such parts. `host` is what stands at the policy host's
    addresses; None leaves the host without any address record, so that `records` may say
    what it is. `{domain}` in a policy or a record stands for the name. The deployment to
    expect is the mode's, unless it is named.
    """
    full = f"{name}.example"
    exchangers = tuple(Mx(each.preference, _absolute(each.host, full)) for each in mx)
    if policy is None:
        names = patterns if patterns is not None else [each.host.name for each in exchangers]
        policy = policy_text(*names, mode=mode, max_age=max_age, more=more)
    if isinstance(policy, str):
        policy = policy.replace("{domain}", full).encode()
    return Domain(
        name=full,
        story=story,
        record=_texts(record),
        policy=policy,
        policy_host=Host(f"mta-sts.{full}", host) if host is not None else None,
        mx=exchangers,
        tlsrpt=_texts(tlsrpt),
        hosts=tuple(_absolute(each, full) for each in hosts),
        records=tuple(each.replace("{domain}", full) for each in records),
        cuts=cuts or {},
        before=before,
        authority=authority,
        errors=frozenset(errors),
        warnings=frozenset(warnings),
        info=frozenset(info),
        unknown=frozenset(unknown),
        deployment=_DEPLOYMENTS.get(mode) if deployment == "" else deployment,
        eligibility=eligibility,
        slow=slow,
        demo=demo,
    )


def _texts(record: str | tuple[str, ...]) -> tuple[str, ...]:
    return (record,) if isinstance(record, str) else record


def _absolute(host: Host, origin: str) -> Host:
    """The host under its full name, without a final dot; its name is relative unless it has one."""
    if host.name == "@":
        return Host(origin, host.places)
    name = host.name[:-1] if host.name.endswith(".") else f"{host.name}.{origin}"
    return Host(name, host.places)


_DEPLOYMENTS = {"enforce": "enforce", "testing": "testing", "none": "removing"}
