"""A basket's cards: within Slack's limits and harmless, whatever people typed, however many tickets there are."""

from dataclasses import astuple, replace
from datetime import date, timedelta

import pytest

from handlers.reassignment import cards
from handlers.reassignment.cards import ReassignmentView
from handlers.slack.blocks import Message
from handlers.text.slack import Markup
from handlers.tickets.cards.timeline import timeline_entry
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.presence.presence import Presence, PresenceStatus
from rules.reassignment import (
    CompletedMove,
    MovableTicket,
    NoReceiverReason,
    PlannedMove,
    ReassignmentCause,
    ReassignmentPlan,
    Receiver,
    TicketFilter,
    plan_reassignment,
)
from rules.skills import KnownSkills
from services.reassignment.bulk import Preview, ReassignmentRequest
from storage.events import DESK_ACTOR
from storage.reassignment.bulk import ticket_moves
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Ticket
from tests.desks import POLICY, problems
from tests.handlers.forecasts.test_forecasts import buttons
from tests.handlers.hostile import NOW, TYPED, alarms, event_of, policy_of, ticket_of

ANA, BEN, LENA = "U0AGENT1", "U0AGENT2", "U0BOSS1"
ROLES = {"receiver": BEN, "giver": ANA, "lead": LENA, "back": ANA}
MANY = 60


def basket(
    giver: str = ANA, *, by: str = LENA, why: ReassignmentCause = ReassignmentCause.BY_HAND, undone: bool = False
) -> BulkReassignment:
    moves = [
        CompletedMove(
            number,
            5,
            BEN if number % 3 else None,
            None if number % 3 else NoReceiverReason.SKILL,
            Status.ASSIGNED,
            "support",
        )
        for number in range(1, MANY + 1)
    ]
    return BulkReassignment(
        workspace_id="T0LOCAL",
        id=4711,
        giver=giver,
        by=by,
        at=NOW,
        why=str(why),
        moves={"moves": [list(astuple(one)) for one in moves], "until": (NOW + timedelta(days=5)).isoformat()},
        undone_at=NOW if undone else None,
        undone_by=LENA if undone else None,
    )


def tickets(text: str = "VPN is down") -> dict[int, Ticket]:
    found = {}
    for number in range(1, MANY + 1):
        found[number] = ticket_of(text, Status.ASSIGNED if number % 3 else Status.NEW)
        found[number].number, found[number].assignee = number, BEN if number % 3 else None
    return found


def read(role: str, kept: BulkReassignment, policy: Policy, text: str = "VPN is down") -> Message:
    return cards.reassignment_card(ReassignmentView(kept, role, ROLES[role], policy, tickets(text), ticket_moves(kept)))


def preview(text: str = "", *, receivers: int = 20) -> Preview:
    people = [Receiver(f"U0PERSON{n}", frozenset({"support"}), is_here=n % 4 > 0) for n in range(receivers)]
    known = KnownSkills(policy_of(text), {("U0PERSON1", "network"): Skill(SkillLevel.EXPERT)}, date(2026, 10, 5))
    items = {n: MovableTicket(n, 3, "network", Priority.HIGH, ("support", "support"), 20.0) for n in range(1, 400)}
    odd = tuple(PlannedMove(n, 3, None, why) for why in NoReceiverReason for n in range(400, 440))
    drawn = ReassignmentPlan((*plan_reassignment(items.values(), people, known).moves, *odd))
    return Preview(
        request=ReassignmentRequest(
            ANA, tuple(one.person for one in people), LENA, TicketFilter(types=frozenset({text[:100]}))
        ),
        at=NOW,
        items=items,
        teams=dict.fromkeys((one.number for one in drawn.moves), "support"),
        receivers=tuple(people),
        presences={
            one.person: Presence(PresenceStatus.AT_WORK if one.is_here else PresenceStatus.AWAY, NOW) for one in people
        },
        skills=known,
        plan=drawn,
        not_allowed_count=3,
    )


