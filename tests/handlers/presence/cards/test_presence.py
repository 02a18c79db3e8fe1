"""Presence on cards: harmless and within Slack's limits, whatever people type."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.people.cards import teams
from handlers.presence.cards import presence as cards
from handlers.presence.cards import shifts
from handlers.slack.blocks import context
from rules.model.policy import Policy, Team
from rules.people.slack_status import CustomStatus, SlackStatus
from rules.presence.presence import Presence, PresenceStatus
from storage.presence.board import BoardEntry
from storage.schema.people import LeaveEntry, ShiftEntry
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.hostile import TYPED, alarms

PEOPLE = tuple(f"U0PERSON{number}" for number in range(120))
UNTIL = MONDAY + timedelta(days=2)
ANA = "U0AGENT1"


def crowd(text: str) -> tuple[Team, Policy, dict[str, Presence]]:
    """A team of many, in every state, busy with what somebody typed."""
    activities = tuple(f"{number}{text}"[:75] for number in range(120))
    team = Team(
        "support",
        text[:75] or "Support",
        channel="C0SUPPORT",
        agents=PEOPLE,
        activities=activities,
        has_presence_board=True,
    )
    policy = replace(POLICY, teams={"support": team})
    states = list(PresenceStatus)
    here = {
        who: Presence(states[number % len(states)], until=UNTIL, since=MONDAY, activity=text[:75])
        for number, who in enumerate(PEOPLE)
    }
    return team, policy, here


def shown(blocks: object) -> object:
    """What Slack reads as markup: not its plain text, and not the values that it shows to nobody."""
    if isinstance(blocks, dict) and blocks.get("type") == "plain_text":
        return ""
    if isinstance(blocks, dict):
        return {name: shown(inner) for name, inner in blocks.items() if name != "value"}
    return [shown(inner) for inner in blocks] if isinstance(blocks, list) else blocks


def absence(text: str) -> LeaveEntry:
    return LeaveEntry(
        workspace_id="T0LOCAL",
        person="U0PERSON1",
        id=1,
        begins=MONDAY,
        ends=UNTIL,
        kind=text[:40],
        reason=text,
        by="U0PERSON1",
        at=MONDAY,
    )


@pytest.mark.parametrize("text", TYPED)
def test_the_floor_of_a_crowd_stays_within_limits(text: str) -> None:
    team, policy, here = crowd(text)

    message = cards.presence_board(team, date(2026, 10, 5), here, dict.fromkeys(PEOPLE, text), policy)

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert alarms(shown(message.blocks)) == []


def test_the_floor_of_forty_eight_ends_no_date_in_its_middle_and_counts_who_is_not_shown() -> None:
    people = tuple(f"U0123ABCD{number:02}" for number in range(48))
    team = Team("support", "Support", channel="C0SUPPORT", agents=people, has_presence_board=True)
    here = {who: Presence(PresenceStatus.AT_WORK, until=UNTIL) for who in people}

    said = cards.presence_board(team, date(2026, 10, 5), here, {who: f"Ana Kowalska {who}" for who in people}, POLICY)

    texts = [block["text"]["text"] for block in said.blocks if block["type"] == "section"]
    assert all(text.count("<!date^") == text.count(" UTC>") for text in texts)
    assert sum(text.count("<!date^") for text in texts) == 40
    assert texts[-1].endswith("and 8 more")


def test_a_board_never_shows_ids_of_people_whose_names_are_not_known_yet() -> None:
    here = {who: Presence(PresenceStatus.AT_WORK, until=UNTIL) for who in PEOPLE[:3]}

    said = cards.presence_board(
        crowd("x")[0], date(2026, 10, 5), here, {PEOPLE[0]: "Ana Kowalska"} | {who: who for who in PEOPLE[1:3]}, POLICY
    )

    text = str(said.blocks)
    assert "Ana Kowalska until" in text
    assert "2 people (names still loading)" in text
    assert not any(who in text for who in PEOPLE[:3])


def test_midnight_is_midnight() -> None:
    ends = datetime(2026, 10, 5, 22, 0, tzinfo=UTC)  # midnight in Warsaw, where the office is
    here = Presence(PresenceStatus.AT_WORK, until=ends)

    said = cards.presence_board(POLICY.team("support"), date(2026, 10, 5), {ANA: here}, {ANA: "Ana"}, POLICY)

    assert "Ana until midnight" in str(said.blocks)
    assert cards.presence_text(ANA, here, POLICY) == "here until midnight"
    assert cards.presence_text(ANA, Presence(PresenceStatus.OFF, until=ends), POLICY) == "off work until Tue 6 Oct"


@pytest.mark.parametrize("text", TYPED)
def test_a_day_that_is_over_has_no_buttons(text: str) -> None:
    message = cards.past_presence_board(crowd(text)[0], date(2026, 10, 5))

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert [block["type"] for block in message.blocks] == ["context"]
    assert alarms(shown(message.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
def test_ones_own_line_stays_within_limits(text: str) -> None:
    _, policy, here = crowd(text)
    for stands in here.values():
        blocks = cards.own_presence("U0PERSON1", stands, [absence(text)] * 20, policy, MONDAY)

        assert problems("home", {"type": "home", "blocks": blocks}) == []
        assert alarms(shown(blocks)) == []


@pytest.mark.parametrize("text", TYPED)
def test_the_answer_and_the_forms_stay_within_limits(text: str) -> None:
    _, policy, _ = crowd(text)
    said = cards.leave_entered(absence(text), policy, MONDAY, by="U0PERSON1", open_count=3)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert problems("modal", cards.entered_page(said)) == []
    assert problems("modal", cards.leave_form("U0PERSON1", date(2026, 10, 5), is_own=False)) == []
    assert alarms(said.blocks) == []


@pytest.mark.parametrize("text", TYPED)
def test_who_is_here_in_every_team_stays_within_limits(text: str) -> None:
    team, policy, here = crowd(text)
    hint = SlackStatus(CustomStatus(text, text, MONDAY), do_not_disturb_until=MONDAY, is_away=True)
    seats = {who: BoardEntry(who, stands, 999, 99, hint) for who, stands in here.items()}

    message = teams.presence_of_teams([team] * 60, seats, policy, by="U0PERSON1")

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert alarms(shown(message.blocks)) == []


def test_where_nobody_is_it_says_so() -> None:
    team = Team("support", "Support")

    assert cards.presence_board(team, date(2026, 10, 5), {}, {}, POLICY).text == "Support, Monday: nobody yet."


def test_without_activities_nobody_is_asked_with_what() -> None:
    words = [element["type"] for element in cards.status_buttons(())["elements"]]

    assert words == ["button", "button", "button"]


def test_more_leaves_and_shifts_than_home_shows_are_counted() -> None:
    leaves, shifts_entered = [absence("Family")] * 7, [own_shift()] * 8
    off = Presence(PresenceStatus.OFF)

    assert cards.own_presence(ANA, off, leaves, POLICY, MONDAY)[-1] == context("and 2 more")
    assert shifts.upcoming_shifts(shifts_entered, POLICY, MONDAY)[-1] == context("and 3 more")
    assert len(shifts.upcoming_shifts(shifts_entered[:5], POLICY, MONDAY)) == 5


def own_shift() -> ShiftEntry:
    ends = MONDAY + timedelta(hours=4)
    return ShiftEntry(workspace_id="T0LOCAL", person=ANA, id=1, begins=MONDAY, ends=ends)
