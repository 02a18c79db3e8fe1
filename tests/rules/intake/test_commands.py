"""What people mean when they type `/ticket`."""

import pytest

from rules.errors import Refused
from rules.intake.commands import (
    FileTicket,
    ListView,
    OpenForm,
    ShowHelp,
    ShowTicket,
    TicketListing,
    UnclearCommand,
    default_type_key,
    parse_ticket_command,
)
from rules.model.policy import Policy, Team, TicketType
from rules.model.tickets import Priority

TEAMS = {"support": Team("support", "First Line"), "network": Team("network", "Network")}
TYPES = {
    "network": TicketType("network", "Network access", "support"),
    "other": TicketType("other", "Other", "support"),
}
POLICY = Policy(teams=TEAMS, types=TYPES)


def test_nothing_typed_opens_the_form() -> None:
    assert parse_ticket_command("  ", POLICY) == OpenForm()
    assert parse_ticket_command("\u3164\u3164", POLICY) == OpenForm()


def test_help_is_help() -> None:
    assert parse_ticket_command("Help", POLICY) == ShowHelp()


@pytest.mark.parametrize("text", ["12", "#12", " #12 "])
def test_a_number_shows_that_ticket(text: str) -> None:
    assert parse_ticket_command(text, POLICY) == ShowTicket(12)


def test_a_number_with_more_words_is_a_title() -> None:
    assert parse_ticket_command("12 printers are broken", POLICY) == FileTicket("12 printers are broken")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("list", TicketListing(ListView.MINE)),
        ("list mine", TicketListing(ListView.MINE)),
        ("List Overdue", TicketListing(ListView.OVERDUE)),
        ("list near", TicketListing(ListView.DUE_SOON)),
        ("list unassigned", TicketListing(ListView.UNASSIGNED)),
        ("list all", TicketListing(ListView.ALL)),
        ("list team network", TicketListing(ListView.TEAM, team="network")),
        ("list team first line", TicketListing(ListView.TEAM, team="support")),
        ("list team “First Line”", TicketListing(ListView.TEAM, team="support")),
    ],
)
def test_lists_are_named_in_words(text: str, asked: TicketListing) -> None:
    assert parse_ticket_command(text, POLICY) == asked


def test_a_team_that_is_not_here_is_asked_back_with_the_nearest() -> None:
    with pytest.raises(Refused, match=r"`netwrk` is not a team here\. Did you mean `network`"):
        parse_ticket_command("list team netwrk", POLICY)


def test_a_team_without_a_name_is_asked_for() -> None:
    with pytest.raises(Refused, match="Say which team"):
        parse_ticket_command("list team", POLICY)


def test_an_unknown_list_may_be_a_slip() -> None:
    assert parse_ticket_command("list overdeu", POLICY) == UnclearCommand("list overdeu", "list overdue")


def test_what_begins_with_list_may_be_a_title() -> None:
    assert isinstance(parse_ticket_command("list of users is empty", POLICY), UnclearCommand)


def test_one_unknown_word_files_nothing() -> None:
    assert parse_ticket_command("lst", POLICY) == UnclearCommand("lst", "list")


def test_one_unknown_word_that_is_near_nothing_has_no_guess() -> None:
    assert parse_ticket_command("printer", POLICY) == UnclearCommand("printer", None)


def test_everything_may_be_said_in_one_line() -> None:
    said = "VPN is down on floor 3 !high type:network @U0AGENT1"

    asked = parse_ticket_command(said, POLICY, ["U0AGENT1"])

    assert asked == FileTicket("VPN is down on floor 3", "", "network", Priority.HIGH, "U0AGENT1")


def test_the_marks_may_stand_anywhere() -> None:
    asked = parse_ticket_command("!HIGH VPN @U0AGENT1 is Type:Network down", POLICY, ["U0AGENT1"])

    assert asked == FileTicket("VPN is down", "", "network", Priority.HIGH, "U0AGENT1")


def test_a_type_of_two_words_stands_in_quotes() -> None:
    assert parse_ticket_command('no wifi type:"network access"', POLICY) == FileTicket("no wifi", type="network")


def test_the_lines_below_the_first_are_the_description() -> None:
    assert parse_ticket_command("VPN is down\nsince 8:10\non floor 3 !low", POLICY) == FileTicket(
        "VPN is down", "since 8:10\non floor 3", priority=Priority.LOW
    )


@pytest.mark.parametrize("text", ["It crashed!!", "Error !! again", "header content-type:json is lost", "a!high b"])
def test_what_only_looks_like_a_mark_stays_in_the_title(text: str) -> None:
    assert parse_ticket_command(text, POLICY) == FileTicket(text)


def test_an_unknown_type_is_asked_back() -> None:
    with pytest.raises(Refused) as refused:
        parse_ticket_command("VPN is down type:netwrk", POLICY)

    assert str(refused.value) == "Not filed: `type:netwrk` is not a type here. Did you mean `network`?"


def test_an_unknown_priority_is_asked_back() -> None:
    with pytest.raises(Refused, match=r"`!hgih` is not .* mean `!high`\?"):
        parse_ticket_command("VPN down !hgih", POLICY)


@pytest.mark.parametrize(
    ("text", "why"),
    [("VPN down !high !low", "two priorities"), ("VPN down type:network type:other", "two types")],
)
def test_what_is_said_twice_differently_is_asked_back(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse_ticket_command(text, POLICY)


def test_a_ticket_has_one_assignee() -> None:
    with pytest.raises(Refused, match="names two people"):
        parse_ticket_command("VPN down @U0AGENT1 @U0AGENT2", POLICY, ["U0AGENT1", "U0AGENT2"])


def test_the_same_colleague_twice_is_one_assignee() -> None:
    asked = parse_ticket_command("VPN down @U0AGENT1 @U0AGENT1", POLICY, ["U0AGENT1", "U0AGENT1"])

    assert asked == FileTicket("VPN down", assignee="U0AGENT1")


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(Refused, match="that is 3900 characters, and a command takes 3000"):
        parse_ticket_command("VPN is down. " * 300, POLICY)


def test_a_mark_alone_says_nothing_but_is_no_unknown_command() -> None:
    assert parse_ticket_command("!high", POLICY) == FileTicket("", priority=Priority.HIGH)


def test_who_names_no_type_gets_other() -> None:
    assert default_type_key(POLICY) == "other"


def test_without_other_the_first_type_is_the_usual_one() -> None:
    assert default_type_key(Policy(types={"network": TYPES["network"]})) == "network"


def test_a_desk_without_types_has_no_usual_one() -> None:
    assert default_type_key(Policy()) == ""


def test_a_slip_before_a_view_is_asked_about_and_not_filed() -> None:
    assert parse_ticket_command("lst overdue", POLICY) == UnclearCommand("lst overdue", "list overdue")
    assert isinstance(parse_ticket_command("printer overdue", POLICY), FileTicket)
