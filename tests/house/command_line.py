"""What `baton` understands, for pages that name its commands."""

import typer.main
from typer.core import TyperCommand, TyperGroup

from bot.cli.main import app

EVERYWHERE = {"--help", "--version"}


def unknown(words: list[str]) -> list[str]:
    """The words that `baton` does not understand: the name of a command, or its options."""
    place: TyperGroup | TyperCommand = typer.main.get_group(app)
    for word in words:
        if not isinstance(place, TyperGroup) or word.startswith("-"):
            break
        if word not in place.commands:
            return [word]
        place = place.commands[word]  # type: ignore[assignment]
    options = EVERYWHERE.union(*(set(one.opts) | set(one.secondary_opts) for one in place.params))
    return [word for word in words if word.startswith("--") and word not in options]
