"""`baton apply`: brings the desk to the configuration in a file."""

from pathlib import Path

from bot.config_file import load_desk_file
from bot.offline import offline_desk
from bot.settings import Settings
from rules.text import Text, _
from services import config


async def apply_desk_file(settings: Settings, path: Path) -> list[Text | str]:
    """What changed, and warnings about the file. DeskFileError names every fault."""
    file = load_desk_file(path)
    async with offline_desk(settings, configures=False) as desk:
        changes = await desk.execute(config.apply_configuration, file.plain)
    warnings = [_("Warning: {warning}", warning=warning) for warning in file.warnings]
    return [*(changes or [_("Nothing changed.")]), *warnings]
