"""`/desk risk` as the lead sees it: words, a picture, and levers that do what they say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.forecasts.cards import risk
from rules.forecasts.forecasts import Forecast, TicketForecast
from rules.intake.requests import TicketRequest
from services.assignment import assignments
from services.desk import Desk
from services.forecasts import runs
from services.tickets import tickets
from tests.databases import copied
from tests.desks import HeldClock, Office, opened_desk, opened_office

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
LENA, ANA, MIA = "U0LEAD1", "U0AGENT1", "U0MANAGER1"


async def held(desk: Desk, many: int) -> None:
    """Ana holds so many tickets, and the lead's forecast is made."""
    for _ in range(many):
        number = await desk.execute(tickets.create_ticket, VPN)
        await desk.execute(assignments.assign_ticket, number, to=ANA, by=LENA)
        await desk.execute(assignments.start_work, number, by=ANA)
    await runs.run_forecast(desk, "support")


@pytest.fixture(scope="module")
def overloaded_url(module_database_url: str) -> str:
    """Ana holds far more than she can do in time: prepared once, each test has a copy."""

    async def prepare() -> None:
        async with opened_desk(module_database_url, HeldClock()) as desk:
            await held(desk, 40)

    asyncio.run(prepare())
    return module_database_url


@pytest.fixture
async def overloaded(overloaded_url: str, databases: Path, clock: HeldClock) -> AsyncIterator[Office]:
    with copied(overloaded_url, folder=databases) as database_url:
        async with opened_office(database_url, clock) as office:
            await office.settled()
            yield office


def buttons(blocks: list[dict[str, Any]]) -> dict[str, str]:
    """Each button's value by its action, wherever it stands."""
    accessories = [block["accessory"] for block in blocks if "accessory" in block]
    rows = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return {one["action_id"]: one.get("value", "") for one in [*accessories, *rows]}


async def reads(office: Office, command: str, words: str) -> dict[str, Any]:
    """The one message that the lead reads in answer to a command, when its chart is drawn."""
    lena = office.person(LENA)
    before = len(lena.visible_messages("C0SUPPORT"))
    await lena.command("C0SUPPORT", command, words)
    await office.desk.background_tasks.wait_until_done()
    (answer,) = lena.visible_messages("C0SUPPORT")[before:]
    return answer


async def test_the_lead_reads_what_will_break_and_what_would_help(overloaded: Office) -> None:
    said = await reads(overloaded, "/desk", "risk")

    assert "40 open tickets with an SLA" in said["text"]
    assert "What would help" in str(said["blocks"])
    assert "risk.lever" in buttons(said["blocks"])


async def test_the_chart_is_above_the_words_and_its_tickets_are_not_listed_below_it(overloaded: Office) -> None:
    said = await reads(overloaded, "/desk", "risk")

    chart, *below = said["blocks"]
    assert "Chances that Support's tickets are resolved" in chart["alt_text"]
    assert "VPN is down" in chart["alt_text"]
    assert not any("VPN is down" in str(block) for block in below if block["type"] == "section")


async def test_a_ticket_is_opened_from_below_the_chart(overloaded: Office) -> None:
    said = await reads(overloaded, "/desk", "risk")
    menu, _ = said["blocks"][-1]["elements"]

    number = menu["options"][0]["value"]
    await overloaded.person(LENA).press("C0SUPPORT", said["ts"], "ticket.open", choose=number)

    assert f"#{number}" in str(overloaded.person(LENA).view)


async def test_where_slack_refuses_the_chart_the_words_stand_alone_with_their_tickets(overloaded: Office) -> None:
    overloaded.emulator.faults.fail_next("files.getUploadURLExternal", error="file_uploads_disabled")

    said = await reads(overloaded, "/desk", "risk")

    assert "VPN is down" in str([block for block in said["blocks"] if block["type"] == "section"])
    assert "The chart could not be shown: Uploads are switched off" in str(said["blocks"][-1])


async def test_one_press_moves_the_tickets_and_says_so(overloaded: Office) -> None:
    lena = overloaded.person(LENA)
    answer = await reads(overloaded, "/desk", "risk")

    pressed = await lena.press("C0SUPPORT", answer["ts"], "risk.lever", block_id="lever.move")

    assert "✓ Applied for Support" in pressed.ephemerals[0]["text"]
    assert f"reassigned from <@{ANA}> to" in pressed.ephemerals[0]["text"]


async def test_an_agent_may_not_look(office: Office) -> None:
    answer = await office.person(ANA).command("C0SUPPORT", "/desk", "risk")

    assert "You cannot see the forecast: " in answer.ephemerals[0]["text"]


