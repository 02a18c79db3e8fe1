"""People ask why a ticket is due when it is: from its card, its page, a list, a report, an alert."""

from typing import Any

from handlers.slack.ids import Button, More
from rules.intake.requests import TicketRequest
from rules.model.timers import TimerKind
from services.alerts import sweep
from services.sla import extensions
from services.tickets import tickets
from storage.people import people
from tests.desks import Office
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, GENERAL, LENA, SUPPORT, filed, presses


def page(office: Office, who: str) -> str:
    view = office.person(who).view
    assert view, "no page is open"
    assert view["title"]["text"] == "Why this deadline?"
    return str(view["blocks"])


async def lives_in(office: Office, who: str, tz: str) -> None:
    await office.desk.execute(people.save_person, who, name=who, tz=tz, gone=False)


async def shown(office: Office, who: str, command: str, text: str) -> dict[str, Any]:
    outcome = await office.person(who).command(GENERAL, command, text)
    assert outcome.ok
    return outcome.ephemerals[0]


async def given_two_hours(office: Office, reason: str) -> None:
    await office.desk.execute(
        extensions.extend_timer, 1, by=LENA, target=TimerKind.RESOLUTION, more="2h", reason=reason
    )


async def test_an_agent_asks_under_the_cards_menu(office: Office) -> None:
    await lives_in(office, ANA, "Europe/Warsaw")
    await filed(office)

    await presses(office, ANA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    read = page(office, ANA)
    assert "8 h of business hours · SLA for type network" in read
    assert "Mon 5 Oct  09:00-12:00, 12:30-16:30 · 7 h\\nTue 6 Oct  08:00-09:00 · 1 h\\n*= 8 h: due" in read
    assert "in Europe/Warsaw time · next holiday Wed 11 Nov: National Independence Day" in read


async def test_who_reads_it_in_new_york_is_told_whose_hours_they_are(office: Office) -> None:
    await lives_in(office, ANA, "America/New_York")
    await filed(office)

    await presses(office, ANA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert "in Europe/Warsaw time, due times in yours" in page(office, ANA)


async def test_a_time_zone_that_slack_makes_up_stops_nobody(office: Office) -> None:
    await lives_in(office, ANA, "Mars/Olympus")
    await filed(office)

    await presses(office, ANA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert "*= 8 h: due" in page(office, ANA)


async def test_the_pause_that_wait_for_customer_began_is_a_line(office: Office) -> None:
    await filed(office)
    await office.desk.execute(tickets.take, 1, by=ANA)
    office.clock.forward(minutes=30)
    await office.desk.execute(tickets.wait_for_customer, 1, by=ANA)
    await office.settled()

    await presses(office, ANA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert "Waiting for customer\\n*= 30 min of 8 h used: 7 h 30 min left* · It continues when the" in page(office, ANA)


async def test_the_requester_asks_for_their_own_and_reads_no_reason_of_the_team(office: Office) -> None:
    await filed(office)
    await given_two_hours(office, "They forgot to pay.")
    answer = await shown(office, CLEO, "/ticket", "1")

    await office.person(CLEO).press(GENERAL, answer["ts"], Button.EXPLAIN_DEADLINE)

    assert "by 2 h · 10 h left" in page(office, CLEO)
    assert "They forgot to pay." not in page(office, CLEO)


async def test_the_lead_reads_the_reason(office: Office) -> None:
    await filed(office)
    await given_two_hours(office, "The vendor is late.")

    await presses(office, LENA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert "by 2 h · because: The vendor is late. · 10 h left" in page(office, LENA)


async def test_a_colleague_who_may_not_see_it_reads_who_can(office: Office) -> None:
    await filed(office)

    outcome = await presses(office, EVA, Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert office.person(EVA).view is None
    assert outcome.ephemerals[0]["text"].startswith(
        "You cannot see this ticket: agents, experts and leads of Support can, and so can managers, "
    )


async def test_from_a_list_it_is_open_and_then_why(office: Office) -> None:
    await filed(office)
    found = await shown(office, ANA, "/ticket", "list unassigned")
    ana = office.person(ANA)
    await ana.press(GENERAL, found["ts"], Button.OPEN)

    await ana.press_view(Button.EXPLAIN_DEADLINE)

    assert "*= 8 h: due" in page(office, ANA)
    assert len(ana.views) == 2


async def test_where_slack_takes_no_fourth_page_it_takes_the_place_of_the_one_that_was_pressed(office: Office) -> None:
    await filed(office)
    cleo = office.person(CLEO)
    await cleo.open_home()
    await office.settled()
    await cleo.press_view(Button.SHOW_LIST, home=True)
    await cleo.press_view(Button.OPEN)
    opened = cleo.views[-1]
    await cleo.press_view(Button.EXPLAIN_DEADLINE)

    again = await cleo.press_in_view(opened, Button.EXPLAIN_DEADLINE, choose=None, block_id=None, state=None)

    office.emulator.refusals.clear()
    assert again.ok
    assert [one["title"]["text"] for one in cleo.views] == ["Tickets", "Why this deadline?", "Why this deadline?"]


async def test_a_report_asks_for_the_tickets_that_it_names(office: Office) -> None:
    await filed(office)
    other = TicketRequest(title="Mouse is dead", requester=CLEO, registered_by=BEN, type="other")
    await office.desk.execute(tickets.create_ticket, other)
    office.clock.forward(hours=26)
    answer = await shown(office, LENA, "/report", "")
    menu = next(one for block in answer["blocks"] for one in block.get("elements", []) if "options" in one)
    assert [one["text"]["text"] for one in menu["options"]] == ["Why #1?", "Why #2?"]

    await office.person(LENA).press(GENERAL, answer["ts"], Button.EXPLAIN_DEADLINE, choose="1")

    assert "⚠️ overdue by 2 h of business hours" in page(office, LENA)


async def test_a_report_without_late_tickets_asks_nothing(office: Office) -> None:
    await filed(office)

    answer = await shown(office, LENA, "/report", "")

    assert Button.EXPLAIN_DEADLINE not in str(answer["blocks"])


async def test_an_alert_is_asked_too(office: Office) -> None:
    await filed(office)
    office.clock.forward(minutes=16)
    await office.desk.execute(sweep.send_due_alerts)
    await office.settled()
    alert = office.card(SUPPORT, "First reply due in")

    await office.person(ANA).press(SUPPORT, alert["ts"], Button.MORE_MENU, choose=f"{More.EXPLAIN_DEADLINE}:1")

    assert "*First reply*" in page(office, ANA)
