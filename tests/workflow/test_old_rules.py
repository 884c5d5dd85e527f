"""A complaint received on the last day of the repealed rules, worked to its end under them (CIRC Order 2013 No. 8)."""

from __future__ import annotations

from models import commands as cmd
from tests.workflow.company import letters
from tests.workflow.stage import Stage, kinds

LAST_SECOND = "2020-02-29T23:59:59+08:00"


async def test_a_case_of_the_old_rules_is_worked_to_its_end_under_them(stage: Stage) -> None:
    """Told by letters that cite no law which nobody has read, with a mark at each article that people see."""
    play = await stage.start(received_at=LAST_SECOND)
    view = await play.view()
    assert view.pin is not None
    assert view.pin.pack == "cn-2013-8"
    decide = await play.duty()
    assert (decide.last_day, decide.breached) == ("2020-03-13", True)
    assert decide.citation.endswith("〔二手资料 secondary〕")
    await play.do(cmd.AddFacts, summary="补充病历。")
    assert (await play.duty()).last_day == "2020-03-13"
    await play.find()
    await play.decide()
    assert (await play.duty("tell_decision")).status == "met"
    assert await play.refused(cmd.RequestReview, reason="不服。") == "NoWindow"
    await play.close()
    assert "facts_added" not in letters(play), "no limit starts anew, so nobody is told that it does"
    assert {"receipt", "late", "decision"} <= set(letters(play))
    assert not any("办法" in letter.body or "号令" in letter.body for letter in letters(play).values())
    assert kinds(await play.events())[-1] == "closed"
    await play.handle.result()
