"""Who answers what Slack sends: exactly one listener, or a readable answer that there is none."""

from collections.abc import AsyncIterator

import pytest

from handlers.slack.ids import Button
from handlers.slack.router import KINDS, Router
from rules.people.permissions import Permission
from tests.handlers.trouble import SUPPORT, Troubled, troubled


@pytest.fixture
async def office() -> AsyncIterator[Troubled]:
    """A workspace whose app knows less than its manifest says."""
    async with troubled() as opened:
        yield opened


async def answer() -> None:
    """Nothing is said."""


async def curious(weather: str) -> None:
    """Wants what nobody hands over."""


def test_two_listeners_for_one_name_are_refused_at_once() -> None:
    on = Router()
    on.action(Button.TAKE, Permission.FILE_TICKET)(answer)

    with pytest.raises(ValueError, match=r"Two listeners for action ticket\.take"):
        on.action("ticket.take", Permission.FILE_TICKET)(answer)


def test_one_name_may_be_a_button_and_a_form() -> None:
    on = Router()
    on.action("ticket.take", Permission.FILE_TICKET)(answer)
    on.view("ticket.take", Permission.FILE_TICKET)(answer)

    assert [kind for kind in KINDS if "ticket.take" in on.routes[kind]] == ["action", "view"]


def test_a_listener_that_wants_what_nobody_hands_over_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="curious wants weather, which no listener is given"):
        Router().action(Button.TAKE, Permission.FILE_TICKET)(curious)


async def test_a_button_of_an_old_card_says_how_to_get_the_current_one(office: Troubled) -> None:
    ts = await office.card("fine")

    outcome = await office.ana.press(SUPPORT, ts, "ticket.of_last_year")

    assert [one["text"] for one in outcome.ephemerals] == [
        "This is from an older version. Type `/ticket` with the number to get the current card."
    ]


async def test_a_command_nobody_answers_says_where_to_look(office: Troubled) -> None:
    outcome = await office.ana.command(SUPPORT, "/report")

    assert outcome.ephemerals[0]["text"] == "I don't know this command. `/ticket help` shows what there is."


async def test_a_form_of_an_older_version_says_that_nothing_was_done_and_gives_back_the_words(office: Troubled) -> None:
    await office.sends("old", title="VPN is down on floor 3")

    said = str(office.ana.view)
    assert "from an older version, and nothing was done" in said
    assert "VPN is down on floor 3" in said


async def test_an_event_nobody_listens_to_is_taken_in_silence(office: Troubled) -> None:
    office.emulator.change_person("U0AGENT2", real_name="Ben Other")
    await office.emulator.wait_until_settled()

    assert office.emulator.delivery.lost_events == []
    assert office.direct() == []
