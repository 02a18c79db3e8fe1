"""Memberships as leads have said them: only ever added to, and the newest row of a person in a team counts."""

from sqlalchemy import func, select

from rules.people.memberships import Member
from storage.outbox.outbox import next_id
from storage.schema.people import Membership
from storage.transaction import Reader, Transaction


def said(reader: Reader) -> tuple[Member, ...]:
    """What was said last of each person in each team, in the order in which it was said."""
    mine = Membership.workspace_id == reader.workspace
    newest = select(func.max(Membership.id)).where(mine).group_by(Membership.team, Membership.person)
    rows = select(Membership).where(mine, Membership.id.in_(newest)).order_by(Membership.id)
    return tuple(map(_member, reader.session.scalars(rows)))


def history(reader: Reader, team: str, *, limit: int) -> tuple[Member, ...]:
    """What was said of the people of a team, the newest first."""
    theirs = select(Membership).where(Membership.workspace_id == reader.workspace, Membership.team == team)
    return tuple(map(_member, reader.session.scalars(theirs.order_by(Membership.id.desc()).limit(limit))))


def keep(tx: Transaction, member: Member) -> None:
    """This is what the person is in the team from now on."""
    tx.session.add(
        Membership(
            workspace_id=tx.workspace,
            team=member.team,
            person=member.person,
            id=next_id(),
            role=member.role,
            at=member.at,
            by=member.by,
        )
    )


def _member(row: Membership) -> Member:
    return Member(row.team, row.person, row.role, row.by, row.at)
