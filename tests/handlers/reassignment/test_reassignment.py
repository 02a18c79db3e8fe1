"""`/desk move` as people see it: drawn, done, undone; and each person's one message."""

import asyncio
import re
from typing import Any

from bot.emulator.people.participant import Outcome
from services.assignment import assignments
from services.reassignment import absence_cover
from services.tickets import tickets
from tests.desks import Office
from tests.handlers.forecasts.test_forecasts import buttons
from tests.services.leaves import given, holds, is_back, on_leave

ANA, BEN, LENA, MIA, CLEO = "U0AGENT1", "U0AGENT2", "U0LEAD1", "U0MANAGER1", "U0CLIENT1"


async def shown(office: Office, text: str = "move @ana @ben", *, by: str = LENA) -> dict[str, Any]:
    """The preview that this person gets."""
    answer = await office.person(by).command("C0SUPPORT", "/desk", text)
    return answer.ephemerals[0]


async def pressed(office: Office, message: dict[str, Any], button: str, *, by: str = LENA) -> Outcome:
    outcome = await office.person(by).press("C0SUPPORT", message["ts"], button)
    await office.settled()
    return outcome


def newest(office: Office, who: str = LENA) -> dict[str, Any]:
    """The newest answer that only this person sees, but for the promises that are told when they are counted."""
    seen = [one for one in office.person(who).visible_messages("C0SUPPORT") if one.get("is_ephemeral")]
    return [one for one in seen if not one["text"].startswith("Expected SLA breaches")][-1]


def direct(office: Office, who: str) -> list[dict[str, Any]]:
    """What the app wrote to this person alone."""
    person = office.person(who)
    return [one for one in person.visible_messages(person.dm_channel("U0BATON")) if one.get("bot_id")]


async def test_before_anything_happens_it_says_who_would_get_what(office: Office) -> None:
    await given(office.desk, 3)

    said = await shown(office)

    assert said["text"] == f"Move 3 tickets of <@{ANA}>: 3 to <@{BEN}>."
    words = str(said["blocks"])
    assert f"<@{BEN}> gets *3 tickets, 1 h*, would have 3 tickets, 1 h" in words
    assert "Network 3" in words
    assert await holds(office.desk, ANA) == [1, 2, 3]


async def test_the_expected_breaches_are_told_before_and_after(office: Office) -> None:
    await given(office.desk, 30)

    await shown(office, "move @ana @ben @lena", by=MIA)
    await office.desk.background_tasks.wait_until_done()

    told = str(
        [one.get("blocks") for one in office.person(MIA).visible_messages("C0SUPPORT") if one.get("is_ephemeral")]
    )
    found = re.search(r"Expected SLA breaches: ([\d.]+) as it is, ([\d.]+) after the move", told)
    assert found is not None
    assert float(found[1]) > float(found[2])


