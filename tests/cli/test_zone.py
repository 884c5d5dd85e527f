"""Times on the command line are those of the rules under which a complaint runs, wherever the machine stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli import commands, output
from models.opening import Accepted
from rulebook.own_rules import use_rules
from rulebook.pack import pack_file, pin_to
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import open_case, slip_story
from tests.rulebook.helpers import on

ELSEWHERE = "elsewhere-test"


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation with one complaint under a made-up pack of Chicago's time: the statute's text, another zone."""
    rules = tmp_path / "rules"
    (rules / "packs").mkdir(parents=True)
    text = pack_file("cn-2020-3").read_text(encoding="utf-8")
    text = text.replace("pack: cn-2020-3", f"pack: {ELSEWHERE}").replace("jurisdiction: CN", "jurisdiction: US")
    text = text.replace("Asia/Shanghai", "America/Chicago")
    (rules / "packs" / f"{ELSEWHERE}.yaml").write_text(text, encoding="utf-8")
    use_rules(rules)
    pin = pin_to(ELSEWHERE, on("Mon 2026-03-02 10:00").date())
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        open_case(ledger, "Z-1")
        ledger.append("Z-1", 1, slip_story("Z-1")[:1], pin)
    yield {"TOUSU_HOME": str(tmp_path), "TOUSU_RULES": str(rules)}
    use_rules(None)


def test_what_is_read_from_the_record_is_in_the_time_of_its_rules(env: dict[str, str], tmp_path: Path) -> None:
    """Received at ten in Shanghai on 2 March: nine in the evening before, in Chicago, and the days count from there."""
    assert "2026-03-01 (周日) 20:00" in run("timeline", "Z-1", env=env).stdout
    listed = run("list", env=env).stdout
    assert "2026-03-01 (周日) 20:00" in listed
    assert "2026-03-16 (周一) 24:00" in listed
    proof = run("prove", "Z-1", "--duty", "decide", env=env).stdout
    assert "起算 start: 2026-03-01 (周日) 20:00" in proof
    assert "最后期限 due: [bold]" not in proof
    assert "2026-03-16 (周一) 24:00 · 2026-03-17T00:00:00-05:00" in proof
    page = tmp_path / "proof.html"
    run("prove", "Z-1", "--html", str(page), env=env)
    assert "2026-03-01 (周日) 20:00" in page.read_text(encoding="utf-8")
    assert json.loads(run("prove", "Z-1", "--json", env=env).stdout)["time_zone"] == "America/Chicago"


def test_an_answer_names_the_zone_of_its_deadline() -> None:
    due = on("Wed 2026-03-18 00:00")
    answer = Accepted(event="classified", seq=2, stage="investigating", next_due=due, time_zone="America/Chicago")
    with output.in_zone(commands.zone(answer)):
        assert commands.sentence("Z-1", answer).endswith("最近期限 next due 2026-03-17 (周二) 11:00")
    assert output.deadline(due) == "2026-03-17 (周二) 24:00"


def test_an_answer_without_a_deadline_says_nothing_of_one() -> None:
    """A review's own limit is kept by its complaint."""
    answer = Accepted(event="reviewer_appointed", seq=2, stage="in_review", ref="r1")
    assert commands.sentence("Z-1", answer) == "Z-1  reviewer_appointed r1  核查中 in_review"
