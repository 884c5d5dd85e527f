"""A complaint through its life, typed by people: what they do, what they read, and what the record proves."""

import json
import re
import sqlite3
from typing import Any

import pytest

from cli.errors import BAD_INPUT, REFUSED
from engine.keys import new_key
from tests.cli.conftest import House, complaint

HANDLER = ("--as", "p-gd-sz-kf-01")
CLAIMS = ("--as", "p-gd-sz-yg-01")
DECISION = (
    *("--liability", "responsible", "--cause", "理赔时效", "--decision", "支付理赔款", "--verification", "已核实"),
    *("--basis", "保险法第二十三条", "--reasons", "审核延误", "--agreed"),
)


def opened(house: House, complaint_id: str, **changes: Any) -> None:
    house.lines("open", "-", input=json.dumps(complaint(complaint_id, **changes)))
    house.until(complaint_id, "investigating")


def test_a_complaint_is_worked_to_closure_and_verifies(house: House) -> None:
    opened(house, "L-1")
    result = house.run("findings", "L-1", *CLAIMS, "--findings", "-", input="核赔材料齐全。\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("L-1  findings_submitted  待作出决定 deciding  最近期限 next due ")
    assert house.lines("decide", "L-1", *HANDLER, *DECISION, "--json")[0]["event"] == "decision_made"
    view = house.until("L-1", "calling_back")
    assert house.run("letters", "L-1", "--text", "2").stdout.count("投诉") > 0
    assert [letter["kind"] for letter in house.lines("letters", "L-1", "--json")][:1] == ["receipt"]
    for _ in range(50):
        called = house.run("callback", "L-1", "--as", "p-gd-sz-kf-02", "--reached", "--satisfaction", "5")
        if "NoCallback" not in called.stderr:
            break
    assert called.exit_code == 0, called.stderr
    assert house.run("close", "L-1", *HANDLER, "--reason", "已办结").exit_code == 0
    closed = house.until("L-1", "closed")
    assert closed["events"] > view["events"]
    events = [event["type"] for event in house.lines("timeline", "L-1", "--json")]
    assert events[0] == "received"
    assert {"acknowledged", "assigned", "findings_submitted", "decision_made", "called_back", "closed"} <= set(events)
    assert house.run("verify", "L-1").stdout == f"1 complaints, {len(events)} events: none different\n"


def test_a_refusal_is_one_line_with_its_code_and_nothing_moves(house: House) -> None:
    opened(house, "L-2")
    before = house.lines("show", "L-2", "--json")
    result = house.run("close", "L-2", *HANDLER, "--reason", "提前结案")
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    assert result.stderr == "Error: the complainant has not been told the decision (art. 18) [NotTold]\n"
    assert house.lines("show", "L-2", "--json") == before


def test_a_command_repeated_under_its_id_is_done_once(house: House) -> None:
    opened(house, "L-3")
    words = (
        "contact",
        "L-3",
        *HANDLER,
        "--method",
        "phone",
        "--no-reached",
        "--summary",
        "无人接听",
        "--id",
        "call-1",
        "--json",
    )
    assert house.lines(*words) == house.lines(*words)
    assert [event["type"] for event in house.lines("timeline", "L-3", "--json")].count("contact_attempted") == 1


def test_the_one_pause_that_runs_need_not_be_named(house: House) -> None:
    opened(house, "L-4")
    words = ("resume", "L-4", *HANDLER, "--reason", "调解结束")
    assert house.run(*words).stderr == "Error: L-4 has 0 of them; name one with --pause [NotOne]\n"
    assert house.run("pause", "L-4", *HANDLER, "--ground", "mediation", "--reason", "双方申请调解").exit_code == 0
    result = house.run(*words)
    assert (result.exit_code, result.stderr) == (0, "")


def test_lists_show_what_fits_and_tables_are_for_people(house: House) -> None:
    opened(house, "L-5", respondent={"unit": "zj-hz"})
    rows = house.lines("list", "--unit", "zj-hz", "--stage", "investigating", "--json", "--limit", "500")
    assert "L-5" in [row["complaint_id"] for row in rows]
    assert {row["unit"] for row in rows} == {"zj-hz"}
    assert "核实中 investigating" in house.run("list", "--unit", "zj-hz").stdout
    shown = house.run("show", "L-5").stdout
    assert "作出处理决定并告知投诉人" in shown
    assert "办法 第十八条第一款" in shown
    assert "收到投诉 received · 电话 · zj-hz" in house.run("timeline", "L-5").stdout


def test_what_waits_for_a_person_can_be_listed_with_its_cause(house: House) -> None:
    """A step, its cause, and a filter for both: the complaint names no way to reach anybody (art. 21)."""
    opened(house, "W-1", complainant={"kind": "person", "name": "测试人丙"})
    opened(house, "W-2")
    waiting = house.lines("list", "--waiting", "--json", "--limit", "500")
    assert [row["waits_for"] for row in waiting if row["complaint_id"] == "W-1"] == [{"notice.receipt": "NoAddress"}]
    assert "W-2" not in [row["complaint_id"] for row in waiting]
    ids = {row["complaint_id"] for row in house.lines("list", "--cause", "NoAddress", "--json", "--limit", "500")}
    assert "W-1" in ids
    assert house.lines("list", "--cause", "PackageBroken", "--json") == []
    assert "NoAddress" in house.run("list", "--waiting").stdout
    assert "待人工处理 waits for a person: notice.receipt: 无可用联系方式 NoAddress" in house.run("show", "W-1").stdout
    refused = house.run("list", "--cause", "Nonsense")
    assert (refused.exit_code, refused.stderr.split(":")[:2]) == (2, ["Error", " --cause"])


def test_what_waits_in_every_complaint_is_tried_again_at_once(house: House) -> None:
    """Those with an address by now are told; those without wait again, with the same cause."""
    for name in ("W-3", "W-4"):
        opened(house, name, complainant={"kind": "person", "name": "测试人丁"})
    everything = ("retry", "--all", "--cause", "NoAddress", *HANDLER)
    assert any("NoAddress" in house.run("show", "W-4").stdout for _ in range(50))
    assert house.run("change-contact", "W-3", *HANDLER, "--phone", "13800000000").exit_code == 0
    lines: dict[str, dict[str, Any]] = {}
    for _ in range(50):  # Lists of the server follow a moment later.
        result = house.run(*everything)
        lines |= {line["complaint_id"]: line for line in map(json.loads, result.stdout.splitlines())}
        if {"W-3", "W-4"} <= lines.keys():
            break
    assert lines["W-3"] == {"complaint_id": "W-3", "step": "notice.receipt", "result": "retried"}
    assert lines["W-4"]["step"] == "notice.receipt"
    assert any("NoAddress" not in house.run("show", "W-3").stdout for _ in range(50))
    assert any("NoAddress" in house.run("show", "W-4").stdout for _ in range(50))
    assert house.lines("retry", "--all", "--cause", "PackageBroken", *HANDLER) == []
    for wrong in (("retry", *HANDLER), ("retry", "W-3", "--all", *HANDLER)):
        assert house.run(*wrong).stderr == "Error: name one complaint, or give --all [BadInput]\n"


def test_the_views_of_operators_are_links_into_the_web_ui(house: House) -> None:
    shown = house.run("views", "--ui", "https://temporal.example.com/", "--namespace", "claims").stdout
    link = "https://temporal.example.com/namespaces/claims/workflows?query=WorkflowType%20%3D%20%27ComplaintWorkflow%27"
    assert f"待人工处理 waits for a person\n  {link}" in shown
    assert "列 columns: Workflow ID, Status, TousuStage" in shown
    assert {"title", "query", "link", "columns"} == set(house.lines("views", "--json")[0])


@pytest.mark.parametrize("words", [("show",), ("timeline",), ("letters",), ("verify",)], ids=" ".join)
def test_an_unknown_complaint_is_said_to_be_unknown(house: House, words: tuple[str, ...]) -> None:
    result = house.run(*words, "X-404")
    assert (result.exit_code, result.stderr) == (REFUSED, "Error: there is no complaint X-404 [UnknownComplaint]\n")


def test_a_command_to_an_unknown_complaint_is_refused(house: House) -> None:
    result = house.run("close", "X-404", *HANDLER, "--reason", "已办结")
    line = "Error: the complaint is not open on this Temporal server: unknown, or ended long ago [NotRunning]\n"
    assert (result.exit_code, result.stderr) == (REFUSED, line)


def test_a_record_that_was_changed_by_hand_does_not_verify(house: House) -> None:
    opened(house, "L-6")
    with sqlite3.connect(house.home / "records.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE event SET at = '2026-11-03 00:00:00.000000' WHERE complaint_id = 'L-6' AND seq = 1")
    result = house.run("verify", "L-6")
    assert result.exit_code == REFUSED
    assert result.stdout.endswith("events: 1 different\n")
    assert "L-6: seq 1: " in result.stdout


def test_ping_says_that_all_is_well_and_what_is_not(house: House) -> None:
    assert house.run("ping").stdout == "temporal: ok\nkeys: ok\nrecords: ok\n"


def test_a_command_under_other_keys_than_the_workers_starts_nothing(house: House) -> None:
    """The server would keep what nobody can read; ping says it too."""
    opened(house, "L-9")  # So the worker has been seen.
    other = {"TOUSU_KEYS": new_key()}
    for words in (["open", "-"], ["show", "X-1"], ["schedules", "list"]):
        result = house.run(*words, input=json.dumps(complaint("X-1")), env=other)
        assert (result.exit_code, result.stdout) == (BAD_INPUT, ""), words
        assert re.fullmatch(r"Error: our payload keys are .*, those of worker .* \[KeysDiffer\]\n", result.stderr)
    result = house.run("ping", env=other)
    assert result.exit_code == REFUSED
    assert re.fullmatch(r"temporal: ok\nkeys: our payload keys are .* \[KeysDiffer\]\nrecords: ok\n", result.stdout)
    assert house.run("show", "X-1").stderr.endswith("[UnknownComplaint]\n")


def test_a_list_that_is_cut_off_says_how_many_more_there_are(house: House) -> None:
    """And JSON for programs is whole."""
    opened(house, "L-7")
    opened(house, "L-8")
    whole = len(house.lines("list", "--json"))
    assert whole >= 2
    assert house.run("list", "--limit", "1").stderr == f"… {whole - 1} more; use --limit\n"
    assert house.run("list", "--limit", str(whole)).stderr == ""


def test_letters_show_what_a_person_told_by_hand_too(house: House) -> None:
    """While no letter can leave, because a file lies where the outbox should be."""
    outbox = house.home / "outbox"
    outbox.mkdir(exist_ok=True)
    away = outbox.rename(house.home / "outbox-away")
    outbox.write_text("no letters today", encoding="utf-8")
    try:
        house.lines("open", "-", input=json.dumps(complaint("L-19")))
        words = ("notice", "L-19", *HANDLER, "--kind", "receipt", "--method", "posted", "--proof", "挂号信回执 XA123")
        assert any(house.run(*words).exit_code == 0 for _ in range(100))
        told = house.run("letters", "L-19")
        for _ in range(100):
            if "挂号信回执" in told.stdout:
                break
            told = house.run("letters", "L-19")
        assert "人工 by hand" in told.stdout
        lines = house.lines("letters", "L-19", "--json")
        assert [line["proof"] for line in lines if line.get("type") == "notice_given"] == ["挂号信回执 XA123"]
    finally:
        outbox.unlink()
        away.rename(outbox)


@pytest.mark.parametrize(
    "words",
    [
        ("appoint", "--reviewer", "p-gd-kf-01", "--as", "p-gd-kf-03"),
        ("examine", "--process", "合规", "--time-limits", "合规", "--result", "适当", "--as", "p-gd-kf-01"),
    ],
)
def test_a_command_to_a_review_that_nobody_asked_for_is_one_clear_line(house: House, words: tuple[str, ...]) -> None:
    opened(house, f"L-9-{words[0]}")
    result = house.run("review", words[0], f"L-9-{words[0]}", *words[1:])
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    line = f"Error: L-9-{words[0]} has no review that still runs (tousu review request) [NoReview]\n"
    assert result.stderr == line
