"""
Who may do what, cell by cell: both matrices against the requirements (R066, R134, R144–R150, R196), read once more by hand.

What is expected here is written from the text of the requirements as groups of people; it shares no code and no data with
the matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, product
from typing import Any, get_args

import pytest

from rulebook.authority import ACTS, OF_THE_HOUSE, Act, AuthorityRule, Need, applying, default_matrix, matrix
from rulebook.event import Liability
from rulebook.events import Capacity, Origin
from rulebook.offices import DepartmentKind, Role, UnitLevel
from rulebook.pack import RulePack
from rulebook.pack_checks import FACTS as PACK_FACTS
from tests.repository.parts import text_of
from tests.rulebook.helpers import COMPANY, PACK

PACKS = {"company-life": COMPANY, "the default": PACK}


@dataclass(frozen=True)
class Who:
    """Somebody as the matrix sees people."""

    level: str
    roles: frozenset[str]
    department: str


def every(names: tuple[str, ...], most: int) -> Iterator[frozenset[str]]:
    """Every set of *names* that has at most *most* members."""
    return map(frozenset, chain.from_iterable(combinations(names, size) for size in range(most + 1)))


PEOPLE = tuple(Who(*one) for one in product(get_args(UnitLevel), every(get_args(Role), 2), get_args(DepartmentKind)))
RECORDS = tuple(every(get_args(Need), len(get_args(Need))))
FACTS: dict[str, tuple[str, ...]] = {
    "origin": get_args(Origin),
    "severity": tuple(sorted(PACK_FACTS["severity"])),
    "result": ("", *get_args(Liability)),
    "agreed": ("yes", "no"),
    "delegated": ("yes", "no"),
    "system": ("yes", "no"),
    "reply": ("written", "other"),
}
"""What a rule may read of a case, with every value; an empty one is a fact that is not known yet."""
CAPACITIES = ("", *get_args(Capacity))


def cases(act: Act) -> Iterator[dict[str, str]]:
    """Every case in which *act* can be asked for."""
    known = {**FACTS, "capacity": CAPACITIES} if act == "sign" else FACTS
    for values in product(*known.values()):
        yield {name: value for name, value in zip(known, values, strict=True) if value}


Crowd = int
"""A group of `PEOPLE`, one bit for each: millions of cells are compared."""


def crowd(**wanted: str) -> Crowd:
    """Everybody whose level, department or one role is among the words, such as ``level="province city"``."""
    found = 0
    for at, who in enumerate(PEOPLE):
        has = {"level": {who.level}, "department": {who.department}, "role": who.roles}
        if all(has[name] & set(words.split()) for name, words in wanted.items()):
            found |= 1 << at
    return found


NOBODY = 0
EVERYBODY = (1 << len(PEOPLE)) - 1
NOT_COUNTY = EVERYBODY & ~crowd(level="county")
PROVINCE_UP = crowd(level="province head_office")
COMPLAINT_HANDLERS = crowd(role="handler customer_service")
CUSTOMER_SERVICE = crowd(department="customer_service")
NEAR_THE_COMPLAINT = crowd(department="customer_service consumer_protection management")
HEADS = crowd(role="department_head")
SERVICE_HEADS = HEADS & CUSTOMER_SERVICE
LEADERS = crowd(role="department_head senior_manager")
GENERAL_MANAGERS = crowd(role="senior_manager", department="management")
LAWYERS = crowd(role="legal")
MOVERS = crowd(level="head_office", role="consumer_protection senior_manager")
COMMITTEE = crowd(role="committee")
FROM_ABOVE = {"forwarded", "superior"}
"""Sent down by the regulator, or by the superior company."""


def expected_by_default(act: Act, facts: dict[str, str], record: frozenset[str]) -> Crowd:
    """What holds for a complaint under the statute alone; what its guards refuse besides is not the matrix's to say."""
    if act == "close":
        return PROVINCE_UP if facts["origin"] in FROM_ABOVE else NOT_COUNTY  # R145; nobody can delegate (R144)
    return {
        "move_rules": MOVERS,
        "decide": NOT_COUNTY,  # R144
        "end": NOT_COUNTY,  # R144
        "close_without_agreement": COMMITTEE,  # R150
        "exempt_notice": LEADERS,  # R152
        # R076; only rules that ask for an answer ask who gives it.
        "answer_regulator": (COMPLAINT_HANDLERS | HEADS) & CUSTOMER_SERVICE,
        # The superior institution or a senior manager of head office, says the statute's own guard (art. 18(1)).
        "approve_extension": EVERYBODY,
    }.get(act, NOBODY)


