"""Destruction: by two persons, when the time is over, without a hold; nothing readable is left, and the chain is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.ledger import LedgerDestroyed
from activities.sealing import Archive, ArchiveRefused, disposal
from models.archive import Tombstone
from models.typical import Sought, Telling
from tests.archive.parts import APPROVER, LAWYER, LONG_AFTER, OUTSIDER, PROPOSER, closed_case
from tests.records.parts import LETTER, NAME, raw, tamper, whole_case
from tests.rulebook.helpers import on

REASON = "保管期满"
SAID = ("保险金至今未付", LETTER.strip(), NAME, "涉及", "理赔")
"""Words of the complainant and of the staff that must not be left."""


def destroyed(archive: Archive, complaint_id: str = "C-1") -> None:
    disposal.propose(archive, complaint_id, PROPOSER, LONG_AFTER, REASON)
    disposal.approve(archive, complaint_id, APPROVER, LONG_AFTER)


def code(work: Callable[[], Any]) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        work()
    return refused.value.code


def rests(url: str, folder: Path) -> Iterator[bytes]:
    """Every byte that rests: the files of the database, the store, the home."""
    if url.startswith("postgresql"):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            files = connection.execute(
                "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') "
                "AND oid >= 16384 AND pg_relation_filepath(oid) IS NOT NULL"
            ).fetchall()
            for (file,) in files:
                (content,) = connection.execute("SELECT pg_read_binary_file(%s)", (file,)).fetchone() or (b"",)
                yield content
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes()


def left(url: str, folder: Path, words: tuple[str, ...] = SAID) -> set[str]:
    contents = list(rests(url, folder))
    return {word for word in words for content in contents if word.encode() in content}


def test_the_number_that_another_system_gave_it_goes_too(archive: Archive, record_url: str, tmp_path: Path) -> None:
    """The claim on a reference ends with what named it."""
    reference = "WX-OF-ANOTHER-SYSTEM-1"
    closed_case(archive.ledger, "C-9", source_reference=reference)
    archive.seal("C-9")
    assert left(record_url, tmp_path, (reference,)) == {reference}
    destroyed(archive, "C-9")
    assert left(record_url, tmp_path, (reference,)) == set()


def test_the_words_are_there_before(archive: Archive, record_url: str, tmp_path: Path) -> None:
    """The look below can find them."""
    archive.seal("C-1")
    assert {NAME, "保险金至今未付"} <= left(record_url, tmp_path)


def test_nothing_that_was_said_is_left_and_the_chain_verifies(
    archive: Archive, record_url: str, tmp_path: Path
) -> None:
    """Neither in the database's files nor in the store nor in the home; the hashes are those from before."""
    archive.seal("C-1")
    outbox = archive.home / "outbox"
    outbox.mkdir(parents=True)
    for name in ("C-1.decision.1", "C-1.2.decision.1"):
        (outbox / f"{name}.txt").write_text(f"To: {name} {NAME}" if name == "C-1.decision.1" else "another", "utf-8")
    closed_case(archive.ledger, "C-1.2", facts="别的投诉")
    before = archive.ledger.verify("C-1")
    assert before.ok
    destroyed(archive)
    after = archive.ledger.verify("C-1")
    assert (after.differences, after.head_hash, after.events, after.destroyed) == (
        (),
        before.head_hash,
        before.events,
        True,
    )
    # The other complaint has the same complainant; only what the destroyed one alone said can be looked for.
    assert left(record_url, tmp_path, ("保险金至今未付",)) == set()
    assert [file.name for file in outbox.iterdir()] == ["C-1.2.decision.1.txt"]
    assert archive.ledger.verify("C-1.2").ok
    assert [report.ok for report in archive.ledger.verify_all()] == [True, True]


def test_not_a_word_is_left_of_the_only_complaint(archive: Archive, record_url: str, tmp_path: Path) -> None:
    archive.seal("C-1")
    destroyed(archive)
    assert left(record_url, tmp_path) == set()


def test_a_typical_case_outlives_the_file_of_its_complaint(archive: Archive, record_url: str, tmp_path: Path) -> None:
    """It names nobody: found, withdrawn and verified as before; anew it cannot be told, for nobody could look for names."""
    archive.seal("C-1")
    teller: dict[str, Any] = {"by": "p-gd-kf-03", "at": on("Mon 2026-06-01 10:00")}
    telling = Telling(title="一次性告知", facts="三次补交同一份资料", lesson="首次沟通即列明所需资料")
    archive.ledger.typical.choose("C-1", telling, **teller)
    destroyed(archive)
    assert left(record_url, tmp_path) == set()
    (found,) = archive.ledger.typical.find(Sought(category="claims", units=("gd-sz",)))
    assert found.telling == telling
    assert archive.ledger.typical.faults("C-1") == []
    assert archive.ledger.verify("C-1").ok
    with pytest.raises(LedgerDestroyed):
        archive.ledger.typical.revise("C-1", telling.model_copy(update={"title": "新题"}), "更准确", **teller)
    archive.ledger.typical.withdraw("C-1", "流程已取消", **teller)
    with pytest.raises(LedgerDestroyed):
        archive.ledger.typical.choose("C-1", telling, **teller)
    assert archive.ledger.typical.find(Sought()) == []


