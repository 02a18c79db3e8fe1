"""Who may do what: every role tries every deed, and it goes as the matrix says."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from rules.model.tickets import Priority, ReplyBy
from rules.people.permissions import OPERATION_NAMES, PERMISSION_MATRIX, NotAllowed, Permission
from services import permissions
from services.alerts import sweep
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations, redirects
from services.sla import extensions
from services.tickets import corrections, steps, threads, tickets
from services.tickets.corrections import Correction
from storage.tickets.tickets import NoSuchTicket
from tests.desks import HeldClock, opened_desk
from tests.services.parts import (
    NOBODY,
    ROLES,
    SAM,
    WIDER,
    asked_for_time,
    in_hand,
    more_time,
    offered,
    overdue,
    resolved,
    waiting_for_cleo,
    waiting_for_experts,
    with_steps,
)
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, OTTO, filed, story

TO_READ = {
    Permission.LIST_TICKETS,
    Permission.SEE_TEAM_REPORT,
    Permission.SEE_OWN_REPORT,
    Permission.SEE_LOGGED_TIME,
    Permission.USE_DESK_COMMAND,
    Permission.SEE_HEALTH,
    Permission.OPEN_HOME,
    Permission.SEE_FORECAST,
    Permission.SEE_PRESENCE_BOARD,
}
OF_TEAMS = {  # not of a ticket: each is tested in a file of its own
    Permission.APPLY_WHAT_IF_ACTION,
    Permission.WITHDRAW_ESCALATION,
    Permission.EDIT_SKILLS,
    Permission.EDIT_MEMBERSHIPS,
    Permission.TAKE_NEXT_TICKET,
    Permission.REASSIGN_IN_BULK,
    Permission.TAKE_BACK_TICKETS,
    Permission.CHOOSE_ALERT_CHANNEL,
    Permission.SET_PRESENCE,
    Permission.ENTER_LEAVE_FOR_OTHERS,
    Permission.REVIEW_ESCALATION,
    Permission.CLOSE_IMPROVEMENT_ITEM,
}
CORRECTED = Correction("VPN is slow", "network", Priority.HIGH, None, ReplyBy.SLACK)

Prepared = Callable[[Desk, str], Awaitable[int]]
Attempt = Callable[[Desk, int, str], Awaitable[object]]


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, with an admin and with other experts beside Network's."""
    async with opened_desk(database_url, clock, plain=WIDER) as opened:
        yield opened


async def looked(desk: Desk, number: int, by: str) -> object:
    return await desk.read(permissions.permitted_ticket, desk.policy, Permission.SEE_TICKET, number, by=by)


TRIED: dict[Permission, tuple[Prepared, Attempt]] = {
    Permission.FILE_TICKET: (in_hand, lambda desk, _, by: filed(desk, by=by)),
    Permission.SEE_TICKET: (in_hand, looked),
    Permission.TAKE_TICKET: (waiting_for_cleo, lambda desk, number, by: desk.execute(tickets.take, number, by=by)),
    Permission.ASSIGN_TICKET: (
        waiting_for_cleo,
        lambda desk, number, by: desk.execute(assignments.assign_ticket, number, to=ANA, by=by),
    ),
    Permission.START_WORK: (offered, lambda desk, number, by: desk.execute(assignments.start_work, number, by=by)),
    Permission.PASS_OFFER: (
        offered,
        lambda desk, number, by: desk.execute(assignments.pass_ticket_back, number, by=by, reason="on leave"),
    ),
    Permission.ESCALATE: (
        in_hand,
        lambda desk, number, by: desk.execute(escalations.escalate, number, by=by, team="security", why="?", tried="!"),
    ),
    Permission.ACCEPT_ESCALATION: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(escalations.accept, number, 1, by=by),
    ),
    Permission.REJECT_ESCALATION: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(
            escalations.reject, number, 1, by=by, reason=RejectionReason.OTHER, comment="No."
        ),
    ),
    Permission.REQUEST_INFO: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(escalations.request_info, number, 1, by=by, question="Since when?"),
    ),
    Permission.REDIRECT_ESCALATION: (
        waiting_for_experts,
        lambda desk, number, by: desk.execute(redirects.redirect, number, 1, by=by, team="security", reason="Theirs."),
    ),
    Permission.WAIT_FOR_CUSTOMER: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.wait_for_customer, number, by=by),
    ),
    Permission.REPLY_TO_REQUESTER: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.reply, number, by=by, text="We are on it."),
    ),
    Permission.WRITE_AS_REQUESTER: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.add_requester_message, number, by=by, text="Still down."),
    ),
    Permission.ADD_NOTE: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.add_note, number, by=by, text="Third time."),
    ),
    Permission.CHANGE_TICKET: (
        in_hand,
        lambda desk, number, by: desk.execute(corrections.correct_ticket, number, by=by, to=CORRECTED),
    ),
    Permission.RESOLVE_TICKET: (
        in_hand,
        lambda desk, number, by: desk.execute(tickets.resolve, number, by=by, solution="Restarted."),
    ),
    Permission.REOPEN_TICKET: (
        resolved,
        lambda desk, number, by: desk.execute(tickets.reopen, number, by=by, reason="Down again."),
    ),
    Permission.COMPLETE_STEP: (with_steps, lambda desk, number, by: desk.execute(steps.finish_step, number, 1, by=by)),
    Permission.EXTEND_TARGET: (in_hand, more_time),
    Permission.DECIDE_EXTENSION: (
        asked_for_time,
        lambda desk, number, by: desk.execute(extensions.answer_extension, number, 1, by=by, granted=True),
    ),
    Permission.ASK_FOR_HELP: (
        in_hand,
        lambda desk, number, by: desk.execute(sweep.request_help, number, by=by, text="A colleague."),
    ),
    Permission.SNOOZE_ALERT: (overdue, lambda desk, number, by: desk.execute(sweep.snooze_alerts, number, by=by)),
}
DECIDED_BY_EXPERTS = (
    Permission.ACCEPT_ESCALATION,
    Permission.REJECT_ESCALATION,
    Permission.REQUEST_INFO,
    Permission.REDIRECT_ESCALATION,
)


