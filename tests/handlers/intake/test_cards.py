"""The form and the answers to whoever files, within Slack's limits whatever is written."""

from datetime import datetime, timedelta

import pytest

from handlers.intake import cards
from handlers.intake.origins import Origin
from handlers.slack.blocks import Message
from handlers.slack.payloads import OldCard
from rules.intake.commands import UnclearCommand
from rules.model.policy import Policy, TicketType
from rules.model.timers import TimerKind
from services.intake import Duplicate
from storage.schema.tickets import Ticket
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.vpn import vpn_ticket

HOSTILE = ["<!channel> & <b>", "x" * 3000, "\u202eمرحبا بالعالم", "🔥" * 400, "&" * 3000]


def running(*kinds: TimerKind) -> dict[TimerKind, datetime]:
    return dict.fromkeys(kinds, MONDAY + timedelta(hours=2))


def whole(message: Message) -> str:
    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    return f"{message.text}{message.blocks}"


def filed(about: Ticket, *kinds: TimerKind, may_change: bool = False, policy: Policy = POLICY) -> str:
    return whole(cards.ticket_filed(about, running(*kinds), policy, may_change=may_change))


def test_the_filer_reads_both_due_times_in_their_own_time() -> None:
    said = filed(vpn_ticket(), TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)

    assert (
        "First reply by <!date^1791190800^\u200b{date_short_pretty} {time}|2026-10-05 09:00 UTC>, resolution by <!date^"
        in said
    )
    assert "(your time)" in said


def test_one_target_alone_is_a_whole_sentence() -> None:
    assert "Resolution by <!date^" in filed(vpn_ticket(), TimerKind.RESOLUTION)


def test_a_type_without_an_sla_says_so() -> None:
    assert "Support will look at it. There is no SLA for this type." in filed(vpn_ticket())


def test_who_reads_it_in_the_thread_is_not_told_whose_time_it_is() -> None:
    said = whole(cards.ticket_filed_in_thread(vpn_ticket(), running(TimerKind.RESOLUTION), POLICY))

    assert "Created #12 · VPN is down on floor 3." in said
    assert "your time" not in said


@pytest.mark.parametrize("words", HOSTILE)
def test_what_was_filed_stays_harmless_and_short(words: str) -> None:
    policy = Policy(types={"network": TicketType("network", words, "support")})
    said = filed(vpn_ticket(title=words), TimerKind.RESOLUTION, may_change=True, policy=policy)
    said += whole(cards.ticket_filed_in_thread(vpn_ticket(title=words), {}, POLICY))

    assert "<!channel>" not in said


@pytest.mark.parametrize("words", HOSTILE)
def test_the_form_opens_with_whatever_was_written(words: str) -> None:
    origin = Origin("C0GENERAL", "1.2", "1.2", "U0CLIENT1", ({"id": "F1", "name": words, "url": "https://x/y"},) * 20)

    view = cards.new_ticket_form(POLICY, cards.Prefill(words[:150], words), origin.to_metadata())

    assert problems("modal", view) == []
    assert len(view["private_metadata"]) <= 3000


def test_the_form_opens_with_many_types_and_with_none() -> None:
    many = Policy(types={f"t{n}": TicketType(f"t{n}", "n" * 200, "support") for n in range(150)})

    for policy in (many, Policy()):
        assert problems("modal", cards.new_ticket_form(policy, cards.Prefill(), "{}")) == []


def test_the_form_offers_what_is_usual() -> None:
    view = cards.new_ticket_form(POLICY, cards.Prefill(), "{}")

    chosen = {block["block_id"]: block["element"].get("initial_option", {}).get("value") for block in view["blocks"]}
    assert (chosen["type"], chosen["priority"], chosen["reply_by"]) == ("other", "normal", "slack")


def test_the_form_remembers_where_it_came_from() -> None:
    files = ({"id": "F1", "name": "log.txt", "url": "https://x/y"},)
    origin = Origin("C0GENERAL", "1.2", "1.1", "U0CLIENT1", files)

    assert Origin.from_metadata(origin.to_metadata()) == origin


def test_a_form_of_an_older_version_is_said_to_be_one() -> None:
    with pytest.raises(OldCard):
        Origin.from_metadata("12.1")


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_question_quotes_harmlessly(typed: str) -> None:
    asked = cards.unclear_command(UnclearCommand(typed, "list"), cards.file_anyway_button(typed))

    assert "No ticket created:" in whole(asked)
    assert "<!channel>" not in asked.text + str(asked.blocks[0])


def test_a_text_too_long_for_a_button_leads_to_the_form() -> None:
    said = whole(cards.unclear_command(UnclearCommand("list", None), cards.file_anyway_button("x" * 2001)))

    assert "use the form" in said
    assert "ticket.file_anyway" not in said


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (Duplicate.MESSAGE, "This message is already #12."),
        (Duplicate.THREAD, "This thread is already #12."),
        (Duplicate.CARD, "This is #12."),
        (Duplicate.TYPED, "Already created as #12 a moment ago."),
    ],
)
def test_who_repeats_something_is_told_which_ticket_it_is(earlier: Duplicate, words: str) -> None:
    assert words in whole(cards.already_filed(12, earlier))


def test_help_names_the_types_here_and_who_sees_what() -> None:
    said = whole(cards.ticket_help(POLICY))

    assert "Types: `network`, `other`" in said
    assert "Only you see these answers." in said


def test_help_fits_a_desk_of_many_types() -> None:
    whole(cards.ticket_help(Policy(types={"k" * 100 + str(n): TicketType(str(n), "n", "s") for n in range(150)})))


def test_a_name_alone_is_answered_with_how_to_go_on() -> None:
    assert "ticket.new" in whole(cards.mention_help())
