"""The rows of a command's help, from the words that capabilities registered."""

from collections.abc import Mapping

from handlers.slack.router import Route, WordHelp
from handlers.text.slack import Markup, join, render
from rules.people.permissions import PERMISSION_MATRIX, ROLE_PLURALS, Permission, Role

READERS = frozenset({Role.LEAD, Role.MANAGER, Role.ADMIN, Role.OBSERVER})


def help_rows(words: Mapping[str, Route]) -> list[str]:
    """A row for each entry: what may be typed, what comes of it, and who may where it is not everybody at the desk."""
    return [
        f"{_examples(one.help)}  {render(one.help.text)}{who_may(one.permission)}"
        for one in dict.fromkeys(words.values())
        if one.help is not None
    ]


def _examples(help: WordHelp) -> str:
    return ", ".join(f"`{example}`" for example in help.examples)


def suggested_words(words: Mapping[str, Route]) -> list[str]:
    """What a mistyped word may have meant: every word by the name that the help gives it."""
    return [word for word, one in words.items() if not one.is_synonym]


def who_may(permission: Permission) -> Markup:
    """`: leads, managers` where only those who lead or look on may; else nothing."""
    roles = PERMISSION_MATRIX[permission]
    if not roles <= READERS:
        return Markup("")
    return Markup(f": {join(', ', [plural for role, plural in ROLE_PLURALS.items() if role in roles])}")
