"""What any Temporal client, in any language, may rely on: the raw contract of docs/contract.md."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import _Definition

from activities.ledger_session import LedgerError
from cli.verbs import VERBS
from models.child import REVIEW_WORKFLOW_TYPE, SLIP_WORKFLOW_TYPE, review_workflow_id, slip_workflow_id
from models.intake import Intake
from models.opening import INTERNAL, WORKFLOW_TYPE, workflow_id
from rulebook import events as ev
from rulebook.authority import matrix
from rulebook.pack import pack_names, pin_for, rule_pack
from tests.present import now
from tests.repository.parts import blocks, repository_files, text_of
from tests.workflow.stage import Play, Stage
from workflows import guards, review_guards, slip_guards
from workflows.complaint import ComplaintWorkflow
from workflows.guards import ROWS
from workflows.handling_guards import COMPANY
from workflows.refusal import Refusal
from workflows.review import ReviewWorkflow
from workflows.slip import SlipWorkflow

SECRET = "11010519491231002X"


def raw(**changes: Any) -> dict[str, Any]:
    """The intake as a system in another language would write it: the smallest that is in order."""
    return {
        "complaint_id": f"R-{uuid.uuid4().hex[:12]}",
        "received_at": (now() - timedelta(days=1)).isoformat(),
        "channel": "phone",
        "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
        "respondent": {"unit": "gd-gz"},
        "facts": "理赔款迟迟未付。",
        "categories": ["claims"],
        **changes,
    }


async def knock(stage: Stage, *arguments: Any, name: str) -> WorkflowHandle[Any, Any]:
    return await stage.client.start_workflow(
        WORKFLOW_TYPE,
        args=arguments,
        id=name,
        task_queue=stage.queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    )


async def turned_away(stage: Stage, *arguments: Any, name: str) -> tuple[str | None, str]:
    """Return type and message with which the run failed, having seen that nothing was recorded and nothing tried again."""
    handle = await knock(stage, *arguments, name=name)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.non_retryable
    assert stage.ledger.intake(name.removeprefix("complaint-")) is None
    return caught.value.cause.type, caught.value.cause.message


async def test_plain_json_opens_a_complaint(live: Stage) -> None:
    """Only the intake; the rules are pinned by the day of receipt."""
    intake = raw()
    handle = await knock(live, {"intake": intake}, name=workflow_id(intake["complaint_id"]))
    play = Play(live, Intake.model_validate(intake), handle)
    await play.settle()
    view = await play.view()
    assert (view.stage, view.pin and view.pin.pack) == ("investigating", "cn-2020-3")
    await handle.terminate()


async def test_a_receipt_in_the_future_is_turned_away(live: Stage) -> None:
    intake = raw(received_at=(now() + timedelta(minutes=5)).isoformat())
    found = await turned_away(live, {"intake": intake}, name=workflow_id(intake["complaint_id"]))
    assert found == ("FutureReceipt", "received_at: must not lie in the future")


async def test_a_run_under_another_id_is_turned_away(live: Stage) -> None:
    intake = raw()
    right = workflow_id(intake["complaint_id"])
    found = await turned_away(live, {"intake": intake}, name=f"order-{intake['complaint_id']}")
    assert found == ("WrongWorkflowId", f"the workflow of this complaint has the id {right}")
    assert live.ledger.intake(intake["complaint_id"]) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([{"intake": raw(mood=SECRET)}], "intake.?: unknown field [extra_forbidden]", id="unknown field"),
        pytest.param(
            [{"intake": raw(received_at="2026-11-03T10:00:00")}],
            "intake.received_at: must carry a time zone [timezone_aware]",
            id="no time zone",
        ),
        pytest.param([{"intake": raw()}, {}], "takes one argument, and was given 2", id="two arguments"),
        pytest.param([], "takes one argument, and was given 0", id="no argument"),
        pytest.param([None], "is null", id="null"),
        pytest.param([[SECRET]], "Input should be an object [model_type]", id="a list"),
        pytest.param([{}], "intake: is required [missing]", id="no intake"),
        pytest.param(
            [{"intake": raw(), "recorded": 3}],
            "recorded: only the workflow itself fills this [internal]",
            id="internal number",
        ),
        pytest.param(
            [
                {
                    "intake": raw(),
                    "events": [
                        {
                            "type": "acknowledged",
                            "at": "2026-11-03T10:00:00+08:00",
                            "recorded_at": "2026-11-03T10:00:00+08:00",
                            "ticket": "TS-1",
                        }
                    ],
                }
            ],
            "events: only the workflow itself fills this [internal]",
            id="internal events",
        ),
    ],
)
async def test_what_is_no_opening_is_turned_away_with_place_and_rule(
    live: Stage, arguments: list[Any], message: str
) -> None:
    """The run fails at once instead of trying for ever; no value is repeated."""
    given = arguments[0] if arguments else None
    name = given["intake"]["complaint_id"] if isinstance(given, dict) and "intake" in given else uuid.uuid4().hex
    kind, said = await turned_away(live, *arguments, name=workflow_id(name))
    assert kind == "InvalidOpening"
    assert said == message
    assert SECRET not in said


async def test_a_receipt_before_any_rules_is_turned_away_at_once(live: Stage) -> None:
    intake = raw(received_at="2013-10-31T23:59:59+08:00")
    name = workflow_id(intake["complaint_id"])
    kind, said = await turned_away(live, {"intake": intake}, name=name)
    assert (kind, said) == (
        "NoRulesInForce",
        "received_at: no published rules were in force that day; pin a pack by hand",
    )


async def test_an_id_burnt_by_a_failed_opening_can_be_used_again_and_a_good_one_only_once(live: Stage) -> None:
    intake = raw()
    name = workflow_id(intake["complaint_id"])
    await turned_away(live, {"intake": {**intake, "mood": "angry"}}, name=name)
    handle = await knock(live, {"intake": intake}, name=name)
    with pytest.raises(WorkflowAlreadyStartedError):
        await knock(live, {"intake": intake}, name=name)
    await handle.terminate()


async def test_rules_that_are_not_the_pinned_ones_block_the_run_and_lose_nothing(live: Stage) -> None:
    """The run neither fails nor goes on: it waits for a worker with the right rules."""
    intake = raw()
    pin = pin_for(now(), now().date()).model_dump() | {"pack_hash": "0" * 64}
    handle = await knock(live, {"intake": intake, "pin": pin}, name=workflow_id(intake["complaint_id"]))
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            break
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
    await handle.terminate()


async def test_an_id_on_record_with_other_content_waits_for_a_person_at_once(live: Stage) -> None:
    intake = raw()
    other = Intake.model_validate({**intake, "facts": "另一件事。"})
    live.ledger.open_case(other.model_dump(mode="json"), other.complaint_id, other.content_hash(), now())
    handle = await knock(live, {"intake": intake}, name=workflow_id(intake["complaint_id"]))
    play = Play(live, Intake.model_validate(intake), handle)
    await play.settle()
    assert (await play.view()).failed_steps == ("acknowledgement",)
    history = await handle.fetch_history()
    started = [event for event in history.events if event.HasField("activity_task_started_event_attributes")]
    assert [event.activity_task_started_event_attributes.attempt for event in started] == [1]
    await handle.terminate()


def documented(heading: str) -> list[tuple[str, ...]]:
    """The cells in code of every row of the table under *heading*."""
    section = re.split(rf"\n##+ {heading}\n", text_of("docs/contract.md"))[1].split("\n## ")[0].split("\n### ")[0]
    return [tuple(re.findall(r"`([^`]+)`", line)) for line in section.splitlines() if line.startswith("| `")]


WORKFLOWS = {"Commands": ComplaintWorkflow, "Dispatch slips": SlipWorkflow, "Reviews": ReviewWorkflow}
CHILD = {"Commands": None, "Dispatch slips": "slip", "Reviews": "review"}


@pytest.mark.parametrize("heading", WORKFLOWS)
def test_every_update_is_documented_with_its_command_and_its_schema(heading: str) -> None:
    rows = documented(heading)
    verbs = [verb for verb in VERBS if verb.child == CHILD[heading]]
    assert sorted(rows) == sorted((verb.name, verb.update, verb.model.__name__) for verb in verbs)
    updates = set(_Definition.must_from_class(WORKFLOWS[heading]).updates)
    # A review that was asked for before reviews were workflows of their own is decided in its complaint.
    still = {"decide_review"} if heading == "Commands" else set()
    assert {update for _, update, _ in rows} == updates - still


def test_what_only_an_insurers_own_rules_obey_stands_in_a_table_of_its_own() -> None:
    section = text_of("docs/contract.md").split("\n## Commands\n")[1].split("\n## ")[0]
    row = re.compile(r"^\| `[^`]+` \| `[^`]+` \| `(\w+)`", re.MULTILINE)
    anywhere, own = (set(row.findall(part)) for part in section.split("`NotInRules`"))
    assert own == {kind.__name__ for kind, rows in ROWS.items() if COMPANY in rows}
    assert not anywhere & own


def test_every_signal_is_documented_as_public_or_as_internal() -> None:
    """A public one carries a command; the others pass between our own workflows, and a caller is told to keep off."""
    public, internal = ({row[0] for row in documented(heading)} for heading in ("Signals", "Internal signals"))
    registered = [set(_Definition.must_from_class(one).signals) for one in WORKFLOWS.values()]
    assert public | internal == set().union(*registered)
    assert public == {verb.update for verb in VERBS} & registered[0]
    assert not public & internal


def test_the_ids_and_types_of_children_are_documented() -> None:
    text = text_of("docs/contract.md")
    children = (SLIP_WORKFLOW_TYPE, REVIEW_WORKFLOW_TYPE)
    for name in (*children, slip_workflow_id("C-2026-0042", "s1"), review_workflow_id("C-2026-0042", "r1")):
        assert f"`{name}`" in text


def test_what_belongs_to_the_workflow_alone_is_documented() -> None:
    opening = text_of("docs/contract.md").split("\n## Open a complaint\n")[1].split("\n## ")[0]
    assert [name for name in INTERNAL if f"`{name}`" not in opening] == []


GUARDS = (guards, slip_guards, review_guards)


def refusals() -> list[Refusal]:
    """Every row that refuses an update of a complaint, a slip or a review."""
    return [row for module in GUARDS for rows in (module.EVERY, *module.ROWS.values()) for row in rows]


def raised() -> set[str]:
    """The codes of errors that the workflows raise by themselves."""
    sources = "".join(text_of(path) for path in repository_files() if path.parts[0] == "workflows")
    return set(re.findall(r'refused\(\s*"(\w+)"', sources)) | set(re.findall(r'type="(\w+)"', sources))


def test_every_code_of_a_refusal_is_documented_and_no_other() -> None:
    packs = [rule_pack(name) for name in pack_names()]
    by_matrix = {rule.code for pack in packs for rules in matrix(pack).values() for rule in rules}
    at_the_door = {row[0] for row in documented("Open a complaint")}
    known = {row.code for row in refusals()} | by_matrix | raised()
    assert at_the_door <= known
    assert [row[0] for row in documented("Refusals")] == sorted(known - at_the_door)


def test_the_type_of_what_a_command_asks_elsewhere_is_documented() -> None:
    """What the activities behind closing, merging and dispatching raise, and the errors of the record below them."""
    asked = "".join(text_of(f"activities/{name}.py") for name in ("closure", "assignment"))
    raised = set(re.findall(r'type="(\w+)"', asked)) | {"TimeoutError"}
    of_the_record = {
        kind.__name__ for kind in LedgerError.__subclasses__() if kind.__module__ == LedgerError.__module__
    }
    told = {row[0] for row in documented("What failed elsewhere")}
    refused = {row[0] for row in documented("Refusals")}
    assert told == (raised | of_the_record) - refused


def test_a_code_that_always_says_the_same_is_documented_in_its_words() -> None:
    """Those of the matrix speak in the words of each pack, and `UnknownMaterial` lists the codes."""
    sentences: dict[str, set[str]] = {}
    for row in refusals():
        sentences.setdefault(row.code, set()).add(row.sentence)
    by_matrix = {rule.code for rules in matrix(rule_pack("company-life")).values() for rule in rules}
    section = text_of("docs/contract.md").split("\n## Refusals\n")[1]
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))
    assert {
        code: told[code]
        for code, said in sentences.items()
        if len(said) == 1 and told[code] not in said and code not in {*by_matrix, "UnknownMaterial"}
    } == {}


async def temporal(live: Stage, call: list[str]) -> tuple[int | None, str, str]:
    """Run a documented call on the queue and the server of the test; return exit code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "temporal",
        *(live.queue if word == "tousu" else word for word in call[1:]),
        *("--address", live.client.service_client.config.target_host),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    shown, errors = await process.communicate()
    return process.returncode, shown.decode(), errors.decode()


async def test_the_documented_calls_of_the_temporal_command_line_do_what_they_say(live: Stage) -> None:
    """As printed, but for the address and the task queue."""
    calls = [
        shlex.split(line)
        for block in blocks(text_of("docs/contract.md"))
        for line in block.commands()
        if line.startswith("temporal ")
    ]
    assert [call[1:3] for call in calls] == [["workflow", "start"], ["workflow", "update"], ["workflow", "signal"]]
    handle = live.client.get_workflow_handle("complaint-C-2026-0042")
    for call in calls:
        code, shown, errors = await temporal(live, call)
        assert (code, errors) == (0, ""), call[1:3]
        # A command's answer is read, without keys.
        assert "update" not in call or "event:contact_attempted" in shown
        await Play(live, Intake.model_validate(raw()), handle).settle()
    code, _, errors = await temporal(live, calls[0])
    assert (code, "already" in errors) == (1, True), "a second start while the first runs fails"
    happened = [ev.event_type(event) for event in live.ledger.events("C-2026-0042")]
    assert {"contact_attempted", "command_refused"} <= set(happened)
    await handle.terminate()
