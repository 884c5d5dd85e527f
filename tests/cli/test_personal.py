"""Whoever asks is shown the personal data of a complaint, as they came in and as they are known, and who got them (R198)."""

import json

from cli.errors import REFUSED
from tests.cli.conftest import House, complaint

HANDLER = ("--as", "p-gd-sz-kf-01")
WRONG, RIGHT = "示例甲", "示例乙"


def test_who_asks_is_shown_what_is_held_and_who_was_given_it(house: House) -> None:
    """PIPL art. 45, 46: the corrected name beside the one that came in, and the letter that left."""
    person = {"kind": "person", "name": WRONG, "contact": {"phone": "020-00000001"}}
    house.lines("open", "-", input=json.dumps(complaint("PD-1", complainant=person)))
    house.until("PD-1", "investigating")
    done = house.run("correct", "PD-1", "--name", RIGHT, "--reason", "登记时姓名有误", *HANDLER)
    assert (done.exit_code, done.stderr) == (0, "")
    assert RIGHT not in done.stdout
    assert house.run("change-contact", "PD-1", "--phone", "020-00000002", *HANDLER).exit_code == 0
    for _ in range(50):
        [told] = house.lines("personal", "PD-1", "--json")
        if told["contact_changed"] and told["given"]:
            break
    held = {one["path"]: one for one in told["held"]}
    name = held["complainant.name"]
    assert (name["value"], name["received"], name["about"]) == (RIGHT, WRONG, "Name.")
    assert held["complainant.contact.phone"]["value"] == "020-00000001"
    (given,) = told["given"]
    assert "agent" in given["to"]
    assert "receipt.1" in given["what"]
    assert [one["parts"] for one in told["contact_changed"]] == [["phone"]]
    shown = house.run("personal", "PD-1").stdout
    assert "complainant.name" in shown
    assert RIGHT in shown
    assert WRONG in shown
    assert "contact details changed" in shown
    assert RIGHT not in house.run("timeline", "PD-1").stdout


def test_an_unknown_complaint_has_no_personal_data(house: House) -> None:
    result = house.run("personal", "PD-none")
    assert (result.exit_code, result.stderr) == (REFUSED, "Error: there is no complaint PD-none [UnknownComplaint]\n")
