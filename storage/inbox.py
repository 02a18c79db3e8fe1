"""What arrived before: a repeat answers what the first was answered."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Inbox
from storage.work import Work

NEVER: Final = object()

_SEEN = select(Inbox.answer).where(Inbox.workspace_id == bindparam("w"), Inbox.key == bindparam("k"))
_ADD: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_REMEMBER = insert(Inbox.__table__)  # type: ignore[arg-type]


def answer_to(work: Work, key: str) -> Any:
    """What the first arrival of this key was answered; NEVER when it has not been seen."""
    row = work.run(_SEEN, {"w": work.workspace, "k": key}).first()
    return NEVER if row is None else row[0]


def remember(work: Work, key: str, answer: Any) -> None:
    """Keeps the answer (plain JSON values) for the repeats; two racing arrivals cannot both keep one."""
    work.run(_REMEMBER, {"workspace_id": work.workspace, "key": key, "answer": answer, "at": work.now})


def claim(work: Work, key: str, *, since: datetime) -> bool:
    """True when nothing has arrived under this key since then; the claimer keeps its answer with `settle`."""
    made = _ADD[work.connection.dialect.name](Inbox.__table__)
    values = {"workspace_id": work.workspace, "key": key, "answer": None, "at": work.now}
    claimed = work.run(
        made.values(values)
        .on_conflict_do_update(index_elements=["workspace_id", "key"], set_={"at": work.now}, where=Inbox.at < since)
        .returning(Inbox.key)
    ).first()
    return claimed is not None


def settle(work: Work, key: str, answer: Any) -> None:
    """What a claimed key is answered from now on."""
    work.run(update(Inbox).where(Inbox.workspace_id == work.workspace, Inbox.key == key).values(answer=answer))


def forget_before(work: Work, moment: datetime) -> int:
    """How many old keys were dropped: Slack repeats nothing after a day."""
    return work.run(delete(Inbox).where(Inbox.workspace_id == work.workspace, Inbox.at < moment)).rowcount
