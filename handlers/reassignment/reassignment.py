"""`/desk move`: many tickets from one person to others, previewed before, undone with one press."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient

from handlers.reassignment import cards
from handlers.slack import ephemeral
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Message, section
from handlers.slack.ids import Button, Command, Form
from handlers.slack.markup import mentioned_users
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.router import Answer, Router
from handlers.text.slack import join, render
from rules.errors import Refused
from rules.people.permissions import Permission
from rules.reassignment import parse_ticket_filter
from rules.text import _
from services.desk import Desk
from services.forecasts import runs
from services.reassignment import absence_cover, bulk
from services.reassignment.bulk import Preview, PreviewOutdated, ReassignmentRequest
from storage.connections.outages import NotRead, NotSaved
from storage.reassignment import bulk as kept

FORECAST_WAIT_SECONDS = 0.1  # a forecast that takes longer follows below the answer
_MENTION = re.compile(r"<@[^>]*>")


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """What a preview's button keeps: the request, the moment of the preview, and the digest of what it showed."""

    request: ReassignmentRequest
    as_of: datetime
    digest: str

    @classmethod
    def from_preview(cls, preview: Preview) -> "ShownPreview":
        return cls(preview.request, preview.at, preview.plan.digest)

    @property
    def button_value(self) -> str:
        at = int(self.as_of.timestamp() * 1_000_000)
        words = " ".join(self.request.wanted.typed_words)
        return "|".join([str(at), self.digest, self.request.giver, ",".join(self.request.receivers), words])

    @classmethod
    def from_press(cls, desk: Desk, press: Press) -> "ShownPreview":
        """OldCard when the button's value is not a preview."""
        try:
            at, digest, giver, receivers, words = press.value.split("|", 4)
            wanted = parse_ticket_filter(desk.policy, words)
            request = ReassignmentRequest(giver, tuple(receivers.split(",")), press.user, wanted)
            return cls(request, datetime.fromtimestamp(int(at) / 1_000_000, UTC), digest)
        except (ValueError, OverflowError):
            raise OldCard from None


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "move",
        Permission.USE_DESK_COMMAND,
        _("moves tickets to other people, after a preview: your own, or your team's as a lead"),
        examples=("/desk move @from @to",),
    )(answer_move_word)
    on.view(Form.BULK_REASSIGNMENT, Permission.REASSIGN_IN_BULK)(show_preview)
    on.action(Button.BULK_REASSIGN, Permission.REASSIGN_IN_BULK)(move_tickets)
    on.action(Button.CANCEL_REASSIGNMENT, Permission.USE_DESK_COMMAND)(cancel_move)
    on.action(Button.UNDO_REASSIGNMENT, Permission.REASSIGN_IN_BULK)(undo_move)
    on.action(Button.RECLAIM_TICKETS, Permission.TAKE_BACK_TICKETS)(reclaim_tickets)


