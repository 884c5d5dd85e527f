"""The session that both READMEs show, typed at three dates on a real server: whatever the year, it goes as printed."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cli import session
from cli.output import ZONE
from engine.server import EmbeddedServer
from engine.settings import ROOT
from rulebook.command_line import main as rulebook
from tests.cli.conftest import House, running_house
from tests.engine.waiting import PATIENCE
from tests.repository.parts import blocks, text_of

DAYS = (
    date(2028, 2, 29),
    pytest.param(date(2026, 12, 31), marks=pytest.mark.long),
    pytest.param(date(2027, 2, 7), marks=pytest.mark.long),  # The first day of the spring festival.
)

ELSEWHERE = {"tousu migrate"}
"""What belongs to an installation on a cluster of one's own."""

FINDS = {"tousu watchdog"}
"""What may find something: next year's calendar is unknown, say."""


def typed(readme: str) -> list[str]:
    lines = [line for block in blocks(text_of(readme)) for line in block.commands()]
    return [line for line in lines if line.startswith(("tousu ", "python -m rulebook ")) and line not in ELSEWHERE]


@pytest.fixture(params=DAYS, ids=str)
def later(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """The distance to a day, by which the command line's present is moved."""
    real = datetime.now(UTC)  # noqa: TID251
    days = timedelta(days=(request.param - real.astimezone(ZONE).date()).days)
    monkeypatch.setattr(session, "now", lambda: datetime.now(UTC) + days)  # noqa: TID251
    return days


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    async with EmbeddedServer(tmp_path / "home"):
        yield tmp_path / "home"


@pytest.fixture
def house(home: Path, later: timedelta, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An installation whose every clock shows that day, in a folder that has our samples."""
    (home.parent / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(home.parent)
    with running_house(home, later) as running:
        assert running.run("schedules", "apply").exit_code == 0
        yield running


def done(house: House, line: str) -> str:
    """Type *line* until it succeeds, as somebody does whom the record has not reached yet; return what it printed."""
    program, *words = shlex.split(line)
    if program == "python":
        assert rulebook(words[2:]) == 0, line
        return ""
    give_up = time.monotonic() + PATIENCE  # noqa: TID251 - a stopwatch, not legal time
    while (result := house.run(*words)).exit_code and line not in FINDS:
        assert time.monotonic() < give_up, (line, result.stderr)  # noqa: TID251
        time.sleep(0.1)
    assert "Traceback" not in result.output
    return result.stdout


def test_both_readmes_show_one_session() -> None:
    assert typed("README.md") == typed("README.zh-CN.md")
    assert len(typed("README.md")) > 20


def test_the_session_of_the_readme_goes_as_printed(house: House, later: timedelta) -> None:
    """Opened, extended, answered, reported with figures, verified; the samples were received in the days before."""
    printed = {line: done(house, line) for line in typed("README.md")}
    opened = [json.loads(line) for line in printed["tousu open samples/complaints.jsonl"].splitlines()]
    assert {line["result"] for line in opened} <= {
        "opened",
        "already-open",
    }  # Typed again if the worker was not up yet.
    yesterday = session.now().astimezone(ZONE).date() - timedelta(days=1)
    received = [
        datetime.fromisoformat(row["received_at"]).replace(tzinfo=UTC).astimezone(ZONE).date()
        for row in house.lines("list", "--json")
    ]
    assert max(received) == yesterday
    view = house.lines("show", "C-2026-0036", "--json")[0]
    assert [ask["status"] for ask in view["extensions"]] in (["approved"], ["in_force"])  # Told, or about to be.
    assert not any(duty["breached"] for duty in view["duties"])
    [report] = Path("reports").glob("complaints-monthly-*-draft.json")
    figures = {one["id"]: one for one in json.loads(report.read_text(encoding="utf-8"))["figures"]}
    assert int(figures["received"]["value"]) > 0
    again = house.lines("open", "samples/complaints.jsonl")
    assert {line["result"] for line in again} == {"already-open"}
