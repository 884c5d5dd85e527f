"""``tousu move-rules``: what would change, the move itself, and the same table from the record afterwards."""

from __future__ import annotations

import json
from pathlib import Path

from cli.errors import BAD_INPUT, REFUSED
from tests.cli.conftest import House, complaint

TYPED = ("--to", "cn-2020-3", "--reason", "按新办法继续办理")
OFFICER = ("--as", "p-hq-xb-01")


def test_a_case_of_the_old_rules_is_moved_and_every_deadline_shown_before_and_after(
    house: House, tmp_path: Path
) -> None:
    """A dry run changes nothing and foretells what the move then does; prove, show and timeline say so afterwards."""
    file = tmp_path / "one.json"
    file.write_text(json.dumps(complaint("M-1")), encoding="utf-8")
    assert house.run("open", str(file), "--pack", "cn-2013-8").exit_code == 0
    house.until("M-1", "investigating")
    foretold = house.lines("move-rules", "M-1", *TYPED, *OFFICER, "--dry-run", "--json")[0]
    assert (foretold["dry_run"], [one["change"] for one in foretold["duties"]]) == (True, ["dated_anew"])
    assert house.until("M-1", "investigating")["moved"] == []
    text = house.run("move-rules", "M-1", *TYPED, *OFFICER, "--dry-run").stdout
    assert "规则变更预演，尚未执行 what would change; nothing was done · M-1 · cn-2013-8 → cn-2020-3" in text
    handler = house.run("move-rules", "M-1", *TYPED, "--as", "p-gd-sz-kf-01")
    assert (handler.exit_code, "[NotAuthorised]" in handler.stderr) == (REFUSED, True)
    done = house.run("move-rules", "M-1", *TYPED, *OFFICER)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("M-1  rules_moved  核实中 investigating  最近期限 next due ")
    for said in ("2013年第8号令（条款号未核对）〔二手资料 secondary〕 · cn-2013-8", "办法 第十八条第一款 · cn-2020-3"):
        assert said in done.stdout
    [made] = house.lines("prove", "M-1", "--json")[0]["moves"]
    assert made["duties"] == foretold["duties"]
    assert "规则变更 rules moved: cn-2013-8 → cn-2020-3" in house.run("show", "M-1").stdout
    assert "变更适用规则 rules moved · cn-2013-8 → cn-2020-3" in house.run("timeline", "M-1").stdout
    proved = house.run("prove", "M-1", "--duty", "decide").stdout
    assert "案件改用其他规则，期限自起算之日按新规则重新计算 #" in proved
    page = tmp_path / "proof.html"
    assert house.run("prove", "M-1", "--html", str(page)).exit_code == 0
    assert "cn-2013-8 → cn-2020-3" in page.read_text(encoding="utf-8")
    assert house.run("verify", "M-1").exit_code == 0
    again = house.run("move-rules", "M-1", *TYPED, *OFFICER, "--dry-run")
    assert (again.exit_code, again.stderr) == (REFUSED, "Error: M-1 runs under these rules [SameRules]\n")


def test_rules_that_are_not_here_and_complaints_that_are_not_there_are_named(house: House) -> None:
    unknown = house.run("move-rules", "M-9", *TYPED, *OFFICER, "--dry-run")
    assert (unknown.exit_code, unknown.stderr) == (REFUSED, "Error: there is no complaint M-9 [UnknownComplaint]\n")
    missing = house.run("move-rules", "M-9", "--to", "cn-2099", *TYPED[2:], *OFFICER)
    assert (missing.exit_code, "--to: no rule pack is called 'cn-2099'" in missing.stderr) == (REFUSED, True)
    silent = house.run("move-rules", "M-9", "--to", "cn-2020-3", "--reason", "x", *OFFICER)
    assert (silent.exit_code, "--reason" in silent.stderr) == (BAD_INPUT, True)
