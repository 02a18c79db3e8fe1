"""Parsing of `/ticket`: the typed text becomes one command value, or a refusal that asks for more."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rules.errors import Refused
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.typed_text import closest_word, did_you_mean, is_blank

MAX_LENGTH = 3000
T = TypeVar("T")


class ListView(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    DUE_SOON = "near"
    ALL = "all"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Nothing was typed: the form opens."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """How the command is used."""


@dataclass(frozen=True, slots=True)
class ShowTicket:
    number: int


@dataclass(frozen=True, slots=True)
class TicketListing:
    """One page of a list; `team` is a team's key, empty for every team the reader may see."""

    view: ListView = ListView.MINE
    team: str = ""
    page: int = 1


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
    """A mistyped command or a title: nothing is filed until the person says which."""

    typed: str
    guess: str | None


TicketCommand = OpenForm | ShowHelp | ShowTicket | TicketListing | FileTicket | UnclearCommand

_PRIORITY_PATTERN = re.compile(r"(?<!\S)!([^\W\d_]+)(?=[\s,.;]|$)")
_TYPE_PATTERN = re.compile(r'(?<!\S)type:(?:["“]([^"”\n]+)["”]|([^\s"“,;]+))', re.IGNORECASE)
_NUMBER_PATTERN = re.compile(r"#?(\d{1,9})")
_COMMAND_WORDS = ("list", "help")
PLAIN_VIEWS = tuple(view for view in ListView if view is not ListView.TEAM)


class NotFiled(Refused):
    """The text names something unknown."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Not filed: {why}")


def parse_ticket_command(text: str, policy: Policy, mentioned: Collection[str] = ()) -> TicketCommand:
    words = text.split()
    if is_blank(text):
        return OpenForm()
    if words[0].lower() == "list":
        return _parse_listing(words[1:], policy)
    if len(words) == 1 and not (mentioned or _PRIORITY_PATTERN.match(words[0]) or _TYPE_PATTERN.match(words[0])):
        return _parse_single_word(words[0])
    if guess := _probable_command(words):
        return UnclearCommand(text.strip(), guess)
    return parse_ticket_text(text, policy, mentioned)


def parse_ticket_text(text: str, policy: Policy, mentioned: Collection[str] = ()) -> FileTicket:
    """The text as a ticket, whatever it begins with; `!high`, `type:` and one colleague may appear anywhere."""
    if len(text) > MAX_LENGTH:
        why = f"that is {len(text)} characters, and a command takes {MAX_LENGTH}. Type `/ticket` alone for the form."
        raise NotFiled(why)
    people = tuple(dict.fromkeys(mentioned))
    if len(people) > 1:
        raise NotFiled("it names two people, and one ticket is assigned to one. Keep one of them.")
    priorities = [_parse_priority(word) for word in _PRIORITY_PATTERN.findall(text)]
    types = [_parse_type(quoted or word, policy) for quoted, word in _TYPE_PATTERN.findall(text)]
    priority, type_ = _only_one(priorities, "two priorities"), _only_one(types, "two types")
    title, description = _split_title(_TYPE_PATTERN.sub("", _PRIORITY_PATTERN.sub("", text)), people)
    return FileTicket(title, description, type=type_, priority=priority, assignee=people[0] if people else None)


def default_type_key(policy: Policy) -> str:
    return "other" if "other" in policy.types else next(iter(policy.types), "")


def require_team_key(policy: Policy, name: str) -> str:
    wanted = name.strip(' "“”`').casefold()
    keys = policy.team_keys_by_name
    if wanted in keys:
        return keys[wanted]
    teams = ", ".join(f"`{key}`" for key in policy.teams)
    fault = f"`{name}` is not a team here." if name else "Say which team: `/ticket list team NAME`."
    raise Refused(f"{fault}{did_you_mean(keys.get(closest_word(wanted, keys) or ''))} Teams: {teams}.")


def _probable_command(words: list[str]) -> str | None:
    """What was probably meant by two words of which the first is nearly `list` and the second one of its views."""
    match [word.lower() for word in words]:
        case [verb, view] if view in PLAIN_VIEWS and closest_word(verb, ("list",)):
            return f"list {view}"
    return None


def _parse_single_word(word: str) -> TicketCommand:
    number = _NUMBER_PATTERN.fullmatch(word)
    if number is not None:
        return ShowTicket(int(number[1]))
    if word.lower() == "help":
        return ShowHelp()
    return UnclearCommand(word, closest_word(word.lower(), _COMMAND_WORDS))


def _parse_listing(words: list[str], policy: Policy) -> TicketListing | UnclearCommand:
    view = words[0].lower() if words else ListView.MINE
    if view == ListView.TEAM:
        return TicketListing(ListView.TEAM, team=require_team_key(policy, " ".join(words[1:])))
    if view in PLAIN_VIEWS and len(words) <= 1:
        return TicketListing(ListView(view))
    closest = closest_word(view, ListView)
    return UnclearCommand(" ".join(["list", *words]), f"list {closest}" if closest else None)


def _parse_priority(word: str) -> Priority:
    priorities = {str(priority): priority for priority in Priority}
    if word.lower() in priorities:
        return priorities[word.lower()]
    known = ", ".join(f"`!{one}`" for one in priorities)
    closest = closest_word(word.lower(), priorities)
    raise NotFiled(f"`!{word}` is not a priority.{did_you_mean(closest and f'!{closest}')} Priorities: {known}.")


def _parse_type(word: str, policy: Policy) -> str:
    keys = policy.type_keys_by_name
    wanted = word.strip().casefold()
    if wanted in keys:
        return keys[wanted]
    closest = closest_word(wanted, keys)
    all_types = "" if closest else " Types: " + ", ".join(f"`{key}`" for key in policy.types) + "."
    raise NotFiled(f"`type:{word}` is not a type here.{did_you_mean(closest and keys[closest])}{all_types}")


def _only_one(found: list[T], several: str) -> T | None:
    if len(set(found)) > 1:
        raise NotFiled(f"it names {several}. Keep one of them.")
    return found[0] if found else None


def _split_title(text: str, people: Iterable[str]) -> tuple[str, str]:
    for who in people:
        text = re.sub(rf"(?<!\S)@{who}\b", "", text)
    first, _, rest = text.strip().partition("\n")
    return " ".join(first.split()), rest.strip()
