"""The desk: one place through which everything is written and read."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rules.model.groups import NO_USER_GROUPS
from rules.model.policy import Policy
from rules.people.memberships import TeamMembership
from services.background import BackgroundTasks, ComputeWorker, run_in_thread
from services.health import Health
from services.slack_presence_cache import SlackPresenceCache
from storage import idempotency
from storage.database import Database
from storage.transaction import Reader, Transaction

WRITE_TIMEOUT_SECONDS = 2.5
PROGRESS_SECONDS = 2.0

log = logging.getLogger("baton.desk")

_give_up_at: ContextVar[float | None] = ContextVar("give_up_at", default=None)  # in monotonic seconds
P = ParamSpec("P")
T = TypeVar("T")


def utc_now() -> datetime:
    return datetime.now(UTC)


def without_delivery(destinations: Iterable[str]) -> None:
    """Until delivery is attached."""


@contextmanager
def one_answer() -> Iterator[None]:
    """All operations of one request share WRITE_TIMEOUT_SECONDS, since Slack waits three seconds for one answer.

    Background tasks that the request starts have their own time.
    """
    token = _give_up_at.set(monotonic() + WRITE_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        _give_up_at.reset(token)


class Desk:
    """Gives every operation its transaction, and every query its reader."""

    def __init__(
        self,
        database: Database,
        *,
        workspace: str,
        policy: Policy | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self.workspace = workspace
        self.policy = policy or Policy()
        self.policy_version = 0
        self.user_groups = NO_USER_GROUPS
        self.memberships: Sequence[TeamMembership] = ()
        self.shared: Desk = self
        self.clock = clock
        self.wake_delivery: Callable[[Iterable[str]], None] = without_delivery
        self.compute: ComputeWorker = run_in_thread
        self.background_tasks = BackgroundTasks()
        self.slack_presence = SlackPresenceCache()
        self.health = Health(clock)

    def with_policy(self, policy: Policy) -> "Desk":
        """The same desk with another policy, for one person's request; `shared` is the desk of all others."""
        desk = copy(self)
        desk.policy = policy
        return desk

    async def execute(
        self, operation: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs one operation in one transaction and returns its answer after the commit.

        NotSaved when it cannot commit within 2.5 s, or in what is left of them (`one_answer`); then nothing is saved.
        """
        return await self._run(lambda tx: operation(tx, *args, **kwargs))

    async def execute_once(
        self, key: str, operation: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`execute`, but a key that was seen before for this operation changes nothing and gets the first answer.

        The operation must return plain JSON values or a `Text`.
        """
        operation_key = f"{operation.__module__}.{operation.__qualname__} {key}"

        def body(tx: Transaction) -> T:
            earlier = idempotency.recorded_answer(tx, operation_key, older_key=key)
            if earlier is not idempotency.NOT_SEEN:
                return earlier  # type: ignore[no-any-return]
            answer = operation(tx, *args, **kwargs)
            idempotency.save_answer(tx, operation_key, answer)
            return answer

        try:
            return await self._run(body)
        except IntegrityError:  # another process was first with this key: the second run finds its answer
            return await self._run(body)

    async def execute_in_batches(self, operation: Callable[[Transaction], int], *, size: int, task: str = "") -> int:
        """Runs the operation until it handles fewer than `size` rows, so that no other waits for a long one.

        The log tells now and then how far a `task` with a name is.
        """
        total = count = await self.execute(operation)
        told_at = monotonic()
        while count >= size:
            count = await self.execute(operation)
            total += count
            if task and monotonic() - told_at >= PROGRESS_SECONDS:
                told_at = monotonic()
                log.info("%s: %d so far.", task, total)
        return total

    async def read(self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.read(lambda connection: self._query(connection, query, *args, **kwargs))

    async def read_in_worker(self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for what may read thousands of rows: nobody else waits for it."""
        return await self.database.read_in_worker(lambda connection: self._query(connection, query, *args, **kwargs))

    def _query(
        self, connection: Connection, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with Session(connection, expire_on_commit=False) as session:
            return query(Reader(session, self.workspace), *args, **kwargs)

    async def _run(self, body: Callable[[Transaction], T]) -> T:
        destinations: set[str] = set()

        def write(connection: Connection) -> T:
            nonlocal destinations
            tx = self._transaction(connection)
            try:
                answer = body(tx)
                tx.flush()
                destinations = tx.destinations
                return answer
            finally:
                tx.close()

        answer = await self.database.write(write, timeout_seconds=_seconds_left())
        if destinations:
            self.wake_delivery(destinations)
        return answer

    def _transaction(self, connection: Connection) -> Transaction:
        return Transaction(
            connection,
            now=self.clock(),
            workspace=self.workspace,
            policy=self.policy,
            policy_version=self.policy_version,
        )


def _seconds_left() -> float:
    give_up_at = _give_up_at.get()
    return WRITE_TIMEOUT_SECONDS if give_up_at is None else max(0.0, give_up_at - monotonic())
