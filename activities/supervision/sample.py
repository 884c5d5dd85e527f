"""Samples: late cases to call back (R159–R163), closed cases to check (R023, R153, R191); anybody can draw them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from activities.supervision.matters import Candidate
from models.audience import area_of
from models.organisation import Organisation
from models.supervision import Scheduled
from models.supervision_tables import MemberRow, WishRow
from rulebook.sampling import draw, order, population_hash


def drawn(
    organisation: Organisation,
    scheduled: Scheduled,
    run: str,
    found: Sequence[Candidate],
    *,
    wishes: Mapping[str, WishRow],
    seed: str,
) -> tuple[dict[str, Any], list[MemberRow]]:
    """Return the sample's content and its population, drawn with *seed* in each area by itself."""
    rows = [_member(organisation, run, one, wishes.get(one.complaint_id)) for one in found]
    for _, of_area in _by_area(rows):
        _draw(seed, of_area, scheduled.share or 0)
    content = {
        "population": scheduled.population,
        "share": scheduled.share,
        "seed": seed,
        "population_hash": hash_of(rows),
        "areas": [
            {
                "area": area,
                "name": organisation.units[area].name,
                "population": len(of_area),
                **{part: sum(row.part == part for row in of_area) for part in ("kept_out", "drawn")},
                "certain": sum(row.part == "drawn" and row.certain for row in of_area),
                "cases": [_case(row) for row in of_area if row.part == "drawn"],
                "out": [
                    {"complaint_id": row.complaint_id, "evidence": row.evidence} for row in of_area if row.evidence
                ],
            }
            for area, of_area in _by_area(rows)
        ],
    }
    return content, rows


def redraw(content: Mapping[str, Any], rows: Sequence[MemberRow]) -> Iterator[str]:
    """Yield what differs between the sample in the record and one that is drawn again from its population and its seed."""
    if hash_of(rows) != content["population_hash"]:
        yield "population: its hash is not the one that was put down"
    for area, of_area in _by_area(rows):
        again = [row.model_copy() for row in of_area]
        _draw(content["seed"], again, content["share"])
        there = {row.complaint_id: (row.part, row.position) for row in of_area}
        for row in again:
            if there[row.complaint_id] != (row.part, row.position):
                yield f"{area}: {row.complaint_id}: is {there[row.complaint_id][0]}, drawn again it is {row.part}"


def hash_of(rows: Iterable[MemberRow]) -> str:
    """Return the hash of the population: which cases, why they are in it, and what proves that some are kept out."""
    return population_hash(
        (row.complaint_id, row.area, row.fact, row.at.isoformat(), "certain" * row.certain, row.evidence or "")
        for row in rows
    )


def _member(organisation: Organisation, run: str, one: Candidate, wish: WishRow | None) -> MemberRow:
    return MemberRow(
        run=run,
        complaint_id=one.complaint_id,
        area=area_of(organisation, one.unit),
        unit=one.unit,
        fact=one.fact,
        at=one.at,
        certain=one.certain,
        part="kept_out" if wish else "not_drawn",
        evidence=wish.evidence if wish else None,
    )


def _draw(seed: str, rows: Sequence[MemberRow], share: int) -> None:
    """Mark in *rows*, those of one area, what is drawn, and give each its place in the order of the draw."""
    open_ones = {row.complaint_id: row for row in rows if row.part != "kept_out"}
    certain = {name for name, row in open_ones.items() if row.certain}
    chosen = set(draw(seed, open_ones, share, certain))
    for position, name in enumerate(order(seed, open_ones), start=1):
        open_ones[name].position = position
        open_ones[name].part = "drawn" if name in chosen else "not_drawn"


def _by_area(rows: Iterable[MemberRow]) -> list[tuple[str, list[MemberRow]]]:
    areas: dict[str, list[MemberRow]] = {}
    for row in sorted(rows, key=lambda row: row.complaint_id):
        areas.setdefault(row.area, []).append(row)
    return sorted(areas.items())


def _case(row: MemberRow) -> dict[str, Any]:
    return {
        "complaint_id": row.complaint_id,
        "unit": row.unit,
        "fact": row.fact,
        "at": row.at.isoformat(),
        "certain": row.certain,
    }