async def test_a_manager_reads_a_line_for_each_team(office: Office) -> None:
    await held(office.desk, 3)
    await office.settled()
    await runs.run_forecast(office.desk, "network")

    answer = await office.person(MIA).command("C0SUPPORT", "/desk", "risk")

    assert "Support: 3 open tickets with an SLA" in answer.ephemerals[0]["text"]
    assert "Network: No open tickets" in answer.ephemerals[0]["text"]


async def test_where_nobody_has_looked_yet_it_is_looked_at_now(office: Office) -> None:
    await office.desk.execute(tickets.create_ticket, VPN)
    lena = office.person(LENA)

    await lena.command("C0SUPPORT", "/desk", "risk")
    await office.desk.background_tasks.wait_until_done()

    assert any("1 open ticket with an SLA" in one["text"] for one in lena.visible_messages("C0SUPPORT"))


async def test_a_forecast_that_fails_says_so_to_the_lead_who_waits_for_it(office: Office) -> None:
    await office.desk.execute(tickets.create_ticket, VPN)
    lena = office.person(LENA)

    async def without_memory(name: str, *values: object) -> object:
        raise MemoryError

    office.desk.compute = without_memory
    answer = await lena.command("C0SUPPORT", "/desk", "risk")
    await office.desk.background_tasks.wait_until_done()

    assert "the answer comes in a moment" in answer.ephemerals[0]["text"]
    assert "Something went wrong on our side (reference" in lena.visible_messages("C0SUPPORT")[-1]["text"]


async def test_the_leads_card_is_in_their_messages(overloaded: Office) -> None:
    lena = overloaded.person(LENA)

    said = [one["text"] for one in lena.visible_messages(lena.dm_channel("U0BATON"))]

    assert any(text.startswith("Support: 40 open tickets with an SLA") for text in said)


async def test_the_leads_card_has_its_chart_on_top_and_the_file_in_its_thread(overloaded: Office) -> None:
    await overloaded.desk.background_tasks.wait_until_done()
    lena = overloaded.person(LENA)
    place = lena.dm_channel("U0BATON")
    card = next(one for one in lena.visible_messages(place) if one["text"].startswith("Support: 40 open"))

    chart = card["blocks"][0]
    below = lena.thread(place, card["ts"])[-1]

    assert "Chances that Support's tickets are resolved" in chart["alt_text"]
    assert [file["id"] for file in below["files"]] == [chart["slack_file"]["id"]]


async def test_before_any_forecast_is_decided_its_quality_says_so(office: Office) -> None:
    answer = await office.person(LENA).command("C0SUPPORT", "/report", "forecast-quality")

    assert "no forecast is settled yet" in answer.ephemerals[0]["text"]


async def test_decided_forecasts_are_shown_by_bands_in_the_chart(office: Office) -> None:
    await held(office.desk, 6)
    await office.settled()
    for number in range(1, 6):
        await office.desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    office.clock.forward(days=4)
    await runs.settle_all_predictions(office.desk)

    said = await reads(office, "/report", "forecast-quality")

    chart, *below = said["blocks"]
    assert "6 settled forecasts. Brier score" in said["text"]
    assert "Forecasts of Support" in chart["alt_text"]
    assert "6 forecasts: score" in str(below)
    assert ", baseline" in str(below)
    assert "elapsed time alone" in str(below)
    assert "Small sample" in str(below)
    assert [block["type"] for block in below].count("section") == 2


@pytest.mark.parametrize(
    ("breaches", "low", "high", "words"),
    [
        (236.0, 236, 236, "about 236 expected to breach\n"),
        (236.4, 220, 251, "about 236 expected to breach (220–251)\n"),
        (1.4, 0, 3, "about 1.4 expected to breach (0–3)\n"),
        (0.0, 0, 0, "no breaches expected\n"),
    ],
)
def test_expected_breaches_are_a_sentence(breaches: float, low: int, high: int, words: str) -> None:
    chance = TicketForecast(7, made=0.5, if_later=0.5, median_at=None, p90_at=None, due_at=1)

    assert words in str(risk.forecast_summary(Forecast((chance,), 0, breaches, low, high, 1, 2, ())))


def test_a_ticket_that_nobody_here_has_is_named_and_has_no_chance() -> None:
    ours, theirs = (
        TicketForecast(number, made=made, if_later=None, median_at=None, p90_at=None, due_at=1)
        for number, made in ((7, 0.9), (8, None))
    )

    said = str(risk.forecast_summary(Forecast((ours, theirs), 0, 0.1, 0, 1, 1, 2, ())))

    assert "1 ticket has no forecast, because its assignee is not on this desk. Reassign it: #8." in said
