"""A made-up file with the columns of the real one, and with the dirt of real files in it."""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.real_file.by_hand import CATEGORIES, COMPLEX, FILED_BY, LINES
from benchmarks.real_file.raw import Row

FIRST, DAYS = date(2019, 7, 1), 500
"""Over both orders of the regulator, a Spring Festival that was prolonged, and the clock changes of Texas."""


def made_up(rows: int, seed: int) -> list[Row]:
    """Return about *rows* rows, the same for the same *seed*: one in eight of them is dirty."""
    dice = random.Random(seed)  # noqa: S311  # data, not secrets
    found: list[Row] = []
    for number in range(1, rows + 1):
        row = _row(dice, number)
        found.append(row)
        if dice.random() < 0.125:
            found += _dirtied(dice, row)
    dice.shuffle(found)
    return found


def _row(dice: random.Random, number: int) -> Row:
    received = FIRST + timedelta(days=dice.randrange(DAYS))
    # Half of them about the last day of a limit: 15 or 30 days, or ten working days.
    took = dice.choice([dice.randrange(60), dice.choice([9, 10, 12, 13, 14, 15, 16, 29, 30, 31])])
    words = dice.sample([*CATEGORIES, "SENIOR CITIZEN", ""], dice.randint(0, 3))
    return {
        "complaint_number": str(number),
        "received_date": received.isoformat(),
        "closed_date": (received + timedelta(days=took)).isoformat(),
        "year_closed": "",
        "complaint_filed_by": dice.choice(list(FILED_BY)),
        "complainant_type": dice.choice(["INDV", "INDV", "ORG", ""]),
        "involved_party_type": dice.choice(["Insured", ""]),
        "complaint_type": dice.choice(["Property and Casualty", "Life, Accident and Health", *COMPLEX, ""]),
        "coverage_type": dice.choice([*LINES, "Miscellaneous", ""]),
        "coverage_level": dice.choice([f"产品 “{place}”, Plan" for place in range(9)] + [""]),
        "finding_type": "",
        "is_confirmed": dice.choice(["true", "false"]),
        "keywords": "; ".join(words),
    }


def _dirtied(dice: random.Random, row: Row) -> list[Row]:
    """Spoil *row* in one of the ways in which files are spoilt, or return further rows that repeat or contradict it."""
    received = date.fromisoformat(row["received_date"])
    spoilt: dict[str, list[str]] = {
        "closed_date": ["", "", (received - timedelta(days=dice.randint(1, 40))).isoformat(), "2020-02-30"],
        "received_date": ["", "03/01/2020", "2012-06-11", "2099-01-01"],  # Also before any rules here, and not yet.
        "complaint_filed_by": ["Nobody", "", "insured"],
        "is_confirmed": ["", "yes"],
        "complaint_number": [""],
    }
    further: list[list[Row]] = [
        [dict(row)],
        [dict(row), dict(row)],
        [row | {"coverage_level": "another"}],
        [row | {"closed_date": "", "finding_type": "an earlier export"}],
        [row | {"closed_date": (received + timedelta(days=70)).isoformat()}],
    ]
    if dice.random() < 0.4:
        return dice.choice(further)
    column = dice.choice(list(spoilt))
    row[column] = dice.choice(spoilt[column])
    return []
