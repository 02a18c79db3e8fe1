"""Who may do what, through Slack: everybody tries every button, form, shortcut, event and command there is.

What they may is what the one table in rules/people/permissions.py says; a listener, a line under ⋯ or a typed word
that is not tried here fails.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.routes import build_registry
from handlers.slack.ids import Button, Command, More, Shortcut, SlackEvent
from rules.forecasts.what_if import WhatIfKind
from rules.intake.commands import ListView
from rules.people.permissions import OPEN_PERMISSIONS, OPERATION_NAMES, Permission, Role, is_allowed, roles_towards
from rules.reports import queries
from storage.outbox import message_references
from storage.schema.columns import Table
from storage.schema.tickets import IdempotencyKey, MessageReference, OutboxMessage
from storage.tickets.tickets import get_ticket
from storage.transaction import Reader
from tests.databases import copied
from tests.desks import HeldClock, Office
from tests.handlers import sent
from tests.handlers.brought import lever
from tests.handlers.matrix import BUTTONS, COMMANDS, FORMS, UNDER_MORE
from tests.handlers.prepared import GUEST, ORGANISATION, Prepared, prepare, wider_office
from tests.handlers.vpn import GENERAL, SUPPORT
from tests.services import parts
from tests.services.vpn import story

OUTSIDER = parts.ROLES[Role.AGENT]  # desk.yml names the id, yet the one who presses is of another company
WHO: dict[str, tuple[str, frozenset[Role], sent.Home]] = {
    **{str(role): (person, frozenset({role}), sent.HERE) for role, person in parts.ROLES.items()},
    "nobody": (parts.NOBODY, frozenset(), sent.HERE),
    "guest": (GUEST, frozenset(), sent.HERE),
    "outsider": (OUTSIDER, frozenset(), sent.PARTNER),
}
REQUIRED_PERMISSIONS = {
    name: route.permission for by_name in build_registry().routes.values() for name, route in by_name.items()
}
REFUSALS = (
    *(f"You cannot {name}: " for name in OPERATION_NAMES.values()),
    "There is no ticket #",
    "`/desk` doesn't know",
    "observers and admins can see the figures of",
    "managers and admins can see the hours of",
    "Only the person whose tickets these were",
    "You aren't in a team here. Only members",
)
EVENTS = {SlackEvent.HOME_OPENED, SlackEvent.MENTION, SlackEvent.MESSAGE}
BY_SLACK = {
    SlackEvent.USER_CHANGED,
    SlackEvent.USER_GROUP_CHANGED,
    SlackEvent.DO_NOT_DISTURB_CHANGED,
}  # nobody does it: Slack tells of it


@pytest.fixture(scope="module")
def prepared(module_database_url: str) -> Prepared:
    return asyncio.run(prepare(module_database_url))


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """With nothing filed yet."""
    async with wider_office(database_url, clock) as opened:
        yield opened


@pytest.fixture
async def prepared_office(prepared: Prepared, databases: Path, clock: HeldClock) -> AsyncIterator[Office]:
    """A copy of what was prepared, for one person to try all of it; only what they read at once matters here."""
    clock.now = prepared.now
    with copied(prepared.database_url, folder=databases) as database_url:
        async with wider_office(database_url, clock) as opened:
            await opened.baton.delivery.stop()
            yield opened


def expected(office: Office, deed: Permission, who: str) -> str:
    """As the table says; whether it is right to ask is looked at by colleagues of the one who asks, in Support."""
    person, held, home = WHO[who]
    if deed is Permission.REVIEW_ESCALATION and home == sent.HERE:
        held = roles_towards(office.desk.policy, person, teams=["support"])
    return "done" if is_allowed(deed, held) else "refused"


def read(told: list[sent.Told]) -> str:
    """Refused for want of authority, done, or the words of any other refusal."""
    if any(words in one.text for one in told for words in REFUSALS):
        return "refused"
    return next((one.text for one in told if one.bare and not one.text.startswith("✓")), "done")


@pytest.mark.parametrize("who", WHO)
async def test_every_button_does_as_the_matrix_says(prepared: Prepared, prepared_office: Office, who: str) -> None:
    office, (person, _, home) = prepared_office, WHO[who]
    came_of_it = {}
    for name, way in BUTTONS.items():
        value = await prepared.value(name, way, office.desk, person)
        came_of_it[name] = read(await sent.pressed(office, person, name, value, home=home))
    for name, way in UNDER_MORE.items():
        value = await prepared.value(name, way, office.desk, person)
        came_of_it[name] = read(await sent.pressed(office, person, Button.MORE_MENU, value, home=home))

    assert came_of_it == {name: expected(office, REQUIRED_PERMISSIONS[name], who) for name in came_of_it}


@pytest.mark.parametrize("who", WHO)
async def test_every_form_does_as_the_matrix_says(prepared: Prepared, prepared_office: Office, who: str) -> None:
    office, (person, _, home) = prepared_office, WHO[who]
    came_of_it = {}
    for name, way in FORMS.items():
        about = await prepared.value(name, way, office.desk, person)
        came_of_it[name] = read(await sent.filled(office, person, name, about, way.answers, home=home))

    assert came_of_it == {name: expected(office, REQUIRED_PERMISSIONS[name], who) for name in FORMS}


@pytest.mark.parametrize("who", WHO)
async def test_every_command_and_shortcut_does_as_the_matrix_says(office: Office, who: str) -> None:
    person, _, home = WHO[who]
    await lever(WhatIfKind.HELP)(office.desk, person)
    await parts.in_hand(office.desk, person)
    came_of_it = {
        (name, text): read(await sent.typed(office, person, name, text, home=home)) for name, text in COMMANDS
    }
    shortcuts = {
        Shortcut.FROM_MESSAGE: read(await sent.asked_about(office, person, Shortcut.FROM_MESSAGE, home=home)),
        Shortcut.NEW_TICKET: read(await sent.asked_anywhere(office, person, Shortcut.NEW_TICKET, home=home)),
    }
    other_type = await office.person(person).press_view(Button.TICKET_TYPE, choose="other")

    assert came_of_it == {asked: expected(office, deed, who) for asked, deed in COMMANDS.items()}
    assert shortcuts == {name: expected(office, REQUIRED_PERMISSIONS[name], who) for name in shortcuts}
    assert other_type.view is not None
    assert (other_type.view["title"]["text"], REQUIRED_PERMISSIONS[Button.TICKET_TYPE]) == (
        "New ticket",
        Permission.FILE_TICKET,
    )


@pytest.mark.parametrize("who", WHO)
async def test_every_event_does_as_the_matrix_says(office: Office, who: str) -> None:
    """Who looks at Home sees one; a mention files; what is said under the card is kept if they may say it."""
    who_is, _, home = WHO[who]
    person, theirs = office.person(who_is), {"user_team": home.team} if home.team else {}
    number = await parts.in_hand(office.desk, who_is)
    await office.settled()
    before = await story(office.desk, number)

    await person.open_home()
    person.post_typed(GENERAL, "@baton the printer is dead", **theirs)
    await office.settled()
    person.post_typed(SUPPORT, "It is worse now", office.card(SUPPORT, "VPN")["ts"], **theirs)
    await office.settled()

    kept = (await story(office.desk, number))[len(before) :]
    may_say = "done" in (
        expected(office, Permission.ADD_NOTE, who),
        expected(office, REQUIRED_PERMISSIONS[SlackEvent.MESSAGE], who),
    )
    assert (await office.desk.read(get_ticket, number + 1)).title == "the printer is dead"
    assert person.home is not None
    assert kept == ([("wrote" if who == "requester" else "noted")] if may_say else [])


@pytest.mark.parametrize("enterprise", ["", ORGANISATION])
@pytest.mark.parametrize("role", Role)
async def test_the_id_of_one_of_ours_from_another_workspace_changes_nothing(
    prepared: Prepared, prepared_office: Office, role: Role, enterprise: str
) -> None:
    """They may file and follow tickets of their own, as everybody; also where the payload names our organisation."""
    office, person, home = prepared_office, parts.ROLES[role], sent.Home(sent.PARTNER.team, enterprise)
    ways = {name: way for name, way in (BUTTONS | UNDER_MORE | FORMS).items() if not is_open(name)}
    values = {name: await prepared.value(name, way, office.desk, person) for name, way in ways.items()}
    card = office.person(person).post_typed(SUPPORT, "VPN is down")
    await office.settled()
    of_ticket = {"kind": "card", "subject": "1", "number": 1, "digest": ""}
    posted = MessageReference(lane=SUPPORT, channel=SUPPORT, ts=card["ts"], **of_ticket)
    await office.desk.execute(message_references.save_reference, posted)
    rows = await office.desk.read(all_rows)

    for name, value in values.items():
        if name in FORMS:
            await sent.filled(office, person, name, value, FORMS[name].answers, home=home)
        else:
            button = Button.MORE_MENU if name in UNDER_MORE else name
            await sent.pressed(office, person, button, value, home=home)
    for (name, text), permission in COMMANDS.items():
        if permission not in OPEN_PERMISSIONS:
            await sent.typed(office, person, name, text, home=sent.PARTNER)
    office.person(person).post_typed(SUPPORT, "It is worse now", card["ts"], user_team=home.team)
    await office.emulator.wait_until_settled()

    assert await office.desk.read(all_rows) == rows


def is_open(name: str) -> bool:
    return REQUIRED_PERMISSIONS[name] in OPEN_PERMISSIONS


def all_rows(reader: Reader) -> dict[str, list[str]]:
    """Everything that is stored, but for what was answered already and the cards that are to be drawn again."""
    beside = (IdempotencyKey.__tablename__, OutboxMessage.__tablename__)
    tables = [table for table in Table.metadata.sorted_tables if table.name not in beside]
    return {table.name: sorted(map(str, reader.session.execute(select(table)).all())) for table in tables}


def test_there_is_nothing_that_is_not_tried() -> None:
    tried: dict[str, set[str]] = {
        "command": {name for name, _ in COMMANDS},
        "menu": set(UNDER_MORE),
        "shortcut": set(Shortcut),
        "action": {*BUTTONS, Button.TICKET_TYPE},
        "view": set(FORMS),
        "event": EVENTS | BY_SLACK,
        "options": set(),
    }

    assert {kind: {name for name in names if " " not in name} for kind, names in build_registry().routes.items()} == {
        kind: {str(name) for name in names} for kind, names in tried.items()
    }
    assert set(UNDER_MORE) == set(More)


def test_every_word_that_can_be_typed_is_tried() -> None:
    words = {name: {text.partition(" ")[0] for one, text in COMMANDS if one == name} for name in Command}

    router = build_registry()
    synonyms = {"?", "skills", "forecasts"}

    for name in Command:
        assert set(router.words_of(name)) <= words[name] | synonyms
    assert set(queries.REPORT_WORDS) <= words[Command.REPORT]
    assert {f"list {view}" for view in ListView} <= {text.rpartition(" support")[0] or text for _, text in COMMANDS}
