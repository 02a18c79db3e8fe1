"""`/report help`: how to ask, and the definitions of the figures."""

from collections.abc import Mapping

from handlers.reports.topics import Definitions, definition_blocks
from handlers.slack.blocks import Message, section
from handlers.slack.command_words import help_rows
from handlers.slack.router import Route
from rules.reports.daily import MIN_SHARE_TOTAL

DAY_ROWS = (
    "`/report`  the day in numbers: your teams if you lead, the whole desk if you manage, else your own",
    "`… me`, `… team network`  after any of these: your own numbers, one team",
    "`… 2026-10-05`, `… yesterday`  that day; `times`, `hours` and `escalations` take `2026-09-01..2026-09-30` too",
)
DAILY_DEFINITIONS = (
    "*Reported*: filed that day, with the team they were filed with. *Open*: not resolved at the end of the day, "
    "with the team that had them then. *Resolved*: resolved that day at least once, by whoever did it last.",
    "*Overdue*: open, and the time promised for the first reply or for the solution was over. *Near*: open, and "
    "the first warning of `warn_at` was reached. Due times are those known now; what the customer is asked about "
    "is not near. *In time*: of the promises to resolve that ended that day, those that were kept.",
    "*Escalations*: what the experts answered that day, for their team and for the team that asked.",
    "A day runs from midnight to midnight in the team's time zone; for several teams in the zone most of them "
    f"share. Types are those of now. Percentages stay out below n = {MIN_SHARE_TOTAL}.",
)


def report_help(words: Mapping[str, Route]) -> Message:
    rows = "\n".join([DAY_ROWS[0], *help_rows(words), *DAY_ROWS[1:]])
    content = [section(f"*What you can ask*\n{rows}")]
    content += definition_blocks([Definitions("What the words mean", DAILY_DEFINITIONS)])
    topics = ", ".join(f"/report {word}" for word, one in words.items() if one.help)
    return Message(f"Ask /report, {topics}, with me, team NAME or a day.", content)
