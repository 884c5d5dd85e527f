"""Days and instants as other systems write them: what is written counts, and what is left open is refused."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from models.cells import Moment
from models.source import MappingError, Source

CHINA = {"format": "%Y-%m-%d %H:%M", "time_zone": "Asia/Shanghai"}
OFFSET = {"format": "%Y-%m-%dT%H:%M:%S%z"}
TWELVE = {"format": "%Y/%m/%d %p%I:%M:%S", "time_zone": "Asia/Shanghai"}
ENGLISH = {"format": "%m/%d/%Y %I:%M:%S %p", "time_zone": "America/New_York"}
LONDON = {"format": "%Y-%m-%d %H:%M", "time_zone": "Europe/London"}


def source(**words: Any) -> Source:
    return Source.model_validate({"column": "c", **words})


@pytest.mark.parametrize(
    ("words", "cell", "instant"),
    [
        pytest.param(OFFSET, "2026-11-20T09:30:00Z", "2026-11-20T09:30:00+00:00", id="Z"),
        pytest.param(OFFSET, "2026-11-20T09:30:00+0800", "2026-11-20T09:30:00+08:00", id="+0800"),
        pytest.param(OFFSET, "2026-11-20T09:30:00+08:00", "2026-11-20T09:30:00+08:00", id="+08:00"),
        pytest.param(OFFSET, "2026-11-20T09:30:00-05", "2026-11-20T09:30:00-05:00", id="-05"),
        pytest.param(TWELVE, "2026/11/20 上午12:00:00", "2026-11-20T00:00:00+08:00", id="midnight is morning"),
        pytest.param(TWELVE, "2026/11/20 上午11:59:59", "2026-11-20T11:59:59+08:00", id="before noon"),
        pytest.param(TWELVE, "2026/11/20 下午12:00:00", "2026-11-20T12:00:00+08:00", id="noon is afternoon"),
        pytest.param(TWELVE, "2026/11/20 下午2:41:17", "2026-11-20T14:41:17+08:00", id="afternoon"),
        pytest.param(ENGLISH, "11/20/2026 12:00:00 AM", "2026-11-20T00:00:00-05:00", id="12 AM"),
        pytest.param(ENGLISH, "11/20/2026 12:30:00 pm", "2026-11-20T12:30:00-05:00", id="12 pm"),
        pytest.param(ENGLISH, "11/20/2026 02:41:17 PM", "2026-11-20T14:41:17-05:00", id="PM"),
        pytest.param(LONDON, "2026-10-25 01:30", "2026-10-25T01:30:00+01:00", id="the first of an hour that strikes twice"),
        pytest.param({"unix": "seconds"}, "1795000000", "2026-11-18T11:06:40+00:00", id="seconds"),
        pytest.param({"unix": "milliseconds"}, "1795000000500", "2026-11-18T11:06:40.500000+00:00", id="milliseconds"),
        pytest.param(
            {"format": "%Y%m%d%H%M%S", "time_zone": "Asia/Shanghai"},
            "20261120093000",
            "2026-11-20T09:30:00+08:00",
            id="digits where the mapping says so",
        ),
        pytest.param(
            {"format": "%Y-%m-%d", "time_zone": "America/Sao_Paulo", "time_of_day": "00:00"},
            "2017-10-15",
            "2017-10-15T01:00:00-02:00",
            id="a day that began at one o'clock",
        ),
    ],
)  # fmt: skip
def test_an_instant_is_what_is_written(words: dict[str, Any], cell: str, instant: str) -> None:
    one = source(**words)
    assert one.value({"c": cell}) == instant
    assert one.same(one.value({"c": cell}), instant)
    (back,) = one.cells(instant).values()
    assert one.same(one.value({"c": back}), instant)


@pytest.mark.parametrize(
    ("words", "cell", "rule"),
    [
        pytest.param(OFFSET, "2026-11-20T09:30:00", "is not a date", id="no offset"),
        pytest.param(TWELVE, "2026/11/20 14:41:17", "is not a date", id="no half of the day"),
        pytest.param(TWELVE, "2026/11/20 下午14:41:17", "is not a date", id="fourteen in the afternoon"),
        pytest.param(LONDON, "2026-03-29 01:30", "does not have there", id="an hour that is left out"),
        pytest.param({"format": "%Y%m%d"}, "2026111", "is not a date", id="a digit is missing"),
        pytest.param({"unix": "seconds"}, "1795000000000", "is no count of seconds", id="milliseconds for seconds"),
        pytest.param({"unix": "milliseconds"}, "1795000000", "is no count of milliseconds", id="seconds for milliseconds"),
        pytest.param({"unix": "seconds"}, "20261120", "is no count of seconds", id="a day for seconds"),
        pytest.param({"unix": "seconds"}, "1795000000.5", "is no count of seconds", id="a fraction"),
    ],
)  # fmt: skip
def test_what_is_no_such_instant_is_named(words: dict[str, Any], cell: str, rule: str) -> None:
    with pytest.raises(MappingError, match=rule):
        source(**words).value({"c": cell})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(OFFSET | {"time_zone": "Asia/Shanghai"}, "offset", id="an offset and a zone"),
        pytest.param(OFFSET | {"time_of_day": "09:00"}, "offset", id="an offset and an hour"),
        pytest.param({"format": "%Y-%m-%d%z"}, "offset", id="an offset without an hour"),
        pytest.param({"format": "%Y-%m-%d %I:%M", "time_zone": "Asia/Shanghai"}, "format", id="twelve hours of which half"),
        pytest.param({"format": "%Y-%m-%d %H:%M %Z"}, "format", id="a name of a zone"),
        pytest.param({"format": "%c"}, "format", id="as the machine writes it"),
        pytest.param({"format": "%d.%m."}, "format", id="no year"),
        pytest.param({"format": "%H:%M"}, "format", id="no day"),
        pytest.param({"format": "%Q"}, "format", id="no such word"),
        pytest.param(
            {"format": "%Y-%m-%d %I %p", "time_zone": "Asia/Shanghai", "time_of_day": "09:00"},
            "time_of_day",
            id="two hours",
        ),
        pytest.param({"unix": "seconds", "format": "%Y"}, "unix", id="counted and written"),
        pytest.param({"unix": "days"}, "literal_error", id="another unit"),
    ],
)  # fmt: skip
def test_a_format_that_leaves_open_what_is_meant_is_refused_with_the_mapping(words: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        source(**words)
    assert {error["type"] for error in refused.value.errors()} == {code}


AT = datetime(2026, 11, 20, 9, 30, 15)  # noqa: DTZ001  # a cell knows no time zone
DAY = {"format": "%Y-%m-%d"}


@pytest.mark.parametrize(
    ("words", "held", "found"),
    [
        pytest.param(CHINA, AT, "2026-11-20T09:30:15+08:00", id="all that the cell holds"),
        pytest.param(CHINA, AT.replace(hour=0, minute=0, second=0), "2026-11-20T00:00:00+08:00", id="midnight"),
        pytest.param(TWELVE, AT, "2026-11-20T09:30:15+08:00", id="whatever the format"),
        pytest.param(CHINA, date(2026, 11, 20), None, id="a day where an hour is needed"),
        pytest.param(CHINA, time(9, 30), None, id="an hour alone"),
        pytest.param(DAY, date(2026, 11, 20), "2026-11-20", id="a day"),
        pytest.param(DAY, AT, None, id="an hour that would be dropped"),
        pytest.param(DAY | {"time_zone": "Asia/Shanghai", "time_of_day": "09:00"}, AT, None, id="two hours"),
        pytest.param(OFFSET, AT, None, id="no offset"),
        pytest.param({"unix": "seconds"}, AT, None, id="no count"),
    ],
)
def test_a_cell_that_is_a_date_is_read_as_what_it_holds(words: dict[str, Any], held: date, found: str | None) -> None:
    if found is not None:
        assert source(**words).value({"c": Moment(held)}) == found
        return
    with pytest.raises(MappingError):
        source(**words).value({"c": Moment(held)})


def test_a_day_and_an_hour_in_two_cells_make_an_instant() -> None:
    both = Source.model_validate({"columns": ["d", "t"], **CHINA})
    for day in (date(2026, 11, 20), datetime(2026, 11, 20)):  # noqa: DTZ001  # as above
        assert both.value({"d": Moment(day), "t": Moment(time(9, 5))}) == "2026-11-20T09:05:00+08:00"
    for cells in ({"d": Moment(AT), "t": Moment(time(9, 5))}, {"d": Moment(AT.date()), "t": "09:05:00"}):
        with pytest.raises(MappingError):
            both.value(cells)


def test_a_text_with_white_space_at_its_ends_is_the_one_that_a_cell_gives_back() -> None:
    one = source()
    recorded = " 维持原决定。\r\n另行告知。\n"
    assert one.same("维持原决定。\n另行告知。", recorded)
    assert not one.same("维持原决定。", recorded)
