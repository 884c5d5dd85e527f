"""Where complaints go in play: by category, by who sold, by what is centralised, by where they came from."""

from __future__ import annotations

from typing import Any

import pytest

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, PROVINCE, TEXT, midnight_after, statuses, verified
from tests.workflow.stage import CALLER, SERVICE, Play, Stage

pytestmark = pytest.mark.slow


async def holder(play: Play) -> tuple[str | None, str | None]:
    """Return unit and department that have the complaint."""
    view = await play.view()
    return view.unit, view.department


@pytest.mark.parametrize(
    ("changes", "unit", "department"),
    [
        pytest.param({"categories": ["payment"]}, "gd", "gd-sf", id="R033 payment management"),
        pytest.param({"categories": ["system"]}, "gd", "gd-it", id="R034 information technology"),
        pytest.param({"categories": ["other"]}, "hq", "hq-pp", id="R035 brand"),
        pytest.param(
            {"categories": ["selling"], "policy": {"sales_channel": "personal_agent"}},
            *("gd-gz", "gd-gz-gx"),
            id="R030 agents, at the selling unit",
        ),
        pytest.param(
            {"categories": ["sales_service"], "policy": {"sales_channel": "bank"}},
            *("gd", "gd-yb"),
            id="R030 bank sales of the province",
        ),
        pytest.param(
            {"categories": ["selling"], "policy": {"sales_channel": "bank"}, "suspected_violation": True},
            *("gd", "gd-dc"),
            id="R031 a suspected violation, whoever sold",
        ),
        pytest.param(
            {"categories": ["underwriting"], "respondent": {"unit": "zj-hz-xs"}},
            *("zj", "zj-yg"),
            id="R018, R027 centralised by the province",
        ),
        pytest.param(
            {"categories": ["claims"], "respondent": {"unit": "zj-hz-xs"}},
            *("zj-hz", "zj-hz-yg"),
            id="R027 not centralised: the city",
        ),
        pytest.param(
            {"categories": ["claims"], "channel": "superior_company"},
            *("gd", "gd-yg"),
            id="R018 from the superior company",
        ),
    ],
)
async def test_a_complaint_finds_its_department(
    stage: Stage, changes: dict[str, Any], unit: str, department: str
) -> None:
    """R018, R027, R030–R035: as the organisation data say, and with the reason on record."""
    play = await stage.start(company=COMPANY, **changes)
    assert await holder(play) == (unit, department)
    assigned = next(event for event in await play.events() if isinstance(event, ev.Assigned))
    assert (assigned.department, bool(assigned.reason), assigned.route) == (department, True, "departments")


@pytest.mark.parametrize("category", ["call_centre", "membership_card", "notification"])
async def test_customer_service_settles_its_own_in_three_working_days(stage: Stage, category: str) -> None:
    """R019, R124: no other department takes part, and nobody aims at the seven days that those have (R125)."""
    play = await stage.start(company=COMPANY, categories=[category])
    assert await holder(play) == ("gd-gz", "gd-gz-kf")
    assert (await play.duty("settle")).due == midnight_after(play, 3)
    assert await statuses(play, "settle_target") == {}
    await play.do(cmd.SubmitFindings, SERVICE, findings=TEXT)
    await play.decide()
    await play.close()
    assert await statuses(play, "settle", "kpi") == {"settle": "met", "kpi": "met"}


async def test_the_provinces_customer_service_settles_its_own_as_the_centre_does(stage: Stage) -> None:
    """R019: each level at its own."""
    play = await stage.start(company=COMPANY, categories=["call_centre"], respondent={"unit": "gd"})
    assert await holder(play) == ("gd", "gd-kf")
    await play.do(cmd.SubmitFindings, PROVINCE, findings=TEXT)
    await play.decide(PROVINCE)
    await play.do(cmd.RecordCallback, "p-gd-kf-02", reached=True, satisfaction=5)
    assert await play.refused(cmd.RecordCallback, CALLER, reached=True, satisfaction=5) == "OtherUnit"
    await play.do(cmd.Close, PROVINCE, reason="处理完毕，客户认可。")
    assert ((await play.view()).stage, verified(play)) == ("closed", True)


async def test_a_county_that_received_a_complaint_neither_decides_nor_closes_it(stage: Stage) -> None:
    """R144: what its own customer service took in, unclassified, is decided and closed by the city above."""
    county = "p-gd-gz-zc-kf-01"
    play = await stage.start(company=COMPANY, categories=[], respondent={"unit": "gd-gz-zc"})
    assert await holder(play) == ("gd-gz-zc", "gd-gz-zc-kf")
    await play.do(cmd.SubmitFindings, county, findings=TEXT)
    refused = {
        "liability": "responsible",
        "causes": ["x"],
        **dict.fromkeys(("decision", "verification", "basis", "reasons"), TEXT),
    }
    assert await play.refused(cmd.Decide, county, **refused) == "NotAuthorised"
    await play.decide()
    await play.do(cmd.RecordCallback, county, reached=True, satisfaction=4)
    assert await play.refused(cmd.Close, county, reason=TEXT) == "NotAuthorised"
    await play.do(cmd.Close, SERVICE, reason="处理完毕，客户认可。")
    assert (await play.view()).stage == "closed"
