"""An agent goes on leave in the middle of the day: what everybody sees of it, on the page alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.emulator.server import Emulator
from services.reassignment.absence_cover import cover_absences
from storage.people import people
from tests.bot.emulator.browser import Visit
from tests.desks import NAMES, HeldClock, Office, opened_office, seed
from tests.journeys.page import choose, fill, form, go_to, message, read_messages, say
from tests.services.leaves import CARL, DAN, SKILLED, given, is_back, on_leave

pytestmark = pytest.mark.asyncio(loop_scope="session")  # where the browser is

ANA, BEN, LENA = "U0AGENT1", "U0AGENT2", "U0LEAD1"
SUPPORT = "C0SUPPORT"
MORE = {DAN: "Dan Ost", CARL: "Carl Mai"}


def company() -> dict[str, Any]:
    """The office with two more agents in it."""
    found = seed()
    for user, name in MORE.items():
        called = {"name": name.split()[0].lower(), "real_name": name}
        found["people"].append({"id": user, **called, "tz": "Europe/Warsaw", "locale": "en-US"})
    for channel in found["channels"]:
        channel["members"] += MORE
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def office(sqlite_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    async with opened_office(sqlite_url, clock, with_worker=True, plain=SKILLED, company=company()) as opened:
        for user, name in (NAMES | MORE).items():
            await opened.desk.execute(people.save_person, user, name=name, tz="Europe/Warsaw", gone=False)
        yield opened


@pytest.fixture
def slack(office: Office) -> Emulator:
    return office.emulator


async def fourteen(office: Office) -> None:
    """Ana's morning: eight networks, five of other kinds, and one that needs an expert whom nobody is."""
    await given(office.desk, 8)
    await given(office.desk, 5, type_="other")
    await given(office.desk, 1, type_="access")
    await office.settled()


async def swept(office: Office) -> None:
    await cover_absences(office.desk)
    await office.settled()


async def press(card: Locator, name: str) -> None:
    await card.get_by_role("button", name=name, exact=True).click()


async def test_leave_in_the_middle_of_the_day_leaves_no_ticket_behind(
    office: Office, clock: HeldClock, visit: Visit
) -> None:
    await fourteen(office)
    clock.forward(hours=2)
    await on_leave(office.desk)
    await swept(office)

    lena, carl = await visit(LENA, SUPPORT), await visit(CARL, SUPPORT)
    await expect(message(carl, "#14 ·")).to_contain_text("New · Unassigned")
    await read_messages(lena)
    told = message(lena, "Baton moved 14 tickets of @Ana Kowalska: away until")
    for words in ("to @Ben Adler", "to @Dan Ost", "to @Carl Mai", "1 unassigned"):
        await expect(told).to_contain_text(words)
    await expect(told).to_contain_text("New · Unassigned · nobody of them is competent for it")
    await expect(told.get_by_role("button", name="Assign ticket 14")).to_be_visible()
    await read_messages(carl)
    await expect(message(carl, "of @Ana Kowalska to you")).to_contain_text("Other · Assigned")
    await expect(message(carl, "of @Ana Kowalska to you")).not_to_contain_text("Network ·")


async def test_who_comes_back_takes_their_tickets_back(office: Office, clock: HeldClock, visit: Visit) -> None:
    await fourteen(office)
    await on_leave(office.desk)
    await swept(office)
    clock.forward(days=2)
    await is_back(office.desk)
    await swept(office)

    ana = await visit(ANA, SUPPORT)
    await read_messages(ana)
    welcome = message(ana, "Welcome back. 14 of your tickets were reassigned meanwhile; still open: 14")
    await press(welcome, "Take my tickets back")

    await expect(message(ana, "✓ Undone:")).to_contain_text("#14")
    await go_to(ana, "support")
    await expect(message(ana, "#14 ·")).to_contain_text("In progress · Assignee Ana Kowalska")


async def test_a_lead_takes_a_hand_over_back_where_she_reads_of_it(office: Office, visit: Visit) -> None:
    await fourteen(office)
    await on_leave(office.desk)
    await swept(office)
    lena = await visit(LENA, SUPPORT)
    await read_messages(lena)

    await press(message(lena, "Baton moved 14 tickets"), "Undo the move")

    await expect(message(lena, "Baton moved 14 tickets")).to_contain_text("✗ Undone by @Lena Lis")
    await go_to(lena, "support")
    await expect(message(lena, "#1 ·")).to_contain_text("In progress · Assignee Ana Kowalska")
    await swept(office)
    await expect(message(lena, "#1 ·")).to_contain_text("In progress · Assignee Ana Kowalska")


async def test_by_words_a_basket_is_shown_moved_and_taken_back(office: Office, visit: Visit) -> None:
    await fourteen(office)
    lena, ben = await visit(LENA, SUPPORT), await visit(BEN, SUPPORT)

    await say(lena, "/desk move @ana @ben @dan @carl")
    await lena.keyboard.press("Enter")  # the first one took the name that was offered
    shown = message(lena, "Move 14 tickets of @Ana Kowalska")
    await expect(shown).to_contain_text("@Ben Adler gets")
    await expect(shown).to_contain_text("Network 4 (is an expert)")
    await expect(shown).to_contain_text("1 ticket stays unassigned; @Lena Lis will be notified")
    await expect(shown).to_contain_text("nobody of them is competent for it: #14")
    await press(shown, "Move 14 tickets")

    done = message(lena, "✓ Moved 14 tickets of @Ana Kowalska")
    await expect(done).to_contain_text("1 unassigned")
    await read_messages(ben)
    await expect(message(ben, "@Lena Lis moved")).to_contain_text("of @Ana Kowalska to you")
    await press(done, "Undo the move")

    await expect(message(lena, "✓ Undone:")).to_contain_text("as before with @Ana Kowalska")
    await expect(message(ben, "@Lena Lis moved")).to_contain_text("✗ Undone by @Lena Lis")


async def test_by_form_several_people_are_chosen(office: Office, visit: Visit) -> None:
    await fourteen(office)
    lena = await visit(LENA, SUPPORT)

    await say(lena, "/desk move")
    dialog = form(lena, "Move tickets")
    for name in ("Ben Adler", "Dan Ost"):
        await choose(dialog, "To", name)
    await fill(lena, "Move tickets", "Preview", From="Ana Kowalska", Type="Network")

    shown = message(lena, "Move 8 tickets of @Ana Kowalska (network)")
    await expect(shown).to_contain_text("@Ben Adler gets 4 tickets")
    await expect(shown).to_contain_text("@Dan Ost gets 4 tickets")