@may_take_long
async def answer_move_word(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Answer:
    """`/desk move @from @to [@to …] [network high breached …]`; without two people, a form."""
    people = list(dict.fromkeys(mentioned_users(command.text)))
    words = " ".join(_MENTION.sub(" ", command.text).split()[1:])
    bulk.check_may_reassign(desk.policy, command.user)
    these = parse_ticket_filter(desk.policy, words)
    if len(people) <= 1:
        about = json.dumps({"channel": command.channel, "url": command.response_url})
        return cards.reassignment_form(desk.policy, next(iter(people), ""), words, about)
    said, later = await _build_preview(desk, ReassignmentRequest(people[0], tuple(people[1:]), command.user, these))
    _post_breaches_later(client, desk, command.response_url, later)
    return said


async def show_preview(form: Submission, client: AsyncWebClient, desk: Desk) -> None:
    words = " ".join(filter(None, (form["type"], form["priority"], form["time"])))
    receivers = tuple(filter(None, form["receivers"].split(",")))
    said, later = await _build_preview(
        desk, ReassignmentRequest(form["giver"], receivers, form.user, parse_ticket_filter(desk.policy, words))
    )
    place = _parse_destination(form.metadata)
    if not await ephemeral.post_below(client, place["url"], said):
        await ephemeral.post_in_channel(client, place["channel"], form.user, said)
    _post_breaches_later(client, desk, place["url"], later)


async def move_tickets(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    """Exactly what was shown; where things have changed since, nothing, and what it would be now is shown."""
    drawn = ShownPreview.from_press(desk, press)
    try:
        now = await desk.read_in_worker(
            bulk.preview_reassignment, desk.policy, drawn.request, at=drawn.as_of, now=desk.clock()
        )
        if now.plan.digest != drawn.digest:
            raise PreviewOutdated(await desk.read(kept.latest_reassignment, drawn.request.giver, since=drawn.as_of))
        id_ = await desk.execute_once(press.key, bulk.reassign_tickets, now)
    except (NotSaved, NotRead):
        raise
    except Refused as refusal:
        await _answer_refusal(client, desk, press, drawn, refusal)
        return
    await _answer_moved(client, desk, press, id_)


async def cancel_move(press: Press, client: AsyncWebClient) -> None:
    said = render(_("Nothing was moved."))
    await ephemeral.answer_press(client, press, Message(said, [section(said)]), replace=True)


async def undo_move(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    id_, where = _parse_reassignment(press)
    done = await desk.execute_once(press.key, bulk.undo_reassignment, id_, by=press.user)
    basket = await desk.read(kept.find_reassignment, id_)
    said = cards.move_undone(done["back"], done["kept"], basket.giver if basket else "")
    await ephemeral.answer_press(client, press, said, replace=where == "answer")


async def reclaim_tickets(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    id_, _where = _parse_reassignment(press)
    done = await desk.execute_once(press.key, absence_cover.take_back_tickets, id_, by=press.user)
    said = cards.move_undone(done["back"], done["kept"], press.user)
    await ephemeral.answer_press(client, press, said, replace=False)


async def _build_preview(
    desk: Desk, request: ReassignmentRequest
) -> tuple[Message, "asyncio.Task[tuple[float, float]] | None"]:
    """The preview, and the running forecast of SLA breaches where it takes longer than FORECAST_WAIT_SECONDS."""
    now = desk.clock()
    preview = await desk.read_in_worker(bulk.preview_reassignment, desk.policy, request, at=now, now=now)
    counting = asyncio.create_task(_expected_breaches(desk, preview))
    done, _pending = await asyncio.wait({counting}, timeout=FORECAST_WAIT_SECONDS)
    breaches = counting.result() if done and counting.exception() is None else None
    message = cards.preview_message(preview, ShownPreview.from_preview(preview).button_value, desk.policy, breaches)
    return message, None if breaches is not None else counting


async def _expected_breaches(desk: Desk, preview: Preview) -> tuple[float, float]:
    assignees: dict[str, dict[int, str | None]] = defaultdict(dict)
    for one in preview.plan.moves:
        assignees[preview.teams[one.number]][one.number] = one.to
    return await runs.expected_breaches(desk, assignees)


def _post_breaches_later(
    client: AsyncWebClient, desk: Desk, response_url: str, later: Awaitable[tuple[float, float]] | None
) -> None:
    async def said() -> None:
        if later is not None:
            text = render(cards.breaches_text(await later))
            await ephemeral.post_below(client, response_url, Message(text, [section(text)]))

    if later is not None:
        desk.background_tasks.start(said(), notify=ephemeral.notify_later(client, response_url))


async def _answer_refusal(
    client: AsyncWebClient, desk: Desk, press: Press, shown: ShownPreview, refusal: Refused
) -> None:
    """A repeat of the person's own press gets the first answer again; anyone else reads why, and the new preview."""
    first = await desk.read(kept.latest_reassignment, shown.request.giver, since=shown.as_of)
    if first is not None and first.by == press.user and first.undone_at is None:
        await _answer_moved(client, desk, press, first.id)
        return
    why = refusal if isinstance(refusal, PreviewOutdated) or first is None else PreviewOutdated(first)
    reasons, anew = [render(why.text)], None
    try:
        anew, _later = await _build_preview(desk, shown.request)
    except Refused as nothing:
        reasons += [] if render(nothing.text) in reasons[0] else [render(nothing.text)]
    said = cards.outdated_preview(join(" ", reasons), anew)
    await ephemeral.answer_press(client, press, said, replace=True)


async def _answer_moved(client: AsyncWebClient, desk: Desk, press: Press, id_: int) -> None:
    reassignment = await desk.read(kept.find_reassignment, id_)
    if reassignment is not None:
        await ephemeral.answer_press(client, press, cards.tickets_moved(reassignment, desk.policy), replace=True)


def _parse_reassignment(press: Press) -> tuple[int, str]:
    """The reassignment's id, and where the button is; OldCard when the value is neither."""
    id_, _dot, where = press.value.partition(".")
    if not re.fullmatch(r"[0-9]{1,18}", id_):
        raise OldCard
    return int(id_), where


def _parse_destination(about: str) -> dict[str, str]:
    try:
        place = json.loads(about)
        return {"channel": str(place["channel"]), "url": str(place["url"])}
    except (ValueError, KeyError, TypeError):
        raise OldCard from None
