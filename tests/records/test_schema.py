"""The schema: what migrations make is what the tables say, and the database itself guards the source of truth."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import SQLModel

from activities.ledger import Ledger
from models.database import BUSY_SECONDS, DatabaseError, DatabaseUrlError, SchemaError, connect
from models.migrations import check, migrate
from models.tables import IntakeRow
from tests.records.parts import open_case, raw, whole_case
from tests.rulebook.helpers import on

ROOT = Path(__file__).parents[2]


def rules(engine: Engine) -> dict[str, Any]:
    """The rules of every table by name, in the database's own words."""
    found = inspect(engine)
    return {
        table: {
            "checks": sorted((check["name"] or "", check["sqltext"]) for check in found.get_check_constraints(table)),
            "foreign keys": sorted(
                (key["name"] or "", key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in found.get_foreign_keys(table)
            ),
            "key": found.get_pk_constraint(table)["constrained_columns"],
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_migrations_make_what_the_tables_say(database_url: str) -> None:
    """Columns, types and indexes, as the migration tool compares them."""
    migrate(database_url)
    with raw(database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrations_make_the_rules_that_the_tables_say(database_url: str) -> None:
    """CHECK constraints and keys, which the migration tool does not compare: made both ways, read back both times."""
    migrate(database_url)
    migrated = connect(database_url)
    found = rules(migrated)
    with raw(database_url) as connection:
        SQLModel.metadata.drop_all(connection)
        SQLModel.metadata.create_all(connection)
    made = connect(database_url)
    assert found == rules(made)
    assert len(found["complaint_case"]["checks"]) > 10
    migrated.dispose()
    made.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    with Ledger.open(database_url) as ledger:
        events = whole_case(ledger)
        migrate(database_url)
        assert ledger.events("C-1") == events


def test_many_processes_migrate_at_once(database_url: str) -> None:
    """Replicas start together: one makes the schema, the others find it."""
    code = "import sys; from models.migrations import migrate; sys.stdin.readline(); migrate(sys.argv[1])"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [(process.communicate()[1], process.returncode) for process in processes]
    assert ends == [("", 0)] * 4
    check(database_url)


def test_an_empty_database_is_refused_with_the_remedy(database_url: str) -> None:
    with pytest.raises(SchemaError, match=r"^the(re is no)? record.*`tousu migrate`"):
        Ledger.open(database_url)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("DELETE FROM alembic_version", "the record's schema is empty, this code needs 0013; run `tousu migrate`"),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "the record's schema 9999 is newer than this code, which knows 0013; deploy its release",
        ),
    ],
    ids=["older", "newer"],
)
def test_another_schema_is_refused_in_one_line(database_url: str, found: str, reason: str) -> None:
    migrate(database_url)
    with raw(database_url) as connection:
        connection.execute(text(found))
    with pytest.raises(SchemaError) as refused:
        check(database_url)
    assert str(refused.value) == reason


def test_a_newer_schema_is_not_migrated(database_url: str) -> None:
    """A worker of an old release that starts late does no harm."""
    migrate(database_url)
    with raw(database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="is newer than this code"):
        migrate(database_url)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}' WHERE seq = 3",
        "DELETE FROM event WHERE seq = 14",
        "DELETE FROM event",
        "UPDATE intake SET content = '{}'",
        "DELETE FROM intake",
    ],
)
def test_the_database_refuses_to_change_the_source_of_truth(ledger: Ledger, record_url: str, statement: str) -> None:
    """Whatever program asks: this connection knows nothing of the ledger."""
    refused(ledger, record_url, statement)


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rows", ["event SELECT * FROM event WHERE seq = 3", "intake SELECT * FROM intake"])
def test_sqlite_refuses_to_replace_a_row(ledger: Ledger, record_url: str, rows: str) -> None:
    """INSERT OR REPLACE removes a row without asking the triggers that guard removal."""
    refused(ledger, record_url, f"INSERT OR REPLACE INTO {rows}")


