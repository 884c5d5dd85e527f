"""The published notices: complete, unchanged, and read with errors that say where."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from rulebook.calendar import FOLDER, CalendarError, Notice, calendar, read_calendar

CN = calendar("cn")

PUBLISHED = {
    "cn-2007": "95ba644fe7604736a3c660bc4975fb5022315d89a3f478ec42759d99ee42eabd",
    "cn-2008": "1f8f3d6302bcc5a4f7d5bea32473b0f15b051f5f3c25bd2dcca090de216f0ab0",
    "cn-2009": "bc69f542b28980a089220611be3cb54161970cccc51526baa808fc8ba14dc1d8",
    "cn-2010": "432fcafc3b7cbd09c88e642c135bcce09d66c399678b2c4e92be144a5ea5198e",
    "cn-2011": "b0a0a642a70c9ba622a0f6b6b8239fc289f5ff680c030316fb7487b73c4b7b82",
    "cn-2012": "c498045138014a222dafe82c86cd3d7a60590d9b051b0a692a7fa4865aa6fe70",
    "cn-2013": "a9b787693688a4f343ded62dd26b990d1afda2e3a29b9e4e270b25ca12c4ff85",
    "cn-2014": "becdf23a9766759101997b23e23c774c35fd0e44eb49af1c6dc490e2c9d2d7d6",
    "cn-2015": "528f6ea8fbd1ef2a63a12c4e518780a8aea491c470ade01f2d4fbf8d13e67648",
    "cn-2015b": "84c3e34a87e74f09e8e57152792d1431f584b2e19cba5ee989d016a9042edfb1",
    "cn-2016": "21b6048bccbbef0f10b788eeb6cde3642300db98e88d013980a5a4f8c15369f0",
    "cn-2017": "f39ed96ed27fcdd05962adb14ceefb9c5542d1bb2bb2499251f324da7abd0adf",
    "cn-2018": "6a90de5fb603542b59b6b7ebdef0ac99bbfb49b884f5c5c764e6428af85efc64",
    "cn-2019": "8a302cb149bbfdc6341b7626fd188a18b0aede839350c88b5498ff456110eebe",
    "cn-2019b": "c91311dedb3bfc6464a9b1879d5396daf9275fb148ae07426293e943de2a5bab",
    "cn-2020": "47482b7e6e48eb5137d64e4051c20b7621232b7837a49ac0fd7f0a94f52f71b8",
    "cn-2020b": "64c2623398ee293c214c8bca7b6706b06e034dba8a20d5b75d040b0408425884",
    "cn-2021": "f077bc4669cd8c256043e8c5460f680aaa2a38429c14dfa97dd511bf4994e192",
    "cn-2022": "e70bc1f6dc823b9301e8ecdba49290a3e807f8fcd355aa8e1a949367a6a3e9e2",
    "cn-2023": "b28f4a04826ea427ff8b8e9117953be3c3c1f45e96efcb2208f525d96b9459e9",
    "cn-2024": "62dfba79f6b8144c20b927d36a561ace0603ccb0cb7485bd9c0b56070ec42e15",
    "cn-2025": "93be858d37b32b4e689bc043d4454d8ec81aacd175d0523c7c6c15b10cd980d7",
    "cn-2026": "d997406a5e82522984da0e0277f165fbaa3f40d24ef8e0bbba5b7baaa8003118",
}


def test_published_notices_never_change() -> None:
    """A change of the calendar is a new notice in a new file; add its hash here."""
    assert {notice.id: notice.content_hash for notice in CN.notices} == PUBLISHED


def test_the_content_hash_of_the_calendar_is_pinned() -> None:
    """Archived proofs name it, so the way it is computed may not change either."""
    labour_day_2019 = CN.as_known_on(date(2019, 3, 22))
    assert labour_day_2019.content_hash == "5cef5dce05fde37ada2ce03da2328ac977c814895a9ad8c9a577f1e31333bb8b"


@pytest.mark.parametrize("year", range(2007, 2027))
def test_every_day_agrees_with_two_independent_calendars(year: int) -> None:
    """No make-up day or day off of twenty years is missing, wrong or one day early."""
    other = holidays.country_holidays("CN", years=year)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    assert len(days) in {365, 366}
    assert [on for on in days if CN.is_working(on) != chinese_calendar.is_workday(on)] == []
    assert [on for on in days if CN.is_working(on) != other.is_working_day(on)] == []
    assert not any(CN.is_provisional(on) for on in days)


def test_the_published_years_have_no_gap() -> None:
    assert [notice.year for notice in CN.notices if notice.amends is None] == list(range(2007, 2027))
    assert [notice.id for notice in CN.notices if notice.amends] == ["cn-2015b", "cn-2019b", "cn-2020b"]


def test_reading_the_files_again_gives_an_equal_calendar() -> None:
    again = read_calendar(FOLDER / "cn")
    assert again is not CN
    assert (again, hash(again)) == (CN, hash(CN))


def test_a_notice_travels_as_json() -> None:
    for notice in CN.notices:
        assert Notice.model_validate_json(notice.model_dump_json()) == notice


def test_the_weekday_written_beside_each_date_is_right() -> None:
    """An auditor reads the files, weekdays included."""
    lines = [line for file in (FOLDER / "cn").iterdir() for line in file.read_text(encoding="utf-8").splitlines()]
    dated = [re.fullmatch(r"  ([\d-]{10}): (?:off|work) \S+  # (\w{3})", line) for line in lines if line[:1] == " "]
    assert len(dated) == sum(len(notice.days) for notice in CN.notices)
    assert [match for match in dated if not match or f"{date.fromisoformat(match[1]):%a}" != match[2]] == []


MAIN = """\
id: xx-2030
title: 通知
year: 2030
published: 2029-11-05
date_source: document
days:
  2029-12-29: work 元旦
  2029-12-31: off 元旦
  2030-01-01: off 元旦
