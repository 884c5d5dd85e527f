"""A rehearsal plays a complaint through its days; a script that cannot be read or does not hold says so in one line."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from cli.demo import STORIES
from cli.errors import BAD_INPUT, REFUSED, CliError, ScriptError
from cli.moments import Days, duration
from cli.proof_recount import recounts
from cli.rehearsal import Room, play, rehearsal_room
from cli.rehearse import proved, to_json
from cli.sample_files import move
from cli.script import read_script
from cli.sentences import SENTENCES
from cli.story import read_story
from engine.settings import Settings
from models.intake import Intake
from rulebook.events import EVENT_TYPES, event_type
from tests.cli.conftest import complaint, run

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = Days(written=date(2026, 3, 2), played=date(2026, 12, 1))


@pytest.fixture(scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path_factory.mktemp("rehearsal"))})
    async with rehearsal_room(settings) as opened:
        yield opened


TOLD_SLOWLY = {"1-two-departments", "3-group-major", "5-escalated", "2-forwarded", "3-breached"}
"""Stories of many days and several departments."""
ALL_STORIES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in TOLD_SLOWLY))
    for path in (*sorted(STORIES.glob("*.yaml")), *sorted(STORIES.glob("company/*.yaml")))
]


@pytest.mark.parametrize("story", ALL_STORIES)
async def test_every_story_holds_to_its_script(room: Room, story: Path) -> None:
    told = read_story(story)
    played = await play(room, told)
    assert played.failure is None
    expected = [step.expect.refused for step in told.script.steps if step.expect and step.expect.refused]
    assert [refusal.code for refusal in played.refusals] == expected
    moves = [
        step.fields["to"]
        for step in told.script.steps
        if step.do == "move-rules" and not (step.expect and step.expect.refused)
    ]
    shown: Any = to_json(played)["moves"]
    assert [change["pack"] for change in shown] == moves
    assert room.ledger.verify(played.intake.complaint_id).ok


def test_the_samples_play_the_hard_cases_of_an_insurer() -> None:
    assert [path.stem for path in sorted((STORIES / "company").glob("*.yaml"))] == [
        "1-two-departments",
        "2-forwarded",
        "3-group-major",
        "4-unreachable",
        "5-escalated",
        "6-review",
    ]


async def test_a_story_whose_first_one_fails_is_not_played(room: Room, tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(
        'title: 前案\nsteps:\n  - {at: "+1d 10:00", expect: {stage: closed}}\n', encoding="utf-8"
    )
    (tmp_path / "then.yaml").write_text(
        'title: 后案\nfirst: first.yaml\nsteps:\n  - {at: "+1d 10:00", expect: {stage: closed}}\n', encoding="utf-8"
    )
    for name in ("first", "then"):
        (tmp_path / f"{name}.json").write_text(json.dumps(complaint(f"F-{name}")), encoding="utf-8")
    played = await play(room, read_story(tmp_path / "then.yaml"))
    assert played.failure == "前案: step 1: expected stage closed, found investigating"
    assert played.events == []


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ("{slips: {s1: accepted}}", "expected slip s1 accepted, found dispatched"),
        ("{slips: {s7: accepted}}", "expected slip s7 accepted, found none"),
        ("{duties: {s1/accept: met}}", "expected duty s1/accept met, found open"),
        ("{duties: {settle: met}}", "expected duty settle met, found open"),
        ("{reminded: {s1/accept: [superior]}}", "expected reminders of s1/accept superior, found "),
        ("{counts: {company: 2}}", "expected count for company 2, found 1"),
    ],
)
async def test_what_a_script_expects_of_slips_duties_and_counts_is_looked_at(
    room: Room, tmp_path: Path, expect: str, sentence: str
) -> None:
    (tmp_path / "slips.yaml").write_text(
        "title: 会办\nbegin: plain-monday\nrules: company-life\nreceived: +0d 10:00\n"
        f'steps:\n  - {{at: "+0d 23:00", expect: {expect}}}\n',
        encoding="utf-8",
    )
    two = complaint(f"X-{uuid4()}", categories=["claims", "selling"])
    (tmp_path / "slips.json").write_text(json.dumps(two), encoding="utf-8")
    assert (await play(room, read_story(tmp_path / "slips.yaml"))).failure == f"step 1: {sentence}"


def test_the_sample_has_its_stories() -> None:
    assert [path.stem for path in sorted(STORIES.glob("*.yaml"))] == [
        "1-simple",
        "2-extended",
        "3-breached",
        "4-withdrawn",
        "5-late-notice",
        "6-old-rules",
    ]


async def test_a_script_that_begins_on_a_date_knows_what_was_known_that_day(room: Room, tmp_path: Path) -> None:
    """The rules of January 2020, and the calendar before the notice of the 27th, in whose place nothing has come yet."""
    (tmp_path / "then.yaml").write_text(
        "title: 旧历\nbegin: 2020-01-20\nsteps:\n"
        '  - {at: "+0d 23:00", expect: {due: "2020-02-07"}}\n'
        '  - {at: "+25d 00:30", expect: {breached: "2020-02-07 24:00", versions: {decide: ["2020-02-07"]}}}\n',
        encoding="utf-8",
    )
    file = complaint("B-1", received_at="2020-01-20T09:00:00+08:00")
    (tmp_path / "then.json").write_text(json.dumps(file), encoding="utf-8")
    played = await play(room, read_story(tmp_path / "then.yaml"))
    assert played.failure is None
    assert (played.pin.pack, played.pin.calendar) == ("cn-2013-8", "cn@2019-11-21")
    assert {event.recorded_at.year for event in played.events} == {2020}


async def test_the_late_notice_shows_both_counts_day_by_day(room: Room) -> None:
    """The days that the notice took away, and the notice behind each, in the words of a proof."""
    story = read_story(STORIES / "5-late-notice.yaml")
    again = replace(story, intake=story.intake.model_copy(update={"complaint_id": "S-2020-0005-2"}))
    played = await play(room, again)
    (decide,) = proved(played)
    (one,) = recounts(decide)
    assert (str(one.changed[0][0]), one.before.last_day, one.after.last_day) == (
        "2020-01-31",
        "2020-02-03 (周一) 24:00",
        "2020-02-05 (周三) 24:00",
    )
    moved = {str(day): (old and old.why_zh, new and (new.why_zh, new.source)) for day, old, new in one.changed}
    assert moved["2020-02-01"] == ("补班 春节，计入", ("春节，不计", "cn-2020b"))
    assert to_json(played)["proved"] == [decide.model_dump(mode="json")]


def test_a_text_of_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    step = '{after: 1d, do: adopt-calendar, as: p-1, with: {notice: "@none.yaml"}}'
    path.write_text(f"title: 剧本\nsteps:\n  - {step}\n", encoding="utf-8")
    with pytest.raises(CliError, match=r"none\.yaml: cannot be read: No such file"):
        read_script(path)


def test_an_expectation_that_does_not_hold_is_exit_code_1_and_names_the_step(tmp_path: Path) -> None:
    """The timeline is printed all the same, so that one sees why."""
    script, file = tmp_path / "wrong.yaml", tmp_path / "complaint.json"
    script.write_text(
        'title: 错误的期望\nsteps:\n  - {at: "+1d 10:00", expect: {stage: investigating, due: "+14d"}}\n',
        encoding="utf-8",
    )
    file.write_text(json.dumps(complaint("W-1")), encoding="utf-8")
    result = run("rehearse", str(file), "--script", str(script), "--json", env={"TOUSU_HOME": str(tmp_path / "home")})
    played = json.loads(result.stdout)
    received = datetime.fromisoformat(played["received_at"]).astimezone(SHANGHAI).date()
    day = timedelta(days=1)
    said = f"step 1: expected due {received + 14 * day}, found {received + 15 * day}"
    assert (result.exit_code, result.stderr) == (REFUSED, f"Error: {said} [ExpectationFailed]\n")
    assert played["failure"] == said
    assert played["events"][0]["type"] == "received"


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("{expect: {stage: closed}}", "steps.0: needs one of at and after"),
        ('{at: "+1d 10:00", after: 1d, expect: {stage: closed}}', "steps.0: needs one of at and after"),
        ('{at: "tomorrow", expect: {stage: closed}}', "steps.0.at: must be a moment such as +14d 10:00"),
        ('{at: "+1d", expect: {stage: closed}}', "steps.0.at: must have a time, such as +14d 10:00"),
        ("{after: 2w, expect: {stage: closed}}", "steps.0.after: must be a length such as 3d, 12h or 30m"),
        ("{after: 1d, do: approve, as: p-1}", "steps.0.do: no command is called so; there are classify, "),
        ("{after: 1d, do: close}", "steps.0: do and as go together"),
        ("{after: 1d, do: close, as: p-1, with: {because: x}}", "steps.0: with: close has no field because"),
        ("{after: 1d}", "steps.0: without do there is only something to expect"),
        ("{after: 1d, expect: {}}", "steps.0.expect: says nothing"),
        ("{after: 1d, expect: {stage: lost}}", "steps.0.expect.stage: "),
    ],
    ids=lambda value: value if value.startswith("{") else "",
)
def test_a_script_that_makes_no_sense_names_file_line_and_place(tmp_path: Path, step: str, place: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(f"title: 剧本\nsteps:\n  - {step}\n", encoding="utf-8")
    with pytest.raises(ScriptError) as refused:
        read_script(path)
    assert str(refused.value).startswith(f"{path}:3: {place}")
    assert "\n" not in str(refused.value)


def test_a_script_that_is_not_there_is_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "complaint.json"
    file.write_text(json.dumps(complaint("W-2")), encoding="utf-8")
    result = run("rehearse", str(file), "--script", "no-such.yaml")
    assert (result.exit_code, result.stderr) == (
        BAD_INPUT,
        "Error: no-such.yaml: cannot be read as a UTF-8 file [ScriptError]\n",
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("+0d 10:00", datetime(2026, 12, 1, 10, tzinfo=SHANGHAI)),
        ("+14d 23:59", datetime(2026, 12, 15, 23, 59, tzinfo=SHANGHAI)),
        ("+30d 24:00", datetime(2027, 1, 1, tzinfo=SHANGHAI)),
        ("2026-03-16 10:00", datetime(2026, 12, 15, 10, tzinfo=SHANGHAI)),
    ],
)
def test_a_moment_counts_from_the_day_of_receipt(text: str, instant: datetime) -> None:
    assert DAYS.instant(text) == instant


@pytest.mark.parametrize("text", ["+1d 25:00", "+1d 24:01", "+1d 10:60", "2026-02-30 10:00", "1d 10:00", ""])
def test_a_moment_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|must have|month|hour|minute"):
        DAYS.instant(text)


def test_lengths_are_days_hours_and_minutes() -> None:
    assert [duration(text) for text in ("3d", "12h", "30m")] == [
        timedelta(days=3),
        timedelta(hours=12),
        timedelta(minutes=30),
    ]


def test_a_forwarded_complaint_moves_with_all_its_instants() -> None:
    """The regulator's instants keep their distance to the receipt, and so does the day that it set for an answer."""
    forwarding = {
        "body": "示例监管局",
        "regulator_received_at": "2026-02-26T09:00:00+08:00",
        "forwarded_at": "2026-02-27T15:00:00+08:00",
        "insurer_received_at": "2026-03-02T10:00:00+08:00",
        "answer_by": "2026-03-12",
    }
    data = complaint("F-1", received_at="2026-03-02T10:00:00+08:00", channel="regulator", forwarding=forwarding)
    moved = move(Intake.model_validate(data), datetime(2026, 4, 1, 10, tzinfo=SHANGHAI))
    assert moved.forwarding is not None
    assert moved.received_at == moved.forwarding.insurer_received_at == datetime(2026, 4, 1, 10, tzinfo=SHANGHAI)
    assert moved.forwarding.forwarded_at == datetime(2026, 3, 29, 15, tzinfo=SHANGHAI)
    assert moved.forwarding.answer_by == date(2026, 4, 11)


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda event: event.__name__)
def test_every_event_has_a_sentence_for_the_auditor(event: type) -> None:
    assert event in SENTENCES, f"say in cli/sentences.py what an auditor reads for {event.__name__}"


async def test_every_recorded_event_of_the_stories_can_be_read_aloud(room: Room) -> None:
    """Whatever the stories wrote down reads as a sentence in both languages."""
    told = [event for case in room.ledger.cases() for event in room.ledger.events(case.complaint_id)]
    assert len({event_type(event) for event in told}) > 10
    for event in told:
        text = SENTENCES[type(event)](event)
        assert any("一" <= letter <= "鿿" for letter in text), text
        assert any("a" <= letter <= "z" for letter in text), text
