"""What `/desk` answers, within Slack's limits."""

from dataclasses import replace

import pytest

from handlers.people.cards import teams as cards
from handlers.slack.blocks import Message
from rules.model.policy import Policy, Team, TicketType
from rules.people.slack_status import CustomStatus, SlackStatus
from rules.presence.presence import Presence, PresenceStatus
from rules.text import Text
from storage.health import DeskHealth, UndeliveredMessages
from storage.presence.board import BoardEntry
from storage.schema.tickets import JobRun
from tests.desks import MONDAY, POLICY, problems

HOSTILE = ["<!channel> & <b>", "x" * 3000, "\u202eשלום", "🔥" * 700]
QUIET = DeskHealth(0, None, (), (), ())


def crowded(text: str) -> Policy:
    """Many teams of many people and types, all called like this."""
    people = tuple(f"U0PERSON{n}" for n in range(200))
    teams = {f"t{n}": Team(f"t{n}", text, channel="C0SUPPORT", agents=people) for n in range(60)}
    types = {f"k{n}": TicketType(f"k{n}", text, "t1") for n in range(60)}
    return replace(POLICY, teams=teams, types=types)


def refused(message: Message) -> list[str]:
    return problems("message", {"text": message.text, "blocks": message.blocks})


@pytest.mark.parametrize("text", HOSTILE)
def test_many_teams_with_hostile_names_stay_within_limits(text: str) -> None:
    policy = crowded(text)
    teams = list(policy.teams.values())

    shown = [
        cards.presence_of_teams(teams, {}, policy),
        cards.teams_overview(policy),
        cards.handling_teams([(Text("{why}", {"why": text}), team) for team in teams], {}, policy),
    ]

    assert [refused(message) for message in shown] == [[], [], []]
    assert "<!channel>" not in str(shown)


def test_a_team_of_forty_eight_is_shown_to_its_last_row() -> None:
    people = tuple(f"U0123ABCD{n:02}" for n in range(48))
    team = Team("support", "Support", channel="C0SUPPORT", agents=people)
    seats = {who: BoardEntry(who, Presence(PresenceStatus.AT_WORK, until=MONDAY), 12, 3) for who in people}

    shown = cards.presence_of_teams([team], seats, POLICY)

    (text,) = [block["text"]["text"] for block in shown.blocks if block["type"] == "section"]
    last = text.split("\n")[-1]
    assert last.startswith("*48 here*  <@U0123ABCD00> 12 (3 breached), ")
    assert last.endswith("<@U0123ABCD29> 12 (3 breached) and 18 more")


@pytest.mark.parametrize("text", HOSTILE)
def test_health_with_hostile_errors_stays_within_limits(text: str) -> None:
    jobs = [
        JobRun(name=f"{text}{n}", started_at=MONDAY, finished_at=MONDAY, ms=1, result=text, failed=True)
        for n in range(60)
    ]
    lost = [UndeliveredMessages(text, text, 3, MONDAY)] * 10

    message = cards.health_message(DeskHealth(5, MONDAY, [(text, 2)] * 10, lost, jobs), MONDAY)

    assert refused(message) == []
    assert "<!channel>" not in str(message)


def test_what_slack_says_leaves_nobody_out() -> None:
    people = tuple(f"U0PERSON{n}" for n in range(cards.PEOPLE_LISTED))
    team = replace(POLICY.team("support"), leads=(), agents=people)
    hint = SlackStatus(
        CustomStatus("On holiday in a place far away", ":palm_tree:", MONDAY), do_not_disturb_until=MONDAY, is_away=True
    )
    seats = {who: BoardEntry(who, Presence(PresenceStatus.AT_WORK, until=MONDAY), slack_status=hint) for who in people}

    (block, _) = cards.presence_of_teams([team], seats, POLICY).blocks

    said = block["text"]["text"]
    assert [who for who in people if f"<@{who}>" not in said] == []
    assert "Slack: :palm_tree: On holiday in a place far away until" in said


def test_a_desk_without_teams_says_what_to_do() -> None:
    message = cards.teams_overview(Policy())

    assert refused(message) == []
    assert "`baton apply`" in message.text


def test_a_large_team_stands_there_by_state_with_what_each_holds() -> None:
    people = tuple(f"U0PERSON{place:02}" for place in range(40))
    here, away = Presence(PresenceStatus.AT_WORK), Presence(PresenceStatus.AWAY)
    seats = {who: BoardEntry(who, here if place < 35 else away, place, place % 2) for place, who in enumerate(people)}
    support = Team("support", "Support", agents=people)

    said = str(cards.presence_of_teams([support], seats, POLICY).blocks)

    assert "*35 here*  <@U0PERSON00> 0, <@U0PERSON01> 1 (1 breached), " in said
    assert " and 5 more" in said
    assert "*5 away*  <@U0PERSON35> 35 (1 breached), " in said


def test_quiet_health_is_within_limits() -> None:
    assert refused(cards.health_message(QUIET, MONDAY)) == []


def test_an_error_that_nobody_knows_still_has_a_remedy() -> None:
    assert (
        cards.error_with_remedy("strange_error")
        == "`strange_error`: ask an admin to run `baton check` and read its log"
    )
    assert cards.error_with_remedy("").startswith("`unknown`")


def test_health_counts_jobs_and_shows_no_names_results_or_milliseconds() -> None:
    well = JobRun(name="approvals.ask_anew", started_at=MONDAY, finished_at=MONDAY, ms=117, result="0", failed=False)
    failed = JobRun(
        name="sla.warn", started_at=MONDAY, finished_at=MONDAY, ms=3, result="DBError: no such table", failed=True
    )

    message = cards.health_message(replace(QUIET, jobs=[well, failed]), MONDAY)

    shown = f"{message.text}{message.blocks}"
    assert "1 task failed when it last ran. An admin finds the cause with `baton jobs`." in shown
    assert [words for words in ("approvals", "sla.warn", "ms", "no such table") if words in shown] == []


def test_teams_past_the_first_twenty_are_counted() -> None:
    teams = [replace(POLICY.team("support"), key=f"t{place}") for place in range(60)]
    handling = [(Text("They handle it."), team) for team in teams]
    shown = [cards.presence_of_teams(teams, {}, POLICY), cards.handling_teams(handling, {}, POLICY)]

    assert [str(message.blocks).count("and 40 more") for message in shown] == [1, 1]
