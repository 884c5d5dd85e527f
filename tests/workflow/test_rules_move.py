"""A running complaint that head office moves to other rules: dated anew at once, with a proof, its slips with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from engine.settings import SAMPLE_ORGANISATION
from models import commands as cmd
from models import handling_commands as hcmd
from models import search_attributes as sa
from models import slip_commands as slip_cmd
from models.actor import actor
from models.organisation import read_organisation
from models.proving import prove
from models.view import SlipView
from rulebook import events as ev
from rulebook import pack as packs
from rulebook.errors import PackError
from rulebook.pack import RulePack, rule_pack
from tests.workflow.company import COMPANY, letters
from tests.workflow.refusing import OFFICER, TEXT
from tests.workflow.stage import CLAIMS, SHANGHAI, SUPERIOR, Play, Stage, kinds
from workflows.case import Case
from workflows.guards import check
from workflows.refusal import Ask

OLD, STATUTE = rule_pack("cn-2013-8"), rule_pack("cn-2020-3")


async def move(play: Play, to: str, actor: str = OFFICER) -> None:
    await play.do(cmd.MoveRules, actor, to=to, pack_hash=rule_pack(to).content_hash, reason="按新办法继续办理。")


async def shown_pack(play: Play) -> str | None:
    return (await play.handle.describe()).typed_search_attributes.get(sa.PACK)


async def slips(play: Play) -> dict[str, SlipView]:
    return {one.slip: one for one in (await play.view()).slips}


def audited(stage: Stage, play: Play) -> None:
    """See that the record folds again, and that its projections can be rebuilt to what they were."""
    complaint = play.intake.complaint_id
    assert stage.ledger.verify(complaint).differences == ()
    rows = [*map(str, stage.ledger.duties(complaint)), *map(str, stage.ledger.deadlines(complaint))]
    assert stage.ledger.rebuild(complaint) == 1
    assert [*map(str, stage.ledger.duties(complaint)), *map(str, stage.ledger.deadlines(complaint))] == rows


@pytest.mark.slow
async def test_a_case_pinned_by_hand_to_the_repealed_rules_goes_on_under_those_in_force(stage: Stage) -> None:
    """The timer, the search attribute, the current details and the record follow; both versions are proved."""
    play = await stage.start(rules="cn-2013-8")
    before = await play.duty()
    await move(play, "cn-2020-3")
    after, view = await play.duty(), await play.view()
    received = play.intake.received_at.astimezone(SHANGHAI)
    assert after.last_day == f"{(received + timedelta(days=15)).date()}"
    assert (after.versions, after.citation) == (before.versions + 1, "办法 第十八条第一款")
    assert view.pin is not None
    assert (view.pin.pack, view.rules, view.moved[0].by) == ("cn-2013-8", "cn-2020-3", OFFICER)
    assert await shown_pack(play) == "cn-2020-3"
    row = stage.ledger.case(play.intake.complaint_id)
    assert row is not None
    assert (row.pack, row.pack_hash) == ("cn-2020-3", STATUTE.content_hash)
    events = await play.events()
    proof = prove(play.intake.complaint_id, events, view.pin, "0" * 64)
    decide = next(one for one in proof.duties if one.key == "decide")
    assert [(one.limit.pack, one.agrees) for one in decide.versions] == [("cn-2013-8", True), ("cn-2020-3", True)]
    assert [one.because_of[0].type for one in decide.versions] == ["received", "rules_moved"]
    [moved] = proof.moves
    assert [(one.key, one.change) for one in moved.duties] == [("decide", "dated_anew")]
    assert {one.pack for one in proof.rules} == {"cn-2013-8", "cn-2020-3"}
    audited(stage, play)
    await play.forward_to(received + timedelta(days=16))
    assert (await play.duty()).breached
    audited(stage, play)


@pytest.mark.slow
async def test_to_the_insurer_s_rules_and_back_with_a_slip_in_flight(stage: Stage) -> None:
    """Each slip counts by its own clock and moves by an event of its own; nothing is rung twice and nothing is lost."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await play.do(slip_cmd.AcceptSlip, CLAIMS, slip="s1")
    settle, findings = await play.duty("settle"), (await slips(play))["s1"].next_due
    await move(play, "cn-2020-3")
    assert (await play.duty("settle")).status == "cancelled"
    assert [one.next_due for one in (await slips(play)).values()] == [None, None]
    await play.forward(days=1)
    await move(play, COMPANY)
    again = await play.duty("settle")
    assert (again.status, again.due, again.versions) == ("open", settle.due, settle.versions + 1)
    assert (await slips(play))["s1"].next_due == findings
    await play.do(hcmd.Dispatch, category="payment", reason="涉及收付费。")
    assert (await slips(play))["s3"].next_due is not None
    moved = [(event.slip, event.pack) for event in await play.events() if isinstance(event, ev.RulesMoved)]
    assert [pack for name, pack in moved if name is None] == ["cn-2020-3", COMPANY]
    assert sorted(name for name, _ in moved if name) == ["s1", "s1", "s2", "s2"]
    children = {
        child.id: (await child.describe()).typed_search_attributes.get(sa.PACK) for child in await play.children()
    }
    assert set(children.values()) == {COMPANY}
    audited(stage, play)
    await play.forward(days=20)
    reminders = [event for event in await play.events() if isinstance(event, ev.ReminderRaised)]
    assert len({(one.duty, one.due, one.before) for one in reminders}) == len(reminders)
    audited(stage, play)


