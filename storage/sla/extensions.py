"""Extensions: who asked for more time, and what the lead said."""

from sqlalchemy import func, select, update

from rules.model.timers import SlaTimer as Running
from storage.schema.sla import Extension
from storage.transaction import Reader, Transaction


def undecided_extension(reader: Reader, number: int) -> Extension | None:
    """What somebody asked for and no lead has answered yet."""
    mine = select(Extension).where(
        Extension.workspace_id == reader.workspace, Extension.number == number, Extension.decided_at.is_(None)
    )
    return reader.session.scalars(mine).first()


def find_extension(reader: Reader, number: int, round_: int) -> Extension | None:
    return reader.session.get(Extension, (reader.workspace, number, round_))


def is_moot(extension: Extension, clock: Running | None) -> bool:
    """Whether what needed the time is done meanwhile: nothing is left to decide then. Each step has a new clock."""
    return clock is None or not clock.is_open or clock.started_at > extension.asked_at


def next_extension_round(tx: Transaction, number: int) -> int:
    """1 for the first time that somebody asked for more time, and so on."""
    rounds = select(func.max(Extension.round)).where(Extension.workspace_id == tx.workspace, Extension.number == number)
    return (tx.session.scalar(rounds) or 0) + 1


def decide_extension(tx: Transaction, extension: Extension, *, by: str, granted: bool) -> bool:
    """True for the one who decided; False when someone else was first."""
    won = tx.execute(
        update(Extension)
        .where(
            Extension.workspace_id == tx.workspace,
            Extension.number == extension.number,
            Extension.round == extension.round,
            Extension.decided_at.is_(None),
        )
        .values(decided_by=by, decided_at=tx.now, granted=granted)
        .returning(Extension.number)
        .execution_options(synchronize_session=False)
    ).first()
    tx.session.refresh(extension)
    return won is not None
