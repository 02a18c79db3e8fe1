"""A ticket is given to somebody by direct message, and they answer there."""

from copy import deepcopy
from typing import Any

from rules.model.tickets import Status
from services.config import apply_configuration, reload_configuration
from storage.people import people
from tests.desks import NAMES, OFFICE, Office
from tests.handlers.vpn import ANA, BEN, LENA, buttons, card, direct, filed, presses, story, submits, ticket

KNOWS = {"skills": {"network": "expert"}}


async def named(office: Office) -> None:
    for user, name in NAMES.items():
        await office.desk.execute(people.save_person, user, name=name, tz="Europe/Warsaw", gone=False)


async def described(office: Office, *, types: dict[str, Any], people: dict[str, Any]) -> None:
    """The office as it is, with these settings of its types and people; everybody's name is known."""
    plain = deepcopy(OFFICE)
    for key, settings in types.items():
        plain["types"][key] |= settings
    await office.desk.execute(apply_configuration, plain | {"people": people})
    await reload_configuration(office.desk)
    await named(office)


async def given_to_ben(office: Office) -> int:
    number = await filed(office)
    await presses(office, LENA, "ticket.assign")
    outcome = await submits(office, LENA, assignee=BEN)
    assert not outcome.errors
    return number


def chooser(view: dict[str, Any]) -> dict[str, Any]:
    """The menu from which somebody is chosen."""
    found: dict[str, Any] = next(one for one in view["blocks"] if one.get("block_id") == "assignee")["element"]
    return found


def offered(view: dict[str, Any]) -> list[str]:
    return [one["text"]["text"] for one in chooser(view)["options"]]


async def answers(office: Office, button: str, *, which: int = -1) -> None:
    """Ben presses a button of an assignment card of his."""
    ben = office.person(BEN)
    offers = [one for one in direct(office, BEN) if "assigned you" in str(one["blocks"])]
    await ben.press(ben.dm_channel("U0BATON"), offers[which]["ts"], button)
    await office.settled()


async def test_the_form_offers_the_team_by_name_the_least_loaded_first(office: Office) -> None:
    await named(office)
    await filed(office)
    await presses(office, ANA, "ticket.take")

    outcome = await presses(office, LENA, "ticket.assign")

    assert outcome.view is not None
    assert offered(outcome.view) == [
        "Ben Adler · here until 16:30 · 0 open",
        "Lena Lis · here until 16:30 · 0 open",
    ]


async def test_the_one_it_is_given_to_gets_a_card_to_answer(office: Office) -> None:
    await given_to_ben(office)

    offer = direct(office, BEN)[-1]
    assert offer["text"] == "<@U0LEAD1> assigned you #1 VPN is down. Start it or decline it."
    assert buttons(offer) == ["Start", "Decline…", "Open"]


async def test_started_from_the_card_it_is_in_progress_and_the_card_says_so(office: Office) -> None:
    await given_to_ben(office)

    await answers(office, "offer.start")

    assert "In progress, assignee <@U0AGENT2>" in card(office)["text"]
    assert "✓ You are the assignee." in direct(office, BEN)[-1]["text"]
    assert buttons(direct(office, BEN)[-1]) == ["Open"]


async def test_passed_it_goes_back_and_the_lead_reads_the_reason(office: Office) -> None:
    number = await given_to_ben(office)

    await answers(office, "offer.pass")
    await submits(office, BEN, reason="On leave from tomorrow.")

    assert (await ticket(office, number)).status is Status.NEW
    assert "On leave from tomorrow." in direct(office, LENA)[-1]["text"]
    assert "No longer assigned to you. It is unassigned." in direct(office, BEN)[-1]["text"]


async def test_given_again_after_a_pass_there_is_a_new_card_and_the_old_one_stays_ended(office: Office) -> None:
    await given_to_ben(office)
    await answers(office, "offer.pass")
    await submits(office, BEN, reason="On leave from tomorrow.")

    await presses(office, LENA, "ticket.assign")
    await submits(office, LENA, assignee=BEN)

    first, second = direct(office, BEN)
    assert buttons(first) == ["Open"]
    assert buttons(second) == ["Start", "Decline…", "Open"]