"""
AMENDMENT = """\
id: xx-2030b
title: 调整
year: 2030
amends: xx-2030
published: 2030-01-10
date_source: url
days:
  2030-05-02: off 劳动节
  2030-05-04: work 劳动节
"""


def write(folder: Path, **files: str) -> Path:
    """Write the notices as files of the calendar xx; the names carry ``_`` for ``-``."""
    place = folder / "xx"
    place.mkdir()
    for name, text in files.items():
        (place / f"{name[1:].replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return place


def test_a_calendar_is_its_notices_in_order_of_publication(tmp_path: Path) -> None:
    days = read_calendar(write(tmp_path, _2029_11_05=MAIN, _2030_01_10=AMENDMENT))
    assert (days.id, days.version, days.horizon) == ("xx", "xx@2030-01-10", date(2030, 12, 31))
    assert [days.is_working(date(2030, 5, n)) for n in (1, 2, 3, 4)] == [True, False, True, True]
    assert days.day(date(2029, 12, 29)).reason == "补班 元旦"
    assert days.is_provisional(date(2029, 12, 30)) is days.day(date(2029, 12, 30)).provisional is True


def test_an_amendment_may_give_a_weekday_back(tmp_path: Path) -> None:
    """The restored day is an ordinary working day again, and says which notice restored it."""
    back = AMENDMENT.replace("2030-05-02: off 劳动节", "2030-01-01: work 元旦")
    answer = read_calendar(write(tmp_path, _2029_11_05=MAIN, _2030_01_10=back)).day(date(2030, 1, 1))
    assert (answer.working, answer.reason, answer.source) == (True, "workday", "xx-2030b")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("off 元旦", "holiday 元旦", "days.2029-12-31.kind: Input should be 'off' or 'work'"),
        ("off 元旦", "off", "days.2029-12-31.holiday: String should have at least 1 character"),
        ("2030-01-01:", "2031-01-01:", "days.2031-01-01: outside 2029-12-01..2030-12-31, the days of 2030"),
        ("2030-01-01:", "2029-12-31:", "line 9: gives a key twice"),
        ("2030-01-01:", "2030-02-30:", "is not valid YAML: it holds a day or a number that does not exist"),
        ("2029-12-29: work", "2029-12-28: work", "days.2029-12-28: an ordinary working day needs no make-up work"),
        ("year: 2030", "year: twenty", "year: Input should be a valid integer"),
        ("year: 2030", "year: '2030'", "year: Input should be a valid integer"),
        ("published: 2029-11-05", "published: 2029-11-06", "published: 2029-11-06 is not the date in the file's name"),
        ("published: 2029-11-05", "published: 20291105", "published: Input should be a valid date"),
        ("date_source: document", "date_source: guess", "date_source: Input should be"),
        ("title: 通知", "title: 通知\nsigned: 2029-11-06", "published: 2029-11-05 is before the day of signature"),
        ("title: 通知", "title: 通知\nremark: x", "remark: Extra inputs are not permitted"),
        ("id: xx-2030", "id: xx-2031", "id: expected xx-2030, with a letter if it amends"),
        ("year: 2030", "year: 2030\nuntil: 2029", "until: 2029 is before the year 2030"),
        ("year: 2030", "year: 2030\nweek: []", "a working week names weekdays once each"),
        ("year: 2030", "year: 2030\nweek: [tue, mon]", "a working week names weekdays once each"),
        ("year: 2030", "year: 2030\nweek: [mon, Tue]", "week.1: Input should be 'mon', 'tue'"),
        ("year: 2030", "year: 2030\nmark: sure", "mark: Input should be 'verified', 'secondary' or 'recalled'"),
        ("id: xx-2030", "id: xx-yy-2030", "id: expected xx-2030, with a letter if it amends"),
        ("title: 通知", "title: [", "line 4: is not valid YAML: expected ',' or ']'"),
        ("title: 通知", "amends: xx-2029\ntitle: 通知", "amends: no earlier notice xx-2029 for 2030"),
        (MAIN, "- 1\n", "Input should be a valid dictionary"),
        (MAIN, "", "Input should be a valid dictionary"),
    ],
)
def test_a_broken_notice_is_refused_with_file_path_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """A broken calendar is found when it is loaded, not in the middle of a case."""
    assert old in MAIN
    with pytest.raises(CalendarError) as refused:
        read_calendar(write(tmp_path, _2029_11_05=MAIN.replace(old, new, 1)))
    assert str(refused.value).startswith(f"xx/2029-11-05.yaml: {reason}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("id: xx-2030b", "id: xx-2030", "id: xx-2030 exists already; published notices are never replaced"),
        ("amends: xx-2030\n", "", "year: expected 2031, the year after the last published one"),
        ("amends: xx-2030", "amends: xx-2030c", "amends: no earlier notice xx-2030c for 2030"),
        ("year: 2030", "year: 2030\nuntil: 2031", "amends: no earlier notice xx-2030 for 2030"),
        (
            "year: 2030",
            "year: 2030\nweek: [mon, tue, wed, thu, sun]",
            "week: expected mon, tue, wed, thu, fri; another week is another calendar",
        ),
    ],
)
def test_a_notice_must_continue_the_earlier_ones(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(CalendarError) as refused:
        read_calendar(write(tmp_path, _2029_11_05=MAIN, _2030_01_10=AMENDMENT.replace(old, new, 1)))
    assert str(refused.value) == f"xx/2030-01-10.yaml: {reason}"


YEARS = """\
id: xx-2030
title: Public holidays
year: 2030
until: 2032
published: 2029-11-05
date_source: first-seen
week: [mon, tue, wed, thu, sun]
mark: secondary
source: holidays 0.109
days:
  2029-12-31: off New Year
  2030-01-01: off New Year
  2032-12-30: off Last Day
