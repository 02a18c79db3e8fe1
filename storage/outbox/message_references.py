"""Where each card lives in Slack."""

from collections.abc import Sequence

from sqlalchemy import select

from storage.schema.sla import Gathered
from storage.schema.tickets import Post
from storage.transaction import Reader, Transaction

SOURCE = "source"


def card(reader: Reader, *, kind: str, subject: str, lane: str) -> Post | None:
    """The one post of that card in that place; None when it was never posted."""
    found = select(Post).where(
        Post.workspace_id == reader.workspace, Post.kind == kind, Post.subject == subject, Post.lane == lane
    )
    return reader.session.scalars(found).first()


def at(reader: Reader, channel: str, ts: str) -> Post | None:
    """What stands at that place, if it is ours: a thread is recognised by its root."""
    return reader.session.get(Post, (reader.workspace, channel, ts))


def of_ticket(reader: Reader, number: int) -> Sequence[Post]:
    """Every post that speaks of the ticket, and the message it came from."""
    mine = select(Post).where(Post.workspace_id == reader.workspace, Post.number == number)
    return reader.session.scalars(mine.order_by(Post.ts)).all()


def of_tickets(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[int, str, str, str]]:
    """Number, kind, subject and lane of every post that speaks of any of these tickets."""
    columns = select(Post.number, Post.kind, Post.subject, Post.lane)
    rows = reader.session.execute(columns.where(Post.workspace_id == reader.workspace, Post.number.in_(numbers)))
    return [(number or 0, kind, subject, lane) for number, kind, subject, lane in rows]


def gathered(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The messages, by lane and subject, on which any of these tickets alarms together with others."""
    together = select(Gathered.lane, Gathered.subject).where(
        Gathered.workspace_id == reader.workspace, Gathered.number.in_(numbers)
    )
    return [(lane, subject) for lane, subject in reader.session.execute(together.distinct())]


def source_of(reader: Reader, number: int) -> Post | None:
    """The thread in which the requester asked; None when it did not come from one."""
    asked = select(Post).where(Post.workspace_id == reader.workspace, Post.number == number, Post.kind == SOURCE)
    return reader.session.scalars(asked).first()


def stands(
    tx: Transaction,
    *,
    kind: str,
    subject: str,
    lane: str,
    channel: str,
    ts: str,
    number: int | None,
    digest: str | None,
) -> None:
    """Remembers where a card stands, and what it said there."""
    post = card(tx, kind=kind, subject=subject, lane=lane)
    if post is not None and (post.channel, post.ts) != (channel, ts):
        tx.session.delete(post)
        tx.flush()
        post = None
    if post is None:
        post = Post(
            workspace_id=tx.workspace, channel=channel, ts=ts, kind=kind, subject=subject, lane=lane, number=number
        )
        tx.session.merge(post)
        post = card(tx, kind=kind, subject=subject, lane=lane)
    if post is not None:
        post.digest = digest