async def test_taken_by_somebody_else_the_offer_says_so(office: Office) -> None:
    await given_to_ben(office)

    await presses(office, ANA, "ticket.take")

    assert "No longer assigned to you. Assignee: <@U0AGENT1>." in direct(office, BEN)[-1]["text"]


async def test_somebody_who_is_in_another_team_by_now_is_refused_beside_the_field(office: Office) -> None:
    await filed(office)
    await presses(office, LENA, "ticket.assign")
    view = office.person(LENA).view
    assert view is not None
    chooser(view)["options"].append({"text": {"type": "plain_text", "text": "Eva"}, "value": "U0EXPERT1"})

    outcome = await submits(office, LENA, assignee="U0EXPERT1")

    assert outcome.errors == {"assignee": "That person is not in Support. Choose someone in the team, or escalate."}


async def test_two_who_give_it_away_at_once_do_not_overrule_each_other(office: Office) -> None:
    number = await filed(office)
    await presses(office, LENA, "ticket.assign")
    await presses(office, ANA, "ticket.assign")
    await submits(office, LENA, assignee=BEN)

    outcome = await submits(office, ANA, assignee=LENA)

    assert "<@U0LEAD1> assigned #1 to <@U0AGENT2> while you were choosing. Nothing was changed." in str(outcome.view)
    assert (await ticket(office, number)).assignee == BEN


async def test_the_form_says_why_the_first_is_first_and_asks_a_reason_for_whoever_is_marked(office: Office) -> None:
    await described(office, types={"network": {"needs": "can"}}, people={BEN: {"skills": {"network": "expert"}}})
    number = await filed(office)

    opened = await presses(office, LENA, "ticket.assign")
    assert opened.view is not None
    assert offered(opened.view)[0].startswith("Ben Adler · here until 16:30 · 0 open · expert")
    assert offered(opened.view)[1].startswith("⚠️ Ana Kowalska · here until 16:30")
    only_one = "the only one here with the skill for Network and room for another ticket"
    assert f"Suggested: <@U0AGENT2> ({only_one})" in str(opened.view["blocks"])

    refused = await submits(office, LENA, assignee=ANA)
    why = "Network needs someone with the skill for it. To assign it anyway, enter a reason for the ticket history."
    assert refused.errors == {"reason": why}

    done = await submits(office, LENA, assignee=ANA, reason="She is to learn it.")
    assert not done.errors
    assert (await ticket(office, number)).assignee == ANA
    assert any("assigned it to Ana Kowalska: She is to learn it." in said for said in story(office))


async def test_what_the_desk_gives_says_why_on_the_card_and_in_the_story(office: Office) -> None:
    await described(office, types={"network": {"assigning": "offer", "needs": "can"}}, people={BEN: KNOWS})

    await filed(office)

    offer = direct(office, BEN)[-1]
    assert offer["text"].startswith("Baton assigned you #1")
    assert "Why you: the only one here with the skill for Network and room for another ticket" in str(offer["blocks"])
    assert any("Baton assigned it to Ben Adler" in said for said in story(office))


async def test_who_types_a_ticket_reads_to_whom_the_desk_offers_it(office: Office) -> None:
    await described(office, types={"network": {"assigning": "offer"}}, people={BEN: KNOWS})

    answer = await office.file("VPN is down type:network")

    assert "Assigned to <@U0AGENT2> (waiting for them to start)." in str(answer.ephemerals)


async def test_offered_to_the_one_who_filed_it_they_read_that_it_waits_for_their_answer(office: Office) -> None:
    await described(office, types={"network": {"assigning": "offer", "needs": "can"}}, people={BEN: KNOWS})

    answer = await office.file("VPN is down type:network", by=BEN)

    assert "Assigned to you." in str(answer.ephemerals)
