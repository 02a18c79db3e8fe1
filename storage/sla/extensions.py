"""Extensions: requests for more time, and the lead's decision."""

from sqlalchemy import func, select

from rules.model.timers import SlaTimer
from storage.schema.sla import Extension
from storage.transaction import Reader, Transaction, update_first


def undecided_extension(reader: Reader, number: int) -> Extension | None:
    query = select(Extension).where(
        Extension.workspace_id == reader.workspace, Extension.number == number, Extension.decided_at.is_(None)
    )
    return reader.session.scalars(query).first()


def find_extension(reader: Reader, number: int, round_: int) -> Extension | None:
    return reader.session.get(Extension, (reader.workspace, number, round_))


def is_moot(extension: Extension, timer: SlaTimer | None) -> bool:
    """Whether the timer that needed more time has ended meanwhile. Each step has a new timer."""
    return timer is None or not timer.is_open or timer.started_at > extension.asked_at


def next_extension_round(tx: Transaction, number: int) -> int:
    query = select(func.max(Extension.round)).where(Extension.workspace_id == tx.workspace, Extension.number == number)
    return (tx.session.scalar(query) or 0) + 1


def decide_extension(tx: Transaction, extension: Extension, *, by: str, granted: bool) -> bool:
    undecided = Extension.decided_at.is_(None)
    return update_first(tx, extension, undecided, decided_by=by, decided_at=tx.now, granted=granted)
