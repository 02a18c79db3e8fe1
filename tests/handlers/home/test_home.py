"""Home: each person finds what is theirs, and a first-timer how to begin."""

from dataclasses import replace
from typing import Any

import pytest

from bot.emulator.state.workspace import Change
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority, Status
from services.assignment import assignments
from services.escalations import escalations
from services.tickets import tickets
from storage.people import people
from storage.tickets.tickets import get_ticket
from storage.transaction import Transaction
from tests.desks import HeldClock, Office, problems
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, LENA, MIA, OTTO, filed


async def home(office: Office, who: str) -> dict[str, Any]:
    person = office.person(who)
    await person.open_home()
    await office.settled()
    assert person.home is not None
    assert problems("home", {"type": "home", "blocks": person.home["blocks"]}) == []
    return person.home


def heads(view: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]


async def test_a_first_timer_reads_what_baton_is_and_how_to_begin(office: Office) -> None:
    view = await home(office, CLEO)

    assert heads(view) == ["Baton, the help desk"]
    assert "/ticket" in str(view["blocks"])


async def test_who_asked_finds_their_tickets_and_nobody_elses(office: Office) -> None:
    await filed(office)
    other = TicketRequest(title="Printer is jammed", requester=OTTO, registered_by=OTTO, type="other")
    await office.desk.execute(tickets.create_ticket, other)

    view = await home(office, CLEO)

    assert heads(view) == ["Your requests: 1 open"]
    assert "VPN is down" in str(view["blocks"])
    assert "Printer" not in str(view["blocks"])


async def file_many(office: Office, count: int, **more: Any) -> list[int]:
    request = TicketRequest(title="Printer is jammed", requester=CLEO, registered_by=BEN, type="other")
    return [await office.desk.execute(tickets.create_ticket, replace(request, **more)) for _ in range(count)]


def row_numbers(view: dict[str, Any]) -> list[int]:
    rows = [block for block in view["blocks"] if block.get("accessory", {}).get("action_id") == "ticket.open"]
    return [int(row["accessory"]["value"].split(":")[0]) for row in rows]


@pytest.mark.parametrize("who", [ANA, LENA, MIA])
async def test_the_unassigned_are_all_counted_and_shown_whatever_is_overdue(
    office: Office, clock: HeldClock, who: str
) -> None:
    overdue = await file_many(office, 11, priority=Priority.CRITICAL)
    for number in overdue:
        await office.desk.execute(tickets.take, number, by=BEN)
    clock.forward(hours=9)
    unassigned = await file_many(office, 12)

    view = await home(office, who)

    assert "Support: 12 unassigned" in heads(view)
    assert row_numbers(view) == unassigned[:10]
    assert "Show all 12 unassigned" in str(view["blocks"])
    assert "11 breached in Support" in str(view["blocks"])
    assert "23 open in Support" in str(view["blocks"])


async def test_no_ticket_is_listed_twice(office: Office) -> None:
    taken, offered, free = await file_many(office, 3, requester=ANA, registered_by=ANA)
    await office.desk.execute(tickets.take, taken, by=ANA)
    await office.desk.execute(assignments.assign_ticket, offered, to=ANA, by=LENA)

    view = await home(office, ANA)

    assert heads(view) == ["Needs your decision", "Assigned to you: 2", "Support: 1 unassigned"]
    assert row_numbers(view) == [offered, taken, free]


async def test_home_and_the_list_are_sorted_alike(office: Office, clock: HeldClock) -> None:
    await file_many(office, 1, priority=Priority.NORMAL)
    clock.forward(hours=30)
    await file_many(office, 1, priority=Priority.HIGH)
    for number in (1, 2):
        await office.desk.execute(tickets.take, number, by=ANA)

    view = await home(office, ANA)
    pressed = await office.person(ANA).press_view("list.page", home=True)

    assert pressed.view is not None
    assert row_numbers(view) == row_numbers(pressed.view) == [1, 2]


async def test_a_person_without_a_team_finds_what_is_assigned_to_them(office: Office) -> None:
    (number,) = await file_many(office, 1, requester=BEN)
    await office.desk.execute(give_to, number, person=CLEO)

    view = await home(office, CLEO)

    assert heads(view) == ["Assigned to you: 1"]
    assert row_numbers(view) == [number]


def give_to(tx: Transaction, number: int, *, person: str) -> None:
    """As is left of a person who was taken out of the team."""
    get_ticket(tx, number).assignee = person
    get_ticket(tx, number).status = Status.IN_PROGRESS


async def test_an_assignment_that_waits_for_an_answer_is_on_top(office: Office) -> None:
    number = await filed(office)
    await office.desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    view = await home(office, BEN)

    assert heads(view)[0] == "Needs your decision"
    assert "Assigned to you: *#1*" in str(view["blocks"])


async def test_experts_find_what_waits_for_their_decision(office: Office) -> None:
    number = await filed(office)
    evidence = {"team": "network", "why": "Tunnel flaps", "tried": "restarted client"}
    await office.desk.execute(escalations.escalate, number, by=ANA, **evidence)

    view = await home(office, EVA)

    assert heads(view) == ["Needs your decision", "Assigned to you: 0", "Network: no open tickets"]
    assert "<@U0AGENT1> escalated *#1*" in str(view["blocks"])


async def test_a_long_queue_shows_ten_and_the_way_to_all(office: Office) -> None:
    for _ in range(12):
        asked = TicketRequest(title="<!channel> & " * 20, requester=CLEO, registered_by=ANA, type="other")
        await office.desk.execute(tickets.create_ticket, asked)

    view = await home(office, LENA)

    assert str(view["blocks"]).count("'ticket.open'") == 10
    assert "Show all 12" in str(view["blocks"])
    assert "<!channel>" not in str(view["blocks"])


async def test_open_and_new_answer_from_home(office: Office) -> None:
    await filed(office)
    await home(office, CLEO)
    cleo = office.person(CLEO)

    opened = await cleo.press_view("ticket.open", home=True)
    await cleo.close()
    new = await cleo.press_view("ticket.new", home=True)

    assert opened.view is not None
    assert "VPN is down" in str(opened.view)
    assert new.view is not None
    assert new.view["title"]["text"] == "New ticket"


async def test_a_colleague_who_leaves_or_is_renamed_is_known_as_such(office: Office) -> None:
    for user, name in (("U0AGENT2", "Ben Ulm"), ("U0CLIENT1", "Cleo Ulm")):
        known = {"id": user, "name": "x", "real_name": name, "deleted": user == "U0AGENT2", "tz": "Europe/Warsaw"}
        known |= {"team_id": office.emulator.workspace.team["id"]}
        office.emulator.workspace.publish(Change("user_change", user=user, data={"user": known}))
    await office.settled()

    ben = await office.desk.read(people.find_person, "U0AGENT2")
    assert ben is not None
    assert (ben.name, ben.gone) == ("Ben Ulm", True)
    assert await office.desk.read(people.find_person, "U0CLIENT1") is None
