"""Half-written letters: they belong to their complaint, and none stays after a crash or on a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.delivery import Outbox, Outgoing
from activities.home_files import remove_drafts_in, remove_files_of
from engine.settings import ROOT
from models.supervision_steps import WATCHDOG_WORKFLOW, Seen
from models.whole_files import remove_drafts
from tests.workflow.stage import Stage

LETTER = Outgoing("C-1.receipt.1", "sms", "13800000000", "受理告知", "尊敬的测试人甲：")
DIES = """
import os, signal, sys
from pathlib import Path
from models.whole_files import write_whole
os.fsync = lambda _: os.kill(os.getpid(), getattr(signal, sys.argv[2]))
write_whole(Path(sys.argv[1]) / "C-1.receipt.1.txt", "names and phones")
"""


def writer(folder: Path, how: str) -> subprocess.Popen[bytes]:
    """Start a process that gets the signal *how* between writing a letter and giving it its name."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen([sys.executable, "-c", DIES, str(folder), how], cwd=ROOT)


def stopped_writer(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that stands still with its letter half-written."""
    process = writer(folder, "SIGSTOP")
    os.waitpid(process.pid, os.WUNTRACED)
    return process


def drafts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(".*.part"))


def test_a_draft_of_a_process_that_was_killed_goes_at_the_next_start(tmp_path: Path) -> None:
    """It holds all that the letter says; its name holds the complaint's id and nothing else."""
    outbox = tmp_path / "outbox"
    assert writer(outbox, "SIGKILL").wait(60) == -signal.SIGKILL
    [draft] = drafts(outbox)
    assert draft.startswith(".C-1.receipt.1.txt.")
    assert remove_drafts_in(tmp_path) == 1
    assert drafts(outbox) == []


def test_a_draft_of_a_process_that_lives_stays(tmp_path: Path) -> None:
    """Several workers may share a home."""
    outbox = tmp_path / "outbox"
    process = stopped_writer(outbox)
    try:
        assert len(drafts(outbox)) == 1
        assert remove_drafts(outbox) == 0
        assert len(drafts(outbox)) == 1
    finally:
        process.kill()
        process.wait(60)


def test_destruction_finds_drafts_too(tmp_path: Path) -> None:
    """Those of this complaint, and of none whose id only begins alike."""
    outbox = tmp_path / "outbox"
    writer(outbox, "SIGKILL").wait(60)
    other = outbox / ".C-1.a.receipt.1.txt.xxxx.part"
    other.write_text("another's")
    assert remove_files_of(tmp_path, "C-1", ["C-1", "C-1.a"]) == 1
    assert drafts(outbox) == [other.name]


def test_a_full_disk_keeps_no_half_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Outbox(tmp_path).deliver(LETTER)
    assert list(tmp_path.iterdir()) == []


async def test_every_look_of_the_watchdog_removes_what_the_dead_left_and_nothing_of_the_living(
    client: Client, tmp_path: Path
) -> None:
    """Its workflow, as its schedule starts it; a worker that runs for months is never started anew."""
    async with Stage.open(client, tmp_path) as stage:
        outbox, proofs = tmp_path / "outbox", tmp_path / "proofs"
        writing = stopped_writer(outbox)
        try:
            [fresh] = drafts(outbox)
            killed = [writer(folder, "SIGKILL") for folder in (outbox, proofs)]
            assert [process.wait(60) for process in killed] == [-signal.SIGKILL] * 2
            assert (len(drafts(outbox)), len(drafts(proofs))) == (2, 1)
            await client.execute_workflow(
                WATCHDOG_WORKFLOW, id=f"watchdog-{stage.queue}", task_queue=stage.queue, result_type=Seen
            )
            assert (drafts(outbox), drafts(proofs)) == ([fresh], [])
        finally:
            writing.kill()
            writing.wait(60)
