"""Memberships as leads have said them: only ever added to, and the newest row of a person in a team counts."""

from sqlalchemy import func, select

from rules.people.memberships import TeamMembership
from storage.outbox.outbox import next_id
from storage.schema.people import MembershipRow
from storage.transaction import Reader, Transaction


def current_memberships(reader: Reader) -> tuple[TeamMembership, ...]:
    """What was said last of each person in each team, in the order in which it was said."""
    mine = MembershipRow.workspace_id == reader.workspace
    newest = select(func.max(MembershipRow.id)).where(mine).group_by(MembershipRow.team, MembershipRow.person)
    rows = select(MembershipRow).where(mine, MembershipRow.id.in_(newest)).order_by(MembershipRow.id)
    return tuple(map(_from_row, reader.session.scalars(rows)))


def membership_history(reader: Reader, team: str, *, limit: int) -> tuple[TeamMembership, ...]:
    """What was said of the people of a team, the newest first."""
    theirs = select(MembershipRow).where(MembershipRow.workspace_id == reader.workspace, MembershipRow.team == team)
    return tuple(map(_from_row, reader.session.scalars(theirs.order_by(MembershipRow.id.desc()).limit(limit))))


def save_membership(tx: Transaction, member: TeamMembership) -> None:
    """This is what the person is in the team from now on."""
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
