"""The configuration is applied, and every process takes it over."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from rules.config.diff import configuration_changes
from rules.config.policy import parse_policy
from rules.config.renamed_keys import with_current_keys
from rules.intake.requests import company_key_of, step_after_change
from rules.model.policy import Policy
from rules.people.memberships import membership_differences
from rules.text import Text, _, ngettext
from services import imports
from services.desk import Desk
from services.notifications.notifications import record_and_publish
from services.reassignment.absence_cover import has_left_desk
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.people import memberships, people, user_groups
from storage.reassignment import bulk
from storage.schema.tickets import Ticket
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

TICKETS_PER_RECALCULATION = 50  # other transactions wait while these are written
ROWS_PER_ADOPTION = 2000


def apply_configuration(tx: Transaction, plain: Mapping[str, Any]) -> list[Text | str]:
    """Applies the configuration; one sentence for each change, and for each membership set in Slack that overrides it.

    A new order alone is no change. ConfigurationError for an invalid configuration: then nothing changes.
    """
    overrides = memberships.current_memberships(tx)
    policy = parse_policy(plain, memberships=overrides)
    workspace = lock_workspace(tx)
    changed: list[Text | str] = [*configuration_changes(workspace.policy, plain)]
    plain = with_current_keys(plain)
    if plain != with_current_keys(workspace.policy):
        workspace.policy = dict(plain)
        workspace.policy_version += 1
        workspace.applied_at = tx.now
        save_configuration(tx, workspace.policy_version, plain)
        changed += _people_without_team(tx, policy)
    names = people.names_of(tx, [person for membership in overrides for person in (membership.person, membership.by)])
    configured = parse_policy(plain, user_groups.known_user_groups(tx))
    return [*changed, *membership_differences(configured, overrides, names)]


def recalculate_sla_targets(tx: Transaction) -> int:
    """Recalculates a few open tickets whose SLA targets come from an older configuration; returns how many.

    Time that was used stays used, by the calendars that counted then. TICKETS_PER_RECALCULATION means there may be
    more.
    """
    tickets = tickets_with_old_sla(tx, limit=TICKETS_PER_RECALCULATION)
    old_policies = {
        version: parse_policy(stored)
        for version, stored in configurations_by_version(tx, {outdated.promised_under for outdated in tickets})
    }
    for ticket in tickets:
        old_policy = old_policies.get(ticket.promised_under or 0, tx.policy)
        ticket.step = step_after_change(tx.policy, old_policy, ticket.type, ticket.step)
        ticket.company = company_key_of(tx.policy, ticket.customer, ticket.requester, ticket.channel)
        if not imports.take_over_imported(tx, ticket):
            _recalculate_ticket(tx, ticket, old_policy)
        ticket.promised_under = tx.policy_version
    return len(tickets)


def _recalculate_ticket(tx: Transaction, ticket: Ticket, old_policy: Policy) -> None:
    due = timers.recalculate_timers(tx, ticket, why=_("the configuration changed"), before=old_policy)
    timers.follow_status(tx, ticket)
    if due:
        record_and_publish(tx, ticket, EventKind.SLA_RECALCULATED, by=events.DESK_ACTOR, due=due)


async def recalculate_all_sla_targets(desk: Desk) -> int:
    """Timers of an older configuration get their targets from the current one."""
    return await desk.execute_in_batches(
        recalculate_sla_targets, size=TICKETS_PER_RECALCULATION, task="Recalculating SLA targets"
    )


def _people_without_team(tx: Transaction, policy: Policy) -> list[Text]:
    people_left = [person for person in bulk.people_with_open_tickets(tx) if has_left_desk(policy, person)]
    names = people.names_of(tx, people_left)
    return [
        ngettext(
            "{person} is no longer in a team; {n} open ticket is reassigned to colleagues during business hours",
            "{person} is no longer in a team; {n} open tickets are reassigned to colleagues during business hours",
            count,
            person=names[person],
        )
        for person, count in open_counts(tx, people_left).items()
    ]


async def reload_configuration(desk: Desk) -> bool:
    """Takes over configuration, user groups and memberships that another process changed; whether any of it differs.

    Other members are no other version: no SLA target depends on them.
    """
    shared = desk.shared
    version, plain = await desk.read(current_configuration)
    groups = await desk.read(user_groups.known_user_groups)
    members = await desk.read(memberships.current_memberships)
    current = (shared.policy_version, shared.user_groups, shared.memberships)
    if plain is None or (version, groups, members) == current:
        return False
    shared.policy, shared.policy_version = parse_policy(plain, groups, members), version
    shared.user_groups, shared.memberships = groups, members
    return True


async def open_desk(desk: Desk, *, initial: Mapping[str, Any] | None) -> list[Text | str]:
    adopt = partial(adopt_local_data, limit=ROWS_PER_ADOPTION)
    await desk.execute_in_batches(adopt, size=ROWS_PER_ADOPTION, task="Taking over what was imported before")
    await desk.execute(enrol_workspace)
    _, configuration = await desk.read(current_configuration)
    changed = await desk.execute(apply_configuration, initial) if configuration is None and initial is not None else []
    await reload_configuration(desk)
    return changed
