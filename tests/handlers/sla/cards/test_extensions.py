"""More time: the form, and the lead's card before and after it is decided."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.alerts.cards import forms
from handlers.sla.cards import extensions as cards
from handlers.text.slack import local_time
from handlers.tickets.cards.ticket import Timers, ticket_card
from rules.calendars.durations import Duration
from rules.model.policy import Policy, ProcessStep, TicketType
from rules.model.tickets import Status
from rules.model.timers import TimerKind, TimerState
from storage.schema.sla import Extension
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, policy_of, ticket_of

RESOLUTION, STEP = TimerKind.RESOLUTION, TimerKind.STEP


def asked(text: str = "The vendor calls back.", *, granted: bool | None = None) -> Extension:
    decided = granted is not None
    return Extension(
        workspace_id="T0LOCAL",
        number=12,
        round=1,
        target=RESOLUTION,
        duration="2h",
        reason=text,
        asked_by="U0AGENT1",
        asked_at=NOW,
        decided_by="U0LEAD1" if decided else None,
        decided_at=NOW if decided else None,
        granted=granted,
    )


def with_steps(text: str) -> Policy:
    steps = (ProcessStep("look", text[:75] or "Look", Duration(seconds=3600)), ProcessStep("tell", text[:75] or "Tell"))
    return replace(policy_of(text), types={"network": TicketType("network", text[:75], "support", steps=steps)})


def words(extension: Extension, status: Status = Status.IN_PROGRESS, clocks: Timers | None = None) -> str:
    policy = policy_of("VPN")
    running = clocks_of(policy) if clocks is None else clocks
    blocks = cards.extension_card(extension, ticket_of("VPN is down", status), running, policy).blocks
    return json.dumps(blocks, ensure_ascii=False)


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("granted", [None, True, False])
def test_whatever_people_typed_the_card_is_harmless_and_within_limits(text: str, granted: bool | None) -> None:
    policy = policy_of(text)

    said = cards.extension_card(asked(text, granted=granted), ticket_of(text), clocks_of(policy), policy)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert [mark for mark in alarms((said.text, said.blocks)) if granted is None or mark != "<@U0LEAD1>"] == []


@pytest.mark.parametrize("text", TYPED)
def test_so_are_the_forms(text: str) -> None:
    policy, about = policy_of(text), ticket_of(text)
    views = [
        cards.extension_form(about, clocks_of(policy), policy, NOW),
        cards.extension_form(about, {}, policy, NOW),
        cards.extension_requested_page(12),
        forms.help_form(about, policy),
    ]

    assert [problems("modal", view) for view in views] == [[]] * 4
    assert alarms(views) == []


@pytest.mark.parametrize("text", TYPED)
def test_so_is_a_card_with_steps(text: str) -> None:
    policy, about = with_steps(text), ticket_of(text, Status.IN_PROGRESS)
    about.step = "look"

    said = ticket_card(about, clocks_of(policy), policy, NOW)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks[:-1])) == []  # the words of a button are never read as marks


def test_the_lead_reads_until_when_it_would_be() -> None:
    due = NOW + timedelta(hours=1)

    assert f"due {local_time(due)}, then {local_time(due + timedelta(hours=2))}" in words(asked())


def test_decided_it_says_by_whom_and_has_no_buttons() -> None:
    assert "✓ Approved by <@U0LEAD1>" in words(asked(granted=True))
    assert "✗ Declined by <@U0LEAD1>" in words(asked(granted=False))
    assert "actions" not in words(asked(granted=True)) + words(asked(granted=False))


def test_done_meanwhile_it_says_so_and_has_no_buttons() -> None:
    clock = clocks_of(policy_of("VPN"))[RESOLUTION]
    closed = {RESOLUTION: replace(clock, state=TimerState.MET, closed_at=NOW)}

    for said in (words(asked(), Status.RESOLVED), words(asked(), clocks=closed), words(asked(), clocks={})):
        assert "Done meanwhile" in said
        assert "actions" not in said


def test_what_was_asked_for_one_step_is_not_given_to_the_next() -> None:
    extension = asked()
    extension.target = STEP
    later = replace(clocks_of(policy_of("VPN"))[RESOLUTION], target=STEP, started_at=NOW + timedelta(minutes=1))

    assert "Done meanwhile" in words(extension, clocks={STEP: later})
