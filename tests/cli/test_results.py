"""Results that are handed out run in nobody's spreadsheet, and a cursor from another record is told."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from cli.errors import REFUSED
from engine.settings import ROOT
from tests.cli.conftest import House, complaint
from tests.present import now

FEED = ROOT / "samples/feed-12378.yaml"
BY = ("--as", "p-hq-kf-01")
AHEAD = (
    "Error: --since: no result has this number yet; if the record was restored from a backup, "
    "go on from the cursor that you had when it was made, or from 0 [CursorAhead]\n"
)


def test_text_that_looks_like_a_formula_is_marked_in_csv_and_comes_back_as_it_was(house: House, tmp_path: Path) -> None:
    lines = []
    texts = {"RS-1": '=HYPERLINK("http://x","y")', "RS-2": "=cmd|' /C calc'!A0", "RS-3": "-1234"}
    for name, text in texts.items():
        at = {"complaint_id": name, "by": "p-gd-sz-kf-01", "at": now().isoformat()}
        lines += [complaint(name, source_reference=text), {**at, "event": "withdrawn", "reason": "r"}]
    file = tmp_path / "formula.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    house.lines("import", str(file), *BY)
    for name in texts:
        house.until(name, "closed")
    out = tmp_path / "results.csv"
    assert house.run("results", "--mapping", str(FEED), "--format", "csv", "--out", str(out)).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as written:
        found = {row["投诉编号"]: row["转办编号"] for row in csv.DictReader(written)}
    assert {name: found[name] for name in texts} == {
        "RS-1": "'" + texts["RS-1"],
        "RS-2": "'" + texts["RS-2"],
        "RS-3": "-1234",
    }
    back = house.lines("import", str(out), "--mapping", str(FEED), *BY)
    assert {line["result"] for line in back if line["complaint_id"] in texts} == {"already"}


def test_a_cursor_ahead_of_the_record_is_told_and_not_answered_with_silence(house: House) -> None:
    """The record was restored from a backup: what was handed out since is numbered again."""
    result = house.run("results", "--mapping", str(FEED), "--since", "0")
    cursor = int(result.stderr.split()[-1])
    assert house.run("results", "--mapping", str(FEED), "--since", str(cursor)).exit_code == 0
    ahead = house.run("results", "--mapping", str(FEED), "--since", str(cursor + 1))
    assert (ahead.exit_code, ahead.stdout, ahead.stderr) == (REFUSED, "", AHEAD)


DECIDED = {
    "event": "decision_made",
    "decided_by": "branch",
    "unit": "gd-sz",
    "liability": "non_responsible",
    "causes": ["elsewhere"],
    "verification": "见旧系统",
    "basis": "见旧系统",
    "reasons": "见旧系统",
    "agreed": True,
}


def test_a_decision_with_anything_in_it_is_one_row_in_every_form_and_comes_back_as_nothing_new(
    house: House, tmp_path: Path
) -> None:
    """Out of Word: white space at the ends, a vertical tab, a lone carriage return before what looks like a formula."""
    text = '  维持原决定。\x0b另行告知。\r=HYPERLINK("x")\r\n_x000B_ "完" '
    at = {"complaint_id": "RS-7", "by": "p-gd-sz-kf-01", "at": now().isoformat()}
    file = tmp_path / "decided.jsonl"
    lines = [complaint("RS-7"), {**DECIDED, **at, "decision": text}]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (imported,) = house.lines("import", str(file), *BY)
    assert imported["result"] == "imported"
    house.until("RS-7", "calling_back")
    for form in ("csv", "xlsx", "jsonl"):
        out = tmp_path / f"results.{form}"
        handed = house.run("results", "--mapping", str(FEED), "--format", form, "--out", str(out))
        assert handed.exit_code == 0, handed.stderr
        back = house.lines("import", str(out), "--mapping", str(FEED), *BY)
        assert {line["result"] for line in back if line["complaint_id"] == "RS-7"} == {"already"}
        if form == "csv":
            found = list(csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
            assert {len(row) for row in found} == {len(found[0])}
            assert len([row for row in found if row[0] == "RS-7"]) == 1
