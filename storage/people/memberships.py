"""Memberships set in Slack: rows are only added, and the latest of a person in a team counts."""

from sqlalchemy import func, select

from rules.people.memberships import TeamMembership
from storage.outbox.outbox import next_id
from storage.schema.people import MembershipRow
from storage.transaction import Reader, Transaction


def current_memberships(reader: Reader) -> tuple[TeamMembership, ...]:
    """The latest membership of each person in each team, in the order in which they were set."""
    in_workspace = MembershipRow.workspace_id == reader.workspace
    latest_ids = (
        select(func.max(MembershipRow.id)).where(in_workspace).group_by(MembershipRow.team, MembershipRow.person)
    )
    query = select(MembershipRow).where(in_workspace, MembershipRow.id.in_(latest_ids)).order_by(MembershipRow.id)
    return tuple(map(_from_row, reader.session.scalars(query)))


def membership_history(reader: Reader, team: str, *, limit: int) -> tuple[TeamMembership, ...]:
    query = select(MembershipRow).where(MembershipRow.workspace_id == reader.workspace, MembershipRow.team == team)
    return tuple(map(_from_row, reader.session.scalars(query.order_by(MembershipRow.id.desc()).limit(limit))))


def save_membership(tx: Transaction, member: TeamMembership) -> None:
    tx.session.add(
        MembershipRow(
            workspace_id=tx.workspace,
            team=member.team,
            person=member.person,
            id=next_id(),
            role=member.role,
            at=member.at,
            by=member.by,
        )
    )


def _from_row(row: MembershipRow) -> TeamMembership:
    return TeamMembership(row.team, row.person, row.role, row.by, row.at)
