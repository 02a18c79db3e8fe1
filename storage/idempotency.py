"""What arrived before: a repeat answers what the first was answered."""

from datetime import datetime
from types import ModuleType
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import UpdateBase

from storage.compiled import Hot
from storage.schema.tickets import Inbox
from storage.transaction import Transaction

NEVER: Final = object()

_THIS = (Inbox.workspace_id == bindparam("w"), Inbox.key == bindparam("k"))
_SEEN = Hot(select(Inbox.answer).where(*_THIS))
_REMEMBER = Hot(insert(Inbox.__table__))  # type: ignore[arg-type]
_SETTLE = Hot(update(Inbox).where(*_THIS).values(answer=bindparam("a", type_=Inbox.answer.type)))


def _claiming(dialect: ModuleType) -> UpdateBase:
    made = dialect.insert(Inbox.__table__)
    lapsed = Inbox.at < bindparam("since", type_=Inbox.at.type)
    where = ["workspace_id", "key"]
    renewed = made.on_conflict_do_update(index_elements=where, set_={"at": made.excluded.at}, where=lapsed)
    claiming: UpdateBase = renewed.returning(Inbox.key)
    return claiming


_CLAIM = Hot(_claiming(sqlite), _claiming(postgresql))


def answer_to(tx: Transaction, key: str) -> Any:  # noqa: ANN401 - whatever plain JSON the first was answered
    """What the first arrival of this key was answered; NEVER when it has not been seen."""
    row = _SEEN.run(tx, {"w": tx.workspace, "k": key})
    return NEVER if row is None else row[0]


def remember(tx: Transaction, key: str, answer: object) -> None:
    """Keeps the answer (plain JSON values) for the repeats; two racing arrivals cannot both keep one."""
    _REMEMBER.run(tx, {"workspace_id": tx.workspace, "key": key, "answer": answer, "at": tx.now})


def claim(tx: Transaction, key: str, *, since: datetime) -> bool:
    """True when nothing has arrived under this key since then; the claimer keeps its answer with `settle`."""
    values = {"workspace_id": tx.workspace, "key": key, "answer": None, "at": tx.now, "since": since}
    return _CLAIM.run(tx, values) is not None


def settle(tx: Transaction, key: str, answer: int) -> None:
    """What a claimed key is answered from now on: the number of what it made."""
    _SETTLE.run(tx, {"w": tx.workspace, "k": key, "a": answer})


def forget_before(tx: Transaction, moment: datetime) -> int:
    """How many old keys were dropped: Slack repeats nothing after a day."""
    return tx.execute(delete(Inbox).where(Inbox.workspace_id == tx.workspace, Inbox.at < moment)).rowcount
