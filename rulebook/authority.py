"""
Who may do what (结案权限、审批权限): a matrix of level, role, origin and result, as data.

A cell is allowed when every rule of the act whose conditions hold allows it. A company's pack brings its own matrix; for a
complaint pinned to the statute alone the house's default holds. The statute's own conditions (who is superior to whom, art.
18 and 20) are not here: no insurer may widen them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, TypeAdapter

from rulebook.offices import DepartmentKind, Role, UnitLevel
from rulebook.pack_parts import Condition, Part, Text, holds
from rulebook.plain_yaml import yaml_file

if TYPE_CHECKING:
    from rulebook.pack import RulePack

DEFAULT = Path(__file__).parent / "defaults" / "authority.yaml"

Act = Literal[
    "decide",
    "end",
    "close",
    "close_without_agreement",
    "exempt_notice",
    "approve_extension",
    "sign",
    "answer_regulator",
    "release",
    "record_committee",
    "rule_liability",
    "final_opinion",
    "report_up",
    "flag_vexatious",
    "delegate_closure",
    "move_rules",
]
"""What somebody may or may not do; *end* is to refuse handling or to merge, *move_rules* to move a case to other rules."""

OF_THE_HOUSE: frozenset[Act] = frozenset({"move_rules"})
"""Acts on which a pack need not speak: who leaves its rules for others is for the house to say, unless the pack says so."""

ACTS: tuple[Act, ...] = get_args(Act)

Need = Literal[
    "sign_off:written_reply",
    "sign_off:solution",
    "committee:major",
    "committee:close_without_agreement",
    "liability",
    "fault",
]
"""What must be on record before an act: a sign-off, a resolution of the committee, liability and causes, a fault."""


class AuthorityRule(Part):
    """
    One rule about an act: under which conditions it speaks, and whom it then allows.

    Empty *levels*, *roles* or *departments* (kinds of department) allow any. *needs* must be on record. *code* is the stable
    type with which the act is refused.
    """

    when: dict[str, Condition] = Field(default_factory=dict)
    levels: tuple[UnitLevel, ...] = ()
    roles: tuple[Role, ...] = ()
    departments: tuple[DepartmentKind, ...] = ()
    needs: tuple[Need, ...] = ()
    code: str = "NotAuthorised"
    citation: str
    text: Text

    def allows(self, level: str, roles: frozenset[str], department: str, on_record: frozenset[str]) -> bool:
        """Return whether somebody of *level*, *roles* and kind of *department* may act with what is *on_record*."""
        return (
            (not self.levels or level in self.levels)
            and (not self.roles or not roles.isdisjoint(self.roles))
            and (not self.departments or department in self.departments)
            and on_record.issuperset(self.needs)
        )


Matrix = dict[Act, tuple[AuthorityRule, ...]]

_MATRIX: TypeAdapter[Matrix] = TypeAdapter(Matrix)


def matrix(pack: RulePack) -> Mapping[Act, tuple[AuthorityRule, ...]]:
    """Return the matrix of *pack*, the house's default if it has none."""
    return pack.authority or default_matrix()


@lru_cache
def default_matrix() -> Matrix:
    """Return the house's default matrix, read once."""
    return _MATRIX.validate_python(yaml_file(DEFAULT))


def applying(pack: RulePack, act: Act, facts: Mapping[str, str]) -> Iterator[AuthorityRule]:
    """Yield the rules of *pack* that speak about *act* under *facts*, in their order."""
    rules = matrix(pack).get(act, ())
    if not rules and act in OF_THE_HOUSE:
        rules = default_matrix()[act]
    return (rule for rule in rules if holds(rule.when, facts))
