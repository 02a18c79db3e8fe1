"""The form *New ticket* says who could begin with a ticket of the chosen type."""

from typing import Any

import pytest

from tests.desks import Office, problems
from tests.handlers.test_assignments import KNOWS, described
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, GENERAL, LENA

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
        "*Other* now. First: <@U0AGENT1> and <@U0AGENT2> are equally free.\n"
        "<@U0AGENT1> · here until 16:30 · 0 open · 0 min\n"
        "<@U0AGENT2> · here until 16:30 · 0 open · 0 min"
    )


async def test_another_type_is_answered_with_other_people_and_keeps_what_was_written(office: Office) -> None:
    await described(office, types=NEEDS, people={BEN: KNOWS})
    await form_of(office, ANA)
    ana = office.person(ANA)
    await ana.press_view("title", choose="VPN is down")

    await ana.press_view("type", choose="network")

    assert "<@U0AGENT2> is the only one who is here, fits Network and has room." in proposed(ana.view)
    done = await ana.submit({})
    await office.settled()
    assert not done.errors
    card = office.card("C0SUPPORT", "VPN is down")
    assert "Network" in str(card["blocks"])


@pytest.mark.parametrize("who", [CLEO, EVA])
async def test_who_does_not_assign_that_type_is_told_nothing_of_people(office: Office, who: str) -> None:
    assert proposed(await form_of(office, who)) == ""


async def test_where_nobody_could_begin_it_says_so(office: Office) -> None:
    await described(office, types={"other": {"needs": "expert"}}, people={})

    view = await form_of(office, LENA)

    assert "Nobody who is competent for it is here and has room now." in proposed(view)
    assert problems("modal", {key: view[key] for key in ("type", "title", "blocks", "submit")}) == []


async def test_who_files_for_somebody_on_leave_reads_so_beside_the_field(office: Office) -> None:
    await office.person(LENA).command(GENERAL, "/desk", "away @ben until friday")
    await form_of(office, ANA)

    refused = await office.person(ANA).submit({"title": "VPN is down", "assignee": BEN})

    assert set(refused.errors) == {"assignee"}
    assert "is away until Fri 9 Oct: choose somebody else" in refused.errors["assignee"]
