"""Home: each person finds what is theirs, and a first-timer how to begin."""

from typing import Any

from bot.emulator.state.workspace import Change
from rules.intake.requests import TicketRequest
from services.assignment import assignments
from services.escalations import escalations
from services.tickets import tickets
from storage.people import people
from tests.desks import Office, problems
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, LENA, OTTO, filed


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

    assert heads(view) == ["What you asked for"]
    assert "VPN is down" in str(view["blocks"])
    assert "Printer" not in str(view["blocks"])


async def test_what_is_overdue_or_nobodys_comes_first_in_the_teams_queue(office: Office) -> None:
    for title in ("First", "Second", "Third"):
        asked = TicketRequest(title=title, requester=CLEO, registered_by=ANA, type="other")
        await office.desk.execute(tickets.create_ticket, asked)
    await office.desk.execute(tickets.take, 1, by=BEN)
    await office.desk.execute(tickets.take, 2, by=BEN)

    view = await home(office, ANA)

    shown = [str(block["text"]["text"]) for block in view["blocks"] if block["type"] == "section"]
    assert heads(view) == ["With you", "Support: 3 open"]
    assert [text.split("*")[3] for text in shown if text.startswith("*#")] == ["Third", "First", "Second"]


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

    assert heads(view) == ["Needs your decision", "With you", "Network: nothing open"]
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
