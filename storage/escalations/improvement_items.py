"""Improvement items: what rejections show to be missing, by team and type, until a lead closes the item."""

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
    """The open item counts one more ticket, or a new item is opened."""
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
    item = lock_open_item(tx, team=team, type_=type_, kind=kind)
    if item is not None:
        item.count += 1
        item.last_at = tx.now
        item.tickets = [*[ticket for ticket in item.tickets if ticket != number], number][-MAX_TICKETS_KEPT:]


def lock_open_item(tx: Transaction, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    query = select(ImprovementItem).where(
        ImprovementItem.workspace_id == tx.workspace,
        ImprovementItem.team == team,
        ImprovementItem.type == type_,
        ImprovementItem.kind == kind,
        ImprovementItem.closed_at.is_(None),
    )
    return tx.session.scalars(query.with_for_update()).first()


def latest_item(reader: Reader, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    query = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace,
        ImprovementItem.team == team,
        ImprovementItem.type == type_,
        ImprovementItem.kind == kind,
    )
    return reader.session.scalars(query.order_by(ImprovementItem.opened_at.desc()).limit(1)).first()


def open_items(reader: Reader, teams: Collection[str] | None) -> Sequence[ImprovementItem]:
    query = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace, ImprovementItem.closed_at.is_(None)
    )
    if teams is not None:
        query = query.where(ImprovementItem.team.in_(teams))
    return reader.session.scalars(
        query.order_by(
            ImprovementItem.count.desc(), ImprovementItem.team, ImprovementItem.type, ImprovementItem.kind
        ).limit(MAX_ITEMS_SHOWN)
    ).all()


def closed_items(reader: Reader, teams: Collection[str] | None, *, limit: int) -> Sequence[ImprovementItem]:
    query = select(ImprovementItem).where(
        ImprovementItem.workspace_id == reader.workspace, ImprovementItem.closed_at.is_not(None)
    )
    if teams is not None:
        query = query.where(ImprovementItem.team.in_(teams))
    return reader.session.scalars(query.order_by(ImprovementItem.closed_at.desc()).limit(limit)).all()
