"""Where people say that they are: typed, on the floor card, on Home, in a form."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.emulator.people.participant import Outcome
from handlers.people import people as profiles
from rules.intake.requests import TicketRequest
from rules.presence.presence import PresenceStatus
from services.presence import board
from services.tickets import tickets
from storage.people import people
from storage.presence.presence import presence_of
from storage.presence.time_entries import all_entries
from storage.schema.people import LeaveEntry
from tests.desks import HeldClock, Office, opened_office, problems
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, LENA, OTTO, SUPPORT, direct
from tests.services.presence.test_board import WITH_FLOOR

MIA = "U0MANAGER1"


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """The office, where Support wants a floor card."""
    async with opened_office(database_url, clock, plain=WITH_FLOOR) as opened:
        yield opened


async def types(office: Office, who: str, text: str) -> str:
    outcome = await office.person(who).command(SUPPORT, "/desk", text)
    await office.settled()
    return "".join(f"{one['text']}{one.get('blocks', '')}" for one in outcome.ephemerals)


async def here(office: Office, who: str) -> PresenceStatus:
    return (await office.desk.read(presence_of, who, policy=office.desk.policy, at=office.clock.now)).status


async def floor_card(office: Office) -> dict[str, Any]:
    """Support's card of the day."""
    await office.desk.execute(board.update_boards)
    await office.settled()
    (card,) = [one for one in office.app_messages(SUPPORT) if "floor.in" in str(one.get("blocks"))]
    return card


def rows(card: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in card["blocks"] if block["type"] == "section")


async def presses(office: Office, who: str, button: str, *, choose: object = None) -> Outcome:
    card = await floor_card(office)
    outcome = await office.person(who).press(SUPPORT, card["ts"], button, choose=choose)
    await office.settled()
    return outcome


@pytest.mark.parametrize(
    ("text", "words", "stands"),
    [
        ("break", "✓ You are on a break now.", PresenceStatus.BREAK),
        ("busy meeting", "✓ You are busy with Meeting now.", PresenceStatus.ACTIVITY),
        ("out", "✓ You are off work now.", PresenceStatus.OFF),
        ("in", "✓ You are here now.", PresenceStatus.AT_WORK),
        ("away until Friday", "✓ You are away until Fri 9 Oct (Leave).", PresenceStatus.AWAY),
        ("AWAY sick", "✓ You are away until further notice (Sick).", PresenceStatus.AWAY),
    ],
)
async def test_a_word_says_where_one_is(office: Office, text: str, words: str, stands: PresenceStatus) -> None:
    assert words in await types(office, ANA, text)
    assert await here(office, ANA) is stands


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("out until 15:00", "For time away write `/desk away until 15:00`"),
        ("busy", "Busy with what? Activities: Meeting."),
        ("busy lunch", "`lunch` isn't an activity here."),
        ("away until Christmas", "Until when are you away?"),
        ("away @nobody until Friday", "I don't know `@nobody`."),
        ("away tomorrow 0-0", "`00:00-00:00` is no length of time."),
        ("back tomorrow", "I did not understand `tomorrow`."),
        ("away next Monday", "Which Monday: Mon 12 Oct 2026 or Mon 19 Oct 2026?"),
        ("back", "You are already here."),
        ("awey", "Did you mean `/desk away`?"),
    ],
)
async def test_what_cannot_be_meant_is_answered_with_a_sentence(office: Office, text: str, words: str) -> None:
    assert words in await types(office, ANA, text)


async def test_somebody_of_no_team_reads_who_can(office: Office) -> None:
    for text in ("in", "away until Friday", "away"):
        assert "agents, experts, leads, managers and admins can" in await types(office, CLEO, text)


async def test_back_ends_it(office: Office) -> None:
    await types(office, ANA, "away until Friday")
    office.clock.forward(minutes=5)

    assert "✓ You are here now." in await types(office, ANA, "back")
    assert await here(office, ANA) is PresenceStatus.AT_WORK


