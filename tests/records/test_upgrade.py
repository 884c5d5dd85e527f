"""A record written by an older release is brought up to date in place, with everything that rests in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

import models.migrations
from activities import ledger_chain as chain
from activities.ledger import Ledger
from activities.ledger_projection import project
from activities.ledger_session import Sessions
from activities.rectifications import Rectifications
from models.canonical import canonical
from models.database import connect
from models.migrations import migrate
from models.steps import TaskOrder
from models.tables import CaseRow, EventRow, IntakeRow, TaskRow
from models.typical import Telling
from tests.archive.parts import closed_case
from tests.records.parts import COMPANY_PIN, OPENED, PIN, everything, intake, open_case, raw, slip_story, story
from tests.records.test_rectifications import opened
from tests.records.test_schema import rules

FOLDER = Path(models.migrations.__file__).parent


def make(url: str, revision: str) -> None:
    """Make the schema of an older release, which has the pragmas of this one."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with raw(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def write_before_slips(url: str, complaint_id: str = "C-1") -> None:
    """Put down a whole case as the release before slips did: the same rows, in the tables that it had."""
    said = intake(complaint_id)
    content = canonical(said.model_dump(mode="json", exclude_defaults=True))
    links: list[EventRow] = []
    for seq, event in enumerate(story(complaint_id), start=1):
        links.append(chain.link(complaint_id, seq, event, PIN, links[-1].hash if links else chain.GENESIS))
    projection = project(links)
    batches = (
        [IntakeRow(complaint_id=complaint_id, content=content, content_hash=said.content_hash(), opened_at=OPENED)],
        links,
        projection.duties,
        projection.deadlines,
        [
            TaskRow(
                task=f"{complaint_id}.t", complaint_id=complaint_id, kind="callback", department="d", opened_at=OPENED
            )
        ],
    )
    with raw(url) as connection, Session(connection) as session:
        session.add_all(batches[0])
        session.flush()
        assert projection.case
        # That release had no column for what a case waits for.
        session.execute(insert(CaseRow).values(projection.case.model_dump(exclude={"waits_for"})))
        for batch in batches[1:]:
            session.add_all(batch)
            session.flush()


@pytest.fixture
def old_url(database_url: str) -> str:
    """A record of schema 0001 with two cases in it."""
    make(database_url, "0001")
    for name in ("C-1", "C-2"):
        write_before_slips(database_url, name)
    return database_url


def counts(url: str) -> dict[str, int]:
    tables = ("intake", "event", "complaint_case", "duty", "deadline_version", "task")
    with raw(url) as connection:
        return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}  # noqa: S608


def test_the_older_record_is_full_and_knows_no_slips(old_url: str) -> None:
    """What the tests below upgrade is what they say it is."""
    assert all(count >= 2 for count in counts(old_url).values())
    with pytest.raises(DBAPIError, match="slip"), raw(old_url) as connection:
        connection.execute(text("SELECT * FROM slip"))


def test_an_upgrade_loses_nothing(old_url: str) -> None:
    """Every row is there afterwards, the audit finds nothing, and computing the rows anew gives the same ones."""
    before = counts(old_url)
    migrate(old_url)
    assert counts(old_url) == before
    with Ledger.open(old_url) as ledger:
        rows = everything(ledger, "C-1")
        assert len(rows) > 4
        # The letter that the story speaks of was never filed here.
        assert [report.differences for report in ledger.verify_all()] == [
            ("seq 11: the letter it speaks of is not in the record",)
        ] * 2
        assert ledger.rebuild() == 2
        assert everything(ledger, "C-1") == rows


def test_an_upgraded_schema_is_the_one_that_the_tables_say(old_url: str) -> None:
    """The same rules as tables made anew, and no reference that leads nowhere."""
    migrate(old_url)
    found = rules_at(old_url)
    with raw(old_url) as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        SQLModel.metadata.drop_all(connection)
        SQLModel.metadata.create_all(connection)
    assert found == rules_at(old_url)


def rules_at(url: str) -> dict[str, Any]:
    engine = connect(url)
    try:
        return rules(engine)
    finally:
        engine.dispose()


def test_an_upgraded_record_takes_slips_and_their_tasks(old_url: str) -> None:
    """Duties that are targets, tasks for slips, and slips: what the older schema refused."""
    migrate(old_url)
    with Ledger.open(old_url) as ledger:
        open_case(ledger, "C-3")
        ledger.append("C-3", 1, slip_story("C-3"), COMPANY_PIN)
        ledger.open_task(
            TaskOrder(
                complaint_id="C-3", task="C-3.slip.s1", kind="slip", department="d", coordinator=None, opened_at=OPENED
            )
        )
        assert {row.kind for row in ledger.duties("C-3")} == {"duty", "target"}
        assert len(ledger.slips(open_only=False)) == 3
        assert ledger.verify("C-3").ok
    with pytest.raises(DBAPIError, match="task_kind"), raw(old_url) as connection:
        connection.execute(text("UPDATE task SET kind = 'song'"))


def test_an_upgraded_record_still_refuses_to_change_the_source_of_truth(old_url: str) -> None:
    migrate(old_url)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(old_url) as connection:
        connection.execute(text("DELETE FROM event"))


def test_a_record_of_the_schema_before_typical_cases_takes_them(database_url: str) -> None:
    """0007 to 0008: what is mended is there as it was, and a closed complaint can be told of."""
    make(database_url, "0007")
    with raw(database_url) as connection, pytest.raises(DBAPIError, match="typical_event"):
        connection.execute(text("SELECT * FROM typical_event"))
    engine = connect(database_url)
    name = Rectifications(Sessions(engine)).open(opened())
    engine.dispose()
    migrate(database_url)
    with Ledger.open(database_url) as ledger:
        assert [one.opened for one in ledger.rectifications.all()] == [opened()]
        assert ledger.rectifications.faults(name) == []
        closed_case(ledger)
        telling = Telling(title="一次性告知", facts="三次补交", lesson="列明资料")
        assert ledger.typical.choose("C-1", telling, by="p-gd-kf-03", at=OPENED).telling == telling
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(database_url) as connection:
        connection.execute(text("DELETE FROM typical_event"))


def test_a_wish_noted_before_it_had_its_day_stays(database_url: str) -> None:
    """0009 to 0010: the row is there as it was, without a day, and the database still refuses to change it."""
    make(database_url, "0009")
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO intake (complaint_id, content, content_hash, opened_at) VALUES ('C-1', '{}', :sha, :at)"),
            {"sha": "ab" * 32, "at": OPENED.isoformat()},
        )
        connection.execute(
            text("INSERT INTO wish_to_wait (complaint_id, evidence, \"by\", at) VALUES ('C-1', :sha, 'p-1', :at)"),
            {"sha": "ab" * 32, "at": OPENED.isoformat()},
        )
    engine.dispose()
    migrate(database_url)
    with raw(database_url) as connection:
        assert connection.execute(text("SELECT evidence, wished_on FROM wish_to_wait")).all() == [("ab" * 32, None)]
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(database_url) as connection:
        connection.execute(text("UPDATE wish_to_wait SET wished_on = '2026-03-10'"))
