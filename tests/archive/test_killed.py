"""Sealing on a real server by real workers: as the last step, once, whatever dies on the way, and by a person if need be."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from activities.sealing import Archive, Store, check
from models import commands as cmd
from models.archive import ArchiveConfig
from models.data_file import read_model
from rulebook.retention import DEFAULT, RetentionRules
from tests.archive.parts import KEY, ORGANISATION
from tests.workflow import test_processes as processes
from tests.workflow.stage import SERVICE, Stage, kinds
from tests.workflow.test_processes import worker_process

server, site = processes.server, processes.site


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Where the workers of this test archive."""
    url = f"file://{tmp_path / 'archive'}"
    monkeypatch.setenv("TOUSU_ARCHIVE_URL", url)
    monkeypatch.setenv("TOUSU_ARCHIVE_KEYS", KEY.text)
    return Store.open(url)


def archive_of(site: Stage) -> Archive:
    return Archive.open(
        ArchiveConfig(url=f"file://{site.home / 'archive'}", keys=(KEY,)), site.ledger, ORGANISATION, site.home
    )


WITHDRAW = {"id": "w", "actor": SERVICE, "reason": "投诉人来电撤回。"}


async def test_a_complaint_that_has_ended_is_in_the_archive(site: Stage, store: Store) -> None:
    async with worker_process(site.home):
        play = await site.start()
        await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
        result = await play.handle.result()
    [path] = store.paths()
    found = check(store.get(path) or b"", path, {KEY.public})
    assert found.differences == ()
    assert found.kept is not None
    assert (found.kept.complaint_id, found.kept.events) == (play.intake.complaint_id, result.events)


async def test_a_worker_killed_in_the_middle_of_sealing_leaves_one_package(site: Stage, store: Store) -> None:
    """It was stored and not yet entered: the next worker finds it, enters it, and makes no second."""
    async with worker_process(site.home, "-m", "tests.archive.dying_worker") as dying:
        play = await site.start()
        await play.handle.execute_update("withdraw", cmd.Withdraw.model_validate(WITHDRAW))
        assert await dying.wait() == -signal.SIGKILL
    [path] = store.paths()
    archive = archive_of(site)
    assert archive.index.find() == []
    async with worker_process(site.home):
        await play.handle.result()
    assert store.paths() == [path]
    [row] = archive.index.find()
    assert row.path == path
    before = row.model_dump()
    assert archive.reindex() == 1
    assert archive.index.find()[0].model_dump() == before
    assert [one.differences for _, one in archive.check_all()] == [()]


def receipt(site: Stage, complaint_id: str) -> Path:
    """The letter that the mail room took, whose hash is the proof on record."""
    [letter] = (site.home / "outbox").glob(f"{complaint_id}.receipt.*")
    return letter


@pytest.mark.slow
async def test_what_cannot_be_sealed_waits_for_a_person_and_is_sealed_once_it_is_mended(
    site: Stage, store: Store
) -> None:
    """Somebody changed a letter in the outbox: the case neither fails nor ends without its file."""
    async with worker_process(site.home):
        play = await site.start()
        letter = receipt(site, play.intake.complaint_id)
        true = letter.read_bytes()
        letter.write_bytes(true + b"!")
        await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
        assert list((await play.view()).failed_steps) == ["archive"]
        assert store.paths() == []
        letter.write_bytes(true)
        retry = {"id": "r", "actor": SERVICE, "step": "archive"}
        await play.handle.execute_update("retry_step", cmd.RetryStep.model_validate(retry))
        result = await play.handle.result()
    assert kinds(site.ledger.events(play.intake.complaint_id))[-2:] == ["step_failed", "step_retried"]
    [path] = store.paths()
    found = check(store.get(path) or b"", path)
    assert found.ok
    assert found.kept is not None
    assert found.kept.events == result.events


@pytest.mark.slow
async def test_sealing_can_be_skipped_with_a_reason(site: Stage, store: Store) -> None:
    async with worker_process(site.home):
        play = await site.start()
        letter = receipt(site, play.intake.complaint_id)
        letter.write_bytes(b"!")
        await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
        skip = {"id": "s", "actor": SERVICE, "step": "archive", "reason": "信件被改动，纸质归档。"}
        await play.handle.execute_update("skip_step", cmd.SkipStep.model_validate(skip))
        await play.handle.result()
    assert kinds(site.ledger.events(play.intake.complaint_id))[-1] == "step_skipped"
    assert store.paths() == []


def test_the_rules_of_retention_that_ship_are_sound() -> None:
    assert set(read_model(DEFAULT, RetentionRules, ValueError).authority) == {"hold", "lift", "propose", "approve"}