def refused(message: Message) -> list[str]:
    return problems("message", {"text": message.text, "blocks": message.blocks})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("undone", [False, True])
def test_however_it_is_read_it_stays_within_limits_and_harmless(role: str, text: str, undone: bool) -> None:
    said = read(role, basket(text[:100], undone=undone), policy_of(text), text)

    assert refused(said) == []
    assert alarms([said.text, said.blocks]) == []


@pytest.mark.parametrize("text", TYPED)
def test_a_large_preview_with_hostile_names_stays_within_limits(text: str) -> None:
    said = cards.preview_message(preview(text), "v" * 1900, policy_of(text), (4.2, 1.3))

    assert refused(said) == []
    assert alarms([said.text, said.blocks]) == []


@pytest.mark.parametrize("text", TYPED)
def test_the_form_offers_what_the_desk_knows(text: str) -> None:
    assert problems("modal", cards.reassignment_form(policy_of(text), ANA, "high network", "{}")) == []


def test_a_desk_without_types_has_a_form_without_them() -> None:
    assert problems("modal", cards.reassignment_form(Policy(), "", "", "{}")) == []


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("did", ["moved", "undone", "back"])
def test_the_story_says_it_whoever_it_was_with(text: str, did: str) -> None:
    event = event_of("handed", **{"did": did, "from": text[:100], "to": None, "left": "room", "why": "gone"})

    said = timeline_entry(event, ticket_of(text), policy_of(text))

    assert refused(said) == []
    assert alarms([said.text, said.blocks]) == []


def test_what_the_desk_moved_says_why_in_the_story() -> None:
    until = (NOW + timedelta(days=5)).isoformat()
    event = event_of("handed", **{"did": "moved", "from": ANA, "to": BEN, "why": "away", "until": until})
    event.by = DESK_ACTOR

    said = timeline_entry(event, ticket_of("VPN"), policy_of("Support")).text

    assert said.startswith(f"#12: Baton moved it from <@{ANA}> to <@{BEN}>: away until <!date^")


def test_what_nobody_has_stands_first_for_the_lead_with_the_reason_and_a_way_to_give_it() -> None:
    said = read("lead", basket(by=DESK_ACTOR, why=ReassignmentCause.AWAY), policy_of("Support"))

    first = said.blocks[1]
    assert "*#3*" in first["text"]["text"]
    assert first["text"]["text"].endswith("nobody of them is competent for it")
    assert first["accessory"]["action_id"] == "ticket.assign"


def test_undo_stands_where_it_can_be_pressed() -> None:
    by_desk, by_lead = basket(by=DESK_ACTOR, why=ReassignmentCause.AWAY), basket()
    policy = policy_of("Support")

    assert buttons(read("lead", by_desk, policy).blocks)["basket.undo"] == "4711.lead"
    assert "basket.undo" not in buttons(read("receiver", by_lead, policy).blocks)
    assert "basket.undo" not in buttons(read("lead", basket(by=DESK_ACTOR, undone=True), policy).blocks)
    assert buttons(cards.tickets_moved(by_lead, policy).blocks)["basket.undo"] == "4711.answer"


def test_take_back_stands_there_as_long_as_something_can_be() -> None:
    kept, policy = basket(by=DESK_ACTOR, why=ReassignmentCause.AWAY), policy_of("Support")
    begun = tickets()
    for one in begun.values():
        one.status = Status.IN_PROGRESS

    assert "basket.take_back" in buttons(read("back", kept, policy).blocks)
    assert "basket.take_back" not in buttons(
        cards.reassignment_card(ReassignmentView(kept, "back", ANA, policy, begun)).blocks
    )


def test_a_preview_says_for_each_reason_which_tickets_nobody_takes() -> None:
    said = str(cards.preview_message(preview("Support"), "v", policy_of("Support"), None).blocks)

    assert "160 tickets stay unassigned; the managers will be notified" in said
    assert "everybody who could do it is at their limit: #" in said
    assert "they follow below" in said


