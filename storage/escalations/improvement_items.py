"""Improvement items: what rejections show to be missing, by team and type, until a lead closes the item."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select

from rules.escalations.escalations import ImprovementKind
from storage.schema.escalations import ImprovementItem
from storage.transaction import Reader, Transaction, all_where, first_where, insert_if_absent, select_where

MAX_TICKETS_KEPT = 8


def count_rejection(tx: Transaction, *, team: str, type_: str, kind: ImprovementKind, number: int) -> None:
    """The open item counts one more ticket, or a new item is opened."""
    moments = {"opened_at": tx.now, "last_at": tx.now}
    insert_if_absent(tx, ImprovementItem, team=team, type=type_, kind=kind, count=0, tickets=[], **moments)
    item = lock_open_item(tx, team=team, type_=type_, kind=kind)
    if item is not None:
        item.count += 1
        item.last_at = tx.now
        item.tickets = [*[ticket for ticket in item.tickets if ticket != number], number][-MAX_TICKETS_KEPT:]


def lock_open_item(tx: Transaction, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    query = select_where(tx, ImprovementItem, *_of_kind(team, type_, kind), ImprovementItem.closed_at.is_(None))
    return tx.session.scalars(query.with_for_update()).first()


def latest_item(reader: Reader, *, team: str, type_: str, kind: ImprovementKind) -> ImprovementItem | None:
    latest_first = ImprovementItem.opened_at.desc()
    return first_where(reader, ImprovementItem, *_of_kind(team, type_, kind), order_by=latest_first)


def open_items(reader: Reader, teams: Collection[str] | None, *, limit: int | None = None) -> Sequence[ImprovementItem]:
    order = (ImprovementItem.count.desc(), ImprovementItem.team, ImprovementItem.type, ImprovementItem.kind)
    is_open = ImprovementItem.closed_at.is_(None)
    return all_where(reader, ImprovementItem, is_open, *_of_teams(teams), order_by=order, limit=limit)


def closed_items(reader: Reader, teams: Collection[str] | None, *, limit: int) -> Sequence[ImprovementItem]:
    is_closed, latest_first = ImprovementItem.closed_at.is_not(None), ImprovementItem.closed_at.desc()
    return all_where(reader, ImprovementItem, is_closed, *_of_teams(teams), order_by=latest_first, limit=limit)


def item_counts(reader: Reader, teams: Collection[str] | None) -> tuple[int, int]:
    """How many are open, and how many are closed."""
    counts = select(func.count(), func.count(ImprovementItem.closed_at))
    query = counts.where(ImprovementItem.workspace_id == reader.workspace, *_of_teams(teams))
    every, closed = reader.session.execute(query).one()
    return every - closed, closed


def _of_kind(team: str, type_: str, kind: ImprovementKind) -> tuple[ColumnElement[bool], ...]:
    return ImprovementItem.team == team, ImprovementItem.type == type_, ImprovementItem.kind == kind


def _of_teams(teams: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if teams is None else [ImprovementItem.team.in_(teams)]
