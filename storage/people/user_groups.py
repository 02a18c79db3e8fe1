"""User groups that fill a team: what Slack last said about each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from rules.model.groups import SlackUserGroup
from storage.outbox.outbox import next_id
from storage.schema.people import UserGroupRow
from storage.schema.tickets import Person
from storage.transaction import Reader, Transaction, all_where


def known_user_groups(reader: Reader) -> dict[str, SlackUserGroup]:
    """Deactivated people and bots are marked as excluded."""
    rows = _latest_rows(reader)
    if not rows:
        return {}
    excluded = set(all_where(reader, Person.user_id, or_(Person.gone.is_(True), Person.is_bot.is_(True))))
    return {
        row.group_id: SlackUserGroup(
            row.group_id, row.name, row.handle, tuple(row.members), frozenset(excluded.intersection(row.members))
        )
        for row in rows
    }


def save_user_group(
    tx: Transaction, group: str, *, name: str, handle: str, members: Sequence[str], changed_at: datetime
) -> bool:
    """True when something changed. A message that arrives after a newer one changes nothing."""
    latest = next(iter(_latest_rows(tx, group)), None)
    if latest is not None:
        is_same = (latest.name, latest.handle, sorted(latest.members)) == (name, handle, sorted(members))
        if is_same or changed_at < latest.changed_at:
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
    conditions = [
        UserGroupRow.workspace_id == reader.workspace,
        *([UserGroupRow.group_id == group] if group is not None else []),
    ]
    latest_ids = (
        select(UserGroupRow.group_id, func.max(UserGroupRow.id).label("id"))
        .where(*conditions)
        .group_by(UserGroupRow.group_id)
    )
    latest = latest_ids.subquery()
    is_newest = and_(UserGroupRow.group_id == latest.c.group_id, UserGroupRow.id == latest.c.id)
    return reader.session.scalars(select(UserGroupRow).join(latest, is_newest).where(*conditions)).all()
