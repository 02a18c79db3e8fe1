"""Extensions: who asked for more time, and what the lead said."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rules.model.timers import Clock as Running
from storage.schema.sla import Extension
from storage.transaction import Work


def undecided(session: Session, workspace: str, number: int) -> Extension | None:
    """What somebody asked for and no lead has answered yet."""
    mine = select(Extension).where(
        Extension.workspace_id == workspace, Extension.number == number, Extension.decided_at.is_(None)
    )
    return session.scalars(mine).first()


def get(session: Session, workspace: str, number: int, round_: int) -> Extension | None:
    return session.get(Extension, (workspace, number, round_))


def over(extension: Extension, clock: Running | None) -> bool:
    """Whether what needed the time is done meanwhile: nothing is left to decide then. Each step has a new clock."""
    return clock is None or not clock.is_open or clock.started_at > extension.asked_at


def next_round(work: Work, number: int) -> int:
    """1 for the first time that somebody asked for more time, and so on."""
    rounds = select(func.max(Extension.round)).where(
        Extension.workspace_id == work.workspace, Extension.number == number
    )
    return (work.session.scalar(rounds) or 0) + 1


def decide(work: Work, extension: Extension, *, by: str, granted: bool) -> bool:
    """True for the one who decided; False when someone else was first."""
    won = work.run(
        update(Extension)
        .where(
            Extension.workspace_id == work.workspace,
            Extension.number == extension.number,
            Extension.round == extension.round,
            Extension.decided_at.is_(None),
        )
        .values(decided_by=by, decided_at=work.now, granted=granted)
        .returning(Extension.number)
        .execution_options(synchronize_session=False)
    ).first()
    work.session.refresh(extension)
    return won is not None