@pytest.mark.parametrize("record_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["event", "intake CASCADE"])
def test_postgresql_refuses_to_empty_a_table(ledger: Ledger, record_url: str, table: str) -> None:
    """TRUNCATE removes rows without asking the triggers that guard rows."""
    refused(ledger, record_url, f"TRUNCATE {table}")


def refused(ledger: Ledger, url: str, statement: str) -> None:
    events = whole_case(ledger)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(url) as connection:
        connection.execute(text(statement))
    assert ledger.events("C-1") == events
    assert ledger.verify("C-1").ok


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("closed_by = NULL", "complaint_case_closed_at_with_by"),
        ("decided_by = NULL", "complaint_case_decided_at_with_by"),
        ("assigned_at = NULL", "complaint_case_assigned_at_with_by"),
        ("liability = NULL", "complaint_case_decided_with_liability"),
        ("ending = 'withdrawn'", "complaint_case_ended_with_ending"),
        ("stage = 'lost'", "complaint_case_stage"),
        ("event_count = 0", "complaint_case_has_events"),
    ],
)
def test_no_when_without_its_who(ledger: Ledger, record_url: str, change: str, rule: str) -> None:
    """The database refuses a case that says when and not who, or names no stage that there is."""
    whole_case(ledger)
    with pytest.raises(DBAPIError, match=rule), raw(record_url) as connection:
        connection.execute(text(f"UPDATE complaint_case SET {change}"))  # noqa: S608  # a table of our own


def test_instants_come_back_aware_and_in_utc(ledger: Ledger) -> None:
    whole_case(ledger)
    (first, *_) = ledger.timeline("C-1")
    assert first.at == on("Mon 2026-03-02 10:00")
    assert (first.at.tzname(), first.at.isoformat()) == ("UTC", "2026-03-02T02:00:00+00:00")


def insert_intake(url: str, row: dict[str, Any]) -> None:
    with raw(url) as connection:
        connection.execute(insert(IntakeRow).values(row))


def test_an_instant_without_zone_is_not_recorded(ledger: Ledger, record_url: str) -> None:
    naive = datetime(2026, 3, 2, 10)  # noqa: DTZ001  # this is what is refused
    row = {"complaint_id": "C-1", "content": "{}", "content_hash": "0" * 64, "opened_at": naive}
    with pytest.raises(StatementError, match="an instant without a time zone cannot be recorded"):
        insert_intake(record_url, row)
    assert ledger.intake("C-1") is None


def test_sqlite_writes_ahead_waits_and_minds_its_keys(tmp_path: Path) -> None:
    """Several processes read while one writes, a second writer waits, and a commit survives a power cut."""
    url = f"sqlite:///{tmp_path / 'new folder' / 'records.db'}"
    migrate(url)
    with raw(url) as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    assert found == {"journal_mode": "wal", "busy_timeout": BUSY_SECONDS * 1000, "foreign_keys": 1, "synchronous": 2}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "the record needs a file"),
        ("sqlite:///:memory:", "the record needs a file"),
        ("mysql://u:hush@h/db", "the record rests in SQLite or PostgreSQL"),
        ("nonsense u:hush@h", "the database URL cannot be read"),
        ("postgresql://u:hush@h:port/db", "the database URL cannot be read"),
    ],
)
def test_a_url_that_can_hold_no_record_is_refused_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(DatabaseUrlError, match=rf"^{reason}") as refused:
        migrate(url)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("ask", [migrate, check, Ledger.open], ids=["migrate", "check", "open"])
def test_a_database_that_does_not_answer_is_named_without_its_password(ask: Any) -> None:
    """Port 1 of this machine answers nobody."""
    with pytest.raises(DatabaseError, match="Connection refused") as refused:
        ask("postgresql://someone:hush@127.0.0.1:1/records")
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_record_is_opened_again_after_its_migration(database_url: str) -> None:
    migrate(database_url)
    with Ledger.open(database_url) as ledger:
        open_case(ledger)
    with Ledger.open(database_url) as again:
        assert again.intake("C-1") is not None
