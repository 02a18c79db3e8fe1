"""The alert's card: the clock, what is left, who has it; and what became of it, without buttons."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.alerts.cards.alerts import alert_card
from handlers.slack.blocks import Message
from handlers.text.slack import local_time
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind, TimerState
from storage.alerts import AlertContext
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.vpn import vpn_ticket

NOW = MONDAY + timedelta(hours=2)
FIRST, RESOLUTION = TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION
HOSTILE = ["<!channel> & <b>", "x" * 3000, "\u202eمرحبا بالعالم", "🔥" * 400, "*bold* `code` _it_\n> quote"]
ALONE = AlertContext(None, None, None, None)


def clock(target: TimerKind = RESOLUTION, *, due: timedelta = timedelta(minutes=35), level: int = 1) -> SlaTimer:
    return SlaTimer(target, TimerState.RUNNING, MONDAY, NOW + due, 4 * 3600, alert_level=level, calendar="office")


def shown(about: Ticket, clocks: Iterable[SlaTimer], told: AlertContext = ALONE, policy: Policy = POLICY) -> Message:
    message = alert_card(about, {one.target: one for one in clocks}, told, policy, NOW)
    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    return message


def words(message: Message) -> str:
    return "\n".join(
        text["text"]
        for block in message.blocks
        for text in [block.get("text"), *block.get("elements", [])]
        if text and text["type"] == "mrkdwn"
    )


def buttons(message: Message) -> list[str]:
    return [one["text"]["text"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def step(kind: EventKind, **data: str) -> Event:
    return Event(kind=str(kind), at=NOW - timedelta(minutes=20), by="U0AGENT2", data=data)


def test_it_names_the_ticket_the_clock_the_time_left_and_when_it_is_due() -> None:
    told = words(shown(vpn_ticket(), [clock()]))

    due = local_time(NOW + timedelta(minutes=35))
    assert f"⏳ *#12* · Resolution due in 35 min ({due}) · *VPN is down on floor 3*" in told


def test_a_first_reply_is_called_so() -> None:
    assert "First reply due in 35 min" in words(shown(vpn_ticket(), [clock(FIRST)]))


def test_the_time_left_is_that_of_the_open_hours() -> None:
    assert "Resolution due in 8 h of business hours" in words(shown(vpn_ticket(), [clock(due=timedelta(hours=24))]))


def test_past_its_time_it_says_overdue_in_word_and_sign() -> None:
    told = words(shown(vpn_ticket(), [clock(due=timedelta(minutes=-5), level=BREACH_LEVEL)]))

    assert "⚠️ *#12* · Resolution SLA breached, was due" in told


def test_of_two_clocks_the_more_urgent_comes_first() -> None:
    told = words(shown(vpn_ticket(), [clock(), clock(FIRST, due=timedelta(minutes=-5), level=BREACH_LEVEL)]))

    assert told.index("First reply SLA breached, was due") < told.index("Also: Resolution due in")


def test_it_mentions_who_has_it_and_since_when() -> None:
    mine = vpn_ticket(status=Status.IN_PROGRESS, assignee="U0AGENT1")
    since = NOW - timedelta(minutes=80)

    told = words(shown(mine, [clock()], replace(ALONE, assigned_since=since)))

    assert f"In progress · Assignee <@U0AGENT1> · assigned {local_time(since)}" in told


@pytest.mark.parametrize(("level", "mentioned"), [(1, False), (2, True), (BREACH_LEVEL, True)])
def test_the_lead_is_mentioned_from_the_last_warning_on(level: int, mentioned: bool) -> None:
    assert ("<@U0LEAD1>" in words(shown(vpn_ticket(), [clock(level=level)]))) is mentioned


def test_a_lead_who_has_it_is_mentioned_once() -> None:
    own = vpn_ticket(status=Status.IN_PROGRESS, assignee="U0LEAD1")

    assert words(shown(own, [clock(level=BREACH_LEVEL)])).count("<@U0LEAD1>") == 1


def test_the_last_step_is_told_without_pinging_who_took_it() -> None:
    told = words(
        shown(vpn_ticket(), [clock()], replace(ALONE, last_event=step(EventKind.NOTED, text="waiting for vendor")))
    )

    assert "Last activity: internal note" in told
    assert "“waiting for vendor”" in told
    assert "U0AGENT2" not in told


@pytest.mark.parametrize("kind", EventKind)
def test_whatever_happened_last_has_a_word_of_its_own(kind: EventKind) -> None:
    told = words(shown(vpn_ticket(), [clock()], replace(ALONE, last_event=step(kind))))

    (line,) = [one for one in told.splitlines() if "Last activity: " in one]
    assert "_" not in line.split("<!date")[0]


def test_a_snooze_says_whose_and_until_when() -> None:
    until = NOW + timedelta(minutes=30)

    told = words(shown(vpn_ticket(), [clock()], replace(ALONE, snoozed_until=until, snoozed_by="U0AGENT1")))

    assert f"Snoozed by <@U0AGENT1> until {local_time(until)}" in told


@pytest.mark.parametrize(
    ("status", "assignee", "steps"),
    [
        (Status.NEW, None, ["Take", "Assign…", "Snooze 30 min", "Extend…"]),
        (Status.ASSIGNED, "U0AGENT1", ["Take", "Assign…", "Snooze 30 min", "Extend…"]),
        (Status.IN_PROGRESS, "U0AGENT1", ["Resolve…", "Assign…", "Snooze 30 min", "Extend…"]),
        (Status.ESCALATED, "U0AGENT1", ["Snooze 30 min", "Extend…"]),
    ],
)
def test_only_what_somebody_may_do_now_is_a_button(status: Status, assignee: str | None, steps: list[str]) -> None:
    assert buttons(shown(vpn_ticket(status=status, assignee=assignee), [clock()])) == steps


def test_what_stops_the_clock_is_the_first_button() -> None:
    mine = vpn_ticket(status=Status.IN_PROGRESS, assignee="U0AGENT1")

    assert [buttons(shown(mine, [clock(kind)]))[0] for kind in (FIRST, TimerKind.NEXT_RESPONSE)] == ["Reply…"] * 2


@pytest.mark.parametrize("kind", [FIRST, TimerKind.NEXT_RESPONSE])
@pytest.mark.parametrize("level", [1, BREACH_LEVEL])
@pytest.mark.parametrize("status", [Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED])
def test_an_alert_of_a_reply_offers_the_reply_first_in_every_status(
    kind: TimerKind, level: int, status: Status
) -> None:
    about = vpn_ticket(status=status, assignee=None if status is Status.NEW else "U0AGENT1")
    due = timedelta(minutes=-5 if level == BREACH_LEVEL else 5)

    message = shown(about, [clock(kind, due=due, level=level)])

    assert buttons(message)[0] == "Reply…"
    assert len(buttons(message)) <= 4


def test_what_is_needed_less_often_stands_under_more() -> None:
    options = shown(vpn_ticket(), [clock()]).blocks[0]["accessory"]["options"]

    assert [one["text"]["text"] for one in options] == [
        "Ask for help…",
        "Why this deadline?",
        "Snooze 1 hour",
        "Snooze 2 hours",
        "Open",
    ]


def test_once_resolved_it_says_by_whom_and_has_no_buttons() -> None:
    done = vpn_ticket(status=Status.RESOLVED, resolved_at=NOW, resolved_by="U0AGENT1")
    met = replace(clock(), state=TimerState.MET, closed_at=NOW)

    message = shown(done, [met])

    assert f"✓ *#12* · Resolved by <@U0AGENT1> {local_time(NOW)} · *VPN is down on floor 3*" in words(message)
    assert buttons(message) == []


def test_once_the_first_reply_is_given_late_it_says_so() -> None:
    late = replace(clock(FIRST), state=TimerState.BREACHED, closed_at=NOW)
    quiet = clock(due=timedelta(hours=5), level=0)

    message = shown(vpn_ticket(), [late, quiet])

    assert f"✓ *#12* · First reply late, at {local_time(NOW)}" in words(message)
    assert buttons(message) == []


def test_while_the_customer_is_asked_it_says_that_its_time_is_paused() -> None:
    paused = replace(clock(), state=TimerState.PAUSED, remaining_s=2100)

    message = shown(vpn_ticket(status=Status.WAITING, assignee="U0AGENT1"), [paused])

    assert "✓ *#12* · On hold, waiting for customer" in words(message)
    assert buttons(message) == []


def test_a_ticket_whose_promise_was_made_longer_has_time_again() -> None:
    longer = clock(due=timedelta(hours=5), level=0)

    assert f"Back within SLA: due {local_time(longer.due_at)}" in words(shown(vpn_ticket(), [longer]))


def test_its_text_stands_alone_on_a_lock_screen() -> None:
    mine = vpn_ticket(status=Status.IN_PROGRESS, assignee="U0AGENT1")

    text = shown(mine, [clock()]).text

    assert text.startswith("⏳ #12 · Resolution due in 35 min")
    assert text.endswith("VPN is down on floor 3. Assignee <@U0AGENT1>.")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_wrote_stays_harmless(text: str) -> None:
    said = step(EventKind.NOTED, text=text)
    imported = vpn_ticket(title=text, status=Status.IN_PROGRESS, assignee=text)
    teams = {key: replace(team, name=text) for key, team in POLICY.teams.items()}

    message = shown(
        imported,
        [clock(level=2), clock(FIRST)],
        AlertContext(datetime(2026, 10, 1, tzinfo=UTC), said, NOW, text),
        replace(POLICY, teams=teams),
    )

    assert "<!channel>" not in words(message) + message.text
