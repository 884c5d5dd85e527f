"""The watchdog looks at the whole record, also at what is left of files whose time was over."""

from __future__ import annotations

from activities.sealing import Archive, disposal
from activities.watchdog.steps import Watch
from models.supervision import read_supervision
from tests.archive.parts import APPROVER, LONG_AFTER, PROPOSER


async def test_a_destroyed_file_is_no_fault(archive: Archive) -> None:
    """Of the case the chain alone is left, and nothing is computed from it."""
    archive.seal("C-1")
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, "保管期满")
    disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)
    watch = Watch(archive.ledger, read_supervision())
    found = await watch.look(LONG_AFTER)
    assert [one for one in found if one.subject == "C-1"] == []
    assert await watch.repair(found) == []
