"""Two at once: a hold and an approval, two approvals, an approval and a refusal, two sealings. One comes first, wholly."""

from __future__ import annotations

import pytest

from cli.errors import REFUSED
from tests.archive.house import APPROVE, PROPOSE, House
from tests.archive.parts import APPROVER, LATER, LAWYER, PROPOSER
from tests.engine.waiting import PATIENCE

pytestmark = pytest.mark.slow

SEAL = ("archive", "seal", "C-1")
HOLD = ("archive", "hold", "C-1", "--as", LAWYER, "--reason", "诉讼保全")
INDEX, DISPOSAL, STORE = ("activities.sealing." + name for name in ("index", "disposal", "store"))
SECOND = "p-hq-xb-02"
"""An auditor of head office, who may propose and approve."""


@pytest.fixture
def proposed(house_on_both: House) -> House:
    house_on_both.do(*SEAL)
    house_on_both.do(*PROPOSE)
    return house_on_both


def untouched(house: House) -> None:
    """Everything of the file is there."""
    assert house.ledger.intake("C-1")
    assert [path.endswith(".zip") for path in house.archive.store.paths()] == [True]
    assert house.do("archive", "verify", "--all").endswith("1 files: none different\n")


@pytest.mark.parametrize("until", [(), ("--until", "2041-12-31")], ids=["open-ended", "until a day"])
def test_a_hold_that_is_placed_while_somebody_approves_wins(proposed: House, until: tuple[str, ...]) -> None:
    """The approval had looked before and found none; it looks again in the moment in which it is entered."""
    with proposed.held_up("before", f"{INDEX}:ArchiveIndex.approve", *APPROVE) as said:
        assert proposed.do(*HOLD, *until) == "hold 1 on C-1\n"
    assert said == [str(REFUSED), "", "Error: the file is held; lift the hold first [OnHold]\n"]
    untouched(proposed)
    (row,) = proposed.archive.index.disposals("C-1")
    assert (row.approved_at, row.approved_by, row.executed_at) == (None, None, None)


@pytest.mark.parametrize(
    "place", [f"{INDEX}:ArchiveIndex.approve", pytest.param(f"{DISPOSAL}:strike_out", marks=pytest.mark.long)]
)
def test_a_hold_that_comes_after_the_approval_is_refused(proposed: House, place: str) -> None:
    """Nobody believes that a file is held which is being destroyed."""
    with proposed.held_up("after", place, *APPROVE) as said:
        late = proposed.run(*HOLD)
        line = "Error: the destruction of this file was approved; a hold comes too late [AlreadyApproved]\n"
        assert (late.exit_code, late.stdout, late.stderr) == (REFUSED, "", line)
    assert (said[0], said[2]) == ("0", "")
    assert proposed.archive.index.holds() == []
    assert proposed.ledger.verify("C-1").destroyed


@pytest.mark.parametrize(
    ("when", "place"),
    [
        pytest.param("before", f"{INDEX}:ArchiveIndex.approve", marks=pytest.mark.long),
        ("before", f"{DISPOSAL}:_tombstone"),
        pytest.param("before", f"{DISPOSAL}:strike_out", marks=pytest.mark.long),
    ],
)
def test_two_who_approve_at_once_destroy_it_once(proposed: House, when: str, place: str) -> None:
    """The one who came first has approved; the other is told so, and nothing is done twice or left half."""
    words = ("archive", "approve", "C-1", "--as", SECOND, "--at", LATER, "--yes")
    with proposed.held_up(when, place, *APPROVE) as said:
        other = proposed.do(*words)
    (row,) = proposed.archive.index.disposals("C-1")
    assert row.approved_by in {APPROVER, SECOND}
    assert (said[0], said[1], said[2]) == ("0", other, "")
    assert other.endswith(f"approved by {row.approved_by}\n")
    assert proposed.do("archive", "verify", "--all").endswith(
        "1 files: none different, 1 destroyed when their time was over\n"
    )
    assert proposed.do("verify", "C-1")


def test_who_refuses_while_somebody_approves_wins_when_first(proposed: House) -> None:
    with proposed.held_up("before", f"{INDEX}:ArchiveIndex.approve", *APPROVE) as said:
        proposed.do("archive", "refuse", "C-1", "--as", SECOND, "--reason", "另案待查")
    assert said == [str(REFUSED), "", "Error: the proposal was refused meanwhile [NotProposed]\n"]
    untouched(proposed)