async def test_a_lead_enters_it_for_somebody_and_calls_them_back(office: Office) -> None:
    answer = await types(office, LENA, "away @ben until Monday")
    away = await here(office, BEN)
    office.clock.forward(minutes=5)

    assert f"<@{BEN}> is away until midnight" in answer
    assert away is PresenceStatus.AWAY
    assert f"<@{BEN}> is no longer away" in await types(office, LENA, "back @ben")
    assert "entered leave for you" in direct(office, BEN)[0]["text"]


async def test_an_agent_may_not_do_so(office: Office) -> None:
    assert "leads of Support can" in await types(office, ANA, "away @ben until Monday")


async def test_the_answer_takes_it_back(office: Office) -> None:
    answer = await office.person(ANA).command(SUPPORT, "/desk", "away until Friday")

    await office.person(ANA).press(SUPPORT, answer.ephemerals[0]["ts"], "leave.cancel")
    await office.settled()

    assert await here(office, ANA) is PresenceStatus.AT_WORK
    assert "Leave canceled: until Fri 9 Oct." in str(office.person(ANA).visible_messages(SUPPORT))


async def test_away_alone_opens_a_form_that_enters_it(office: Office) -> None:
    ana = office.person(ANA)
    opened = await ana.command(SUPPORT, "/desk", "away")

    answers = {"from": "2026-10-08", "until": "2026-10-09", "kind": "training", "reason": "CRM course"}
    sent = await ana.submit(answers)

    assert opened.view is not None
    assert sent.view is not None
    assert "You are away from Thu 8 Oct until Fri 9 Oct (Training)" in str(sent.view)
    (row,) = await office.desk.read(all_entries, LeaveEntry, ANA)
    assert (row.ends, row.kind) == (datetime(2026, 10, 9, 22, 0, tzinfo=UTC), "training")


async def test_a_mistake_stands_beside_the_field(office: Office) -> None:
    ana = office.person(ANA)
    await ana.command(SUPPORT, "/desk", "away")

    sent = await ana.submit({"from": "2026-10-08", "until": "2026-10-07"})

    assert sent.errors["until"].startswith("The end date is before the start date")


async def test_a_leads_form_is_for_the_one_they_named(office: Office) -> None:
    lena = office.person(LENA)
    opened = await lena.command(SUPPORT, "/desk", "away @ben")

    await lena.submit({"from": "2026-10-08", "until": "2026-10-08"})

    assert f"For <@{BEN}>" in str(opened.view)
    assert len(await office.desk.read(all_entries, LeaveEntry, BEN)) == 1


async def test_the_floor_card_calls_people_by_name_and_changes_in_place(office: Office) -> None:
    card = await floor_card(office)

    await presses(office, BEN, "floor.break")
    await presses(office, ANA, "floor.busy", choose="Meeting")
    await profiles.refresh_profile(office.desk, office.baton.slack, BEN)
    await profiles.refresh_profile(office.desk, office.baton.slack, ANA)

    after = await floor_card(office)
    assert after["ts"] == card["ts"]
    assert "*🟡 On a break*  Ben Adler since" in rows(after)
    assert "*🟠 Busy*  Ana Kowalska: Meeting" in rows(after)
    assert "<@" not in rows(after)
    assert [one["action_id"] for one in card["blocks"][-1]["elements"]] == [
        "floor.in",
        "floor.break",
        "floor.busy",
        "floor.out",
    ]


async def test_a_name_that_is_learnt_after_the_card_was_posted_comes_onto_it(office: Office) -> None:
    card = await floor_card(office)

    await office.desk.execute(people.save_person, BEN, name="Ben Adler", tz="Europe/Prague", gone=False)

    after = await floor_card(office)
    assert after["ts"] == card["ts"]
    assert "Ben Adler" in rows(after)
    assert BEN not in rows(after)


async def test_names_that_are_read_from_slack_come_onto_it_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "LOOKUP_PAUSE_SECONDS", 0)
    before = await floor_card(office)

    await profiles.refresh_people(office.desk, office.baton.slack)
    await office.settled()

    after = office.card("C0SUPPORT", "floor.in")
    assert "names still loading" in rows(before)
    assert BEN not in rows(before)
    assert "Ben Adler" in rows(after)
    assert BEN not in rows(after)


