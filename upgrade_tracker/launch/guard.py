"""Becomes another program that cannot outlive its parent. Run as a script, never imported.

    python -I -S guard.py PARENT_PID SIGNAL ACCOUNT -- COMMAND …

Linux sends SIGNAL to the program when its parent ends, whatever ended it, kill -9 included.
ACCOUNT is `-` (stay who we are) or the name of an account to become, for PostgreSQL refuses
to run as root. `ACCOUNT+` keeps the one capability to read and write past folder permissions:
needed where a clone or a data folder lies below a folder closed to others, such as /root.
Standard library only, and as little of it as possible: every server starts through here.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def become(account: str) -> None:
    name, keep = account.rstrip("+"), account.endswith("+")
    import pwd

    entry = pwd.getpwnam(name)
    libc = ctypes.CDLL(None, use_errno=True)
    if keep:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    if keep:
        keep_file_access(libc)


def keep_file_access(libc: ctypes.CDLL) -> None:
    """CAP_DAC_OVERRIDE alone, as an ambient capability, so that it survives the exec."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    failed = libc.capset(header, sets)
    if failed or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0):
        sys.exit("guard: this machine does not let root keep file access for another account")


def main() -> None:
    parent, signal, account, _, *command = sys.argv[1:]
    if account != "-":
        become(account)
    if sys.platform == "linux":
        # After the change of account, which clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("guard: the parent has gone already")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