def test_the_tombstone_says_who_when_why_and_verifies(archive: Archive) -> None:
    manifest = archive.seal("C-1")
    destroyed(archive)
    ((path, found),) = archive.check_all()
    assert path == manifest.path.replace(".zip", ".tombstone.json")
    assert (found.differences, found.destroyed, found.trusted) == ((), True, True)
    stone = found.kept
    assert isinstance(stone, Tombstone)
    assert (stone.package, stone.head_hash, len(stone.chain)) == (manifest.sha256, manifest.head_hash, manifest.events)
    assert (stone.proposed_by, stone.approved_by, stone.approved_at, stone.reason) == (
        PROPOSER,
        APPROVER,
        LONG_AFTER,
        REASON,
    )
    assert (stone.rule, stone.kept_to) == ("grave", date(2036, 3, 24))


def test_a_changed_tombstone_is_found(archive: Archive) -> None:
    from activities.sealing import check

    archive.seal("C-1")
    destroyed(archive)
    (path,) = archive.store.paths()
    data = archive.store.get(path) or b""
    for old, new in ((APPROVER, PROPOSER), ("gd-sz", "gd-gz"), ("2041-04-24", "2040-04-24")):
        assert not check(data.replace(old.encode(), new.encode()), path, archive.trusted).ok


def test_a_tombstone_survives_the_loss_of_the_index(archive: Archive) -> None:
    archive.seal("C-1")
    destroyed(archive)
    before = archive.index.of("C-1")[0]
    assert archive.reindex() == 1
    after = archive.index.of("C-1")[0]
    assert (after.sha256, after.tombstone, after.events) == (before.sha256, before.tombstone, before.events)


def test_what_asks_for_the_content_is_told_that_it_was_destroyed(archive: Archive) -> None:
    archive.seal("C-1")
    destroyed(archive)
    ledger = archive.ledger
    for ask in (ledger.events, ledger.timeline, ledger.intake, ledger.archived, ledger.rebuild):
        with pytest.raises(LedgerDestroyed, match="was destroyed when its time was over"):
            ask("C-1")
    assert (ledger.case("C-1"), ledger.rebuild(), list(ledger.archived_all())) == (None, 0, [])
    assert [letter.body for letter in ledger.notices("C-1")] == [""]
    held = ledger.pages.extent("C-1")
    assert held is not None
    assert held.destroyed, "so that nobody brings it back"


def test_who_proposed_cannot_approve(archive: Archive) -> None:
    """Consumer protection may propose and an auditor may both; not the same person for one file."""
    auditor = "p-hq-xb-02"
    archive.seal("C-1")
    disposal.propose(archive, "C-1", auditor, LONG_AFTER, REASON)
    assert code(lambda: disposal.approve(archive, "C-1", auditor, LONG_AFTER)) == "SamePerson"
    assert archive.ledger.verify("C-1").destroyed is False
    assert disposal.approve(archive, "C-1", APPROVER, LONG_AFTER).executed_at == LONG_AFTER


def test_only_those_whom_the_rules_name_decide(archive: Archive) -> None:
    archive.seal("C-1")
    assert code(lambda: disposal.propose(archive, "C-1", OUTSIDER, LONG_AFTER, REASON)) == "NotAuthorised"
    assert code(lambda: disposal.propose(archive, "C-1", "nobody", LONG_AFTER, REASON)) == "UnknownActor"
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)
    assert code(lambda: disposal.approve(archive, "C-1", OUTSIDER, LONG_AFTER)) == "NotAuthorised"
    assert code(lambda: archive.place_hold("C-1", OUTSIDER, LONG_AFTER, REASON, None)) == "NotAuthorised"


@pytest.mark.parametrize(
    ("at", "allowed"),
    [("Mon 2036-03-24 23:59:59", False), ("Tue 2036-03-25 00:00:00", True)],
    ids=["last day", "the day after"],
)
def test_nothing_goes_before_its_time(archive: Archive, at: str, allowed: bool) -> None:
    """Closed on Tue 2026-03-24, kept for ten years: through the same day of the last year (Civil Code art. 202)."""
    archive.seal("C-1")
    instant = on(at)
    if allowed:
        assert disposal.propose(archive, "C-1", PROPOSER, instant, REASON).kept_to == date(2036, 3, 24)
    else:
        assert code(lambda: disposal.propose(archive, "C-1", PROPOSER, instant, REASON)) == "StillKept"


