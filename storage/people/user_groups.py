"""User groups: what Slack said of those that feed a team, and who of their members does not count."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from rules.model.groups import SlackUserGroup
from storage.outbox.outbox import next_id
from storage.schema.people import UserGroupRow
from storage.schema.tickets import Person
from storage.transaction import Reader, Transaction


def known_user_groups(reader: Reader) -> dict[str, SlackUserGroup]:
    """Each group as Slack told of it last; deactivated people and bots are left out of those who count."""
    rows = _latest_rows(reader)
    if not rows:
        return {}
    out = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, or_(Person.gone.is_(True), Person.is_bot.is_(True))
    )
    left_out = set(reader.session.scalars(out))
    return {
        row.group_id: SlackUserGroup(
            row.group_id, row.name, row.handle, tuple(row.members), frozenset(left_out.intersection(row.members))
        )
        for row in rows
    }


def save_user_group(
    tx: Transaction, group: str, *, name: str, handle: str, members: Sequence[str], changed_at: datetime
) -> bool:
    """Remembers what Slack says of a group now; whether it is news. What was told late, after newer, is none."""
    last = next(iter(_latest_rows(tx, group)), None)
    if last is not None:
        same = (last.name, last.handle, sorted(last.members)) == (name, handle, sorted(members))
        if same or changed_at < last.changed_at:
            return False
    tx.session.add(
        UserGroupRow(
            workspace_id=tx.workspace,
            group_id=group,
            id=next_id(),
            at=tx.now,
            name=name,
            handle=handle,
            members=list(members),
            changed_at=changed_at,
        )
    )
    return True


def _latest_rows(reader: Reader, group: str | None = None) -> Sequence[UserGroupRow]:
    mine = [
        UserGroupRow.workspace_id == reader.workspace,
        *([UserGroupRow.group_id == group] if group is not None else []),
    ]
    last = (
        select(UserGroupRow.group_id, func.max(UserGroupRow.id).label("id"))
        .where(*mine)
        .group_by(UserGroupRow.group_id)
    )
    newest = last.subquery()
    is_newest = and_(UserGroupRow.group_id == newest.c.group_id, UserGroupRow.id == newest.c.id)
    return reader.session.scalars(select(UserGroupRow).join(newest, is_newest).where(*mine)).all()