def one_receiver(receiver: Receiver, *, tickets: int, left: int = 0) -> Preview:
    """Ana's tickets go to one person, each of a type of its own; `left` of them to nobody."""
    items = {n: MovableTicket(n, 1, f"type{n}", Priority.NORMAL, ("support", "support"), 90) for n in range(tickets)}
    moves = [PlannedMove(n, 1, receiver.person) for n in items]
    moves += [PlannedMove(100 + n, 1, None, NoReceiverReason.CAPACITY) for n in range(left)]
    return replace(
        preview("Support", receivers=1),
        request=ReassignmentRequest(ANA, (receiver.person,), LENA),
        items=items,
        teams=dict.fromkeys((one.number for one in moves), "support"),
        receivers=(receiver,),
        presences={receiver.person: Presence(PresenceStatus.AT_WORK, NOW)},
        plan=ReassignmentPlan(tuple(moves)),
        not_allowed_count=0,
    )


def said_of(drawn: Preview, policy: Policy = POLICY) -> str:
    return str(cards.preview_message(drawn, "v", policy, None).blocks)


def test_a_preview_says_who_is_at_their_limit() -> None:
    full = Receiver(BEN, frozenset({"support"}), free_slots=0, tickets=3, minutes=75)

    assert f"<@{BEN}> gets nothing, being at their limit: has 3 tickets, 1 h 15 min" in said_of(
        one_receiver(full, tickets=0, left=1)
    )


def test_a_preview_counts_the_types_that_it_does_not_name() -> None:
    drawn = one_receiver(Receiver(BEN, frozenset({"support"})), tickets=13)

    assert "gets *13 tickets, 19 h 30 min*" in said_of(drawn)
    assert "type6 1 and 3 more" in said_of(drawn)


def test_a_preview_names_the_leads_who_will_be_notified_and_counts_the_others() -> None:
    leads = tuple(f"U0LEAD{n}" for n in range(1, 8))
    policy = replace(POLICY, teams={**POLICY.teams, "support": replace(POLICY.team("support"), leads=leads)})

    said = said_of(one_receiver(Receiver(BEN, frozenset({"support"})), tickets=0, left=1), policy)

    assert "1 ticket stays unassigned; <@U0LEAD1>, <@U0LEAD2>, <@U0LEAD3>, <@U0LEAD4>, <@U0LEAD5> and 2 more" in said


def test_what_was_taken_back_and_what_not_is_named() -> None:
    said = cards.move_undone([1, 2], list(range(3, 60)), ANA)

    assert said.text.startswith(f"✓ Undone: #1, #2 as before with <@{ANA}>.")
    assert "#32 and 27 more." in said.text
    assert refused(said) == []


def test_a_new_preview_says_first_why_there_is_one() -> None:
    said = cards.outdated_preview(
        Markup("Nothing was moved."), cards.preview_message(preview(), "v", policy_of("Support"), None)
    )

    assert said.blocks[0]["text"]["text"] == "⚠️ Nothing was moved."
    assert refused(said) == []


def test_what_is_not_shown_is_found_by_who_reads_it() -> None:
    kept, policy = basket(by=DESK_ACTOR, why=ReassignmentCause.AWAY), policy_of("")

    assert "and 40 more: `/ticket list unassigned`" in str(read("lead", kept, policy).blocks)
    assert "and 20 more: `/ticket list`" in str(read("receiver", kept, policy).blocks)


def test_the_end_of_leave_is_its_last_day() -> None:
    kept = basket(by=DESK_ACTOR, why=ReassignmentCause.AWAY)
    kept.moves = {**kept.moves, "until": "2026-10-09T22:00:00+00:00"}

    assert "away until Fri 9 Oct." in read("lead", kept, POLICY).text