def expected_of_company(act: Act, facts: dict[str, str], record: frozenset[str]) -> Crowd:
    """What holds under the insurer's own rules."""
    if act == "decide":
        signed = facts["reply"] != "written" or "sign_off:written_reply" in record  # R134
        approved = facts["severity"] != "important" or "sign_off:solution" in record  # R119
        resolved = facts["severity"] != "major" or "committee:major" in record  # R118
        may = PROVINCE_UP if facts["origin"] in FROM_ABOVE and facts["delegated"] != "yes" else NOT_COUNTY  # R018, R022
        return may if signed and approved and resolved else NOBODY  # R144
    if act == "close":
        forwarded = facts["origin"] in FROM_ABOVE and facts["delegated"] != "yes"
        described = facts["system"] != "yes" or "fault" in record  # R096
        judged = "liability" in record  # R147, R148
        may = COMPLAINT_HANDLERS & (PROVINCE_UP if forwarded else NOT_COUNTY)  # R144, R145, R146
        return may if described and judged else NOBODY
    if act == "close_without_agreement":  # R150, and the cell above besides
        return EVERYBODY if "committee:close_without_agreement" in record else NOBODY
    if act == "sign":
        return expected_signatory(facts.get("capacity", ""))
    return {
        "move_rules": MOVERS,  # The insurer's rules do not speak of it: the house does.
        "end": NOT_COUNTY,  # R144
        "exempt_notice": LEADERS & NEAR_THE_COMPLAINT,  # R152
        "approve_extension": NOT_COUNTY & LEADERS,  # Art. 18(1): nothing stands below a county that could ask it.
        "answer_regulator": PROVINCE_UP & (COMPLAINT_HANDLERS | HEADS) & CUSTOMER_SERVICE,  # R076
        "release": COMPLAINT_HANDLERS,  # R066, R196; whose consent it takes the sign-off says
        "record_committee": COMMITTEE,  # R004
        "rule_liability": COMMITTEE,  # R005
        "final_opinion": COMMITTEE,  # R138
        "report_up": COMPLAINT_HANDLERS | LEADERS,  # R169
        "flag_vexatious": NOT_COUNTY & (COMPLAINT_HANDLERS | HEADS) & CUSTOMER_SERVICE,  # R024
        "delegate_closure": PROVINCE_UP & (COMPLAINT_HANDLERS | HEADS) & CUSTOMER_SERVICE,  # R145, R146
    }[act]


def expected_signatory(capacity: str) -> Crowd:
    """Who signs in *capacity*: customer service, a lawyer, the general manager's office, the head of customer service."""
    return {
        "countersign": (COMPLAINT_HANDLERS | HEADS) & CUSTOMER_SERVICE,  # R134
        "legal": LAWYERS,  # R066, R134
        "general_manager": GENERAL_MANAGERS,  # R066, R196
        "leader": SERVICE_HEADS,  # R024, R152
    }.get(capacity, NOBODY)


EXPECTED = {"company-life": expected_of_company, "the default": expected_by_default}


@cache
def allowed_by(rule: int, record: frozenset[str]) -> Crowd:
    """Whom the rule with the number *rule* allows, asked about everybody one by one."""
    one = RULES[rule]
    return sum(1 << at for at, who in enumerate(PEOPLE) if one.allows(who.level, who.roles, who.department, record))


RULES: list[AuthorityRule] = [rule for pack in PACKS.values() for rules in matrix(pack).values() for rule in rules]
NUMBER = {id(rule): number for number, rule in enumerate(RULES)}


def allowed(pack: RulePack, act: Act, facts: dict[str, str]) -> dict[frozenset[str], Crowd]:
    """Who may do *act* in a case, by what is on record: everybody whom every rule that applies allows."""
    rules = [NUMBER[id(rule)] for rule in applying(pack, act, facts)]
    found = {}
    for record in RECORDS:
        found[record] = EVERYBODY if rules else NOBODY
        for rule in rules:
            found[record] &= allowed_by(rule, record)
    return found


def first_of(people: Crowd) -> Who:
    """One of *people*, for a message."""
    return PEOPLE[(people & -people).bit_length() - 1]