async def test_leave_is_on_the_floor_card_but_not_why(office: Office) -> None:
    await floor_card(office)
    await profiles.refresh_profile(office.desk, office.baton.slack, ANA)
    await types(office, ANA, "away until Tuesday sick with the flu")

    card = await floor_card(office)

    assert "*✈️ Away*  Ana Kowalska, back" in rows(card)
    assert "sick" not in str(card)
    assert "flu" not in str(card)


async def test_a_second_press_of_the_same_says_so(office: Office) -> None:
    await presses(office, ANA, "floor.break")

    refused = await presses(office, ANA, "floor.break")

    assert "You are already on a break, since 09:00" in refused.ephemerals[0]["text"]


async def test_a_guest_who_presses_reads_why_not(office: Office) -> None:
    refused = await presses(office, CLEO, "floor.in")

    assert "You cannot set a status, leave or a shift: " in refused.ephemerals[0]["text"]


async def test_home_has_the_same_buttons_and_the_leave_to_come(office: Office) -> None:
    ana = office.person(ANA)
    await types(office, ANA, "away Thursday family")
    await ana.open_home()
    await office.settled()

    await ana.press_view("floor.break", home=True)
    on_break = str(ana.home)
    await ana.press_view("leave.cancel", home=True)

    assert ana.home is not None
    assert problems("home", {"type": "home", "blocks": ana.home["blocks"]}) == []
    assert "You are on a break" in on_break
    assert "Family on Thu 8 Oct" in on_break
    assert "Family on Thu 8 Oct" not in str(ana.home)


async def test_home_opens_the_form(office: Office) -> None:
    ana = office.person(ANA)
    await ana.open_home()
    await office.settled()

    opened = await ana.press_view("leave.ask", home=True)

    assert opened.view is not None
    assert opened.view["title"]["text"] == "Time away"


async def test_the_team_reads_who_is_here_who_is_away_and_what_they_hold(office: Office) -> None:
    request = TicketRequest(title="VPN is down", requester=CLEO, registered_by=ANA, type="network")
    await office.desk.execute(tickets.take, await office.desk.execute(tickets.create_ticket, request), by=ANA)
    office.clock.forward(days=3)
    await types(office, BEN, "away until Friday")

    answer = await types(office, LENA, "")

    assert f"<@{ANA}>  1 open (1 breached), 2 min of work · here until <!date^" in answer
    assert f"<@{BEN}>  0 open · away, back <!date^" in answer
    assert answer.index(f"<@{ANA}>") < answer.index(f"<@{BEN}>")
    assert "Here now: 2 of 3." in answer


@pytest.mark.parametrize("who", [MIA, OTTO])
async def test_managers_and_observers_read_every_team(office: Office, who: str) -> None:
    answer = await types(office, who, "")

    assert "*Support* ·" in answer
    assert "*Network* ·" in answer
    assert "here until" in answer


async def test_a_team_that_is_named_is_shown_to_people_of_the_desk_alone(office: Office) -> None:
    assert "here until" in await types(office, EVA, "support")
    assert "Did you mean `/desk who support`?" in await types(office, CLEO, "support")
    assert "here until" not in await types(office, CLEO, "who support")


async def test_assign_says_until_when_each_is_here_and_who_is_away(office: Office) -> None:
    await types(office, BEN, "away until Tuesday")
    await office.file("VPN is down")
    card = office.card(SUPPORT, "VPN is down")

    opened = await office.person(LENA).press(SUPPORT, card["ts"], "ticket.assign")

    assert opened.view is not None
    elements = [block["element"] for block in opened.view["blocks"] if "element" in block]
    words = [one["text"]["text"] for one in elements[0]["options"]]
    assert words == [
        "U0AGENT1 · here until 16:30 · 0 open",
        "U0LEAD1 · here until 16:30 · 0 open",
        "⚠️ U0AGENT2 · away until Tue 6 Oct · 0 open",
    ]