def test_a_held_file_is_never_destroyed(archive: Archive, record_url: str) -> None:
    """Neither proposed nor approved, nor by who writes to the database himself."""
    archive.seal("C-1")
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)
    hold = archive.place_hold("C-1", LAWYER, LONG_AFTER, "诉讼", None)
    assert code(lambda: disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)) == "OnHold"
    assert archive.due(LONG_AFTER.date())[0].holds[0].number == hold.number
    with raw(record_url) as connection:
        connection.execute(
            text(
                "UPDATE archive_disposal SET approved_at = proposed_at, approved_by = 'p-x' WHERE complaint_id = 'C-1'"
            )
        )
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text("UPDATE event SET body = ''"))
    assert archive.ledger.verify("C-1").ok
    archive.lift_hold(hold.number or 0, LAWYER, LONG_AFTER, "判决生效")
    disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)
    assert archive.ledger.verify("C-1").destroyed


def test_a_hold_with_a_last_day_ends_by_itself(archive: Archive) -> None:
    """Such as for the records of a policy (Insurance Law art. 87)."""
    archive.seal("C-1")
    archive.place_hold("C-1", LAWYER, LONG_AFTER, "保单档案", date(2041, 12, 31))
    assert code(lambda: disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)) == "OnHold"
    disposal.propose(archive, "C-1", PROPOSER, on("Wed 2042-01-01 00:00"), REASON)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET body = ''",
        "UPDATE event SET body = '', \"by\" = 'p-x'",
        "UPDATE intake SET content = ''",
        "DELETE FROM event",
    ],
)
def test_the_database_lets_nobody_strike_out_what_nobody_approved(
    archive: Archive, record_url: str, change: str
) -> None:
    archive.seal("C-1")
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(change))
    assert archive.ledger.verify("C-1").ok


def test_who_strikes_out_without_a_decision_is_found(archive: Archive, record_url: str) -> None:
    """As somebody could who owns the database."""
    archive.seal("C-1")
    tamper(record_url, "UPDATE event SET body = ''", "UPDATE intake SET content = ''")
    assert "intake: the content was struck out, and nobody approved that" in archive.ledger.verify("C-1").differences


def test_a_refused_proposal_leaves_everything_and_another_may_follow(archive: Archive) -> None:
    archive.seal("C-1")
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)
    disposal.refuse(archive, "C-1", APPROVER, LONG_AFTER, "另案待查")
    assert code(lambda: disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)) == "NotProposed"
    destroyed(archive)
    assert [bool(row.refused_at) for row in archive.index.disposals()] == [True, False]
    assert code(lambda: disposal.refuse(archive, "C-1", APPROVER, LONG_AFTER, "晚了")) == "AlreadyApproved"


def test_what_was_never_sealed_or_goes_on_is_not_destroyed(archive: Archive) -> None:
    assert code(lambda: disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)) == "NotArchived"
    whole_case(archive.ledger, "C-9")
    assert code(lambda: disposal.propose(archive, "C-9", PROPOSER, LONG_AFTER, REASON)) == "NotArchived"


class Stop(Exception):  # noqa: N818  # nothing failed
    """Where a test breaks off."""


STEPS = (
    "activities.sealing.disposal.remove_files_of",
    "activities.sealing.disposal.strike_out",
    "activities.sealing.disposal.compact",
)


@pytest.mark.parametrize("step", STEPS)
def test_what_was_broken_off_is_gone_on_with(
    archive: Archive, record_url: str, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any step; approving again finishes it, and meanwhile nothing looks forged."""

    def stop(*_: object) -> None:
        raise Stop

    archive.seal("C-1")
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, REASON)
    with monkeypatch.context() as patched:
        patched.setattr(step, stop)
        with pytest.raises(Stop):
            disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)
    assert archive.ledger.verify("C-1").ok
    assert disposal.approve(archive, "C-1", APPROVER, later(LONG_AFTER)).executed_at == later(LONG_AFTER)
    assert left(record_url, tmp_path) == set()
    assert [one.ok for _, one in archive.check_all()] == [True]


def later(instant: datetime) -> datetime:
    return instant.replace(hour=12)


def test_the_rules_that_the_case_ran_under_may_keep_its_file_longer(archive: Archive) -> None:
    """Three years from receipt under FCA DISP, as its pack has them, outlast one year of the insurer's own from closure."""
    archive.seal("C-1")
    (row,) = archive.index.of("C-1")
    short = archive.rules.classes["complaint"].model_copy(update={"years": 1})
    archive.rules = archive.rules.model_copy(update={"classes": {"complaint": short}})
    own = archive.kept(row)
    row.rules = ["uk-disp"]
    longer = archive.kept(row)
    assert own is not None
    assert longer is not None
    received = date.fromisoformat(row.days["received"])
    assert (own.rule, longer.rule) == ("complaint", "uk-disp complaint")
    assert longer.last_day == received.replace(year=received.year + 3)
