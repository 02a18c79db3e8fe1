"""`/report help`: how to ask, and the definitions of the figures."""

from collections.abc import Mapping

from handlers.reports.topics import Definitions, definition_blocks
from handlers.slack.blocks import Message, section
from handlers.slack.command_words import help_rows
from handlers.slack.router import Route
from handlers.text.slack import Markup, bold, join, render
from rules.reports.daily import MIN_SHARE_TOTAL
from rules.text import Code, Text, _, join_texts

DAY_ROWS = (
    _("`/report`  the day in numbers: of your teams if you lead, of the whole desk if you manage, else your own"),
    _("`… me`, `… team network`  after any of these: your own numbers, or one team's"),
    _("`… 2026-10-05`, `… yesterday`  that day; `times`, `hours` and `escalations` also take `2026-09-01..2026-09-30`"),
)
DAILY_DEFINITIONS = (
    _(
        "*Created*: created that day, counted for the team they were created in. *Backlog*: open at the end of the "
        "day, counted for the team that had them then. *Resolved*: resolved that day at least once, counted for the "
        "person who resolved them last."
    ),
    _(
        "*Breached*: open, and past the due time of the first reply or of the resolution. *Due soon*: open, and the "
        "first warning of `warn_at` was reached; tickets waiting for the customer are not due soon. *Resolution SLA "
        "met*: how many of the resolution targets that ended that day were met."
    ),
    _("*Escalations*: what the experts decided that day, for their team and for the team that escalated."),
    _(
        "A day runs from midnight to midnight in the team's time zone; for several teams, in the zone that most of "
        "them share. Percentages are left out below {minimum} tickets.",
        minimum=MIN_SHARE_TOTAL,
    ),
)


def report_help(words: Mapping[str, Route]) -> Message:
    rows = join("\n", [bold(_("What you can ask")), DAY_ROWS[0], *map(Markup, help_rows(words)), *DAY_ROWS[1:]])
    definitions = definition_blocks([Definitions(_("Definitions"), DAILY_DEFINITIONS)])
    topics = [Text("{command}", {"command": Code(f"/report {word}")}) for word, one in words.items() if one.help]
    spoken = _("Ask `/report`, {topics}, with `me`, `team NAME` or a day.", topics=join_texts(topics, ", "))
    return Message(render(spoken), [section(rows), *definitions])
