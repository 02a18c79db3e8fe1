"""`baton apply`: brings the desk to the configuration in a file."""

from pathlib import Path

from bot.config_file import load_desk_file
from bot.offline import offline_desk
from bot.settings import Settings
from services import config


async def apply_desk_file(settings: Settings, path: Path) -> list[str]:
    """The sentences say what changed and what is doubtful in the file. DeskFileError names every fault."""
    file = load_desk_file(path)
    async with offline_desk(settings) as desk:
        changes = await desk.execute(config.apply_configuration, file.plain)
    return [*changes, *(f"Doubtful: {warning}" for warning in file.warnings)]
