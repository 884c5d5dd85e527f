"""A case that moved to other rules and adopted a later notice: its package alone says what held, whatever is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from activities.ledger import Ledger
from activities.sealing import check
from activities.sealing.package import unpacked
from models.archive import Manifest
from models.moving import move_to
from rulebook import events as ev
from rulebook.calendar import adoption, forget_calendars
from rulebook.clock import CaseClock
from rulebook.notice import parse_notice
from rulebook.pack import forget_packs, pin_to, rule_pack
from rulebook.shelves import PUBLISHED
from tests.archive.parts import KEY, changed, open_archive, sealed_again, stored
from tests.fresh_record import fresh_record
from tests.records.parts import open_case, received
from tests.rulebook.helpers import on, said, told

PIN = pin_to("cn-2013-8", date(2026, 3, 2))
STATUTE, COMPANY = rule_pack("cn-2020-3"), rule_pack("company-life")
LATER = parse_notice(
    """
id: cn-2027
title: 虚构通知，仅供测试 (fictitious, for tests only)
year: 2027
published: 2026-03-05
date_source: recalled
days:
  2027-01-01: off 元旦
  2027-01-02: off 元旦
  2027-01-03: off 元旦
"""
)
"""A notice that nobody has installed: it stands in the case alone."""


def moved_case() -> list[ev.Event]:
    """Received under the repealed rules, moved to those in force and to the insurer's, with a later notice between."""
    events: list[ev.Event] = [received("C-7")]
    clock = CaseClock.fold(*PIN.open(), events)
    events.append(move_to(clock, STATUTE, on("Tue 2026-03-03 09:00"), "p-hq-xb-01", "按新办法办理"))
    clock.apply(events[-1])
    events.append(said(ev.CalendarAdopted, "Thu 2026-03-05 09:00", **adoption(clock.calendar, LATER)))
    clock.apply(events[-1])
    events.append(move_to(clock, COMPANY, on("Thu 2026-03-05 10:00"), "p-hq-xb-01", "按公司规定办理"))
    return [
        *events,
        said(ev.Withdrawn, "Thu 2026-03-05 11:00", by="p-1", reason="投诉人来电撤回"),
        told("Thu 2026-03-05 11:01", "withdrawal"),
        said(ev.Closed, "Thu 2026-03-05 11:02", reason="the procedure ended: withdrawn", result="withdrawn"),
    ]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("moved")
    url = fresh_record(folder)
    with Ledger.open(url) as ledger:
        open_case(ledger, "C-7")
        ledger.append("C-7", 1, moved_case(), PIN)
        archive = open_archive(ledger, folder)
        return stored(archive, archive.seal("C-7"))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of what is installed, to be changed."""
    copy = tmp_path / "rulebook"
    for name in ("packs", "calendars"):
        shutil.copytree(PUBLISHED / name, copy / name)
    monkeypatch.setattr("rulebook.shelves.PUBLISHED", copy)
    yield copy
    monkeypatch.undo()
    forget_packs()
    forget_calendars()


def found(data: bytes) -> tuple[str, ...]:
    return check(data, "", {KEY.public}).differences


def test_it_holds_every_pack_and_calendar_that_its_fold_needs(sealed: bytes) -> None:
    files, _ = unpacked(sealed)
    packs = {name for name in files if name.startswith("rules/packs/")}
    assert packs == {f"rules/packs/{name}.yaml" for name in ("cn-2013-8", "cn-2020-3", "company-life")}
    manifest = Manifest.model_validate_json(files["manifest.json"])
    assert [one.pack for one in manifest.rules] == ["cn-2013-8", "cn-2020-3", "company-life"]
    assert "rules/calendars/cn/2025-11-04.yaml" in files
    assert found(sealed) == ()


@pytest.mark.parametrize("pack", ["cn-2013-8", "cn-2020-3", "company-life"])
@pytest.mark.parametrize("change", ["gone", "unreadable", "other"])
def test_it_is_folded_by_what_it_holds_whatever_is_installed(
    sealed: bytes, shelf: Path, pack: str, change: str
) -> None:
    """Years later the machine of whoever checks lacks the pack, has a broken one, or another of the same name."""
    file = shelf / "packs" / f"{pack}.yaml"
    if change == "gone":
        file.unlink()
    else:
        text = file.read_text("utf-8")
        file.write_text("[" if change == "unreadable" else text.replace("zh: ", "zh: 另", 1), "utf-8")
    shutil.rmtree(shelf / "calendars" / "cn")
    forget_packs()
    forget_calendars()
    assert found(sealed) == ()


MISFIT = {
    "cn-2020-3": "rules: company-life.yaml:18: extends.hash: cn-2020-3 here has hash ",
    "company-life": "the events cannot be folded again: company-life: not among the rules that came with the case",
}


@pytest.mark.parametrize("pack", MISFIT)
def test_one_byte_of_a_pack_to_which_it_moved_is_found(sealed: bytes, pack: str) -> None:
    name = f"rules/packs/{pack}.yaml"
    files, _ = unpacked(sealed)
    at = files[name].index(b"amount: 1") + len(b"amount: ")
    other = files[name][:at] + b"2" + files[name][at + 1 :]
    assert found(changed(sealed, {name: other})) == (
        f"{name}: was changed, its SHA-256 is not the one in the manifest",
    )
    (line,) = found(sealed_again({**files, name: other}))
    assert line.startswith(MISFIT[pack])


def test_a_pack_to_which_it_moved_cannot_be_left_out(sealed: bytes) -> None:
    """Installed it would be at hand, but the package must stand alone."""
    files, _ = unpacked(sealed)
    del files["rules/packs/cn-2020-3.yaml"]
    del files["rules/packs/company-life.yaml"]
    assert found(sealed_again(files)) == (
        "the events cannot be folded again: cn-2020-3: not among the rules that came with the case",
    )