def test_who_refuses_after_the_approval_is_told_so(proposed: House) -> None:
    refusal = ("archive", "refuse", "C-1", "--as", SECOND, "--reason", "另案待查")
    with proposed.held_up("before", f"{INDEX}:ArchiveIndex.refuse", *refusal) as said:
        proposed.do(*APPROVE)
    line = "Error: the proposal was approved; what was destroyed does not come back [AlreadyApproved]\n"
    assert said == [str(REFUSED), "", line]
    assert proposed.ledger.verify("C-1").destroyed


@pytest.mark.long
def test_who_proposed_cannot_approve_however_he_hurries(house_on_both: House) -> None:
    """Also where another person's proposal of the same file was just refused for his."""
    house_on_both.do(*SEAL)
    mine = ("archive", "propose", "C-1", "--as", SECOND, "--reason", "保管期满", "--at", LATER)
    with house_on_both.held_up("before", f"{INDEX}:ArchiveIndex.propose", *mine) as said:
        house_on_both.do(*mine)
    assert said[0] == "0"
    assert [row.proposed_by for row in house_on_both.archive.index.disposals()] == [SECOND]
    own = house_on_both.run("archive", "approve", "C-1", "--as", SECOND, "--at", LATER, "--yes")
    assert own.stderr == "Error: who proposed a destruction cannot approve it [SamePerson]\n"
    untouched(house_on_both)


def test_two_processes_that_seal_at_once_make_one_package(house_on_both: House) -> None:
    with house_on_both.held_up("before", f"{STORE}:Store.put", *SEAL) as said:
        first = house_on_both.do(*SEAL)
    assert said == ["0", first, ""]
    untouched(house_on_both)


def test_two_hosts_that_seal_other_bytes_at_once_keep_one_package(house: House) -> None:
    """Such as without a shared home: one of them lacks what proves that a letter was sent."""
    proofs = house.home / "proofs"
    proofs.mkdir()
    elsewhere = {"TOUSU_HOME": str(house.home / "other")}
    with house.held_up("before", f"{STORE}:Store.put", *SEAL, **elsewhere) as said:
        (proofs / "C-1.decision.1.txt").write_text("1", "utf-8")
        first = house.do(*SEAL)
    assert said == ["0", first, ""]
    untouched(house)


@pytest.mark.parametrize(
    "place", [pytest.param(f"{STORE}:Store.put", marks=pytest.mark.long), f"{INDEX}:ArchiveIndex.put_new"]
)
def test_what_is_destroyed_while_somebody_seals_it_does_not_come_back(house_on_both: House, place: str) -> None:
    """The process that seals had read the record before; its package goes as it came."""
    with house_on_both.held_up("before", place, *SEAL) as said:
        for words in (SEAL, PROPOSE, APPROVE):
            house_on_both.do(*words)
    line = "Error: the destruction of this file was approved; it is not sealed again [AlreadyApproved]\n"
    assert said == [str(REFUSED), "", line]
    assert [path.endswith(".tombstone.json") for path in house_on_both.archive.store.paths()] == [True]


def test_a_package_that_came_back_because_its_process_died_is_told_and_goes(house: House) -> None:
    """The same, and the process is killed before it can look."""
    process = house.start("after", f"{STORE}:Store.put", "kill", *SEAL)
    process.communicate(timeout=PATIENCE)
    (path,) = house.archive.store.paths()
    data = house.archive.store.get(path) or b""
    for words in (SEAL, PROPOSE, APPROVE):
        house.do(*words)
    house.archive.store.put(path, data)
    told = house.run("archive", "verify", "--all")
    assert told.exit_code == REFUSED
    line = f"{path}: its tombstone stands beside it; approve the destruction again, which finishes it"
    assert line in told.stdout.splitlines()
    house.do(*APPROVE)
    assert [one.endswith(".tombstone.json") for one in house.archive.store.paths()] == [True]


def test_whoever_proposes_a_held_file_is_refused(house: House) -> None:
    house.do(*SEAL)
    house.do(*HOLD)
    refused = house.run(*PROPOSE)
    assert refused.stderr == "Error: the file is held (hold 1); lift it first [OnHold]\n"
    assert PROPOSER not in refused.stderr
