"""Extensions: requests for more time, and the lead's decision."""

from rules.model.timers import SlaTimer
from storage.schema.sla import Extension
from storage.transaction import Reader, Transaction, first_where, update_first


def undecided_extension(reader: Reader, number: int) -> Extension | None:
    return first_where(reader, Extension, Extension.number == number, Extension.decided_at.is_(None))


def find_extension(reader: Reader, number: int, round_: int) -> Extension | None:
    return reader.session.get(Extension, (reader.workspace, number, round_))


def is_moot(extension: Extension, timer: SlaTimer | None) -> bool:
    """Whether the timer that needed more time has ended meanwhile. Each step has a new timer."""
    return timer is None or not timer.is_open or timer.started_at > extension.asked_at


def next_extension_round(tx: Transaction, number: int) -> int:
    latest = first_where(tx, Extension.round, Extension.number == number, order_by=Extension.round.desc())
    return (latest or 0) + 1


def decide_extension(tx: Transaction, extension: Extension, *, by: str, granted: bool) -> bool:
    undecided = Extension.decided_at.is_(None)
    return update_first(tx, extension, undecided, decided_by=by, decided_at=tx.now, granted=granted)
