"""Name servers that do not agree, or do not answer (group O).

Whichever server the resolver asks, the rest of the domain is sound: so nothing else is found
than what a comparison of the servers finds.
"""

from __future__ import annotations

from domains import SHARED_MX, Domain, Zone, domain, mx

BACKUP_MX = mx("mx2.mail.example.", preference=20)

DOMAINS: list[Domain] = [
    domain(
        "ns-agree",
        "Two name servers that give the same answers.",
        cuts={"@": Zone.LAGGING},
        authority=True,
    ),
    domain(
        "ns-txt-differs",
        "One of two name servers has the id of before.",
        cuts={"@": Zone.LAGGING},
        before=('_mta-sts TXT "v=STSv1; id=20250101T000000;"',),
        errors={"ns.txt-differs"},
        authority=True,
    ),
    domain(
        "ns-txt-differs-testing",
        "The same where no sender enforces.",
        mode="testing",
        cuts={"@": Zone.LAGGING},
        before=('_mta-sts TXT "v=STSv1; id=20250101T000000;"',),
        warnings={"ns.txt-differs"},
        authority=True,
    ),
    domain(
        "ns-mx-differs",
        "One of two name servers does not know the backup host yet.",
        mx=(SHARED_MX, BACKUP_MX),
        patterns=["*.mail.example"],
        cuts={"@": Zone.LAGGING},
        before=("@ MX 10 mx1.mail.example.",),
        errors={"ns.mx-differs"},
        authority=True,
    ),
    domain(
        "ns-lame",
        "One of two name servers does not serve the zone.",
        cuts={"@": Zone.HALF_LAME},
        warnings={"ns.lame"},
        authority=True,
    ),
    domain(
        "ns-mute",
        "One of two name servers never answers.",
        cuts={"@": Zone.HALF_MUTE},
        warnings={"ns.lame"},
        authority=True,
        slow=True,
    ),
]
