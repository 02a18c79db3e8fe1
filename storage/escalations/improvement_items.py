"""Gaps: what rejections show to be missing, for each team and type, until a lead closes it."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from rules.escalations.escalations import GapKind
from storage.schema.escalations import Gap
from storage.transaction import Reader, Transaction

KEPT = 8
SHOWN = 30
_OPEN = {
    "sqlite": sqlite.insert(Gap).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Gap).on_conflict_do_nothing(),
}


def add(tx: Transaction, *, team: str, type_: str, kind: GapKind, number: int) -> None:
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
    tx.execute(_OPEN[tx.connection.dialect.name], values)
    gap = open_one(tx, team=team, type_=type_, kind=kind)
    if gap is not None:
        gap.count += 1
        gap.last_at = tx.now
        gap.tickets = [*[one for one in gap.tickets if one != number], number][-KEPT:]


def open_one(tx: Transaction, *, team: str, type_: str, kind: GapKind) -> Gap | None:
    """The open gap, locked; None when it is closed, or there never was one."""
    mine = select(Gap).where(
        Gap.workspace_id == tx.workspace,
        Gap.team == team,
        Gap.type == type_,
        Gap.kind == kind,
        Gap.closed_at.is_(None),
    )
    return tx.session.scalars(mine.with_for_update()).first()


def newest(reader: Reader, *, team: str, type_: str, kind: GapKind) -> Gap | None:
    """The gap that was opened last, closed or not."""
    mine = select(Gap).where(
        Gap.workspace_id == reader.workspace, Gap.team == team, Gap.type == type_, Gap.kind == kind
    )
    return reader.session.scalars(mine.order_by(Gap.opened_at.desc()).limit(1)).first()


def of_teams(reader: Reader, teams: Collection[str] | None) -> Sequence[Gap]:
    """The open gaps of these teams, None for all, the one seen most often first."""
    mine = select(Gap).where(Gap.workspace_id == reader.workspace, Gap.closed_at.is_(None))
    if teams is not None:
        mine = mine.where(Gap.team.in_(teams))
    return reader.session.scalars(mine.order_by(Gap.count.desc(), Gap.team, Gap.type, Gap.kind).limit(SHOWN)).all()


def closed_of(reader: Reader, teams: Collection[str] | None, *, limit: int) -> Sequence[Gap]:
    """The gaps of these teams that were closed last, the newest first."""
    mine = select(Gap).where(Gap.workspace_id == reader.workspace, Gap.closed_at.is_not(None))
    if teams is not None:
        mine = mine.where(Gap.team.in_(teams))
    return reader.session.scalars(mine.order_by(Gap.closed_at.desc()).limit(limit)).all()