async def tried(desk: Desk, deed: Permission, by: str) -> tuple[int, str]:
    """The ticket it was tried on, and what came of it: done, or the sentence of the refusal."""
    prepare, attempt = TRIED[deed]
    number = await prepare(desk, by)
    try:
        await attempt(desk, number, by)
    except Refused as refusal:
        return number, str(refusal)
    return number, "done"


def test_every_deed_of_the_matrix_is_tried_here_or_only_reads() -> None:
    assert set(TRIED) | TO_READ | OF_TEAMS == set(PERMISSION_MATRIX)


@pytest.mark.parametrize("deed", TRIED)
async def test_each_role_may_do_what_the_matrix_says_and_the_others_read_who_can(desk: Desk, deed: Permission) -> None:
    came_of_it = {role: (await tried(desk, deed, person))[1] for role, person in ROLES.items()}

    refusal = str(NotAllowed(deed, ["Network"] if deed in DECIDED_BY_EXPERTS else ["Network", "Support"]))
    assert came_of_it == {role: "done" if role in PERMISSION_MATRIX[deed] else refusal for role in ROLES}


@pytest.mark.parametrize("deed", [deed for deed in TRIED if deed is not Permission.FILE_TICKET])
async def test_somebody_without_a_part_in_it_does_not_even_learn_that_it_is_there(desk: Desk, deed: Permission) -> None:
    number, came_of_it = await tried(desk, deed, NOBODY)

    assert came_of_it == f"There is no ticket #{number} that you can see." == str(NoSuchTicket(number))


@pytest.mark.parametrize("deed", DECIDED_BY_EXPERTS)
async def test_an_escalation_is_decided_by_the_experts_who_were_asked_and_no_others(
    desk: Desk, deed: Permission
) -> None:
    _, leads_words = await tried(desk, deed, LENA)
    number, others_words = await tried(desk, deed, SAM)

    assert leads_words == f"You cannot {OPERATION_NAMES[deed]}: experts and leads of Network can."
    assert others_words == f"There is no ticket #{number} that you can see."


async def test_experts_who_are_not_asked_see_nothing_of_it(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(NoSuchTicket):
        await desk.execute(tickets.take, number, by=EVA)


async def test_a_ticket_named_by_a_forged_value_stays_as_it_was(desk: Desk) -> None:
    mine, other = await filed(desk, by=CLEO), await in_hand(desk, CLEO)
    await desk.execute(escalations.escalate, other, by=EVA, team="security", why="Odd traffic", tried="a scan")

    for number, round_ in ((other, 1), (other, 2), (mine, 1)):
        with pytest.raises(Refused):
            await desk.execute(escalations.accept, number, round_, by=BEN)

    assert await story(desk, mine) == ["filed"]
    assert await story(desk, other) == ["filed", "escalated", "accepted", "escalated"]


async def test_a_note_is_sent_on_only_by_those_who_may_reply(desk: Desk) -> None:
    number = await filed(desk)
    seq = await desk.execute(tickets.add_note, number, by=ANA, text="Third time.")

    with pytest.raises(NotAllowed, match="agents, experts and leads of Support can, and so can managers"):
        await desk.execute(threads.send_note_to_requester, number, seq, by=OTTO)
    with pytest.raises(NoSuchTicket):
        await desk.execute(threads.send_note_to_requester, number, 99, by=NOBODY)


@pytest.mark.parametrize(
    ("deed", "teams", "sentence"),
    [
        (Permission.TAKE_TICKET, ["Support"], "take this ticket: agents, experts and leads of Support can."),
        (
            Permission.ADD_NOTE,
            ["Support"],
            "write a note on this ticket: agents, experts and leads of Support can, and so can managers and admins.",
        ),
        (
            Permission.WRITE_AS_REQUESTER,
            ["Support"],
            "write as the requester of this ticket: the requester can.",
        ),
        (Permission.SEE_HEALTH, [], "see the health of the desk: leads, managers and admins can."),
    ],
)
def test_a_refusal_says_what_cannot_be_done_and_who_can(deed: Permission, teams: list[str], sentence: str) -> None:
    assert str(NotAllowed(deed, teams)) == f"You cannot {sentence}"


def test_each_permission_has_a_name_of_its_own_for_people() -> None:
    assert len(set(map(str, OPERATION_NAMES.values()))) == len(Permission)
    assert set(OPERATION_NAMES) == set(Permission)