async def test_a_case_of_the_statute_takes_up_the_insurer_s_rules_in_the_middle(stage: Stage) -> None:
    """What was done counts, what those rules ask of the arrival is noted now, and closing waits for nothing impossible."""
    play = await stage.start(rules="cn-2020-3", channel="letter")
    await play.forward(hours=2)
    await move(play, COMPANY)
    assert {"intake_examined", "rules_moved"} <= set(kinds(await play.events()))
    assert (await play.duty("acknowledge")).status == "met"
    assert (await play.duty("dispatch")).status == "met"
    assert (await play.duty("settle")).status == "open"
    assert (await play.duty()).versions == 1, "the statute's deadline has not changed"
    audited(stage, play)


async def test_what_the_move_puts_into_the_past_is_told_to_nobody_as_our_delay(stage: Stage) -> None:
    """Mediation held the clock for 20 days (art. 23); rules that leave no time out would have had it due long ago."""
    play = await stage.start()
    await play.do(cmd.Pause, ground="mediation", reason=TEXT)
    await play.forward(days=20)
    await play.do(cmd.Resume, pause="p1", reason=TEXT)
    await play.forward(days=10)
    await move(play, "cn-2013-8")
    duty = await play.duty()
    assert (duty.shortened, duty.breached, duty.due) == (True, False, (await play.view()).moved[0].at)
    assert (await play.view()).overdue
    breaches = [event for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    assert [(one.duty, one.shortened) for one in breaches] == [("decide", True)]
    assert "late" not in letters(play)
    audited(stage, play)
    await play.find()
    await play.decide()
    assert not stage.ledger.archived(play.intake.complaint_id).recorded.case.breaches  # type: ignore[union-attr]
    audited(stage, play)


async def test_a_request_for_time_that_the_new_rules_do_not_know_is_settled_by_the_move(stage: Stage) -> None:
    """Nobody is left with a request that no rule answers."""
    play = await stage.start(complexity="complex")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await move(play, "cn-2013-8")
    [request] = (await play.view()).extensions
    assert request.status == "refused"
    approve = await play.refused(cmd.ApproveExtension, SUPERIOR, request="x1", reason=TEXT)
    assert approve == "AlreadySettled"
    await move(play, "cn-2020-3")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    audited(stage, play)


async def test_a_move_is_made_once_by_whoever_gives_it_again(stage: Stage) -> None:
    play = await stage.start()
    again = {"id": "move-1", "to": OLD.pack, "pack_hash": OLD.content_hash, "reason": TEXT}
    first = await play.do(cmd.MoveRules, OFFICER, **again)
    assert await play.do(cmd.MoveRules, OFFICER, **again) == first
    assert kinds(await play.events()).count("rules_moved") == 1


async def test_a_case_goes_on_in_a_new_run_under_the_rules_to_which_it_was_moved(stage: Stage) -> None:
    """The pin of the receipt travels, and the events lead from there to the present rules."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await move(play, "cn-2020-3")
    before = await play.view()
    await play.handle.signal("hand_over")
    await play.settle()
    after = await play.view()
    assert (after.rules, after.pin, after.duties, after.slips) == (
        before.rules,
        before.pin,
        before.duties,
        before.slips,
    )
    await move(play, COMPANY)
    assert (await play.view()).rules == COMPANY
    audited(stage, play)


async def test_a_review_that_was_asked_for_goes_on_and_shows_the_new_rules(stage: Stage) -> None:
    """Its clock is the complaint's; a move that would end it is refused."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.do(cmd.RequestReview, reason=TEXT)
    refused = {"to": OLD.pack, "pack_hash": OLD.content_hash, "reason": TEXT}
    assert await play.refused(cmd.MoveRules, OFFICER, **refused) == "RightTaken"
    due = (await play.duty("review_decide")).due
    await move(play, COMPANY)
    assert (await play.duty("review_decide")).due == due
    [review] = await play.children()
    assert (await review.describe()).typed_search_attributes.get(sa.PACK) == COMPANY
    audited(stage, play)


async def case_of(play: Play) -> Case:
    pin = (await play.view()).pin
    assert pin is not None
    return Case(play.intake, pin, await play.events())


async def test_rules_of_another_kind_and_rules_that_are_missing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without the rules refuses what is new, but never what is in history: that stops until a worker has them."""
    play = await stage.start()
    case, now = await case_of(play), await play.now()
    person = actor(read_organisation(SAMPLE_ORGANISATION), OFFICER, "gd-gz", "gd-gz")

    def refusal(to: RulePack, *, fresh: bool) -> str | None:
        command = cmd.MoveRules(id="1", actor=OFFICER, to=to.pack, pack_hash=to.content_hash, reason=TEXT)
        try:
            check(Ask(case, command, person, now, fresh=fresh))
        except ApplicationError as error:
            return error.type
        return None

    foreign = OLD.model_copy(update={"jurisdiction": "XX"})
    known = packs.rule_pack
    monkeypatch.setattr(packs, "rule_pack", lambda name: foreign if name == OLD.pack else known(name))
    assert refusal(foreign, fresh=True) == "OtherJurisdiction"
    missing = OLD.model_copy(update={"pack": "cn-2099"})
    assert refusal(missing, fresh=True) == "NoSuchRules"
    with pytest.raises(PackError, match="no rule pack is called 'cn-2099'"):
        refusal(missing, fresh=False)


async def test_a_record_that_was_moved_under_other_rules_than_it_says_is_found(stage: Stage) -> None:
    """The audit compares what the move says it left with what the fold was under."""
    play = await stage.start()
    await move(play, "cn-2013-8")
    from activities.ledger_chain import event_of, link, pin_of  # only here
    from activities.ledger_fold import fold_faults

    rows = stage.ledger.timeline(play.intake.complaint_id)
    place = next(row.seq for row in rows if row.type == "rules_moved")
    wrong = event_of(rows[place - 1]).model_copy(update={"before": "company-life"})
    rows[place - 1] = link(play.intake.complaint_id, place, wrong, pin_of(rows[0]), rows[place - 2].hash)
    assert fold_faults(rows, None) == [f"seq {place}: rules_moved leaves company-life, the fold was under cn-2020-3"]
