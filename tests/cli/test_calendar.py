"""A notice about working days reaches every complaint of an installation of its own."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from cli.errors import BAD_INPUT, REFUSED
from engine.server import EmbeddedServer
from tests.calendars import notice_text
from tests.cli.conftest import House, complaint, running_house
from tests.present import now


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An installation of this file's own: what is published in it stays in it."""
    home = tmp_path_factory.mktemp("calendar-house")
    async with EmbeddedServer(home):
        with running_house(home) as running:
            yield running


def test_a_notice_is_adopted_by_every_complaint_that_runs_once(house: House, tmp_path: Path) -> None:
    """Broken off and given again it changes nothing twice; a stranger publishes nothing, and neither does a wrong notice."""
    file = tmp_path / "notice.yaml"
    file.write_text(notice_text(now().date()), encoding="utf-8")
    stranger = house.run("calendar", "adopt", str(file), "--as", "nobody")
    assert (stranger.exit_code, stranger.stderr) == (
        REFUSED,
        "Error: --as: the organisation data know no such person [UnknownActor]\n",
    )
    handler = house.run("calendar", "adopt", str(file), "--as", "p-gd-sz-kf-01")
    assert (handler.exit_code, "[NotAuthorised]" in handler.stderr) == (REFUSED, True)
    old = tmp_path / "old.yaml"
    old.write_text(notice_text(date(2019, 1, 7)), encoding="utf-8")
    misfit = house.run("calendar", "adopt", str(old), "--as", "p-hq-xb-01")
    assert misfit.exit_code == BAD_INPUT
    assert misfit.stderr.startswith("Error: old.yaml: ")
    assert house.lines("calendar", "list", "--json") == []
    house.lines("open", "-", "--pack", "company-life", input=json.dumps(complaint("N-1")))
    house.until("N-1", "investigating")
    [first] = house.lines("calendar", "adopt", str(file), "--as", "p-hq-xb-01", "--json")
    assert (first["adopted"] >= 1, first["failed"]) == (True, 0)
    [again] = house.lines("calendar", "adopt", str(file), "--as", "p-hq-xb-01", "--json")
    assert (again["adopted"], again["already"], again["failed"]) == (0, first["adopted"] + first["already"], 0)
    assert house.lines("show", "N-1", "--json")[0]["calendar"] == f"cn@{now().date()}"
    assert [notice["published"] for notice in house.lines("calendar", "list", "--json")] == [str(now().date())]
    house.lines("open", "-", "--pack", "company-life", input=json.dumps(complaint("N-2")))
    assert house.until("N-2", "investigating")["calendar"] == f"cn@{now().date()}"


GB_AMENDMENT = """\
id: gb-eng-2028b
title: A holiday that was proclaimed later
year: 2028
amends: gb-eng-2020
published: {published}
date_source: document
days:
  2028-06-01: off Proclaimed
"""


def test_who_counts_by_another_calendar_is_passed_over(house: House, tmp_path: Path) -> None:
    """A file for England and Wales concerns no complaint that counts by the State Council's notices."""
    house.lines("open", "-", "--pack", "company-life", input=json.dumps(complaint("N-3")))
    before = house.until("N-3", "investigating")["calendar"]
    file = tmp_path / "gb-eng.yaml"
    file.write_text(GB_AMENDMENT.format(published=now().date()), encoding="utf-8")
    [found] = house.lines("calendar", "adopt", str(file), "--as", "p-hq-xb-01", "--json")
    assert (found["notice"], found["adopted"], found["already"], found["failed"]) == ("gb-eng-2028b", 0, 0, 0)
    assert found["elsewhere"] >= 1
    house.lines("open", "-", "--pack", "company-life", input=json.dumps(complaint("N-4")))
    assert house.until("N-4", "investigating")["calendar"] == before
