"""Makes docs/commands.md from what the capabilities register: `make docs`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from handlers.desk_command import OWN_TEAMS_ROW
from handlers.reports.cards.help import DAY_ROWS
from handlers.routes import build_registry
from handlers.slack.ids import Command
from handlers.slack.menus import MenuEntry, menu_entries
from handlers.slack.router import Route, Router
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.people.permissions import OPEN_PERMISSIONS, PERMISSION_MATRIX, ROLE_PLURALS, Permission
from rules.reports.queries import ReportTopic, report_readers_text
from rules.text import Text
from storage.schema.tickets import Ticket

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "commands.md"

HEAD: Final = """\
<!-- Made by `make docs` from what the capabilities register (tools/commands.py): do not change it by hand. -->
# Everything one can press and type

Buttons first, then the words of the three commands. [authority.md](authority.md) says in full who may do what; on
a press that they may not make, people read who can.

## Buttons

"""
BUTTONS: Final = {
    "a ticket's card": "*Take*, *Assign…*, *Escalate…*, *Resolve…*, *Reply…*; of a type with steps *Done: NAME*; while "
    "it is escalated *Withdraw*; more under ⋯ (below)",
    "the card of an offered ticket": "*Start*, *Decline…*",
    "the experts' card": "*Accept*, *Reject…*, *Redirect…*, *Request info…*",
    "the card of a peer review": "*Send to experts*, *Return…*",
    "an alert": "first the button that meets the SLA target, then *Assign…*, *Snooze 30 min*, *Extend…*; under ⋯ "
    "*Ask for help…* and longer snoozes",
    "*Why this deadline?*": "on a ticket's card, an alert, an opened ticket and in `/report`: the due time as "
    "arithmetic, with business hours day by day, pauses, holidays, moves",
    "the thread of a ticket's card": "the timeline; a message there is an internal note, with *Send to the requester*",
    "⋮ on a message": "*Create ticket*; in a thread a mention of @Baton files the thread",
    "Baton under *Apps*": "my tickets, my team's queue, the decisions that I am asked for; *New ticket*, *My tickets*; "
    "for those who work tickets *Next ticket*, for leads *Team* (skills and memberships)",
    "the presence board (`presence_board: true`)": "*Log in*, *Break*, *Busy…*, *Log out*, as `/desk in` and its like",
}
FILING_ROWS: Final = (
    "`/ticket`  the form *New ticket*",
    "`/ticket VPN is down on floor 3 !high type:network`  files at once and answers with the due times; `!critical`, "
    "`!high`, `!normal`, `!low`, `type:NAME` and @colleague, who is offered the ticket, may be anywhere in the line",
    "`/ticket 12`  one ticket, with its timeline under *Open*",
)
# What is typed without one of the command's words: before the words, and after them.
ROWS_BEFORE: Final = {Command.TICKET: FILING_ROWS, Command.REPORT: DAY_ROWS[:1], Command.DESK: (OWN_TEAMS_ROW,)}
ROWS_AFTER: Final = {Command.REPORT: DAY_ROWS[1:]}
NOTES: Final = {
    Command.TICKET: "An order such as `close 12`, `search vpn` or `lst` is filed only by *File anyway*.",
    Command.REPORT: (
        f"Everybody sees their own figures. {report_readers_text(None)} "
        f"{report_readers_text(ReportTopic('hours', permission=Permission.SEE_LOGGED_TIME))}"
    ),
    Command.DESK: (
        "`/desk away`, `/desk shift` and `/desk move` alone open a form. What `/desk move` would reassign is shown "
        "before; one press does it, and *Undo* takes it back for ten minutes. A mistyped word is answered with "
        "the nearest one."
    ),
}


def write_page() -> None:
    PAGE.write_text(render_page(build_registry()), encoding="utf-8")
    print(f"docs/{PAGE.name}")


def render_page(on: Router) -> str:
    sections = [f"## `{command}`\n\n{_words_table(on, command)}\n\n{NOTES[command]}\n" for command in Command]
    buttons = _table("| Where | What |", (f"| {where} | {what} |" for where, what in BUTTONS.items()))
    return "\n".join([f"{HEAD}{buttons}\n", f"{_menu_table(on)}\n", *sections])


def _menu_table(on: Router) -> str:
    rows = (
        f"| *{entry.label}* | {_statuses_shown(entry)} | {who_may(on.routes['menu'][choice].permission)} |"
        for choice, entry in menu_entries().items()
    )
    return _table("| Under ⋯ of a ticket's card | In which status | Who may |", rows)


def _statuses_shown(entry: MenuEntry) -> str:
    shown = [str(status.label) for status in Status if entry.is_shown(Ticket(status=status), Policy())]
    return "any" if len(shown) == len(Status) else ", ".join(shown)


def _words_table(on: Router, command: Command) -> str:
    routes = on.words_of(command)
    everybody = who_may(on.routes["command"][command].permission)
    rows = [
        *(f"{_plain_row(row)} | {everybody} |" for row in ROWS_BEFORE[command]),
        *(_word_row(route) for route in dict.fromkeys(routes.values()) if route.help is not None),
        *(f"{_plain_row(row)} | {everybody} |" for row in ROWS_AFTER.get(command, ())),
        f"| `{command} help` | these words | {who_may(routes['help'].permission)} |",
    ]
    return _table("| Typed | What comes | Who may |", rows)


def _plain_row(row: Text | str) -> str:
    examples, _, text = str(row).partition("  ")
    return f"| {examples} | {text}"


def _word_row(route: Route) -> str:
    assert route.help is not None
    examples = ", ".join(f"`{example}`" for example in route.help.examples)
    return f"| {examples} | {route.help.text} | {who_may(route.permission)} |"


def who_may(permission: Permission) -> str:
    """Open permissions need no role; any other, one of the roles of its row in the matrix."""
    if permission in OPEN_PERMISSIONS:
        return "everybody"
    return ", ".join(str(name) for role, name in ROLE_PLURALS.items() if role in PERMISSION_MATRIX[permission])


def _table(head: str, rows: Iterable[str]) -> str:
    rule = "|".join(["", *("---" for _ in head.split("|")[2:]), ""])
    return "\n".join([head, rule, *rows])


if __name__ == "__main__":
    write_page()
