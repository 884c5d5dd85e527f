"""CSV rows become complaints through a mapping, and what is wrong is named without being repeated."""

from pathlib import Path
from typing import Any

import pytest

from models.intake import Intake
from models.mapping import ColumnMapping, read_mapping
from models.source import MappingError

SAMPLES = Path(__file__).parents[2] / "samples"

TEXAS_HEADER = (
    "complaint_number,received_date,closed_date,year_closed,complaint_filed_by,complainant_type,involved_party_type,"
    "complaint_type,coverage_type,coverage_level,finding_type,is_confirmed,keywords"
)


def mapping(**fields: Any) -> ColumnMapping:
    return ColumnMapping.model_validate({"fields": fields})


def value(source: dict[str, Any], cell: str) -> Any:
    """What *source* makes of *cell*."""
    data = mapping(facts={"column": "c", **source}).to_intake_data({"c": cell}, 2)
    return data.get("facts")


@pytest.mark.parametrize(
    ("source", "cell", "result"),
    [
        pytest.param({}, " text ", "text", id="text-is-trimmed"),
        pytest.param({}, "  ", None, id="an-empty-cell-leaves-the-field-out"),
        pytest.param({"default": "none given"}, "", "none given", id="or-gives-the-default"),
        pytest.param({"prefix": "TX-"}, "17", "TX-17", id="prefix"),
        pytest.param({"values": {"a": "b"}}, "a", "b", id="translated"),
        pytest.param({"values": {"yes": True}}, "yes", True, id="translated-to-a-truth-value"),
        pytest.param({"values": {"a": "b"}, "otherwise": "z"}, "q", "z", id="otherwise"),
        pytest.param({"values": {"a": "b"}, "otherwise": None}, "q", None, id="left-out-on-purpose"),
        pytest.param({"split": ";"}, "a; b;;a ", ["a", "b"], id="a-list-without-repeats"),
        pytest.param(
            {"split": ";", "values": {}, "otherwise": None, "default": ["d"]}, "x;y", ["d"], id="nothing-left"
        ),
        pytest.param({"format": "%d.%m.%Y"}, "02.03.2026", "2026-03-02", id="a-day"),
        pytest.param(
            {"format": "%Y-%m-%d %H:%M", "time_zone": "Asia/Shanghai"},
            "2026-03-02 23:59",
            "2026-03-02T23:59:00+08:00",
            id="an-instant",
        ),
        pytest.param(
            {"format": "%m/%d/%Y", "time_zone": "America/Chicago", "time_of_day": "00:00"},
            "03/08/2026",
            "2026-03-08T00:00:00-06:00",
            id="the-start-of-a-day-that-changes-to-summer-time",
        ),
    ],
)
def test_a_cell_becomes_a_field(source: dict[str, Any], cell: str, result: Any) -> None:
    assert value(source, cell) == result


@pytest.mark.parametrize(
    ("source", "cell", "rule"),
    [
        pytest.param({"values": {"a": "b"}}, "secret", "the mapping does not know this value", id="unknown-value"),
        pytest.param(
            {"split": ";", "values": {"a": "b"}}, "a;secret", "the mapping does not know this value", id="in-list"
        ),
        pytest.param({"format": "%Y-%m-%d"}, "secret", "is not a date of the given format", id="not-a-date"),
        pytest.param({"format": "%Y-%m-%d"}, "2026-02-29", "is not a date of the given format", id="no-such-day"),
    ],
)
def test_a_bad_cell_is_named_by_row_column_and_rule_only(source: dict[str, Any], cell: str, rule: str) -> None:
    with pytest.raises(MappingError) as caught:
        value(source, cell)
    assert str(caught.value) == f"row 2, column c: {rule}"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param({}, "origin", id="from-nowhere"),
        pytest.param({"column": "a", "const": "b"}, "origin", id="from-two-places"),
        pytest.param({"column": "a", "time_zone": "Asia/Shanghai"}, "format", id="zone-without-format"),
        pytest.param({"column": "a", "format": "%Y", "time_zone": "Mars/Base"}, "time_zone", id="no-such-zone"),
        pytest.param({"column": "a", "format": "%Y-%m-%d", "time_zone": "Asia/Shanghai"}, "time_of_day", id="no-hour"),
        pytest.param({"column": "a", "colour": "red"}, "extra_forbidden", id="unknown-word"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_when_it_is_read(
    tmp_path: Path, source: dict[str, str], code: str
) -> None:
    file = tmp_path / "mapping.yaml"
    lines = "".join(f"    {name}: '{word}'\n" for name, word in source.items())
    file.write_text("# first\nfields:\n  facts:\n" + (lines or "    {}\n"), encoding="utf-8")
    with pytest.raises(MappingError, match=rf"^{file}:[3-9]: fields\.facts.*\[{code}\]$"):
        read_mapping(file)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"colour": {"const": "red"}}, "unknown_target"),
        ({"policy": {"const": "x"}, "policy.number": {"const": "y"}}, "target_twice"),
    ],
)
def test_a_mapping_aims_at_fields_of_a_complaint_each_once(tmp_path: Path, fields: dict[str, Any], code: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(f"fields: {fields}", encoding="utf-8")
    with pytest.raises(MappingError, match=rf"\[{code}\]$"):
        read_mapping(file)


def test_when_and_unless_choose_by_another_column() -> None:
    chosen = mapping(
        facts={"const": "named", "when": "name", "default": "unnamed"},
        demand={"column": "number", "unless": "name"},
    )
    assert chosen.to_intake_data({"name": "x", "number": "7"}, 2) == {"facts": "named"}
    assert chosen.to_intake_data({"name": "", "number": "7"}, 2) == {"facts": "unnamed", "demand": "7"}


def test_numbered_paths_make_lists_without_gaps() -> None:
    staffed = mapping(
        **{"respondent.staff.0.person": {"column": "a"}, "respondent.staff.1.person": {"column": "b"}},
    )
    assert staffed.to_intake_data({"a": "", "b": "p-2"}, 2) == {"respondent": {"staff": [{"person": "p-2"}]}}


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param("a", "row 1, column b: is missing", id="missing"),
        pytest.param(
            "a,b,secret", "row 1, column number 3: is neither mapped nor listed under ignore", id="not-thought-of"
        ),
        pytest.param("a,b,a", "row 1: a column appears twice", id="twice"),
        pytest.param("", "row 1, column a: is missing", id="empty-file"),
    ],
)
def test_no_column_is_lost_silently(header: str, told: str) -> None:
    chosen = mapping(facts={"column": "a"}, demand={"column": "b"})
    with pytest.raises(MappingError) as caught:
        list(chosen.read([header] if header else []))
    assert str(caught.value) == told


