"""Where people say that they work beside their calendar: typed, on Home, in a form."""

from datetime import UTC, datetime

import pytest

from rules.presence.presence import PresenceStatus
from storage.presence.time_entries import current_entries
from storage.schema.people import ShiftEntry
from tests.desks import Office, problems
from tests.handlers.presence.test_presence import here, types
from tests.handlers.vpn import ANA, BEN, CLEO, LENA, SUPPORT


async def works(office: Office, who: str) -> list[tuple[datetime, datetime]]:
    rows = await office.desk.read(current_entries, ShiftEntry, [who], at=office.clock.now)
    return [(row.begins, row.ends) for row in rows]


async def test_typed_it_is_entered_and_they_are_here_then(office: Office) -> None:
    answer = await types(office, ANA, "shift saturday 9:00-13:00")
    office.clock.forward(days=5, hours=1)

    assert "✓ You have an extra shift: Sat 10 Oct, 09:00-13:00." in answer
    assert await here(office, ANA) is PresenceStatus.AT_WORK
    assert await here(office, BEN) is PresenceStatus.OFF


@pytest.mark.parametrize(
    ("who", "text", "words"),
    [
        (ANA, "shift saturday", "From when until when do you work?"),
        (ANA, "shift @ben saturday 9:00-13:00", "leads of Support can"),
        (CLEO, "shift saturday 9:00-13:00", "agents, experts, leads, managers and admins can"),
        (ANA, "shft saturday 9:00-13:00", "Did you mean `/desk shift`?"),
    ],
)
async def test_what_cannot_be_is_answered_with_a_sentence(office: Office, who: str, text: str, words: str) -> None:
    assert words in await types(office, who, text)


async def test_a_lead_enters_it_for_somebody(office: Office) -> None:
    assert f"<@{BEN}> has an extra shift: Tue 6 Oct, 12:00-20:00" in await types(
        office, LENA, "shift @ben tomorrow 12:00-20:00"
    )


async def test_the_answer_takes_it_back(office: Office) -> None:
    answer = await office.person(ANA).command(SUPPORT, "/desk", "shift saturday 9:00-13:00")

    await office.person(ANA).press(SUPPORT, answer.ephemerals[0]["ts"], "shift.cancel")
    await office.settled()

    assert await works(office, ANA) == []
    assert "Extra shift canceled: Sat 10 Oct, 09:00-13:00." in str(office.person(ANA).visible_messages(SUPPORT))


async def test_alone_it_opens_a_form_that_enters_a_night(office: Office) -> None:
    ana = office.person(ANA)
    opened = await ana.command(SUPPORT, "/desk", "shift")
    sent = await ana.submit({"day": "2026-10-10", "from": "22:00", "until": "06:00"})

    assert opened.view is not None
    assert "'whom'" not in str(opened.view)
    assert "You have an extra shift: Sat 10 Oct 22:00 to Sun 11 Oct 06:00 (overnight, 8 h)" in str(sent.view)
    assert await works(office, ANA) == [
        (datetime(2026, 10, 10, 20, 0, tzinfo=UTC), datetime(2026, 10, 11, 4, 0, tzinfo=UTC))
    ]


async def test_a_lead_chooses_for_whom_in_the_form(office: Office) -> None:
    lena = office.person(LENA)
    await lena.command(SUPPORT, "/desk", "shift")
    await lena.submit({"whom": BEN, "day": "2026-10-10", "from": "09:00", "until": "13:00"})

    assert (len(await works(office, BEN)), await works(office, LENA)) == (1, [])


async def test_a_refusal_stands_in_the_form(office: Office) -> None:
    ana = office.person(ANA)
    await ana.command(SUPPORT, "/desk", "shift")
    sent = await ana.submit({"day": "2026-10-04", "from": "09:00", "until": "13:00"})

    assert "Sun 4 Oct, 09:00-13:00 is in the past" in str(sent)


async def test_home_shows_it_takes_it_back_and_opens_the_form(office: Office) -> None:
    ana = office.person(ANA)
    await types(office, ANA, "shift saturday 9:00-13:00")
    await ana.open_home()
    await office.settled()
    assert ana.home is not None
    before = str(ana.home)
    assert problems("home", {"type": "home", "blocks": ana.home["blocks"]}) == []

    await ana.press_view("shift.cancel", home=True)
    after = str(ana.home)
    opened = await ana.press_view("shift.ask", home=True)

    assert "Extra shift Sat 10 Oct, 09:00-13:00" in before
    assert "Extra shift Sat 10 Oct" not in after
    assert opened.view is not None
    assert opened.view["title"]["text"] == "Extra shift"
