"""Which tickets of a basket are meant, read from words: `network high overdue`."""

from collections.abc import Iterable
from difflib import get_close_matches

from rules.baskets import Wanted
from rules.errors import DeskError
from rules.policy import Policy
from rules.tickets import Priority

TIMES = ("overdue", "near")
MOST = 12  # a button must remember them


def wanted(policy: Policy, text: str) -> Wanted:
    """Types, priorities, `overdue` and `near`, in any order; a name of several words stands alone."""
    types = {kind.name.casefold(): key for key, kind in policy.types.items()}
    types |= {key.casefold(): key for key in policy.types}
    words = [word.removeprefix("type:").removeprefix("!") for word in text.casefold().split()]
    if " ".join(words) in types:
        words = [" ".join(words)]
    known = {*types, *map(str, Priority), *TIMES}
    if len(words) > MOST:
        raise DeskError(f"Say it with at most {MOST} words; without any, all of their tickets are meant.")
    for word in words:
        if word not in known:
            raise DeskError(_unknown(word, known, policy))
    return Wanted(
        types=frozenset(types[word] for word in words if word in types),
        priorities=frozenset(Priority(word) for word in words if word in list(Priority) and word not in types),
        overdue="overdue" in words,
        near="near" in words,
    )


def _unknown(word: str, known: Iterable[str], policy: Policy) -> str:
    near = get_close_matches(word, list(known), n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{key}`" for key in policy.types)
    return (
        f"`{word}` says neither who nor which tickets.{meant} Write `/desk move @from @to`, and after it a type "
        f"({listed}), a priority, `overdue` or `near`."
    )