async def test_when_counting_takes_long_the_words_come_first_and_the_breaches_below(office: Office) -> None:
    await given(office.desk, 2)
    counted, soon = asyncio.Event(), office.desk.compute

    async def later(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever is reckoned
        await counted.wait()
        return await soon(name, *values)

    office.desk.compute = later

    said = await shown(office)
    counted.set()
    await office.desk.background_tasks.wait_until_done()

    assert "are being calculated; they follow below" in str(said["blocks"])
    seen = [one["text"] for one in office.person(LENA).visible_messages("C0SUPPORT") if one.get("is_ephemeral")]
    assert seen[-1].startswith("Expected SLA breaches:")


async def test_one_press_moves_them_and_says_where_they_went(office: Office) -> None:
    await given(office.desk, 3)

    await pressed(office, await shown(office), "basket.move")

    assert newest(office)["text"] == f"✓ Moved 3 tickets of <@{ANA}>: 3 to <@{BEN}>."
    assert await holds(office.desk, BEN) == [1, 2, 3]


async def test_the_receiver_gets_one_message_with_all_of_them(office: Office) -> None:
    await given(office.desk, 3)
    before = len(direct(office, BEN))

    await pressed(office, await shown(office), "basket.move")

    (said,) = direct(office, BEN)[before:]
    assert said["text"] == f"<@{LENA}> moved 3 tickets of <@{ANA}> to you"
    assert [str(said["blocks"]).count(f"*#{number}*") for number in (1, 2, 3)] == [1, 1, 1]


async def test_the_receiver_starts_one_from_that_message_which_then_says_so(office: Office) -> None:
    await given(office.desk, 2)
    await pressed(office, await shown(office), "basket.move")
    said, ben = direct(office, BEN)[-1], office.person(BEN)
    assert {"offer.start", "offer.pass", "ticket.open"} <= buttons(said["blocks"]).keys()

    await ben.press(ben.dm_channel("U0BATON"), said["ts"], "offer.start")
    await office.settled()

    after = str(direct(office, BEN)[-1]["blocks"])
    assert ("In progress" in after, after.count("Decline…")) == (True, 1)


async def test_at_night_a_lead_moves_what_a_colleague_begins_in_the_morning(office: Office) -> None:
    await given(office.desk, 2)
    office.clock.forward(hours=9)

    said = await shown(office)
    await pressed(office, said, "basket.move")

    assert f"<@{BEN}> gets *2 tickets" in str(said["blocks"])
    assert ": off work until <!date^" in str(said["blocks"])
    assert await holds(office.desk, BEN) == [1, 2]


async def test_a_giver_without_tickets_is_named_beside_the_field_and_what_was_chosen_stays(office: Office) -> None:
    lena = office.person(LENA)
    await lena.command("C0SUPPORT", "/desk", "move @ana")

    refused = await lena.submit({"giver": ANA, "receivers": [BEN]})

    assert set(refused.errors) == {"giver"}
    assert "has no open tickets: there is nothing to move" in refused.errors["giver"]


async def test_the_giver_reads_that_they_are_gone(office: Office) -> None:
    await given(office.desk, 2)

    await pressed(office, await shown(office), "basket.move")

    assert direct(office, ANA)[-1]["text"] == f"<@{LENA}> moved 2 of your tickets: 2 to <@{BEN}>"


async def test_the_card_and_its_thread_say_with_whom_it_is_now(office: Office) -> None:
    await given(office.desk, 1)

    await pressed(office, await shown(office), "basket.move")

    card = office.card("C0SUPPORT", "#1*")
    assert f"Assigned · Assignee <@{BEN}>" in str(card["blocks"])
    told = office.person(BEN).thread("C0SUPPORT", card["ts"])
    assert f"<@{LENA}> moved it from <@{ANA}> to <@{BEN}>" in told[-1]["text"]


async def test_cancelled_nothing_is_moved(office: Office) -> None:
    await given(office.desk, 1)

    await pressed(office, await shown(office), "basket.drop")

    assert newest(office)["text"] == "Nothing was moved."
    assert await holds(office.desk, ANA) == [1]


async def test_when_things_changed_meanwhile_it_says_so_and_shows_how_it_is_now(office: Office) -> None:
    await given(office.desk, 2)
    said = await shown(office)
    await office.desk.execute(tickets.resolve, 1, by=ANA, solution="Restarted.")

    await pressed(office, said, "basket.move")

    anew = newest(office)
    assert "Nothing was moved: tickets have changed since this preview." in anew["text"]
    assert "Move 1 ticket of" in str(anew["blocks"])
    assert await holds(office.desk, ANA) == [2]

    await pressed(office, anew, "basket.move")

    assert await holds(office.desk, BEN) == [2]


async def test_of_two_leads_the_second_reads_who_was_first(office: Office) -> None:
    await given(office.desk, 2)
    first, second = await shown(office), await shown(office, by=MIA)
    await pressed(office, first, "basket.move")

    await pressed(office, second, "basket.move", by=MIA)

    assert f"<@{LENA}> moved 2 tickets of <@{ANA}> meanwhile" in newest(office, MIA)["text"]


async def test_undone_it_says_which_could_not_be_taken_back(office: Office) -> None:
    await given(office.desk, 2)
    await pressed(office, await shown(office), "basket.move")
    await office.desk.execute(assignments.start_work, 2, by=BEN)

    await pressed(office, newest(office), "basket.undo")

    words = newest(office)["text"]
    assert words.startswith(f"✓ Undone: #1 as before with <@{ANA}>.")
    assert "somebody has worked on them since: #2" in words


async def test_undone_the_receivers_message_says_so(office: Office) -> None:
    await given(office.desk, 2)
    await pressed(office, await shown(office), "basket.move")

    await pressed(office, newest(office), "basket.undo")

    (said,) = [one for one in direct(office, BEN) if "moved 2 tickets" in one["text"]]
    assert f"✗ Undone by <@{LENA}>" in str(said["blocks"])


async def test_where_nobody_takes_any_there_is_nothing_to_press(office: Office) -> None:
    await given(office.desk, 1)
    await on_leave(office.desk, BEN)

    said = await shown(office)

    assert "Nobody can take any of them" in said["text"]
    assert "basket.move" not in buttons(said["blocks"])
    assert "gets nothing: away, back" in str(said["blocks"])


async def test_only_some_of_them_are_asked_for_by_word(office: Office) -> None:
    await given(office.desk, 2)
    await given(office.desk, 1, type_="other")

    assert (await shown(office, "move @ana @ben other"))["text"].startswith("Move 1 ticket of")


async def test_a_word_that_nobody_knows_is_answered(office: Office) -> None:
    await given(office.desk, 1)

    assert "Did you mean `network`?" in (await shown(office, "move @ana @ben netwrk"))["text"]


async def test_alone_it_opens_a_form_whose_answer_is_the_preview(office: Office) -> None:
    await given(office.desk, 2)
    lena = office.person(LENA)
    await lena.command("C0SUPPORT", "/desk", "move")

    await lena.submit({"giver": ANA, "receivers": [BEN], "type": "network"})
    await office.settled()

    assert newest(office)["text"] == f"Move 2 tickets of <@{ANA}> (network): 2 to <@{BEN}>."


async def test_who_works_nowhere_here_reads_who_can(office: Office) -> None:
    assert "leads and managers can" in (await shown(office, by=CLEO))["text"]


async def test_an_agent_does_not_move_what_is_a_colleagues(office: Office) -> None:
    await given(office.desk, 1)

    assert (
        "You cannot reassign these tickets in bulk: leads of Support can, and so can managers."
        in (await shown(office, by=BEN))["text"]
    )


async def test_ones_own_are_given_away_and_the_lead_can_take_that_back(office: Office) -> None:
    await given(office.desk, 2)
    await pressed(office, await shown(office, by=ANA), "basket.move", by=ANA)
    lena = office.person(LENA)

    told = direct(office, LENA)[-1]
    await lena.press(lena.dm_channel("U0BATON"), told["ts"], "basket.undo")
    await office.settled()

    assert await holds(office.desk, ANA) == [1, 2]
    assert any(f"✗ Undone by <@{LENA}>" in str(one["blocks"]) for one in direct(office, LENA))


async def test_who_is_back_takes_their_tickets_back_with_one_press(office: Office) -> None:
    await given(office.desk, 2)
    await on_leave(office.desk)
    await absence_cover.cover_absences(office.desk)
    office.clock.forward(days=2)
    await is_back(office.desk)
    await absence_cover.cover_absences(office.desk)
    await office.settled()
    ana = office.person(ANA)

    (said,) = [one for one in direct(office, ANA) if one["text"].startswith("Welcome back")]
    await ana.press(ana.dm_channel("U0BATON"), said["ts"], "basket.take_back")
    await office.settled()

    assert await holds(office.desk, ANA) == [1, 2]
