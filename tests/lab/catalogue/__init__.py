"""The catalogue: one row for each domain of the lab, sound ones first.

A row names what the domain publishes, how its servers behave, and what a check of it must
report. The names tell the story: `mxcert-expired.example` has an expired certificate at its
MX host. To add one, add a row to the module of its group; nothing else changes.
"""

from __future__ import annotations

from catalogue import hostile, mail_hosts, name_servers, policies, policy_hosts, records, sound
from certificates import EXPIRED, SELF_SIGNED
from domains import RECORD, V6, Domain, Host, Postfix, Shared
from https_peer import Https
from smtp_peer import Smtp
from world import CA, HTTP01

DOMAINS: list[Domain] = [
    *sound.DOMAINS,
    *records.DOMAINS,
    *policy_hosts.DOMAINS,
    *policies.DOMAINS,
    *mail_hosts.DOMAINS,
    *name_servers.DOMAINS,
    *hostile.DOMAINS,
]

# Hosts that many domains share.
HOSTS = [
    Host("mx1.mail.example", (Smtp(), V6(Smtp()))),
    Host("mx2.mail.example", (Smtp(), V6(Smtp()))),
    Host("postfix.mail.example", (Postfix(), V6(Postfix()))),
    Host("postfix-expired.mail.example", (Postfix(EXPIRED),)),
    Host("postfix-selfsigned.mail.example", (Postfix(SELF_SIGNED),)),
    Host("postfix-plaintext.mail.example", (Postfix(offers_tls=False),)),
    Host("lab-example.mail.protection.outlook.com", (Smtp(),)),
    Host("www.publisher.example", (Https(),)),
    Host("www.otherpublisher.example", (Https(),)),
    Host("unclaimed.github.io", (Shared(Https(), 2),)),
]

# What publishers announce for their customers.
RECORDS = [f'{name} TXT "{RECORD}"' for name in ("id.publisher.example", "id.otherpublisher.example")]

# Names for certificates (test_acme.py): *.acme.example stands at a server that answers HTTP-01.
RECORDS += [
    f"refused.acme.example A {CA}",
    "silent.acme.example A 192.0.2.99",
    f"caa-other.acme.example A {HTTP01}",
    f"below.caa-other.acme.example A {HTTP01}",
    'caa-other.acme.example CAA 0 issue "other.example"',
]