EVERY_RULE: list[Any] = [
    pytest.param(pack, act, rule, id=f"{name}-{act}-{number}")
    for name, pack in PACKS.items()
    for act, rules in matrix(pack).items()
    for number, rule in enumerate(rules, start=1)
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", PACKS)
def test_every_cell_is_as_the_requirements_say(name: str, act: Act) -> None:
    """Each level, pair of roles and kind of department, in each case, with each part of what can be on record."""
    for facts in cases(act):
        for record, found in allowed(PACKS[name], act, facts).items():
            expected = EXPECTED[name](act, facts, record)
            wrong = found ^ expected
            verb = "allowed" if wrong & found else "refused"
            assert not wrong, f"{act} is {verb} to {first_of(wrong)} in {facts} with {sorted(record)} on record"


@pytest.mark.parametrize(("pack", "act", "rule"), EVERY_RULE)
def test_every_rule_speaks_in_some_case_and_allows_somebody_there(
    pack: RulePack, act: Act, rule: AuthorityRule
) -> None:
    assert any(rule is one for facts in cases(act) for one in applying(pack, act, facts))
    assert allowed_by(NUMBER[id(rule)], RECORDS[-1]) != NOBODY


@pytest.mark.parametrize(("pack", "act", "rule"), EVERY_RULE)
def test_no_rule_is_idle(pack: RulePack, act: Act, rule: AuthorityRule) -> None:
    """Each refuses somebody whom the other rules of its act would have let through."""
    if pack is PACK and act == "approve_extension":
        assert matrix(pack)[act] == (rule,), "the statute's own guard decides; the one rule here only hands on to it"
        return
    alone = NUMBER[id(rule)]
    for facts in cases(act):
        others = [NUMBER[id(one)] for one in applying(pack, act, facts)]
        if alone not in others:
            continue
        for record in RECORDS:
            left = EVERYBODY
            for other in set(others) - {alone}:
                left &= allowed_by(other, record)
            if left & ~allowed_by(alone, record):
                return
    pytest.fail("it refuses nobody")


@pytest.mark.parametrize(
    ("pack", "act", "facts"),
    [
        pytest.param(PACK, "sign", {"capacity": "legal"}, id="an act that the matrix does not name"),
        pytest.param(PACK, "delegate_closure", {}, id="a power of the insurer's own under the statute alone"),
        pytest.param(COMPANY, "sign", {"capacity": "witness"}, id="a condition that no rule has"),
        pytest.param(COMPANY, "sign", {}, id="a fact that is not known"),
    ],
)
def test_an_act_without_a_rule_that_applies_is_nobodys(pack: RulePack, act: Act, facts: dict[str, str]) -> None:
    assert list(applying(pack, act, facts)) == []
    assert set(allowed(pack, act, facts).values()) == {NOBODY}


def test_the_insurers_matrix_speaks_about_every_act() -> None:
    """It replaces the default whole, so an act that it forgot could be done by nobody, but for those of the house."""
    assert set(matrix(COMPANY)) == set(ACTS) - OF_THE_HOUSE
    assert set(default_matrix()) >= OF_THE_HOUSE
    assert matrix(PACK) is default_matrix()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.citation)
def test_a_rule_uses_only_words_that_exist(rule: AuthorityRule) -> None:
    """A condition on a fact that nobody knows would never hold, and so would allow what it is there to refuse."""
    known = {**FACTS, "capacity": CAPACITIES}
    for fact, wanted in rule.when.items():
        values = {wanted} if isinstance(wanted, str) else set(wanted)
        assert values <= set(known.get(fact, ())) - {""}, fact
    assert set(rule.roles) <= set(get_args(Role))
    assert set(rule.departments) <= set(get_args(DepartmentKind))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.citation)
def test_a_rule_says_its_source_and_its_reason_in_both_languages(rule: AuthorityRule) -> None:
    assert rule.citation
    assert rule.text.zh
    assert rule.text.en
    assert rule.text.zh != rule.text.en


@pytest.mark.parametrize("code", sorted({rule.code for rule in RULES}))
def test_the_code_of_a_rule_is_in_the_contract(code: str) -> None:
    refusals = text_of("docs/contract.md").partition("\n## Refusals\n")[2]
    assert f"\n| `{code}` |" in refusals, "say in docs/contract.md what it means"


def test_whose_signatures_a_text_needs() -> None:
    """R134: customer service and legal; R066: legal and the general manager; R196: the general manager; R024: the leader."""
    assert {purpose: set(capacities) for purpose, capacities in COMPANY.sign_offs.items()} == {
        "written_reply": {"countersign", "legal"},
        "regulator_report": {"countersign", "legal"},
        "public_answer": {"legal", "general_manager"},
        "records_release": {"general_manager"},
        "vexatious": {"leader"},
        "solution": {"countersign"},
    }
