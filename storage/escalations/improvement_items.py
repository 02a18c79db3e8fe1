"""Gaps: what rejections show to be missing, for each team and type, until a lead closes it."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from rules.escalations.escalations import ImprovementKind
from storage.schema.escalations import ImprovementItem
from storage.transaction import Reader, Transaction

MAX_TICKETS_KEPT = 8
MAX_ITEMS_SHOWN = 30
_INSERT_ITEM = {
    "sqlite": sqlite.insert(ImprovementItem).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(ImprovementItem).on_conflict_do_nothing(),
}


def count_rejection(tx: Transaction, *, team: str, type_: str, kind: ImprovementKind, number: int) -> None:
    """One more rejection that shows it: the open gap counts it, or a new one is opened."""
    values = {
        "workspace_id": tx.workspace,
        "team": team,
        "type": type_,
        "kind": kind,
        "opened_at": tx.now,
        "last_at": tx.now,
        "count": 0,
        "tickets": [],
    }
    tx.execute(_INSERT_ITEM[tx.connection.dialect.name], values)
    gap = lock_open_item(tx, team=team, type_=type_, kind=kind)
    if gap is not None:
        gap.count += 1
        gap.last_at = tx.now
        gap.tickets = [*[one for one in gap.tickets if one != number], number][-MAX_TICKETS_KEPT:]


def lock_open_item(tx: Transaction, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    """The open gap, locked; None when it is closed, or there never was one."""
    mine = select(ImprovementItem).where(
        ImprovementItem.workspace_id == tx.workspace,
        ImprovementItem.team == team,
        ImprovementItem.type == type_,
        ImprovementItem.kind == kind,
        ImprovementItem.closed_at.is_(None),
    )
    return tx.session.scalars(mine.with_for_update()).first()


def latest_item(reader: Reader, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    """The gap that was opened last, closed or not."""
    mine = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace,
        ImprovementItem.team == team,
        ImprovementItem.type == type_,
        ImprovementItem.kind == kind,
    )
    return reader.session.scalars(mine.order_by(ImprovementItem.opened_at.desc()).limit(1)).first()


def open_items(reader: Reader, teams: Collection[str] | None) -> Sequence[ImprovementItem]:
    """The open gaps of these teams, None for all, the one seen most often first."""
    mine = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace, ImprovementItem.closed_at.is_(None)
    )
    if teams is not None:
        mine = mine.where(ImprovementItem.team.in_(teams))
    return reader.session.scalars(
        mine.order_by(
            ImprovementItem.count.desc(), ImprovementItem.team, ImprovementItem.type, ImprovementItem.kind
        ).limit(MAX_ITEMS_SHOWN)
    ).all()


def closed_items(reader: Reader, teams: Collection[str] | None, *, limit: int) -> Sequence[ImprovementItem]:
    """The gaps of these teams that were closed last, the newest first."""
    mine = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace, ImprovementItem.closed_at.is_not(None)
    )
    if teams is not None:
        mine = mine.where(ImprovementItem.team.in_(teams))
    return reader.session.scalars(mine.order_by(ImprovementItem.closed_at.desc()).limit(limit)).all()
