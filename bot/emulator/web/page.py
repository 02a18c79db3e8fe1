"""The page for people: its files, and what it reads and does as one of them."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot.emulator.errors import SlackError
from bot.emulator.events import payloads
from bot.emulator.people import submission
from bot.emulator.people.forms import Choice
from bot.emulator.people.person import Person
from bot.emulator.session import AppSession
from bot.emulator.state.images import IMAGE_TYPES
from bot.emulator.state.objects import channel_row, message_object, user_row
from bot.emulator.state.users import change_user
from bot.emulator.state.workspace import Change
from bot.emulator.types import Json
from bot.emulator.web.api import PAGE_COOKIE
from bot.emulator.web.stream import PageStream

PAGE_FOLDER = Path(__file__).parents[1] / "page"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Reading = Callable[[web.Request], Awaitable[Json]]
Action = Callable[[Person, Json], Awaitable[Json]]
STATUS_FIELDS = {"presence", "status_text", "status_emoji", "dnd"}
DONE: Json = {"ok": True}


def page_routes(session: AppSession, person_of: Callable[[str], Person], stream: PageStream) -> list[web.RouteDef]:
    page = Page(session, person_of)
    readings: dict[str, Reading] = {
        "boot": page.boot,
        "channel/{id}": page.channel,
        "thread/{id}/{ts}": page.thread,
        "home": page.home,
        "views": page.views,
        "traffic": page.traffic,
    }
    actions = [page.read, page.send, page.edit, page.delete, page.command, page.shortcut, page.press, page.options]
    actions += [page.submit, page.close, page.react, page.dm, page.join, page.presence]
    return [
        web.get("/", page.index),
        web.get("/static/{path:.+}", page.static),
        web.get("/ui/stream", stream.serve),
        web.get("/ui/file/{id}", page.file),
        *(web.get(f"/ui/{path}", _json_handler(read)) for path, read in readings.items()),
        *(web.post(f"/ui/{act.__name__}", _json_handler(page.as_person(act))) for act in actions),
        web.post("/ui/settings", _json_handler(page.settings)),
        web.post("/ui/upload", _json_handler(page.upload)),
    ]


@web.middleware
async def check_same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site open in the same browser may not act here."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        return web.json_response({"ok": False, "error": "wrong_origin"}, status=HTTPStatus.FORBIDDEN)
    return await handler(request)


def _json_handler(read: Reading) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await read(request), dumps=partial(json.dumps, default=str))
        except SlackError as refusal:
            status = HTTPStatus.NOT_FOUND if refusal.error.endswith("not_found") else HTTPStatus.BAD_REQUEST
            return web.json_response({"ok": False, "error": refusal.error}, status=status)
        except (LookupError, TypeError, ValueError) as error:
            body = {"ok": False, "error": "invalid_arguments", "detail": str(error)}
            return web.json_response(body, status=HTTPStatus.BAD_REQUEST)

    return answer


class Page:
    """The methods have the names of the paths under /ui."""

    def __init__(self, session: AppSession, person_of: Callable[[str], Person]) -> None:
        self._session = session
        self._workspace = session.workspace
        self._person_of = person_of

    async def index(self, _request: web.Request) -> web.StreamResponse:
        if not (PAGE_FOLDER / "index.html").is_file():
            return web.Response(text="The local workspace is running; its page is not installed.")
        response = web.FileResponse(PAGE_FOLDER / "index.html", headers={"Cache-Control": "no-store"})
        response.set_cookie(PAGE_COOKIE, "1", httponly=True, samesite="Strict")
        return response

    async def static(self, request: web.Request) -> web.StreamResponse:
        path = (PAGE_FOLDER / request.match_info["path"]).resolve()
        if not path.is_relative_to(PAGE_FOLDER) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def file(self, request: web.Request) -> web.Response:
        """A picture, for those who see its block."""
        try:
            content = self._reader(request).open_file(request.match_info["id"])
        except SlackError:
            raise web.HTTPNotFound from None
        mimetype = self._workspace.files[request.match_info["id"]].info["mimetype"]
        if mimetype not in IMAGE_TYPES:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=mimetype, headers={"X-Content-Type-Options": "nosniff"})

    async def boot(self, request: web.Request) -> Json:
        workspace, app = self._workspace, self._workspace.app
        first = next((user.id for user in workspace.users.values() if not user.is_bot and not user.deleted), "")
        reader = self._person(request.query.get("as") or first)
        return {
            "team": workspace.team,
            "me": user_row(reader.user),
            "people": [user_row(user) for user in workspace.users.values()],
            "channels": [self._channel_row(channel.id, reader) for channel in workspace.channels_visible_to(reader.id)],
            "app": {"name": app.name, "bot_user": app.bot_user},
            "commands": [_fields_of(row, "command", "description", "usage_hint") for row in app.commands()],
            "shortcuts": [_fields_of(row, "callback_id", "type", "name", "description") for row in app.shortcuts()],
            "settings": self._settings(),
        }

    async def channel(self, request: web.Request) -> Json:
        reader, channel_id = self._reader(request), request.match_info["id"]
        messages = [message_object(message, metadata=True) for message in reader.visible_messages(channel_id)]
        return {"channel": self._channel_row(channel_id, reader), "messages": messages}

    async def thread(self, request: web.Request) -> Json:
        messages = self._reader(request).thread(request.match_info["id"], request.match_info["ts"])
        return {"messages": [message_object(message, metadata=True) for message in messages]}

    async def home(self, request: web.Request) -> Json:
        return {"view": await self._reader(request).open_home()}

    async def views(self, request: web.Request) -> Json:
        return {"views": self._reader(request).views}

    async def traffic(self, request: web.Request) -> Json:
        return {"entries": self._session.traffic.entries_after(int(request.query.get("after", "0")))}

    def as_person(self, act: Action) -> Reading:
        """Acts as the person whom the request names, with the rest of its fields."""

        async def run(request: web.Request) -> Json:
            fields = await request.json()
            return await act(self._person(str(fields.get("as", ""))), fields)

        return run

    async def read(self, person: Person, fields: Json) -> Json:
        person.mark_read(fields["channel"])
        return DONE

    async def send(self, person: Person, fields: Json) -> Json:
        return {"ok": True, "message": await person.say(fields["channel"], fields["text"], fields.get("thread_ts"))}

    async def edit(self, person: Person, fields: Json) -> Json:
        return {"ok": True, "message": await person.edit(fields["channel"], fields["ts"], fields["text"])}

    async def delete(self, person: Person, fields: Json) -> Json:
        await person.delete(fields["channel"], fields["ts"])
        return DONE

    async def react(self, person: Person, fields: Json) -> Json:
        await person.toggle_reaction(fields["channel"], fields["ts"], fields["name"])
        return DONE

    async def join(self, person: Person, fields: Json) -> Json:
        await person.join(fields["channel"])
        return DONE

    async def command(self, person: Person, fields: Json) -> Json:
        return asdict(await person.command(fields["channel"], fields["command"], fields.get("text") or ""))

    async def shortcut(self, person: Person, fields: Json) -> Json:
        if fields.get("message_ts"):
            return asdict(await person.message_shortcut(fields["callback_id"], fields["channel"], fields["message_ts"]))
        return asdict(await person.shortcut(fields["callback_id"]))

    async def press(self, person: Person, fields: Json) -> Json:
        container, action_id = fields["container"], fields["action_id"]
        choice = Choice(choose=fields.get("choose"), block_id=fields.get("block_id"), state=fields.get("state"))
        if container["type"] == "message":
            return asdict(await person.press(container["channel"], container["message_ts"], action_id, **choice))
        return asdict(await person.press_in_view(_open_view(person, container), action_id, **choice))

    async def options(self, person: Person, fields: Json) -> Json:
        container = fields["container"]
        if container["type"] == "message":
            channel = self._workspace.channel(container["channel"])
            message = person.message(container["channel"], container["message_ts"])
            in_blocks, sent_container = message.get("blocks", []), payloads.message_container(channel, message)
        else:
            view = _open_view(person, container)
            in_blocks, sent_container = view["blocks"], payloads.view_container(view)
        value = fields.get("value") or ""
        return await person.suggestions(in_blocks, fields["action_id"], value, sent_container, fields.get("block_id"))

    async def submit(self, person: Person, fields: Json) -> Json:
        return asdict(await submission.submit_form(person, fields["view_id"], fields.get("state") or {}))

    async def close(self, person: Person, fields: Json) -> Json:
        return asdict(await submission.close_form(person, fields["view_id"], everything=bool(fields.get("everything"))))

    async def dm(self, person: Person, fields: Json) -> Json:
        to_app = fields["user"] == self._workspace.app.bot_user
        channel_id = await person.open_messages() if to_app else person.dm_channel(fields["user"])
        return {"ok": True, "channel": self._channel_row(channel_id, person)}

    async def presence(self, person: Person, fields: Json) -> Json:
        changed = {name: fields[name] for name in STATUS_FIELDS & set(fields)}
        if "presence" in changed:
            changed["presence"] = "away" if changed["presence"] == "away" else "active"
        change_user(self._workspace, person.id, **changed)
        return DONE

    async def settings(self, request: web.Request) -> Json:
        fields = await request.json()
        if "rate_limits" in fields:
            self._workspace.rate_limits.enabled = bool(fields["rate_limits"])
        settings = self._settings()
        self._workspace.publish(Change("settings", data={"settings": settings}))
        return {"ok": True, "settings": settings}

    async def upload(self, request: web.Request) -> Json:
        """Without a channel the file is for a form: nobody sees it before the app shares it."""
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise SlackError("no_file_data")
        person, content = self._person(str(form.get("as", ""))), file.file.read()
        if not form.get("channel"):
            return {"ok": True, "file": person.store_file(file.filename, content)}
        text, thread = str(form.get("text", "")), str(form.get("thread_ts", ""))
        message = await person.upload(str(form["channel"]), file.filename, content, text, thread)
        return {"ok": True, "message": message}

    def _settings(self) -> Json:
        return {"rate_limits": self._workspace.rate_limits.enabled}

    def _channel_row(self, channel_id: str, reader: Person) -> Json:
        return channel_row(self._workspace, self._workspace.channel(channel_id), reader.id)

    def _reader(self, request: web.Request) -> Person:
        return self._person(request.query.get("as", ""))

    def _person(self, user_id: str) -> Person:
        return self._person_of(self._workspace.user(user_id).id)


def _fields_of(row: Json, *names: str) -> Json:
    return {name: row.get(name, "") for name in names}


def _open_view(person: Person, container: Json) -> Json:
    if container["type"] == "home" and person.home is not None:
        return person.home
    return person.open_view(str(container.get("view_id")))
