"""
What is infrastructure, and away: the database, the store, the mail server, the disk.

Told apart here alone from what a person must decide. A step that fails of an outage is tried until the outage is over;
whatever else makes a step fail gets a bounded number of attempts, and then waits for a person.
"""

from __future__ import annotations

import errno
from typing import Final

OUTAGES: Final = frozenset(
    {"LedgerUnavailable", "StoreError", "DeliveryUnavailable", "DiskFull", "FilesUnavailable", "TimeoutError"}
)
"""
The stable types of errors that mean an outage.

`LedgerUnavailable`: the record's database. `StoreError`: the archive's folder or bucket. `DeliveryUnavailable`: mail
server or gateway. `DiskFull`, `FilesUnavailable`: the files of the home. `TimeoutError`: no answer in the time of a step,
from something that hangs or from a worker that died.
"""

ATTEMPTS: Final = 8
"""How often a step is tried before a person has to look at what is no outage."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_OF_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL})


class Outage(Exception):  # noqa: N818  # a trait of errors that have names of their own
    """Something that a step needs is away; it will work when that is back. The name of the subclass is the stable type."""


def outage_of(error: BaseException) -> str | None:
    """
    Return the stable type of the outage that *error* shows, one of `OUTAGES`; None when it shows none.

    Files that cannot be read or written are an outage, whatever the cause; a name that no file can have is not.
    """
    if isinstance(error, Outage):
        return type(error).__name__
    if isinstance(error, OSError) and error.errno not in _OF_THE_NAME:
        return "DiskFull" if error.errno in _FULL else "FilesUnavailable"
    return None
