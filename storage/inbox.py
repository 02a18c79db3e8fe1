"""What arrived before: a repeat answers what the first was answered."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select

from storage.tables import Inbox
from storage.work import Work

NEVER: Final = object()

_SEEN = select(Inbox.answer).where(Inbox.workspace_id == bindparam("w"), Inbox.key == bindparam("k"))
_REMEMBER = insert(Inbox.__table__)  # type: ignore[arg-type]


def answer_to(work: Work, key: str) -> Any:
    """What the first arrival of this key was answered; NEVER when it has not been seen."""
    row = work.run(_SEEN, {"w": work.workspace, "k": key}).first()
    return NEVER if row is None else row[0]


def remember(work: Work, key: str, answer: Any) -> None:
    """Keeps the answer (plain JSON values) for the repeats; two racing arrivals cannot both keep one."""
    work.run(_REMEMBER, {"workspace_id": work.workspace, "key": key, "answer": answer, "at": work.now})


def forget_before(work: Work, moment: datetime) -> int:
    """How many old keys were dropped: Slack repeats nothing after a day."""
    return work.run(delete(Inbox).where(Inbox.workspace_id == work.workspace, Inbox.at < moment)).rowcount
