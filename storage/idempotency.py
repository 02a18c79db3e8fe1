"""What arrived before: a repeat gets the answer that the first arrival got."""

from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Final

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import UpdateBase

from rules.text import Text
from storage.compiled import CompiledStatement
from storage.schema.tickets import IdempotencyKey
from storage.texts import text_from_json, text_to_json
from storage.transaction import Transaction, delete_some

NOT_SEEN: Final = object()
_SENTENCE = "sentence"  # the key of an answer that is a `Text`

_BY_KEY = (IdempotencyKey.workspace_id == bindparam("w"), IdempotencyKey.key == bindparam("k"))
_SELECT_ANSWER = CompiledStatement(
    select(IdempotencyKey.answer).where(
        IdempotencyKey.workspace_id == bindparam("w"),
        or_(IdempotencyKey.key == bindparam("k"), IdempotencyKey.key == bindparam("older")),
    )
)
_INSERT_ANSWER = CompiledStatement(insert(IdempotencyKey.__table__))  # type: ignore[arg-type]
_UPDATE_ANSWER = CompiledStatement(
    update(IdempotencyKey).where(*_BY_KEY).values(answer=bindparam("a", type_=IdempotencyKey.answer.type))
)


def _claim_statement(dialect: ModuleType) -> UpdateBase:
    insert_key = dialect.insert(IdempotencyKey.__table__)
    since, until = (bindparam(name, type_=IdempotencyKey.at.type) for name in ("since", "until"))
    is_lapsed = or_(IdempotencyKey.at < since, IdempotencyKey.at > until)
    index = ["workspace_id", "key"]
    renewed = insert_key.on_conflict_do_update(
        index_elements=index, set_={"at": insert_key.excluded.at}, where=is_lapsed
    )
    statement: UpdateBase = renewed.returning(IdempotencyKey.key)
    return statement


_CLAIM_KEY = CompiledStatement(_claim_statement(sqlite), _claim_statement(postgresql))


def recorded_answer(tx: Transaction, key: str, *, older_key: str = "") -> Any:  # noqa: ANN401 - whatever plain JSON
    """The answer to the first arrival of this key; NOT_SEEN when there was none.

    `older_key` is how versions that did not name the operation saved it; their last rows are deleted after some days.
    """
    row = _SELECT_ANSWER.run(tx, {"w": tx.workspace, "k": key, "older": older_key})
    return NOT_SEEN if row is None else _answer_from_json(row[0])


def save_answer(tx: Transaction, key: str, answer: object) -> None:
    """`answer` is plain JSON or a sentence. Of two racing arrivals one fails with IntegrityError."""
    stored = {_SENTENCE: text_to_json(answer)} if isinstance(answer, Text) else answer
    _INSERT_ANSWER.run(tx, {"workspace_id": tx.workspace, "key": key, "answer": stored, "at": tx.now})


def _answer_from_json(stored: Any) -> Any:  # noqa: ANN401 - whatever plain JSON
    is_sentence = isinstance(stored, dict) and stored.keys() == {_SENTENCE}
    return text_from_json(stored[_SENTENCE]) if is_sentence else stored


def claim_key(tx: Transaction, key: str, *, window: timedelta) -> bool:
    """False when this key arrived within the window; the claimer saves its answer with `answer_claimed_key`.

    One that arrived further in the future was written by a clock that was wrong, and claims nothing.
    """
    times = {"at": tx.now, "since": tx.now - window, "until": tx.now + window}
    return _CLAIM_KEY.run(tx, {"workspace_id": tx.workspace, "key": key, "answer": None, **times}) is not None


def answer_claimed_key(tx: Transaction, key: str, answer: object) -> None:
    _UPDATE_ANSWER.run(tx, {"w": tx.workspace, "k": key, "a": answer})


def delete_keys_before(tx: Transaction, moment: datetime, *, limit: int) -> int:
    return delete_some(tx, IdempotencyKey, IdempotencyKey.at < moment, limit=limit)
