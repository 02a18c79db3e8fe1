"""The desk's description, applied from the command line."""

from pathlib import Path

from bot.config_file import load_desk_file
from bot.offline import offline_desk
from bot.settings import Settings
from services.config import apply_configuration as apply_description


async def apply_desk_file(settings: Settings, path: Path) -> list[str]:
    """Applies the file; what changed, and what looks doubtful in it. DeskFileError names every fault with its line."""
    described = load_desk_file(path)
    async with offline_desk(settings) as desk:
        told = await desk.execute(apply_description, described.plain)
    return [*told, *(f"Doubtful: {warning}" for warning in described.warnings)]
