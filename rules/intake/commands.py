"""Parsing of `/ticket`: the typed text becomes one command value, or a refusal that asks for more."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rules.errors import Refused
from rules.intake import orders
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.text import Code, Text, _, join_texts
from rules.typed_text import closest_word, is_blank

MAX_LENGTH = 3000
T = TypeVar("T")


class ListView(StrEnum):
    MINE = "mine"
    ASSIGNED = "assigned"
    REQUESTED = "requested"
    UNASSIGNED = "unassigned"
    BREACHED = "breached"
    DUE_SOON = "due soon"
    RESOLVED = "resolved"
    OPEN = "open"
    ALL = "all"
    TEAM = "team"


PLAIN_VIEWS = tuple(view for view in ListView if view is not ListView.TEAM)
# Other words for a list; `near` and `overdue` are those of earlier versions, on their buttons too.
VIEW_SYNONYMS = {
    "my": ListView.MINE,
    "overdue": ListView.BREACHED,
    "soon": ListView.DUE_SOON,
    "near": ListView.DUE_SOON,
    "closed": ListView.RESOLVED,
}
_VIEWS: dict[str, ListView] = {**{str(view): view for view in PLAIN_VIEWS}, **VIEW_SYNONYMS}


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Nothing was typed: the form opens."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """How the command is used."""


@dataclass(frozen=True, slots=True)
class ShowTicket:
    """`order` is what was typed where it asks for more than to see the ticket, such as `close 12`."""

    number: int
    order: str = ""


@dataclass(frozen=True, slots=True)
class TicketListing:
    """One page of a list; `team` and `type` are keys, empty for every team and type that the reader may see."""

    view: ListView = ListView.MINE
    team: str = ""
    page: int = 1
    type: str = ""


@dataclass(frozen=True, slots=True)
class FileTicket:
    """A ticket to file as typed; None where the text does not say."""

    title: str
    description: str = ""
    type: str | None = None
    priority: Priority | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class UnclearCommand:
    """An order that `/ticket` does not know, or a title: nothing is filed until the person says which."""

    typed: str
    guess: str | None
    order: str = ""


TicketCommand = OpenForm | ShowHelp | ShowTicket | TicketListing | FileTicket | UnclearCommand

_PRIORITY_PATTERN = re.compile(r"(?<!\S)!([^\W\d_]+)(?=[\s,.;]|$)")
_TYPE_PATTERN = re.compile(r'(?<!\S)type:(?:["“]([^"”\n]+)["”]|([^\s"“,;]+))', re.IGNORECASE)
_NUMBER_PATTERN = re.compile(r"#?(\d{1,9})")
_PUNCTUATION = ",.;:!?"


class NotFiled(Refused):
    """The text names something unknown."""

    def __init__(self, why: Text) -> None:
        super().__init__(_("No ticket created: {why}", why=why))


def parse_ticket_command(text: str, policy: Policy, mentioned: Collection[str] = ()) -> TicketCommand:
    words = text.split()
    if is_blank(text):
        return OpenForm()
    if number := _NUMBER_PATTERN.fullmatch(text.strip()):
        return ShowTicket(int(number[1]))
    if words[0].casefold() == "list":
        return _parse_listing(" ".join(words[1:]), policy)
    order = orders.order_in(words)
    return _parse_order(order, text.strip()) if order else parse_ticket_text(text, policy, mentioned)


def parse_ticket_text(text: str, policy: Policy, mentioned: Collection[str] = ()) -> FileTicket:
    """The text as a ticket, whatever it begins with; `!high` and `type:` may appear anywhere, and one of the people
    mentioned at its beginning or end gets it. People inside a sentence are part of it."""
    if len(text) > MAX_LENGTH:
        raise NotFiled(
            _(
                "your text has {count} characters, and a command takes {most}. Type {command} alone for the form.",
                count=len(text),
                most=MAX_LENGTH,
                command=Code("/ticket"),
            )
        )
    priority = _only_one(
        [_parse_priority(word) for word in _PRIORITY_PATTERN.findall(text)],
        _("your text names two priorities. Keep one of them."),
    )
    type_ = _only_one(
        [_parse_type(quoted or word, policy) for quoted, word in _TYPE_PATTERN.findall(text)],
        _("your text names two types. Keep one of them."),
    )
    plain = _TYPE_PATTERN.sub("", _PRIORITY_PATTERN.sub("", text)).strip()
    first, rest, people = _split_assignees(plain, mentioned)
    assignee = _only_one(people, _("your text names two people, and a ticket has one assignee. Keep one of them."))
    return FileTicket(" ".join(first.split()), rest.strip(), type=type_, priority=priority, assignee=assignee)


def default_type_key(policy: Policy) -> str:
    return "other" if "other" in policy.types else next(iter(policy.types), "")


def require_team_key(policy: Policy, name: str) -> str:
    wanted = name.strip(' "“”`').casefold()
    keys = policy.team_keys_by_name
    if wanted in keys:
        return keys[wanted]
    fault = _("{name} isn't a team here.", name=Code(name)) if name else _("Say which team.")
    way = _("Type {command}.", command=Code("/ticket list team NAME"))
    guess = _guess_question(keys.get(closest_word(wanted, keys) or ""))
    raise Refused(join_texts([fault, *guess, way, _("Teams: {names}.", names=_codes(policy.teams))]))


def _parse_order(order: orders.Order, typed: str) -> TicketCommand:
    """Only what can be answered is answered; the rest is asked about."""
    if order.number is not None:
        return ShowTicket(order.number, order=typed)
    if order.is_alone and order.typed_verb == "help":
        return ShowHelp()
    if order.is_alone and order.verb in ("help", "list"):
        return UnclearCommand(typed, order.verb, order.verb)
    view = _VIEWS.get(order.rest)
    return UnclearCommand(typed, f"list {view}" if view else None, order.verb)


def _parse_listing(typed: str, policy: Policy) -> TicketListing | UnclearCommand:
    """`list type:network` is of all open tickets that the reader may see, not only of their own."""
    types = _TYPE_PATTERN.findall(typed)
    words = _TYPE_PATTERN.sub("", typed).casefold().split()
    view = " ".join(words) or str(ListView.OPEN if types else ListView.MINE)
    is_of_team = words[:1] == [ListView.TEAM]
    if not is_of_team and view not in _VIEWS:
        closest = closest_word(view, _VIEWS)
        return UnclearCommand(f"list {typed}", f"list {_VIEWS[closest]}" if closest else None, "list")
    type_ = _listed_type(types[0][0] or types[0][1], policy) if types else ""
    if is_of_team:
        return TicketListing(ListView.TEAM, team=require_team_key(policy, " ".join(words[1:])), type=type_)
    return TicketListing(_VIEWS[view], type=type_)


def _listed_type(word: str, policy: Policy) -> str:
    key = policy.type_keys_by_name.get(word.strip().casefold())
    if key is None:
        raise Refused(_unknown_type(word, policy))
    return key


def _parse_priority(word: str) -> Priority:
    priorities = {str(priority): priority for priority in Priority}
    if word.lower() in priorities:
        return priorities[word.lower()]
    fault = _("{word} isn't a priority.", word=Code(f"!{word}"))
    closest = closest_word(word.lower(), priorities)
    known = _("Priorities: {names}.", names=_codes(f"!{one}" for one in priorities))
    raise NotFiled(join_texts([fault, *_guess_question(f"!{closest}" if closest else ""), known]))


def _parse_type(word: str, policy: Policy) -> str:
    key = policy.type_keys_by_name.get(word.strip().casefold())
    if key is None:
        raise NotFiled(_unknown_type(word, policy))
    return key


def _unknown_type(word: str, policy: Policy) -> Text:
    fault, keys = _("{word} isn't a type here.", word=Code(f"type:{word}")), policy.type_keys_by_name
    closest = closest_word(word.strip().casefold(), keys)
    if closest:
        return join_texts([fault, *_guess_question(keys[closest])])
    return join_texts([fault, _("Types: {names}.", names=_codes(policy.types))])


def _guess_question(guess: str | None) -> list[Text]:
    return [_("Did you mean {guess}?", guess=Code(guess))] if guess else []


def _codes(words: Iterable[str]) -> Text:
    return join_texts([Text("{code}", {"code": Code(word)}) for word in words], ", ")


def _only_one(found: Collection[T], refusal: Text) -> T | None:
    if len(set(found)) > 1:
        raise NotFiled(refusal)
    return next(iter(found), None)


def _split_assignees(text: str, mentioned: Collection[str]) -> tuple[str, str, list[str]]:
    """The first line and the rest, without the people at the beginning, at the end of that line and at the end."""
    first, _newline, rest = text.partition("\n")
    if not mentioned:
        return first, rest, []
    person = rf"@({'|'.join(map(re.escape, mentioned))})\b[{_PUNCTUATION}]*"
    first, of_first = _cut_people(first, re.compile(rf"\A{person}\s*|\s*(?<!\S){person}\s*\Z"))
    rest, of_rest = _cut_people(rest, re.compile(rf"\s*(?<!\S){person}\s*\Z"))
    return first, rest, [*of_first, *of_rest]


def _cut_people(text: str, places: re.Pattern[str]) -> tuple[str, list[str]]:
    people: list[str] = []
    while match := places.search(text):
        people.append(next(filter(None, match.groups())))
        text = text[: match.start()] + text[match.end() :]
    return text, people
