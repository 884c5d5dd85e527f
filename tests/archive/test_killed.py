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


async def test_a_store_that_cannot_be_written_to_waits_for_a_person(site: Stage, store: Store) -> None:
    """The case neither fails nor ends without its file: the step is retried by hand, or skipped with the reason."""
    folder = site.home / "archive"
    async with worker_process(site.home):
        play = await site.start()
        folder.rmdir()
        folder.write_text("no packages today")
        await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
        await play.forward(minutes=10)
        assert (await play.view()).failed_steps == ("archive",)
        folder.unlink()
        folder.mkdir()
        await play.handle.execute_update(
            "retry_step", cmd.RetryStep.model_validate({"id": "r", "actor": SERVICE, "step": "archive"})
        )
        result = await play.handle.result()
    events = site.ledger.events(play.intake.complaint_id)
    assert kinds(events)[-2:] == ["step_failed", "step_retried"]
    [path] = store.paths()
    found = check(store.get(path) or b"", path)
    assert found.ok
    assert found.kept is not None
    assert found.kept.events == result.events == len(events)


async def test_sealing_can_be_skipped_with_a_reason(site: Stage, store: Store) -> None:
    folder = site.home / "archive"
    async with worker_process(site.home):
        play = await site.start()
        folder.rmdir()
        folder.write_text("no packages today")
        await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
        await play.forward(minutes=10)
        skip = {"id": "s", "actor": SERVICE, "step": "archive", "reason": "纸质归档。"}
        await play.handle.execute_update("skip_step", cmd.SkipStep.model_validate(skip))
        await play.handle.result()
    assert kinds(site.ledger.events(play.intake.complaint_id))[-1] == "step_skipped"


def test_the_rules_of_retention_that_ship_are_sound() -> None:
    assert set(read_model(DEFAULT, RetentionRules, ValueError).authority) == {"hold", "lift", "propose", "approve"}
