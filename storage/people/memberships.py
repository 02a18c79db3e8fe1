"""Memberships set in Slack: rows are only added, and the latest of a person in a team counts."""

from dataclasses import asdict

from sqlalchemy import func, select

from rules.people.memberships import TeamMembership
from storage.outbox.outbox import next_id
from storage.schema.people import MembershipRow
from storage.transaction import Reader, Transaction, all_where


def current_memberships(reader: Reader) -> tuple[TeamMembership, ...]:
    """The latest membership of each person in each team, in the order in which they were set."""
    in_workspace = MembershipRow.workspace_id == reader.workspace
    latest_ids = (
        select(func.max(MembershipRow.id)).where(in_workspace).group_by(MembershipRow.team, MembershipRow.person)
    )
    query = select(MembershipRow).where(in_workspace, MembershipRow.id.in_(latest_ids)).order_by(MembershipRow.id)
    return tuple(map(_from_row, reader.session.scalars(query)))


def membership_history(reader: Reader, team: str, *, limit: int) -> tuple[TeamMembership, ...]:
    newest_first, of_team = MembershipRow.id.desc(), MembershipRow.team == team
    return tuple(map(_from_row, all_where(reader, MembershipRow, of_team, order_by=newest_first, limit=limit)))


def save_membership(tx: Transaction, member: TeamMembership) -> None:
    tx.session.add(MembershipRow(workspace_id=tx.workspace, id=next_id(), **asdict(member)))


def _from_row(row: MembershipRow) -> TeamMembership:
    return TeamMembership(row.team, row.person, row.role, row.by, row.at)
