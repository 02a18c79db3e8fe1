"""The desk: one place through which everything is done and read."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rules.model.groups import NONE_KNOWN
from rules.model.policy import Policy
from rules.people.memberships import Member
from services.background import Errands, Reckon, in_a_thread
from services.slack_presence_cache import Glances
from storage import idempotency
from storage.database import Database
from storage.transaction import Work

WITHIN = 2.5

P = ParamSpec("P")
T = TypeVar("T")


def utc_now() -> datetime:
    """The real clock; tests hand the desk one of their own."""
    return datetime.now(UTC)


def nobody_listens(lanes: Iterable[str]) -> None:
    """Who is woken after a commit until delivery asks to be."""


class Desk:
    """Hands every deed its transaction, and every reader the same view."""

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
        self.groups = NONE_KNOWN
        self.said: Sequence[Member] = ()
        self.whole: Desk = self
        self.clock = clock
        self.wake: Callable[[Iterable[str]], None] = nobody_listens
        self.reckon: Reckon = in_a_thread
        self.errands = Errands()
        self.glances = Glances()

    def under(self, policy: Policy) -> "Desk":
        """The same desk under this policy, for one person's request; `whole` is the desk that everybody else finds."""
        theirs = copy(self)
        theirs.policy = policy
        return theirs

    async def do(
        self,
        deed: Callable[Concatenate[Work, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs one deed in one transaction and returns its answer after the commit.

        NotSaved when it cannot commit within 2.5 s; then nothing is saved.
        """
        return await self._run(lambda work: deed(work, *args, **kwargs))

    async def once(
        self,
        key: str,
        deed: Callable[Concatenate[Work, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """`do`, but a key that was seen before changes nothing and is answered as the first time.

        The deed must return plain JSON values.
        """

        def body(work: Work) -> T:
            earlier = idempotency.answer_to(work, key)
            if earlier is not idempotency.NEVER:
                return earlier  # type: ignore[no-any-return]
            answer = deed(work, *args, **kwargs)
            idempotency.remember(work, key, answer)
            return answer

        try:
            return await self._run(body)
        except IntegrityError:  # another process was first with this key: the second look finds its answer
            return await self._run(body)

    async def ask(self, question: Callable[Concatenate[Session, str, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a reading function answers, beside the writer."""
        return await self.database.read(lambda connection: self._asked(connection, question, *args, **kwargs))

    async def ask_aside(
        self, question: Callable[Concatenate[Session, str, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`ask` for what may read thousands of rows: nobody else waits for it."""
        return await self.database.read_aside(lambda connection: self._asked(connection, question, *args, **kwargs))

    def _asked(
        self,
        connection: Connection,
        question: Callable[Concatenate[Session, str, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        with Session(connection, expire_on_commit=False) as session:
            return question(session, self.workspace, *args, **kwargs)

    async def _run(self, body: Callable[[Work], T]) -> T:
        spoke: set[str] = set()

        def write(connection: Connection) -> T:
            nonlocal spoke
            work = self._work(connection)
            try:
                answer = body(work)
                work.flush()
                spoke = work.spoke
                return answer
            finally:
                work.close()

        answer = await self.database.write(write, within=WITHIN)
        if spoke:
            self.wake(spoke)
        return answer

    def _work(self, connection: Connection) -> Work:
        return Work(
            connection, now=self.clock(), workspace=self.workspace, policy=self.policy, version=self.policy_version
        )
