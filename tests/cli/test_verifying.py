"""The audit of the whole record asks running complaints too: a chain may be whole and lack what happened last."""

from __future__ import annotations

import asyncio
from pathlib import Path

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED, UNREACHABLE
from engine.client import connect
from engine.settings import Settings
from models.migrations import migrate
from models.opening import WORKFLOW_TYPE, workflow_id
from tests.cli.conftest import House, complaint, run
from tests.cli.test_case import HANDLER, opened
from tests.records.parts import raw, whole_case


async def start(house: House, name: str) -> None:
    client = await connect(Settings.from_environment({"TOUSU_HOME": str(house.home)}))
    await client.start_workflow(WORKFLOW_TYPE, {"intake": complaint(name)}, id=workflow_id(name), task_queue="tousu")


def test_a_running_complaint_whose_record_lacks_events_is_a_difference(house: House) -> None:
    """While the database takes no writes; afterwards everything is on record, and nothing differs."""
    opened(house, "V-1")
    there = house.until("V-1", "investigating")["events"]

    def differences() -> list[str]:
        result = house.run("verify", "--all")
        return [line for line in result.stdout.splitlines() if line.startswith(("V-1:", "V-2:"))]

    assert differences() == []
    with raw(f"sqlite:///{house.home / 'records.db'}") as busy:
        busy.exec_driver_sql("CREATE TABLE somebody (is_writing int)")  # Nobody else writes until this block ends.
        call = ("contact", "V-1", *HANDLER, "--method", "phone", "--no-reached", "--summary", "无人接听")
        assert house.run(*call).exit_code == 0
        asyncio.run(start(house, "V-2"))
        result = house.run("verify", "--all")
        busy.exec_driver_sql("DROP TABLE somebody")
    found = [line for line in result.stdout.splitlines() if line.startswith(("V-1:", "V-2:"))]
    assert found == [
        f"V-1: the workflow has {there + 1} events, the record {there}",
        "V-2: the workflow has 1 events, the record 0",
    ]
    assert (result.exit_code, result.stderr) == (REFUSED, "")
    for name in ("V-1", "V-2"):
        house.until(name, "investigating")
    assert differences() == []


def test_without_a_server_the_chains_are_verified_all_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    with Ledger.open(url) as ledger:
        whole_case(ledger)
    no_keys = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    for settings, code in (({}, "NotConnected"), (no_keys, "ConfigError")):
        result = run("verify", "--all", env={"TOUSU_HOME": str(tmp_path), **settings})
        assert (result.exit_code, result.stdout) == (UNREACHABLE, "1 complaints, 14 events: none different\n")
        [line] = result.stderr.splitlines()
        assert line.startswith("running complaints were not compared with the record: ")
        assert line.endswith(f" [{code}]")
        result = run("verify", "--all", "--offline", env={"TOUSU_HOME": str(tmp_path), **settings})
        assert (result.exit_code, result.output) == (0, "1 complaints, 14 events: none different\n")
    assert run("verify", "X", "--offline", env={"TOUSU_HOME": str(tmp_path)}).exit_code == BAD_INPUT
