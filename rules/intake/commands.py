"""What `/ticket` was asked for: the typed text as one value, or a sentence that asks back."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from rules.errors import DeskError
from rules.model.policy import Policy
from rules.model.tickets import Priority

LONGEST = 3000
T = TypeVar("T")


class View(StrEnum):
    """Which tickets a list shows."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    NEAR = "near"
    ALL = "all"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Nothing was typed: the form asks."""


@dataclass(frozen=True, slots=True)
class Help:
    """How it is used."""


@dataclass(frozen=True, slots=True)
class Show:
    """One ticket by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `team` is a team's key, empty for every team the reader may see."""

    view: View = View.MINE
    team: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Filing:
    """A ticket to be filed as typed; what was not said is None."""

    title: str
    description: str = ""
    type: str | None = None
    priority: Priority | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may be a slip or a title: nothing is filed until the person says which."""

    typed: str
    guess: str | None


Asked = OpenForm | Help | Show | Listing | Filing | Unclear

_PRIORITY = re.compile(r"(?<!\S)!([^\W\d_]+)(?=[\s,.;]|$)")
_TYPE = re.compile(r'(?<!\S)type:(?:["“]([^"”\n]+)["”]|([^\s"“,;]+))', re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,9})")
_COMMANDS = ("list", "help")
_PAGES = tuple(view for view in View if view is not View.TEAM)


class NotFiled(DeskError):
    """The text names something that is not here; the person gets their text back."""

    def __init__(self, why: str, text: str) -> None:
        room = LONGEST - len(why) - 40
        kept = text if len(text) <= room else text[:room].rstrip() + "…"
        super().__init__(f"Not filed: {why} Your text: {kept}")


def parse(text: str, policy: Policy, mentioned: Collection[str] = ()) -> Asked:
    """What the text asks for. `mentioned` are the people who stand in it as `@ID`."""
    words = text.split()
    if not words:
        return OpenForm()
    if words[0].lower() == "list":
        return _listing(words[1:], policy)
    if len(words) == 1 and not (mentioned or _PRIORITY.match(text.strip()) or _TYPE.match(text.strip())):
        return _one_word(words[0])
    if meant := _slip(words):
        return Unclear(text.strip(), meant)
    return filing(text, policy, mentioned)


def filing(text: str, policy: Policy, mentioned: Collection[str] = ()) -> Filing:
    """The text as a ticket, whatever it begins with; `!high`, `type:` and one colleague may stand anywhere in it."""
    if len(text) > LONGEST:
        why = f"that is {len(text)} characters, and a command takes {LONGEST}. Type `/ticket` alone for the form."
        raise NotFiled(why, text)
    people = tuple(dict.fromkeys(mentioned))
    if len(people) > 1:
        raise NotFiled("it names two people, and one ticket is assigned to one. Keep one of them.", text)
    priority = _only([_priority(word, text) for word in _PRIORITY.findall(text)], "two priorities", text)
    type_ = _only([_type(quoted or word, policy, text) for quoted, word in _TYPE.findall(text)], "two types", text)
    title, description = _said(_TYPE.sub("", _PRIORITY.sub("", text)), people)
    return Filing(title, description, type=type_, priority=priority, assignee=people[0] if people else None)


def default_type(policy: Policy) -> str:
    """The type of a ticket that names none: `other` where there is one, else the first; empty when there are none."""
    return "other" if "other" in policy.types else next(iter(policy.types), "")


def team_named(policy: Policy, name: str) -> str:
    """The key of the team that is called so, by key or by name."""
    wanted = name.strip(' "“”`').casefold()
    known = {team.name.casefold(): key for key, team in policy.teams.items()}
    known |= {key.casefold(): key for key in policy.teams}
    if wanted in known:
        return known[wanted]
    teams = ", ".join(f"`{key}`" for key in policy.teams)
    asked = f"`{name}` is not a team here." if name else "Say which team: `/ticket list team NAME`."
    raise DeskError(f"{asked}{_did_you_mean(known.get(_nearest(wanted, known) or ''))} Teams: {teams}.")


def _slip(words: list[str]) -> str | None:
    """What was probably meant by two words of which the first is nearly `list` and the second one of its views."""
    match [word.lower() for word in words]:
        case [verb, view] if view in _PAGES and _nearest(verb, ("list",)):
            return f"list {view}"
    return None


def _one_word(word: str) -> Asked:
    number = _NUMBER.fullmatch(word)
    if number is not None:
        return Show(int(number[1]))
    if word.lower() == "help":
        return Help()
    return Unclear(word, _nearest(word.lower(), _COMMANDS))


def _listing(words: list[str], policy: Policy) -> Listing | Unclear:
    view = words[0].lower() if words else View.MINE
    if view == View.TEAM:
        return Listing(View.TEAM, team=team_named(policy, " ".join(words[1:])))
    if view in _PAGES and len(words) <= 1:
        return Listing(View(view))
    near = _nearest(view, View)
    return Unclear(" ".join(["list", *words]), f"list {near}" if near else None)


def _priority(word: str, text: str) -> Priority:
    known = {str(priority): priority for priority in Priority}
    if word.lower() in known:
        return known[word.lower()]
    listed = ", ".join(f"`!{one}`" for one in known)
    near = _nearest(word.lower(), known)
    raise NotFiled(f"`!{word}` is not a priority.{_did_you_mean(near and f'!{near}')} Priorities: {listed}.", text)


def _type(word: str, policy: Policy, text: str) -> str:
    known = {one.name.casefold(): key for key, one in policy.types.items()}
    known |= {key.casefold(): key for key in policy.types}
    wanted = word.strip().casefold()
    if wanted in known:
        return known[wanted]
    near = _nearest(wanted, known)
    listed = "" if near else " Types: " + ", ".join(f"`{key}`" for key in policy.types) + "."
    raise NotFiled(f"`type:{word}` is not a type here.{_did_you_mean(near and known[near])}{listed}", text)


def _only(found: list[T], several: str, text: str) -> T | None:
    if len(set(found)) > 1:
        raise NotFiled(f"it names {several}. Keep one of them.", text)
    return found[0] if found else None


def _said(text: str, people: Iterable[str]) -> tuple[str, str]:
    """The first line that says something is the title, the lines below it the description."""
    for who in people:
        text = re.sub(rf"(?<!\S)@{who}\b", "", text)
    first, _, rest = text.strip().partition("\n")
    return " ".join(first.split()), rest.strip()


def _nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(known), n=1)), None)


def _did_you_mean(word: str | None) -> str:
    return f" Did you mean `{word}`?" if word else ""
