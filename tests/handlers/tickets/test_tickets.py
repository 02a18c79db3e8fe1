"""Working a ticket from its card, as people do it."""

from rules.model.tickets import Priority, ReplyBy, Status
from storage.people import people
from tests.desks import Office
from tests.handlers.vpn import (
    ANA,
    BEN,
    CLEO,
    LENA,
    OTTO,
    SUPPORT,
    buttons,
    card,
    direct,
    filed,
    presses,
    story,
    submits,
    ticket,
)


async def test_taken_the_one_card_says_with_whom(office: Office) -> None:
    await filed(office)

    await presses(office, ANA, "ticket.take")

    assert "In progress, assignee <@U0AGENT1>" in card(office)["text"]
    assert buttons(card(office))[0] == "Resolve…"


async def test_nobody_is_notified_of_what_they_did_themselves(office: Office) -> None:
    """Slack notifies whoever is mentioned, so the card, its thread and replies call people by their names."""
    for user, name in ((ANA, "Ana <Kowalska>"), (CLEO, "Cleo Kent")):
        await office.desk.execute(people.save_person, user, name=name, tz="Europe/Warsaw", gone=False)
    await filed(office)

    await presses(office, ANA, "ticket.take")
    await presses(office, ANA, "ticket.reply")
    await submits(office, ANA, text="We are on it.")

    assert story(office)[0] == "#1: Ana &lt;Kowalska&gt; took it"
    assert direct(office, CLEO)[-1]["text"] == "Ana &lt;Kowalska&gt; replied on #1 VPN is down: “We are on it.”"
    assert "<@" not in str([card(office), *office.person(LENA).thread(SUPPORT, card(office)["ts"])])


async def test_a_press_on_an_old_card_reads_who_has_it(office: Office) -> None:
    await filed(office)
    old = card(office)
    await presses(office, ANA, "ticket.take")
    office.emulator.workspace.channels[SUPPORT].messages[old["ts"]] = old  # Ben's phone still shows it

    outcome = await presses(office, BEN, "ticket.take")

    assert [one["text"] for one in outcome.ephemerals] == ["#1 is already assigned to <@U0AGENT1>."]


async def test_resolved_the_customer_reads_the_solution_and_may_reopen(office: Office) -> None:
    number = await filed(office)

    await presses(office, ANA, "ticket.resolve")
    await submits(office, ANA, solution="Restarted the gateway.")

    told = direct(office, CLEO)[-1]
    assert (await ticket(office, number)).status is Status.RESOLVED
    assert "Restarted the gateway." in told["text"]
    assert buttons(told) == ["Reopen"]


async def test_the_customer_reopens_from_what_they_read(office: Office) -> None:
    number = await filed(office)
    await presses(office, ANA, "ticket.resolve")
    await submits(office, ANA, solution="Restarted the gateway.")
    cleo = office.person(CLEO)

    await cleo.press(cleo.dm_channel("U0BATON"), direct(office, CLEO)[-1]["ts"], "ticket.reopen")
    await submits(office, CLEO, reason="It is down again.")

    assert (await ticket(office, number)).status is Status.ASSIGNED
    assert "It is down again." in story(office)[-2]


async def test_what_waits_says_so_and_has_no_way_to_wait_again(office: Office) -> None:
    await filed(office)
    await presses(office, ANA, "ticket.take")

    await presses(office, ANA, "ticket.more", choose="wait:1")

    assert "Waiting for customer" in card(office)["text"]
    assert "Wait for customer" not in str(card(office)["blocks"][0]["accessory"])


async def test_a_reply_and_a_note_are_told_apart_and_only_one_reaches_the_customer(office: Office) -> None:
    await filed(office)

    await presses(office, ANA, "ticket.more", choose="reply:1")
    await submits(office, ANA, text="We are on it.")
    await presses(office, ANA, "ticket.more", choose="note:1")
    await submits(office, ANA, text="Third time this week.")

    assert ["replied to the requester" in story(office)[0], "internal note" in story(office)[1]] == [True, True]
    assert [one["text"] for one in direct(office, CLEO)] == ["<@U0AGENT1> replied on #1 VPN is down: “We are on it.”"]


async def test_a_correction_is_on_the_card_and_in_the_story(office: Office) -> None:
    number = await filed(office)

    await presses(office, ANA, "ticket.more", choose="change:1")
    await submits(office, ANA, title="VPN is slow", priority="critical", customer="Acme", reply_by="phone")

    changed = await ticket(office, number)
    assert (changed.priority, changed.reply_by, changed.customer) == (Priority.CRITICAL, ReplyBy.PHONE, "Acme")
    words, _, due = story(office)[-1].partition(": First reply due ")
    assert words == (
        "#1: <@U0AGENT1> changed title from “VPN is down” to “VPN is slow”, priority from Normal to Critical, "
        "customer from none to “Acme”, reply channel from Slack to Phone"
    )
    assert "07:15 UTC>, before" in due


async def test_the_whole_story_opens_from_the_card(office: Office) -> None:
    await filed(office)
    await presses(office, ANA, "ticket.take")

    outcome = await presses(office, BEN, "ticket.more", choose="open:1")

    assert "<@U0AGENT1> took it" in str(outcome.view)


async def test_an_observer_reads_who_can_before_a_form_opens(office: Office) -> None:
    await filed(office)

    outcome = await presses(office, OTTO, "ticket.resolve")

    assert outcome.view is None
    assert outcome.ephemerals[0]["text"] == "You cannot resolve this ticket: agents, experts and leads of Support can."


async def test_what_somebody_else_resolved_meanwhile_gives_back_what_was_written(office: Office) -> None:
    await filed(office)
    await presses(office, BEN, "ticket.resolve")
    await presses(office, ANA, "ticket.resolve")
    await submits(office, ANA, solution="Restarted the gateway.")

    outcome = await submits(office, BEN, solution="Changed the cable on floor 3.")

    said = str(outcome.view)
    assert "already resolved by <@U0AGENT1>" in said
    assert "Changed the cable on floor 3." in said


async def test_a_word_under_more_that_is_no_longer_one_is_answered(office: Office) -> None:
    await filed(office)
    blocks = card(office)["blocks"]
    blocks[0]["accessory"]["options"][0]["value"] = "sing:1"

    outcome = await presses(office, LENA, "ticket.more", choose="sing:1")

    assert "older version" in outcome.ephemerals[0]["text"]
