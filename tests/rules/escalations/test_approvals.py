"""Who decides an escalation, and who stands in for whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.escalations.approvals import (
    AlreadySaid,
    Answer,
    Ask,
    NotYourTurn,
    Seat,
    answered,
    outcome,
    passed_over,
    seats,
    turn,
    whom_to_ask,
)
from rules.model.approval import Approval, Approving
from rules.presence.presence import Here, Presence

EVA, EMIL, LEO, SAM = "U0EXPERT1", "U0EXPERT2", "U0LEAD2", "U0EXPERT9"
MIA, MAX = "U0MANAGER1", "U0MANAGER2"
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
MORNING = NOW + timedelta(hours=10)
HERE, OFF, AWAY = Presence(Here.AT_WORK), Presence(Here.OFF, until=MORNING), Presence(Here.AWAY, until=MORNING)


def sitting(approval: Approval) -> tuple[Seat, ...]:
    """Everybody is asked for themselves."""
    found = seats(approval, experts=(EVA, EMIL), leads=(LEO,))
    return tuple(replace(seat, asked=seat.person) for seat in found)


ALL, IN_ORDER = sitting(Approval(Approving.ALL)), sitting(Approval(Approving.IN_ORDER))


def test_where_the_first_decides_nobody_is_asked_by_name() -> None:
    assert seats(Approval(), experts=(EVA, EMIL), leads=(LEO,)) == ()


def test_without_names_all_experts_are_meant_with_names_only_those_of_the_team() -> None:
    named = Approval(Approving.ALL, approvers=(EMIL, SAM))

    assert [seat.person for seat in ALL] == [EVA, EMIL]
    assert [seat.person for seat in sitting(named)] == [EMIL]


def test_the_lead_alone_decides_what_is_left_to_the_lead() -> None:
    assert [seat.person for seat in sitting(Approval(lead_decides=True))] == [LEO]


def test_of_all_each_has_to_accept() -> None:
    one = answered(Approving.ALL, ALL, by=EMIL, answer=Answer.ACCEPTED)
    both = answered(Approving.ALL, one, by=EVA, answer=Answer.ACCEPTED)

    assert (outcome(one), outcome(both)) == (None, Answer.ACCEPTED)


def test_one_rejection_rejects() -> None:
    assert outcome(answered(Approving.ALL, ALL, by=EMIL, answer=Answer.REJECTED)) is Answer.REJECTED


def test_in_order_the_second_waits_for_the_first() -> None:
    with pytest.raises(NotYourTurn, match=f"This waits for <@{EVA}>"):
        answered(Approving.IN_ORDER, IN_ORDER, by=EMIL, answer=Answer.ACCEPTED)


def test_who_has_accepted_reads_whom_it_waits_for() -> None:
    one = answered(Approving.ALL, ALL, by=EVA, answer=Answer.ACCEPTED)

    with pytest.raises(AlreadySaid, match=f"it waits for <@{EMIL}>"):
        answered(Approving.ALL, one, by=EVA, answer=Answer.ACCEPTED)


def test_who_stands_in_for_two_answers_for_both() -> None:
    for_both = tuple(replace(seat, asked=SAM) for seat in ALL)

    assert outcome(answered(Approving.ALL, for_both, by=SAM, answer=Answer.ACCEPTED)) is Answer.ACCEPTED


def test_without_an_answer_the_next_in_order_is_asked_and_after_the_last_the_lead() -> None:
    one = passed_over(Approving.IN_ORDER, IN_ORDER, leads=(LEO,))
    two = passed_over(Approving.IN_ORDER, one, leads=(LEO,))

    assert [seat.person for seat in turn(Approving.IN_ORDER, one)] == [EMIL]
    assert [seat.person for seat in turn(Approving.IN_ORDER, two)] == [LEO]
    assert passed_over(Approving.IN_ORDER, two, leads=(LEO,)) == two


def test_of_all_the_lead_answers_for_those_who_did_not() -> None:
    one = answered(Approving.ALL, ALL, by=EVA, answer=Answer.ACCEPTED)

    late = passed_over(Approving.ALL, one, leads=(LEO,))

    assert [seat.person for seat in turn(Approving.ALL, late)] == [LEO]
    assert outcome(tuple(replace(seat, answer=seat.answer or Answer.ACCEPTED) for seat in late)) is Answer.ACCEPTED


@pytest.mark.parametrize("here", [Here.AT_WORK, Here.BREAK, Here.ACTIVITY])
def test_who_is_here_is_asked(here: Here) -> None:
    assert whom_to_ask(EVA, {EVA: Presence(here)}, deputy=SAM, leads=(LEO,), now=NOW) == Ask(EVA, NOW)


def test_who_is_away_is_stood_in_for_by_the_deputy_else_by_the_lead() -> None:
    away = {EVA: AWAY, SAM: HERE, LEO: HERE}

    assert whom_to_ask(EVA, away, deputy=SAM, leads=(LEO,), now=NOW) == Ask(SAM, NOW)
    assert whom_to_ask(EVA, {**away, SAM: AWAY}, deputy=SAM, leads=(LEO,), now=NOW) == Ask(LEO, NOW)
    assert whom_to_ask(EVA, away, deputy="", leads=(LEO,), now=NOW) == Ask(LEO, NOW)


def test_at_night_the_question_waits_for_the_morning() -> None:
    assert whom_to_ask(EVA, {EVA: OFF, SAM: OFF}, deputy=SAM, leads=(LEO,), now=NOW) == Ask(EVA, MORNING)
    assert whom_to_ask(EVA, {EVA: OFF, SAM: HERE}, deputy=SAM, leads=(LEO,), now=NOW) == Ask(SAM, NOW)


def test_away_at_night_the_deputy_is_asked_in_the_morning() -> None:
    assert whom_to_ask(EVA, {EVA: AWAY, SAM: OFF}, deputy=SAM, leads=(LEO,), now=NOW) == Ask(SAM, MORNING)


def test_where_leads_are_away_too_a_manager_answers_but_not_where_one_is_only_off_work() -> None:
    away = {EVA: AWAY, LEO: AWAY, MIA: HERE}
    managers = (MAX, MIA)

    assert whom_to_ask(EVA, away, deputy="", leads=(LEO,), managers=managers, now=NOW) == Ask(MIA, NOW)
    assert whom_to_ask(EVA, {**away, MIA: OFF}, deputy="", leads=(LEO,), managers=managers, now=NOW) == Ask(
        MIA, MORNING
    )
    assert whom_to_ask(EVA, {**away, LEO: OFF}, deputy="", leads=(LEO,), managers=managers, now=NOW) == Ask(
        LEO, MORNING
    )


def test_who_is_back_answers_for_themselves_though_another_was_asked() -> None:
    stood_in_for = (replace(ALL[0], asked=SAM), ALL[1])

    now = answered(Approving.ALL, stood_in_for, by=EVA, answer=Answer.ACCEPTED)

    assert [seat.answer for seat in now] == [Answer.ACCEPTED, None]


def test_where_everybody_is_away_the_question_waits_for_who_was_meant() -> None:
    everybody = {EVA: AWAY, LEO: AWAY}

    assert whom_to_ask(EVA, everybody, deputy="", leads=(LEO,), now=NOW) == Ask(EVA, MORNING)


@given(
    st.sampled_from([Approving.ALL, Approving.IN_ORDER]),
    st.integers(1, 5),
    st.lists(st.sampled_from(["accept", "reject", "late"]), max_size=12),
)
def test_whatever_happens_it_waits_for_somebody_or_is_decided(approving: Approving, many: int, what: list[str]) -> None:
    now = tuple(Seat(place, f"U{place}", f"U{place}") for place in range(1, many + 1))
    for deed in what:
        if outcome(now) is not None:
            break
        first = turn(approving, now)[0]
        if deed == "late":
            now = tuple(replace(seat, asked=seat.person) for seat in passed_over(approving, now, leads=(LEO,)))
        else:
            said = Answer.ACCEPTED if deed == "accept" else Answer.REJECTED
            now = answered(approving, now, by=first.asked or "", answer=said)

    assert bool(turn(approving, now)) or outcome(now) is not None