def test_one_bad_row_stops_nothing_and_rows_are_numbered_as_in_a_spreadsheet() -> None:
    chosen = mapping(facts={"column": "a"}, service_on={"column": "b", "format": "%Y-%m-%d"})
    lines = ["a,b\n", '"two\n', 'lines",2026-03-02\n', "x\n", "\n", "y,never\n", "z,2026-03-03\n"]
    found = [(number, row if isinstance(row, dict) else str(row)) for number, row in chosen.read(lines)]
    assert found == [
        (2, {"facts": "two\nlines", "service_on": "2026-03-02"}),
        (3, "row 3: has 1 cells, the header has 2"),
        (5, "row 5, column b: is not a date of the given format"),
        (6, {"facts": "z", "service_on": "2026-03-03"}),
    ]


def test_a_file_in_another_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "gbk.csv"
    file.write_bytes("投诉内容\n".encode("gbk"))
    with file.open(encoding="utf-8-sig", newline="") as lines, pytest.raises(MappingError) as caught:
        list(mapping(facts={"column": "投诉内容"}).read(lines))
    assert str(caught.value) == "row 1: the file is not in utf-8-sig"


def test_the_sample_csv_opens_completely() -> None:
    chosen = read_mapping(SAMPLES / "mapping.yaml")
    with (SAMPLES / "complaints.csv").open(encoding=chosen.encoding, newline="") as lines:
        opened = [Intake.model_validate(row) for _, row in chosen.read(lines)]
    assert [intake.complaint_id for intake in opened] == [f"KF-2026-K000{number}" for number in range(1, 6)]
    assert opened[3].complainant.kind == "unnamed"
    assert opened[1].excluded_staff() == {"p-gd-sz-gx-01"}
    assert opened[1].categories == ("selling", "sales_service")


def test_a_regulators_open_data_open_as_complaints_received_on_the_same_day_in_china() -> None:
    """Real rows name nobody and hold one date: the day of receipt must not slip over the ocean."""
    row = (
        '17,2012-06-12,2012-07-25,2012,Relative,INDV,,"Life, Accident and Health",Life & Annuity,Individual Life,'
        "Not Confirmed,False,"
    )
    chosen = read_mapping(SAMPLES / "texas-mapping.yaml")
    ((_, data),) = chosen.read([TEXAS_HEADER + "\n", row + "\n"])
    intake = Intake.model_validate(data)
    assert intake.complaint_id == "TX-17"
    assert intake.received_at.isoformat() == "2012-06-12T05:00:00+00:00"
    assert intake.forwarding is not None
    assert intake.forwarding.regulator_received_at == intake.received_at
    assert (intake.categories, intake.policy and intake.policy.line_of_business) == (("other",), "ordinary_life")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("fields: " + "[" * 3000, ": is nested too deeply", id="deep"),
        pytest.param("fields: {facts: {default: 2026-02-30, column: c}}", ": is not valid YAML", id="no such day"),
        pytest.param("fields: {facts: {column: c}}\nheader_row: 0", "header_row", id="no such row"),
        pytest.param('fields: {facts: {column: c}}\ndelimiter: "\\n"', "delimiter", id="no delimiter"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as refused:
        read_mapping(tmp_path / "m.yaml")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mapping_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("\ufefffields: {facts: {column: c}}", encoding="utf-8")
    assert read_mapping(tmp_path / "m.yaml").columns == {"c"}
