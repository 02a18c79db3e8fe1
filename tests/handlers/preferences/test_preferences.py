"""Each chooses how alerts reach them, and a storm reaches everybody as one message."""

from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from services.alerts import sweep as sla
from services.tickets import tickets
from tests.desks import Office, problems
from tests.handlers.vpn import ANA, BEN, CLEO, GENERAL, LENA, MIA, SUPPORT, direct

VPN = TicketRequest(title="VPN is down", requester=CLEO, registered_by=ANA, type="network")


async def sweep(office: Office) -> None:
    await office.desk.execute(sla.send_due_alerts)
    await office.settled()
    office.clock.forward(seconds=2)
    await office.settled()


async def asked(office: Office, text: str, *, by: str = ANA) -> str:
    outcome = await office.person(by).command(GENERAL, "/desk", text)
    (answer,) = outcome.ephemerals
    return f"{answer['text']}{answer.get('blocks')}"


async def home(office: Office, who: str) -> list[dict[str, Any]]:
    person = office.person(who)
    await person.open_home()
    await office.settled()
    assert person.home is not None
    assert problems("home", {"type": "home", "blocks": person.home["blocks"]}) == []
    blocks: list[dict[str, Any]] = person.home["blocks"]
    return blocks


async def held(office: Office) -> None:
    """Ana has a ticket that has warned once, on a card that stands."""
    await office.desk.execute(tickets.take, await office.desk.execute(tickets.create_ticket, VPN), by=ANA)
    office.clock.forward(minutes=15)
    await sweep(office)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alerts", "Alerts reach you by direct message, during your working hours"),
        ("alerts channel", "✓ Alerts mention you in your team's channel"),
        ("alerts dm", "✓ Alerts reach you by direct message"),
        ("alerts sms", "Unknown option `sms`. Write `/desk alerts dm` or `/desk alerts channel`."),
        ("help", "`/desk alerts dm`, `/desk alerts channel`  how alerts reach you"),
        ("alrets", "Did you mean `/desk alerts`?"),
    ],
)
async def test_the_choice_is_answered_with_what_it_means(office: Office, text: str, words: str) -> None:
    assert words in await asked(office, text)


@pytest.mark.parametrize("who", [CLEO, MIA])
async def test_a_person_in_no_team_reads_so(office: Office, who: str) -> None:
    assert "You aren't in a team here" in await asked(office, "alerts channel", by=who)
    assert "How alerts reach you" not in str(await home(office, who))


async def test_by_direct_message_is_how_it_is_until_somebody_chooses(office: Office) -> None:
    await held(office)
    office.clock.forward(minutes=9)

    await sweep(office)

    assert [one["text"] for one in direct(office, ANA)] == ["⏳ #1 · First reply due in 5 min · Assigned to you"]


async def test_who_chose_the_channel_is_called_in_the_alerts_thread(office: Office) -> None:
    await asked(office, "alerts channel")
    await held(office)
    office.clock.forward(minutes=9)

    await sweep(office)

    alert = office.card(SUPPORT, "First reply due in 5 min")
    thread = [one["text"] for one in office.person(BEN).thread(SUPPORT, alert["ts"])[1:]]
    assert thread == ["<@U0AGENT1> ⏳ #1 · First reply due in 5 min · Assigned to you"]
    assert direct(office, ANA) == []


async def test_the_choice_stands_on_home_too_and_says_what_it_means(office: Office) -> None:
    before = str(await home(office, ANA))

    await office.person(ANA).press_view("alerts.hear_by", home=True, choose="channel")
    await office.settled()

    assert "Alerts reach you by direct message" in before
    assert "Alerts mention you in your team" in str(office.person(ANA).home)
    assert "Alerts mention you in your team" in await asked(office, "alerts")


async def test_a_storm_is_one_message_that_goes_on_as_its_tickets_are_dealt_with(office: Office) -> None:
    for _ in range(8):
        await office.desk.execute(tickets.create_ticket, VPN)
    office.clock.forward(minutes=31)
    await sweep(office)
    storm = office.card(SUPPORT, "8 tickets at risk: 8 breached.")

    for number in range(1, 8):
        await office.desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    await office.settled()

    after = office.card(SUPPORT, "1 ticket at risk: 1 breached.")
    assert after["ts"] == storm["ts"]
    assert "#8" in after["text"]
    assert [one["text"][:40] for one in direct(office, LENA)] == ["8 tickets need you: 8 breached. #1 VPN i"]


async def test_the_lists_button_of_a_storm_shows_what_is_overdue(office: Office) -> None:
    for _ in range(8):
        await office.desk.execute(tickets.create_ticket, VPN)
    office.clock.forward(minutes=31)
    await sweep(office)
    storm = office.card(SUPPORT, "at risk")

    outcome = await office.person(LENA).press(SUPPORT, storm["ts"], "list.page")

    assert "8 breached" in outcome.ephemerals[0]["text"]


async def test_once_all_are_answered_the_storm_says_so(office: Office) -> None:
    for _ in range(6):
        await office.desk.execute(tickets.create_ticket, VPN)
    office.clock.forward(minutes=15)
    await sweep(office)

    for number in range(1, 7):
        await office.desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    await office.settled()

    card = office.card(SUPPORT, "None of these tickets is at risk any more.")
    assert [block["type"] for block in card["blocks"]] == ["section"]


async def test_who_acts_on_nothing_is_passed_over_for_the_manager(office: Office) -> None:
    await office.desk.execute(tickets.create_ticket, VPN)
    office.clock.forward(minutes=31)
    await sweep(office)
    office.clock.forward(minutes=31)

    await sweep(office)

    assert [one["text"] for one in direct(office, MIA)] == ["⚠️ #1 · First reply SLA breached · Unassigned"]
