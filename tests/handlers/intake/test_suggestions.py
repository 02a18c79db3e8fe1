"""The form *New ticket* says who could begin with a ticket of the chosen type."""

from datetime import timedelta
from typing import Any

import pytest

from rules.presence.leave import LeavePeriod
from services.presence import presence
from tests.desks import Office, problems
from tests.handlers.assignment.test_assignments import KNOWS, described
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, GENERAL, LENA, direct, ticket

NEEDS = {"network": {"needs": "can"}}


async def form_of(office: Office, who: str) -> dict[str, Any]:
    await office.person(who).command(GENERAL, "/ticket")
    view = office.person(who).view
    assert view is not None
    return view


def proposed(view: dict[str, Any] | None) -> str:
    assert view is not None
    return next((one["elements"][0]["text"] for one in view["blocks"] if one["block_id"] == "proposal"), "")


async def test_who_assigns_reads_who_is_here_competent_and_least_busy(office: Office) -> None:
    await described(office, types={}, people={})

    view = await form_of(office, ANA)

    assert proposed(view) == (
        "*Other* · Suggested: <@U0AGENT1> (same skill and workload as <@U0AGENT2>)\n"
        "<@U0AGENT1> · here until 16:30 · 0 open\n"
        "<@U0AGENT2> · here until 16:30 · 0 open"
    )


async def test_another_type_is_answered_with_other_people_and_keeps_what_was_written(office: Office) -> None:
    await described(office, types=NEEDS, people={BEN: KNOWS})
    await form_of(office, ANA)
    ana = office.person(ANA)
    await ana.press_view("title", choose="VPN is down")

    await ana.press_view("type", choose="network")

    assert (
        "Suggested: <@U0AGENT2> (the only one here with the skill for Network and room for another ticket)"
        in proposed(ana.view)
    )
    done = await ana.submit({})
    await office.settled()
    assert not done.errors
    card = office.card("C0SUPPORT", "VPN is down")
    assert "Network" in str(card["blocks"])


def priority_shown(view: dict[str, Any] | None) -> str:
    assert view is not None
    return next(
        str(element["selected_option"]["value"])
        for block in view["state"]["values"].values()
        for name, element in block.items()
        if name.startswith("priority")
    )


async def test_another_type_brings_its_usual_priority(office: Office) -> None:
    await described(office, types={"network": {"priority": "high"}}, people={})
    await form_of(office, CLEO)
    cleo = office.person(CLEO)

    await cleo.press_view("type", choose="network")

    assert priority_shown(cleo.view) == "high"
    await cleo.submit({"title": "VPN is down"})
    await office.settled()
    assert (await ticket(office, 1)).priority == "high"


async def test_a_priority_that_the_person_chose_stays_with_another_type(office: Office) -> None:
    await described(office, types={"network": {"priority": "high"}}, people={})
    await form_of(office, CLEO)
    cleo = office.person(CLEO)
    await cleo.press_view("priority", choose="low")

    await cleo.press_view("type", choose="network")

    assert priority_shown(cleo.view) == "low"
    await cleo.submit({"title": "VPN is down"})
    await office.settled()
    assert (await ticket(office, 1)).priority == "low"


async def test_a_form_sent_before_the_priority_followed_the_type_gets_the_usual_one(office: Office) -> None:
    await described(office, types={"network": {"priority": "high"}}, people={})
    await form_of(office, CLEO)

    await office.person(CLEO).submit({"title": "VPN is down", "type": "network"})
    await office.settled()

    assert (await ticket(office, 1)).priority == "high"


@pytest.mark.parametrize("who", [CLEO, EVA])
async def test_who_does_not_assign_that_type_is_told_nothing_of_people(office: Office, who: str) -> None:
    assert proposed(await form_of(office, who)) == ""


async def test_where_nobody_could_begin_it_says_so(office: Office) -> None:
    await described(office, types={"other": {"needs": "expert"}}, people={})

    view = await form_of(office, LENA)

    assert "No one with a matching skill is here and has room for another ticket." in proposed(view)
    assert problems("modal", {key: view[key] for key in ("type", "title", "blocks", "submit")}) == []


async def test_experts_of_the_type_stand_below_and_one_press_files_and_asks_them(office: Office) -> None:
    ana = office.person(ANA)
    await form_of(office, ANA)
    await ana.press_view("type", choose="network")

    words = proposed(ana.view)
    done = await ana.submit(
        {"title": "VPN is down", "description": "Since 9", "tried": "Restarted it", "assignee": EVA}
    )
    await office.settled()

    assert f"*Experts, who decide before they get it:*\n<@{EVA}> · here until 16:30 · 0 open" in words
    assert f"Escalated to <@{EVA}> and their team. Until they decide, it is assigned to you." in str(
        done.ephemerals[-1]["blocks"]
    )
    assert f"<@{ANA}> asks for you by name: #1 (Network)." in direct(office, EVA)[-1]["text"]
    assert "Restarted it" in str(office.card("C0NETWORK", "#1")["blocks"])
    assert (await ticket(office, 1)).assignee == ANA


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        (
            {"tried": "Restarted it"},
            {"description": "Network decides based on the description. Say what happens and since when."},
        ),
        ({"description": "Since 9"}, {"tried": "Say what was tried: Network needs to know."}),
    ],
)
async def test_an_expert_is_not_asked_without_evidence_and_nothing_is_filed(
    office: Office, answers: dict[str, str], errors: dict[str, str]
) -> None:
    ana = office.person(ANA)
    await form_of(office, ANA)
    await ana.press_view("type", choose="network")

    done = await ana.submit({"title": "VPN is down", "assignee": EVA, **answers})
    await office.settled()

    assert done.errors == errors
    assert office.app_messages("C0SUPPORT") == []


async def test_an_expert_who_is_away_is_not_asked_by_name(office: Office) -> None:
    now = office.clock.now
    await office.desk.execute(presence.enter_leave, EVA, LeavePeriod(now, now + timedelta(hours=30)), by=EVA)
    ana = office.person(ANA)
    await form_of(office, ANA)
    await ana.press_view("type", choose="network")

    done = await ana.submit({"title": "VPN", "description": "Since 9", "tried": "Nothing", "assignee": EVA})

    assert done.errors == {
        "assignee": "They are away. Choose another expert of Network, or create the ticket and escalate it."
    }


async def test_who_files_for_somebody_on_leave_reads_so_beside_the_field(office: Office) -> None:
    await office.person(LENA).command(GENERAL, "/desk", "away @ben until friday")
    await form_of(office, ANA)

    refused = await office.person(ANA).submit({"title": "VPN is down", "assignee": BEN})

    assert set(refused.errors) == {"assignee"}
    assert "is away until Fri 9 Oct. Choose someone else" in refused.errors["assignee"]
