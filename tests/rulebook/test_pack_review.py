"""``python -m rulebook check``: what is valid by itself and still wrong, each fault with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulebook.command_line import main
from rulebook.errors import UnsoundPackError
from rulebook.pack import PACKS, pack_names
from rulebook.pack_review import published, review
from tests.rulebook.test_pack import line_of

TEXT = (PACKS / "cn-2020-3.yaml").read_text(encoding="utf-8").replace("pack: cn-2020-3", "pack: xx-1")
ALONE = TEXT.replace("jurisdiction: CN", "jurisdiction: XX")
"""A made-up country's law, beside which no other is published."""


def pack_file(folder: Path, *changes: tuple[str, str], text: str = ALONE) -> Path:
    """Write a pack with each *old* replaced by its *new*."""
    for old, new in changes:
        assert old in text, f"{old!r} is no longer in the pack"
        text = text.replace(old, new, 1)
    path = folder / "xx-1.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", pack_names())
def test_every_published_pack_is_sound(name: str) -> None:
    assert review(published(name)).pack.pack == name


def test_a_sound_pack_of_one_s_own_passes(tmp_path: Path) -> None:
    assert review(pack_file(tmp_path)).warnings == ()


FAULTS = {
    "in force before any source": (
        [("in_force: {from: 2020-03-01}", "in_force: {from: 2020-02-29}")],
        "in_force:",
        "in_force.from: 2020-02-29 lies before 2020-03-01, the day on which the first of its sources takes effect",
    ),
    "a source effective before it was issued": (
        [("    issued: 2020-05-28\n", "    issued: 2021-01-02\n")],
        "effective: 2021-01-01",
        "sources.1.effective: 2021-01-01 lies before 2021-01-02, the day on which it was issued",
    ),
    "a blank article": (
        [("citation: 办法 第二十三条", 'citation: "   "')],
        'citation: "   "',
        "pauses.mediation.citation: an article is missing",
    ),
    "a limit that no duty uses": (
        [("limits:\n", "limits:\n  forgotten: {amount: 3, unit: wd, citation: 办法 第一条, text: {zh: x, en: x}}\n")],
        "forgotten:",
        "limits.forgotten: no duty uses this limit",
    ),
    "the same choice twice": (
        [
            (
                "      - {limit: decide_simple}\n",
                "      - {when: {complexity: complex}, limit: decide_simple}\n      - {limit: decide_simple}\n",
            )
        ],
        "{when: {complexity: complex}, limit: decide_simple}",
        "duties.0.limits.1: decide_simple can never apply",
    ),
    "a choice inside a wider one": (
        [
            (
                "      - {limit: decide_simple}\n",
                "\n".join(
                    (
                        "      - {when: {complexity: [complex], severity: major}, limit: decide_simple}",
                        "      - {limit: decide_simple}\n",
                    )
                ),
            )
        ],
        "severity: major}, limit",
        "duties.0.limits.1: decide_simple can never apply",
    ),
    "a pause of no duty": (
        [("    pauses: [external_appraisal, mediation]\n", "    pauses: [external_appraisal]\n")],
        "  mediation:",
        "pauses.mediation: no duty is paused by it",
    ),
}


@pytest.mark.parametrize(("changes", "at", "reason"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_told_with_its_file_and_line(
    tmp_path: Path, changes: list[tuple[str, str]], at: str, reason: str
) -> None:
    path = pack_file(tmp_path, *changes)
    with pytest.raises(UnsoundPackError) as refusal:
        review(path)
    (fault,) = refusal.value.faults
    assert fault.startswith(f"xx-1.yaml:{line_of(path, at)}: {reason}")


def test_all_that_a_lapsing_duty_s_own_condition_excludes_can_never_apply(tmp_path: Path) -> None:
    """A duty that does not lapse runs on when its condition ceases, so there the same choice is fine."""
    narrow = ("    start: [received]\n", "    start: [received]\n    when: {complexity: complex}\n")
    assert review(pack_file(tmp_path, narrow)).warnings == ()
    lapsing = ("    start: [received]\n", "    start: [received]\n    lapses: true\n    when: {complexity: complex}\n")
    with pytest.raises(UnsoundPackError, match=r"duties\.0\.limits\.1: decide_simple can never apply"):
        review(pack_file(tmp_path, lapsing))


def test_an_extension_that_no_duty_knows_is_told_with_the_limits_that_only_it_uses(tmp_path: Path) -> None:
    path = pack_file(tmp_path, ("    extension: decide_extension\n", ""))
    with pytest.raises(UnsoundPackError) as refusal:
        review(path)
    assert [re.sub(r"^xx-1\.yaml:\d+: ", "", fault) for fault in refusal.value.faults] == [
        "limits.decide_extension: no duty uses this limit",
        "extensions.decide_extension: no duty can be extended by it",
    ]


@pytest.mark.parametrize(
    ("days", "others"),
    [
        pytest.param("{from: 2020-03-01}", ["cn-2020-3"], id="both from the same day on"),
        pytest.param("{from: 2027-01-01}", ["cn-2020-3"], id="the old one was never ended"),
        pytest.param("{from: 2013-11-01, until: 2020-03-02}", ["cn-2013-8", "cn-2020-3"], id="over the handover"),
        pytest.param("{from: 2013-01-01, until: 2013-11-02}", ["cn-2013-8"], id="the last day is one too many"),
        pytest.param("{from: 2013-01-01, until: 2013-11-01}", [], id="ends as the other begins"),
    ],
)
def test_two_statutes_are_never_in_force_on_one_day(tmp_path: Path, days: str, others: list[str]) -> None:
    early = ("    effective: 2020-03-01\n", "    effective: 2013-01-01\n")
    old = ("    issued: 2020-01-17\n", "    issued: 2013-01-01\n")
    path = pack_file(tmp_path, ("in_force: {from: 2020-03-01}", f"in_force: {days}"), early, old, text=TEXT)
    try:
        found: tuple[str, ...] = review(path).warnings
    except UnsoundPackError as error:
        found = error.faults
    assert [fault.partition("in_force: ")[2].split()[0] for fault in found] == others
    assert all(fault.startswith(f"xx-1.yaml:{line_of(path, 'in_force')}: ") for fault in found)


def test_insurers_may_have_rules_for_the_same_days(tmp_path: Path) -> None:
    """Each complaint has its own insurer's; only the law must be one."""
    path = tmp_path / "company-other.yaml"
    text = (PACKS / "company-life.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("pack: company-life", "pack: company-other", 1), encoding="utf-8")
    assert len(review(path).warnings) == 5


def test_several_faults_are_several_lines_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = pack_file(
        tmp_path,
        ("in_force: {from: 2020-03-01}", "in_force: {from: 2020-02-29}"),
        ("    pauses: [external_appraisal, mediation]\n", ""),
    )
    assert main(["check", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [re.match(r"Error: xx-1\.yaml:\d+: (\S+): ", line)[1] for line in lines] == [  # type: ignore[index]
        "in_force.from",
        "pauses.external_appraisal",
        "pauses.mediation",
    ]


def test_what_is_not_verified_is_told_with_its_mark(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["check", "cn-2013-8"]) == 0
    said = capfdbinary.readouterr()[0].decode().splitlines()
    line = line_of(PACKS / "cn-2013-8.yaml", "supplements:")
    assert f"Mark: cn-2013-8.yaml:{line}: rules.supplements: 2013年第8号令（条款号未核对）〔凭记忆 recalled〕" in said
    assert sum(one.startswith("Mark: ") for one in said) == 10
