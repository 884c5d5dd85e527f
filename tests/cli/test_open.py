"""Complaints out of files become running workflows: every row gets its line, and no row stops another."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from cli import acceptance, session
from cli.errors import REFUSED, UNREACHABLE
from engine.client import connect
from engine.settings import ROOT, SAMPLE_ORGANISATION, Settings
from models.opening import WORKFLOW_TYPE, workflow_id
from tests.cli.conftest import House, complaint


def test_json_jsonl_and_arrays_open_from_files_and_from_standard_input(house: House, tmp_path: Path) -> None:
    one, many, array = tmp_path / "one.json", tmp_path / "many.jsonl", json.dumps([complaint("O-4"), complaint("O-5")])
    one.write_text(json.dumps(complaint("O-1")), encoding="utf-8")
    many.write_text("\n".join(json.dumps(complaint(name)) for name in ("O-2", "O-3")), encoding="utf-8")
    assert house.lines("open", str(one)) == [
        {"complaint_id": "O-1", "row": 1, "result": "opened", "workflow_id": "complaint-O-1"}
    ]
    found = house.lines("open", str(many)) + house.lines("open", "-", input=array)
    assert [(line["complaint_id"], line["row"], line["result"]) for line in found] == [
        ("O-2", 1, "opened"),
        ("O-3", 2, "opened"),
        ("O-4", 1, "opened"),
        ("O-5", 2, "opened"),
    ]


def test_csv_opens_through_its_mapping(house: House) -> None:
    found = house.lines("open", str(ROOT / "samples/complaints.csv"), "--mapping", str(ROOT / "samples/mapping.yaml"))
    assert {line["result"] for line in found} == {"opened"}
    assert [line["row"] for line in found] == list(range(2, len(found) + 2))


def test_a_bad_row_is_rejected_with_its_reason_and_the_rest_opens(house: House) -> None:
    """A broken line, an unknown field, a receipt in the future, and an id that may be a person: each says its rule only."""
    secret = "11010519491231002X"
    rows = [
        "not json",
        json.dumps({**complaint("B-1"), "mood": "angry"}),
        json.dumps(complaint("B-2", received_at="2999-01-01T00:00:00+08:00")),
        json.dumps(complaint(secret)),
        json.dumps(complaint("B-3")),
        json.dumps(complaint("B-4", respondent={"unit": "nowhere"})),
    ]
    result = house.run("open", "-", input="\n".join(rows))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == REFUSED
    assert [(line["row"], line["result"], line.get("code")) for line in found] == [
        (1, "rejected", "Invalid"),
        (2, "rejected", "Invalid"),
        (3, "rejected", "FutureReceipt"),
        (4, "rejected", "Invalid"),
        (5, "opened", None),
        (6, "rejected", "UnknownUnit"),
    ]
    assert [line.get("reason") for line in found[:3]] == [
        "is not JSON",
        "?: unknown field [extra_forbidden]",
        "received_at: must not lie in the future",
    ]
    assert secret not in result.stdout + result.stderr


def test_the_same_complaint_twice_changes_nothing_and_other_content_is_rejected(house: House) -> None:
    first = json.dumps(complaint("D-1"))
    other = json.dumps(complaint("D-1", facts="另一件事。"))
    result = house.run("open", "-", input=f"{first}\n{other}\n{first}")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["result"], line.get("code")) for line in found] == [
        ("opened", None),
        ("rejected", "DifferentContent"),
        ("already-open", None),
    ]
    view = house.until("D-1", "investigating")
    assert house.lines("open", "-", input=first)[0]["result"] == "already-open"
    assert house.run("open", "-", input=other).exit_code == REFUSED
    assert house.lines("show", "D-1", "--json")[0]["ticket"] == view["ticket"]


def test_an_opening_that_the_workflow_turns_away_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of this machine is a day ahead of the server's: what it lets pass the worker does not."""
    present = session.now()
    monkeypatch.setattr(session, "now", lambda: present + timedelta(days=1))
    rows = [complaint("AHEAD-1", received_at=(present + timedelta(hours=6)).isoformat()), complaint("AHEAD-2")]
    result = house.run("open", "-", input="\n".join(json.dumps(row) for row in rows))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == REFUSED
    assert [(line["result"], line.get("code"), line.get("reason")) for line in found] == [
        ("rejected", "FutureReceipt", "received_at: must not lie in the future"),
        ("opened", None, None),
    ]


def test_an_opening_that_no_worker_took_in_is_only_sent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told so each time, and is not lost: it is opened when a worker comes."""
    monkeypatch.setattr(acceptance, "ACCEPTED_WITHIN", timedelta(seconds=0.1))
    rows = json.dumps([complaint("N-1"), complaint("N-2")])
    for _ in range(2):
        result = house.run("open", "-", input=rows, env={"TOUSU_TASK_QUEUE": "nobody"})
        found = [json.loads(line) for line in result.stdout.splitlines()]
        assert result.exit_code == UNREACHABLE
        assert [(line["complaint_id"], line["result"], line["code"]) for line in found] == [
            ("N-1", "sent", "NotAccepted"),
            ("N-2", "sent", "NotAccepted"),
        ]
        assert result.stderr == (
            "Error: 2 of 2 are sent, and no worker has taken them in; see that one runs (`tousu ping`), and open the "
            "file again to hear what became of them [NotAccepted]\n"
        )


async def test_an_id_whose_opening_failed_can_be_used_again(house: House) -> None:
    """What another system opened wrongly is no other content; what it opened rightly is known by its content."""
    client = await connect(Settings.from_environment({"TOUSU_HOME": str(house.home)}))

    async def by_another_system(content: dict[str, Any]) -> WorkflowHandle[Any, Any]:
        name = workflow_id(content["complaint_id"])
        return await client.start_workflow(WORKFLOW_TYPE, {"intake": content}, id=name, task_queue="tousu")

    failed = await by_another_system({**complaint("F-1"), "mood": "angry"})
    with pytest.raises(WorkflowFailureError):
        await failed.result()
    written = complaint("F-2")
    await by_another_system(written)
    rows = "\n".join(json.dumps(row) for row in (complaint("F-1"), written, {**written, "facts": "另一件事。"}))
    result = await asyncio.to_thread(house.run, "open", "-", input=rows)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["result"], line.get("code")) for line in found] == [
        ("opened", None),
        ("already-open", None),
        ("rejected", "DifferentContent"),
    ]


def test_complaints_open_under_the_rules_that_the_insurer_names(house: House, tmp_path: Path) -> None:
    """Its organisation data name them once; a pack named by hand comes first."""
    organisation = tmp_path / "organisation.yaml"
    sample = SAMPLE_ORGANISATION.read_text(encoding="utf-8")
    organisation.write_text(sample.replace("\nunits:\n", "\nrules: company-life\nunits:\n", 1), encoding="utf-8")
    own = {"TOUSU_ORGANISATION": str(organisation)}
    for name, options in (("P-1", ()), ("P-2", ("--pack", "cn-2020-3"))):
        result = house.run("open", "-", *options, input=json.dumps(complaint(name)), env=own)
        assert result.exit_code == 0, result.stderr
    packs = [json.loads(house.run("show", name, "--json").stdout)["pin"]["pack"] for name in ("P-1", "P-2")]
    assert packs == ["company-life", "cn-2020-3"]
