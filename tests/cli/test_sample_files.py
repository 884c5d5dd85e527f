"""Our own samples are dated from today; nothing else ever is."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.output import ZONE
from cli.rows import Row, read_rows
from cli.sample_files import SAMPLES, dated_from_today, is_sample
from models.intake import Intake

COMPLAINTS = SAMPLES / "complaints.jsonl"


def receipts(rows: list[Row]) -> list[datetime]:
    return [Intake.model_validate(row.data).received_at for row in rows]


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 12, 31, 15, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 16, 1, tzinfo=UTC),  # A minute into the new year in Shanghai.
        datetime(2028, 2, 29, 4, 0, tzinfo=UTC),
        datetime(2024, 1, 1, 4, 0, tzinfo=UTC),
    ],
    ids=str,
)
def test_the_last_was_received_yesterday_and_the_others_as_long_before_it(now: datetime) -> None:
    """By whole days, so the hours stay and a second opening on the same day is the same complaint."""
    rows = read_rows(str(COMPLAINTS), None)
    dated = receipts(dated_from_today(rows, now, lambda _: None))
    shifts = {after - before for before, after in zip(receipts(rows), dated, strict=True)}
    assert len(shifts) == 1
    assert shifts.pop() % timedelta(days=1) == timedelta()
    assert max(dated).astimezone(ZONE).date() == now.astimezone(ZONE).date() - timedelta(days=1)
    assert max(dated) < now


def test_what_is_on_record_keeps_its_receipt() -> None:
    known = datetime(2025, 5, 5, 1, tzinfo=UTC)
    rows = read_rows(str(COMPLAINTS), None)
    dated = dated_from_today(rows, datetime(2028, 2, 29, tzinfo=UTC), {"C-2026-0036": known}.get)
    assert [at for at in receipts(dated) if at == known] == [known]
    assert Intake.model_validate(dated[-1].data).received_at == known


def test_a_row_that_is_wrong_stays_as_it_is() -> None:
    rows = [Row(1, problem="is not JSON"), Row(2, {"complaint_id": "C-1"})]
    assert dated_from_today(rows, datetime(2028, 2, 29, tzinfo=UTC), lambda _: None) == rows


def test_only_a_file_in_our_own_folder_is_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is a file like any other, and so is what comes on standard input."""
    copy = Path(shutil.copy(COMPLAINTS, tmp_path))
    monkeypatch.chdir(SAMPLES.parent)
    assert is_sample("samples/complaints.jsonl")
    assert not is_sample(str(copy))
    assert not is_sample("-")
