"""The page for people: its files, and what it reads and does as one of them."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bot.emulator.errors import Refused
from bot.emulator.events import envelopes
from bot.emulator.people.person import Outcome, Person
from bot.emulator.state.images import KINDS as PICTURES
from bot.emulator.state.shapes import channel_row, public, user_row
from bot.emulator.state.workspace import Change, Json
from bot.emulator.web.api import COOKIE
from bot.emulator.web.stream import Stream

if TYPE_CHECKING:
    from bot.emulator.server import Emulator

HERE = Path(__file__).parents[1] / "page"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CHANGING = {"presence", "status_text", "status_emoji", "dnd"}


def routes(emulator: "Emulator", stream: Stream) -> list[web.RouteDef]:
    page = Page(emulator)
    reads = ("boot", "channel/{id}", "thread/{id}/{ts}", "home", "views", "traffic")
    does = ["read", "send", "edit", "delete", "command", "shortcut", "press", "options", "submit", "close", "react"]
    does += ["dm", "join", "presence", "settings"]
    table = [web.get("/", page.index), web.get("/static/{path:.+}", page.static), web.get("/ui/stream", stream.serve)]
    table += [web.get(f"/ui/{path}", _answered(getattr(page, path.partition("/")[0]))) for path in reads]
    table += [web.post(f"/ui/{path}", _answered(getattr(page, path))) for path in does]
    table.append(web.get("/ui/file/{id}", page.file))
    return [*table, web.post("/ui/upload", _answered(page.upload))]


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site open in the same browser may not act here."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        return web.json_response({"ok": False, "error": "wrong_origin"}, status=HTTPStatus.FORBIDDEN)
    return await handler(request)


def _answered(run: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await run(request), dumps=_dumped)
        except Refused as refusal:
            status = HTTPStatus.NOT_FOUND if refusal.error.endswith("not_found") else HTTPStatus.BAD_REQUEST
            return web.json_response({"ok": False, "error": refusal.error}, status=status)
        except (LookupError, TypeError, ValueError) as error:
            body = {"ok": False, "error": "invalid_arguments", "detail": str(error)}
            return web.json_response(body, status=HTTPStatus.BAD_REQUEST)

    return answer


def _dumped(value: object) -> str:
    return json.dumps(value, default=str)


class Page:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._workspace = emulator.workspace

    async def index(self, _request: web.Request) -> web.StreamResponse:
        if not (HERE / "index.html").is_file():
            return web.Response(text="The local workspace is running; its page is not installed.")
        response = web.FileResponse(HERE / "index.html", headers={"Cache-Control": "no-store"})
        response.set_cookie(COOKIE, "1", httponly=True, samesite="Strict")
        return response

    async def static(self, request: web.Request) -> web.StreamResponse:
        path = (HERE / request.match_info["path"]).resolve()
        if not path.is_relative_to(HERE) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def boot(self, request: web.Request) -> Json:
        """Without a name, the first person of the seed looks."""
        workspace = self._workspace
        first = next((user.id for user in workspace.users.values() if not user.is_bot and not user.deleted), "")
        me = self._person(request.query.get("as") or first)
        app = workspace.app
        commands = [
            {name: row.get(name, "") for name in ("command", "description", "usage_hint")} for row in app.commands()
        ]
        named = ("callback_id", "type", "name", "description")
        return {
            "team": workspace.team,
            "me": user_row(me.user),
            "people": [user_row(user) for user in workspace.users.values()],
            "channels": [channel_row(workspace, channel, me.id) for channel in workspace.seen_by(me.id)],
            "app": {"name": app.name, "bot_user": app.bot_user},
            "commands": commands,
            "shortcuts": [{name: row.get(name, "") for name in named} for row in app.shortcuts()],
            "settings": {"rate_limits": workspace.rates.on},
        }

    async def channel(self, request: web.Request) -> Json:
        me = self._reader(request)
        said = [public(message, metadata=True) for message in me.sees(request.match_info["id"])]
        channel = self._workspace.channel(request.match_info["id"])
        return {"channel": channel_row(self._workspace, channel, me.id), "messages": said}

    async def thread(self, request: web.Request) -> Json:
        said = self._reader(request).thread(request.match_info["id"], request.match_info["ts"])
        return {"messages": [public(message, metadata=True) for message in said]}

    async def file(self, request: web.Request) -> web.Response:
        """A picture for who sees the block in which it stands."""
        try:
            content = self._reader(request).opens(request.match_info["id"])
        except Refused:
            raise web.HTTPNotFound from None
        kind = self._workspace.files[request.match_info["id"]].info["mimetype"]
        if kind not in PICTURES:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    async def home(self, request: web.Request) -> Json:
        return {"view": await self._reader(request).open_home()}

    async def views(self, request: web.Request) -> Json:
        return {"views": self._reader(request).views}

    async def traffic(self, request: web.Request) -> Json:
        return {"entries": self._emulator.traffic.after(int(request.query.get("after", "0")))}

    async def read(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        me.reads(asked["channel"])
        return {"ok": True}

    async def send(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        return {"ok": True, "message": await me.says(asked["channel"], asked["text"], asked.get("thread_ts"))}

    async def edit(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        return {"ok": True, "message": await me.edits(asked["channel"], asked["ts"], asked["text"])}

    async def delete(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        await me.deletes(asked["channel"], asked["ts"])
        return {"ok": True}

    async def join(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        await me.joins(asked["channel"])
        return {"ok": True}

    async def command(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        return _told(await me.command(asked["channel"], asked["command"], asked.get("text") or ""))

    async def shortcut(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        if asked.get("message_ts"):
            outcome = await me.message_shortcut(asked["callback_id"], asked["channel"], asked["message_ts"])
        else:
            outcome = await me.shortcut(asked["callback_id"])
        return _told(outcome)

    async def press(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        where = asked["container"]
        block_id, state, choose = asked.get("block_id"), asked.get("state"), asked.get("choose")
        if where["type"] == "message":
            pressing = me.press(
                where["channel"], where["message_ts"], asked["action_id"], choose=choose, block_id=block_id, state=state
            )
            return _told(await pressing)
        view = self._view(me, where)
        return _told(await me.press_in(view, asked["action_id"], choose=choose, block_id=block_id, state=state))

    async def options(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        where = asked["container"]
        if where["type"] == "message":
            channel = self._workspace.channel(where["channel"])
            message = me.message(where["channel"], where["message_ts"])
            drawn, container = message.get("blocks", []), envelopes.in_message(channel, message)
        else:
            view = self._view(me, where)
            drawn, container = view["blocks"], envelopes.in_view(view)
        return await me.suggest(drawn, asked["action_id"], asked.get("value") or "", container, asked.get("block_id"))

    async def submit(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        return _told(await me.submit_state(asked["view_id"], asked.get("state") or {}))

    async def close(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        return _told(await me.close_view(asked["view_id"], everything=bool(asked.get("everything"))))

    async def react(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        await me.reacts(asked["channel"], asked["ts"], asked["name"])
        return {"ok": True}

    async def dm(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        to_app = asked["user"] == self._workspace.app.bot_user
        channel = self._workspace.channel(await me.open_messages() if to_app else me.direct(asked["user"]))
        return {"ok": True, "channel": channel_row(self._workspace, channel, me.id)}

    async def presence(self, request: web.Request) -> Json:
        me, asked = await self._doer(request)
        changed = {name: asked[name] for name in CHANGING & set(asked)}
        if "presence" in changed:
            changed["presence"] = "away" if changed["presence"] == "away" else "active"
        self._emulator.change_person(me.id, **changed)
        return {"ok": True}

    async def settings(self, request: web.Request) -> Json:
        asked = await request.json()
        if "rate_limits" in asked:
            self._workspace.rates.on = bool(asked["rate_limits"])
        settings = {"rate_limits": self._workspace.rates.on}
        self._workspace.publish(Change("settings", data={"settings": settings}))
        return {"ok": True, "settings": settings}

    async def upload(self, request: web.Request) -> Json:
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise Refused("no_file_data")
        me = self._person(str(form.get("as", "")))
        if not form.get("channel"):  # for a form: nobody sees it before the app shares it
            return {"ok": True, "file": me.keeps(file.filename, file.file.read())}
        text, thread = str(form.get("text", "")), str(form.get("thread_ts", "")) or None
        message = await me.uploads(str(form.get("channel", "")), file.filename, file.file.read(), text, thread)
        return {"ok": True, "message": message}

    def _reader(self, request: web.Request) -> Person:
        return self._person(request.query.get("as", ""))

    async def _doer(self, request: web.Request) -> tuple[Person, Json]:
        asked = await request.json()
        return self._person(str(asked.get("as", ""))), asked

    def _person(self, user_id: str) -> Person:
        return self._emulator.person(self._workspace.user(user_id).id)

    def _view(self, me: Person, where: Json) -> Json:
        if where["type"] == "home" and me.home is not None:
            return me.home
        for view in me.views:
            if view["id"] == where.get("view_id"):
                return view
        raise Refused("not_found")


def _told(outcome: Outcome) -> Json:
    return asdict(outcome)
