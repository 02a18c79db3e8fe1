"""What arrived before: a repeat answers what the first was answered."""

from datetime import datetime
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Executable, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Inbox
from storage.work import Work

NEVER: Final = object()

_SEEN = select(Inbox.answer).where(Inbox.workspace_id == bindparam("w"), Inbox.key == bindparam("k"))
_REMEMBER = insert(Inbox.__table__)  # type: ignore[arg-type]
_SETTLE = (
    update(Inbox)
    .where(Inbox.workspace_id == bindparam("w"), Inbox.key == bindparam("k"))
    .values(answer=bindparam("a", type_=Inbox.answer.type))
    .execution_options(synchronize_session=False)
)


def _claiming(dialect: ModuleType) -> Executable:
    made = dialect.insert(Inbox.__table__)
    lapsed = Inbox.at < bindparam("since", type_=Inbox.at.type)
    where = ["workspace_id", "key"]
    renewed = made.on_conflict_do_update(index_elements=where, set_={"at": made.excluded.at}, where=lapsed)
    claiming: Executable = renewed.returning(Inbox.key)
    return claiming


_CLAIM: Final = {"sqlite": _claiming(sqlite), "postgresql": _claiming(postgresql)}


def answer_to(work: Work, key: str) -> Any:  # noqa: ANN401 - whatever plain JSON the first was answered
    """What the first arrival of this key was answered; NEVER when it has not been seen."""
    row = work.run(_SEEN, {"w": work.workspace, "k": key}).first()
    return NEVER if row is None else row[0]


def remember(work: Work, key: str, answer: object) -> None:
    """Keeps the answer (plain JSON values) for the repeats; two racing arrivals cannot both keep one."""
    work.run(_REMEMBER, {"workspace_id": work.workspace, "key": key, "answer": answer, "at": work.now})


def claim(work: Work, key: str, *, since: datetime) -> bool:
    """True when nothing has arrived under this key since then; the claimer keeps its answer with `settle`."""
    values = {"workspace_id": work.workspace, "key": key, "answer": None, "at": work.now, "since": since}
    return work.run(_CLAIM[work.connection.dialect.name], values).first() is not None


def settle(work: Work, key: str, answer: int) -> None:
    """What a claimed key is answered from now on: the number of what it made."""
    work.run(_SETTLE, {"w": work.workspace, "k": key, "a": answer})


def forget_before(work: Work, moment: datetime) -> int:
    """How many old keys were dropped: Slack repeats nothing after a day."""
    return work.run(delete(Inbox).where(Inbox.workspace_id == work.workspace, Inbox.at < moment)).rowcount
