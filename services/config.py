"""The desk's description is applied, and every process learns of it."""

from collections.abc import Mapping
from typing import Any

from rules.config.reader import changes, read_policy
from rules.intake.requests import company_key_of, step_after_change
from rules.model.policy import Policy
from rules.people.memberships import membership_differences
from services.desk import Desk
from services.notifications.notifications import publish_event
from services.reassignment.absence_cover import has_left_desk
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.people import memberships, people, user_groups
from storage.reassignment import bulk
from storage.tickets.tickets import open_counts, tickets_with_old_sla
from storage.transaction import Transaction
from storage.workspaces import (
    adopt_local_data,
    configurations_by_version,
    current_configuration,
    enrol_workspace,
    lock_workspace,
    save_configuration,
)

TICKETS_PER_RECALCULATION = 50  # other deeds wait while these are written


def apply_configuration(tx: Transaction, plain: Mapping[str, Any]) -> list[str]:
    """Makes this description the desk's; a sentence for each thing that changed (an order alone is not told), and for
    each person of whom something else was said in Slack, which counts.

    DescriptionError when it describes no desk: then nothing changes."""
    said = memberships.current_memberships(tx)
    policy = read_policy(plain, said=said)
    workspace = lock_workspace(tx)
    told = changes(workspace.policy, plain)
    if plain != workspace.policy:
        workspace.policy = dict(plain)
        workspace.policy_version += 1
        workspace.applied_at = tx.now
        save_configuration(tx, workspace.policy_version, plain)
        told += _people_without_team(tx, policy)
    known = people.names_of(tx, [who for one in said for who in (one.person, one.by)])
    return told + membership_differences(read_policy(plain, user_groups.known_user_groups(tx)), said, known)


def recalculate_sla_targets(tx: Transaction) -> int:
    """A few open tickets that were promised under an older description are promised by this one; how many were.

    Time that was used stays used, by the calendars that counted then. PROMISED means that there may be more.
    """
    behind = tickets_with_old_sla(tx, limit=TICKETS_PER_RECALCULATION)
    before = {
        version: read_policy(plain)
        for version, plain in configurations_by_version(tx, {one.promised_under for one in behind})
    }
    for ticket in behind:
        old = before.get(ticket.promised_under or 0, tx.policy)
        ticket.step = step_after_change(tx.policy, old, ticket.type, ticket.step)
        ticket.company = company_key_of(tx.policy, ticket.customer, ticket.requester, ticket.channel)
        due = timers.recalculate_timers(tx, ticket, why="the desk's rules changed", before=old)
        timers.follow_status(tx, ticket)
        ticket.promised_under = tx.policy_version
        if due:
            publish_event(
                tx, ticket, events.record(tx, ticket, EventKind.SLA_RECALCULATED, by=events.DESK_ACTOR, due=due)
            )
    return len(behind)


def _people_without_team(tx: Transaction, policy: Policy) -> list[str]:
    """What becomes of the open tickets of those who are in no team any more (reassignment/absence_cover.py does it)."""
    holding = [who for who in bulk.people_with_open_tickets(tx) if has_left_desk(policy, who)]
    called = people.names_of(tx, holding)
    return [
        f"{called[who]} is in no team any more and holds {'1 open ticket' if many == 1 else f'{many} open tickets'}: "
        f"{'it goes' if many == 1 else 'they go'} to colleagues while the team works"
        for who, many in open_counts(tx, holding).items()
    ]


async def reload_configuration(desk: Desk) -> bool:
    """Takes over a description that another process applied, who is in its user groups now, and where leads said that
    people belong; whether any of it differs.

    Other members are no other version: nothing that was promised depends on them.
    """
    whole = desk.shared
    version, plain = await desk.read(current_configuration)
    known, said = await desk.read(user_groups.known_user_groups), await desk.read(memberships.current_memberships)
    if plain is None or (version, known, said) == (whole.policy_version, whole.user_groups, whole.memberships):
        return False
    whole.policy, whole.policy_version = read_policy(plain, known, said), version
    whole.user_groups, whole.memberships = known, said
    return True


async def open_desk(desk: Desk, *, initial: Mapping[str, Any] | None) -> list[str]:
    """The desk's first moments in a process: the workspace exists, with what was brought before Slack was reached,
    and a description is applied when none ever was."""
    await desk.execute(adopt_local_data)
    await desk.execute(enrol_workspace)
    _, plain = await desk.read(current_configuration)
    told = await desk.execute(apply_configuration, initial) if plain is None and initial is not None else []
    await reload_configuration(desk)
    return told
