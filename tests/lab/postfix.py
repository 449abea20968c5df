"""A real Postfix: one instance, one listening service for each address and certificate."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from certificates import Authority
from domains import Postfix
from world import MailServer

MASTER = "/usr/lib/postfix/sbin/master"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
relay_domains =
alias_maps =
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
inet_interfaces = all
inet_protocols = all
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
"""

MASTER_CF = """\
postlog   unix-dgram n - n - 1 postlogd
tlsmgr    unix  - - n 1000? 1 tlsmgr
anvil     unix  - - n - 1 anvil
rewrite   unix  - - n - - trivial-rewrite
proxymap  unix  - - n - - proxymap
cleanup   unix  n - n - 0 cleanup
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
error     unix  - - n - - error
qmgr      unix  n - n 300 1 qmgr
"""

QUEUES = "active bounce corrupt defer deferred flush hold incoming private saved trace".split()


def can_run(folder: Path) -> bool:
    """Whether the user that Postfix runs as can own files here (not so without mapped ids)."""
    probe = folder / "owned"
    probe.touch()
    try:
        os.chown(probe, pwd.getpwnam("postfix").pw_uid, -1)
        return True
    except (KeyError, OSError):
        return False
    finally:
        probe.unlink()


def write(folder: Path, servers: dict[str, MailServer], authority: Authority) -> list[str]:
    """Writes configuration and queue; returns the command of the master daemon."""
    folder.mkdir()
    _make_folders(folder)
    main_cf = folder / "main.cf"
    main_cf.write_text(MAIN_CF.format(folder=folder))
    os.utime(main_cf, (0, 0))  # Postfix waits until a file just written has cooled down
    services = (_service(address, each, authority) for address, each in servers.items())
    (folder / "master.cf").write_text(MASTER_CF + "".join(services))
    return [MASTER, "-c", str(folder), "-d"]


def _make_folders(folder: Path) -> None:
    user = pwd.getpwnam("postfix").pw_uid
    queue = folder / "queue"
    for path in queue, queue / "pid":
        path.mkdir()
    for path in folder / "data", *(queue / name for name in [*QUEUES, "public", "maildrop"]):
        path.mkdir(mode=0o700)
        os.chown(path, user, -1)


def _service(address: str, each: MailServer, authority: Authority) -> str:
    assert isinstance(each.server, Postfix)
    options = {"myhostname": each.names[0]}
    if each.server.offers_tls:
        options["smtpd_tls_chain_files"] = str(authority.issue(each.server.certificate, *each.names))
    else:
        options["smtpd_tls_security_level"] = "none"
    overrides = "".join(f"    -o {name}={value}\n" for name, value in options.items())
    where = f"[{address}]" if ":" in address else address
    return f"{where}:25 inet n - n - - smtpd\n{overrides}"