"""


def test_a_file_may_arrange_several_years(tmp_path: Path) -> None:
    days = read_calendar(write(tmp_path, _2029_11_05=YEARS))
    assert (days.horizon, days.notices[0].last_year) == (date(2032, 12, 31), 2032)
    assert [days.is_provisional(date(year, month, day)) for year, month, day in ((2029, 12, 30), (2029, 12, 31))] == [
        True,
        False,
    ]
    assert [days.is_provisional(date(year, 1, 1)) for year in (2030, 2031, 2032, 2033)] == [False, False, False, True]
    assert days.day(date(2032, 12, 30)) == (date(2032, 12, 30), False, "Last Day", "xx-2030", False, "secondary")


def test_another_working_week_is_counted_by_inside_and_outside_the_published_years(tmp_path: Path) -> None:
    """Sunday to Thursday: Friday and Saturday are the weekend, before, within and after the files."""
    days = read_calendar(write(tmp_path, _2029_11_05=YEARS))
    fri, sat, sun = date(2031, 3, 7), date(2031, 3, 8), date(2031, 3, 9)
    assert [days.day(day)[1:3] for day in (fri, sat, sun)] == [
        (False, "Fri 周末"),
        (False, "Sat 周末"),
        (True, "workday"),
    ]
    assert days.nth_working_day(date(2031, 3, 6), 1) == sun
    assert days.nth_working_day(date(2028, 3, 2), 1) == date(2028, 3, 5)
    assert days.nth_working_day(date(2032, 12, 29), 1) == date(2033, 1, 2)
    assert [one.day.day for one in days.add_working_days(date(2032, 12, 29), 1)[1]] == [30, 31, 1]
    assert days.as_known_on(date(2029, 11, 4)).nth_working_day(date(2031, 3, 6), 1) == sun


def test_a_make_up_day_is_one_outside_the_working_week(tmp_path: Path) -> None:
    """Where Sunday is worked a Friday may be made up, and a Sunday needs no making up."""
    friday = read_calendar(write(tmp_path, _2029_11_05=YEARS + "  2030-03-01: work New Year\n"))
    assert friday.day(date(2030, 3, 1))[1:3] == (True, "补班 New Year")
    (tmp_path / "xx" / "2029-11-05.yaml").write_text(YEARS + "  2030-03-03: work New Year\n", encoding="utf-8")
    with pytest.raises(CalendarError, match=r"days\.2030-03-03: an ordinary working day needs no make-up work"):
        read_calendar(tmp_path / "xx")


@pytest.mark.parametrize("year", [2030, 2031, 2032])
def test_an_amendment_may_change_any_year_of_a_file(tmp_path: Path, year: int) -> None:
    text = AMENDMENT.replace("id: xx-2030b", f"id: xx-{year}b").replace("year: 2030", f"year: {year}")
    text = text[: text.index("  2030-05-02")] + f"  {year}-05-05: off Coronation\n"
    days = read_calendar(write(tmp_path, _2029_11_05=YEARS, _2030_01_10=text))
    assert days.day(date(year, 5, 5))[1:] == (False, "Coronation", f"xx-{year}b", False, "verified")
    assert days.week.days == ("mon", "tue", "wed", "thu", "sun")


def test_a_calendar_precedes_only_its_own_later_notices(tmp_path: Path) -> None:
    """A complaint that is registered adopts those, whatever else was published here."""
    days = read_calendar(write(tmp_path, _2029_11_05=YEARS))
    before, amendment = (
        days.as_known_on(date(2029, 11, 4)),
        Notice.model_validate(
            days.notices[0].model_dump() | {"id": "xx-2030b", "amends": "xx-2030", "published": date(2029, 11, 6)}
        ),
    )
    same_day = amendment.model_copy(update={"published": date(2029, 11, 5)})
    elsewhere = amendment.model_copy(update={"id": "xx-yy-2030b"})
    assert [days.precedes(one) for one in (amendment, same_day, elsewhere, days.notices[0])] == [
        True,
        False,
        False,
        False,
    ]
    assert [before.precedes(one) for one in (days.notices[0], calendar("gb-eng").notices[0])] == [True, False]
    assert not CN.precedes(calendar("gb-eng").notices[0])


def test_the_next_file_follows_the_last_year_of_the_one_before(tmp_path: Path) -> None:
    more = MAIN.replace("2030", "2033").replace("2029-12-31", "2032-12-31").replace("  2029-12-29: work 元旦\n", "")
    place = write(tmp_path, _2029_11_05=YEARS)
    (place / "2032-11-05.yaml").write_text(more.replace("2029-11-05", "2032-11-05"), encoding="utf-8")
    assert read_calendar(place).horizon == date(2033, 12, 31)
    gap = more.replace("2033", "2034").replace("2032-12-31", "2033-12-31").replace("2029-11-05", "2032-11-05")
    (place / "2032-11-05.yaml").write_text(gap, encoding="utf-8")
    with pytest.raises(CalendarError, match="year: expected 2033, the year after the last published one"):
        read_calendar(place)


def test_what_a_notice_does_not_say_is_in_no_json() -> None:
    """Hashes and records from before there were more fields stay as they were."""
    assert set(CN.notices[-1].model_dump(mode="json")) == {
        "id", "title", "number", "year", "amends", "signed", "published", "date_source", "url", "days",
    }  # fmt: skip
    frozen = calendar("gb-eng").notices[0]
    assert {"until", "mark", "source", "note"} <= set(frozen.model_dump(mode="json"))
    assert Notice.model_validate_json(frozen.model_dump_json()) == frozen


def test_a_year_without_a_working_day_is_refused_not_searched(tmp_path: Path) -> None:
    every = "".join(f"  {date(2030, 1, 1) + timedelta(days=n)}: off 停\n" for n in range(365))
    head = MAIN[: MAIN.index("  2029-12-29")]
    with pytest.raises(CalendarError, match=r"^xx/2029-11-05\.yaml: days: leaves 2030 no working day$"):
        read_calendar(write(tmp_path, _2029_11_05=head + every))


def test_a_file_that_is_no_notice_is_not_passed_over(tmp_path: Path) -> None:
    """A notice saved under the wrong ending would otherwise be missing in silence."""
    place = write(tmp_path, _2029_11_05=MAIN)
    (place / "2030-01-10.yml").write_text(AMENDMENT, encoding="utf-8")
    with pytest.raises(CalendarError, match=r"^xx/2030-01-10\.yml: only notices named <publication date>\.yaml"):
        read_calendar(place)


def test_a_calendar_without_notices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match=r"^xx: no notices; expected files named <publication date>\.yaml$"):
        read_calendar(write(tmp_path))


def test_a_file_in_another_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    place = write(tmp_path)
    (place / "2029-11-05.yaml").write_bytes(MAIN.encode("gb18030"))
    with pytest.raises(CalendarError, match=r"^xx/2029-11-05\.yaml: cannot be read: 'utf-8' codec can't decode"):
        read_calendar(place)
