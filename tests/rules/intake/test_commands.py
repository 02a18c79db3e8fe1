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
        ("List Overdue", TicketListing(ListView.BREACHED)),
        ("list due soon", TicketListing(ListView.DUE_SOON)),
        ("list near", TicketListing(ListView.DUE_SOON)),
        ("list breached", TicketListing(ListView.BREACHED)),
        ("list resolved", TicketListing(ListView.RESOLVED)),
        ("list closed", TicketListing(ListView.RESOLVED)),
        ("list type:network", TicketListing(ListView.OPEN, type="network")),
        ('list type:"Network access" overdue', TicketListing(ListView.BREACHED, type="network")),
        ("list team network type:other", TicketListing(ListView.TEAM, team="network", type="other")),
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
    with pytest.raises(Refused, match=r"`netwrk` isn't a team here\. Did you mean `network`"):
        parse_ticket_command("list team netwrk", POLICY)


def test_a_team_without_a_name_is_asked_for() -> None:
    with pytest.raises(Refused, match="Say which team"):
        parse_ticket_command("list team", POLICY)


def test_an_unknown_list_may_be_a_slip() -> None:
    assert parse_ticket_command("list overdeu", POLICY) == UnclearCommand("list overdeu", "list breached", "list")


def test_what_begins_with_list_may_be_a_title() -> None:
    assert isinstance(parse_ticket_command("list of users is empty", POLICY), UnclearCommand)


def test_a_word_one_letter_away_from_an_order_files_nothing() -> None:
    assert parse_ticket_command("lst", POLICY) == UnclearCommand("lst", "list", "list")


@pytest.mark.parametrize("text", ["printer", "三楼的打印机从今天早上开始一直打印空白页", "เครื่องพิมพ์ชั้นสามพิมพ์กระดาษเปล่า"])
def test_one_word_files_and_so_does_a_language_without_spaces(text: str) -> None:
    assert parse_ticket_command(text, POLICY) == FileTicket(text)


@pytest.mark.parametrize(
    "text",
    [
        *("close 330", "Resolve #330", "cancel ticket 330", "assign 330 to @U0AGENT2", "take 330", "reopen 330 please"),
        *("status 330", "status of 330", "what is the status of 330?", "please close 330", "find 330", "clsoe 330"),
    ],
)
def test_an_order_about_a_ticket_shows_it_and_files_nothing(text: str) -> None:
    assert parse_ticket_command(text, POLICY) == ShowTicket(330, order=text)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        *(("search vpn", "search"), ("find my tickets", "find"), ("close", "close"), ("assign @U0AGENT2", "assign")),
        *(("take", "take"), ("status", "status"), ("reopen type:network", "reopen"), ("help me", "help")),
    ],
)
def test_an_order_that_cannot_be_done_by_text_is_asked_about(text: str, verb: str) -> None:
    assert parse_ticket_command(text, POLICY) == UnclearCommand(text, None, verb)


@pytest.mark.parametrize(
    "text",
    [
        *("lift 3 is stuck", "Close the window in room 5", "status page is down", "12 printers are broken"),
        *("take-home laptop is lost", "my search does not work", "please help with the VPN"),
    ],
)
def test_a_request_that_only_begins_like_an_order_is_filed(text: str) -> None:
    assert parse_ticket_command(text, POLICY) == FileTicket(text)


def test_a_list_of_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(Refused, match=r"^`type:netwrk` isn't a type here\. Did you mean `network`\?$"):
        parse_ticket_command("list type:netwrk", POLICY)


@pytest.mark.parametrize("text", ["@U0AGENT1 VPN is down", "@U0AGENT1: VPN is down", "VPN is down, @U0AGENT1."])
def test_a_person_at_the_beginning_or_the_end_gets_the_ticket(text: str) -> None:
    asked = parse_ticket_command(text, POLICY, ["U0AGENT1"])

    assert isinstance(asked, FileTicket)
    assert (asked.title.rstrip(","), asked.assignee) == ("VPN is down", "U0AGENT1")


def test_people_inside_a_sentence_are_part_of_it() -> None:
    said = "The laptops of @U0AGENT1 and @U0AGENT2 are lost"

    assert parse_ticket_command(said, POLICY, ["U0AGENT1", "U0AGENT2"]) == FileTicket(said)


def test_a_person_at_the_end_of_the_first_line_or_of_the_text_gets_the_ticket() -> None:
    first, last = "VPN is down @U0AGENT1\nsince 8:10", "VPN is down\nsince 8:10 @U0AGENT1"

    asked = FileTicket("VPN is down", "since 8:10", assignee="U0AGENT1")
    assert [parse_ticket_command(text, POLICY, ["U0AGENT1"]) for text in (first, last)] == [asked, asked]


def test_everything_may_be_said_in_one_line() -> None:
    said = "VPN is down on floor 3 !high type:network @U0AGENT1"

    asked = parse_ticket_command(said, POLICY, ["U0AGENT1"])

    assert asked == FileTicket("VPN is down on floor 3", "", "network", Priority.HIGH, "U0AGENT1")


def test_the_marks_may_stand_anywhere() -> None:
    asked = parse_ticket_command("!HIGH VPN is Type:Network down", POLICY)

    assert asked == FileTicket("VPN is down", "", "network", Priority.HIGH)


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

    assert str(refused.value) == "No ticket created: `type:netwrk` isn't a type here. Did you mean `network`?"


def test_an_unknown_priority_is_asked_back() -> None:
    with pytest.raises(Refused, match=r"`!hgih` isn.t .* mean `!high`\?"):
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
    with pytest.raises(Refused, match="your text has 3900 characters, and a command takes 3000"):
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
    assert parse_ticket_command("lst overdue", POLICY) == UnclearCommand("lst overdue", "list breached", "list")
    assert isinstance(parse_ticket_command("printer overdue", POLICY), FileTicket)
