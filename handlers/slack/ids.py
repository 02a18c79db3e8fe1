"""The names that Slack sends back: commands, shortcuts, buttons, forms, menus, and the deed each leads to."""

from enum import StrEnum

from rules.intake.commands import Listing
from rules.people.permissions import Deed


def value_of(asked: Listing) -> str:
    """What a button says of the list that it leads to."""
    return f"{asked.view}:{asked.page}:{asked.team}"


class Command(StrEnum):
    TICKET = "/ticket"
    REPORT = "/report"
    DESK = "/desk"


class Shortcut(StrEnum):
    NEW = "ticket_new"
    FROM_MESSAGE = "ticket_from_message"


class Button(StrEnum):
    """Buttons and ⋯ menus. A version in the name would go here if one ever changed its meaning."""

    TAKE = "ticket.take"
    ASSIGN = "ticket.assign"
    ESCALATE = "ticket.escalate"
    RESOLVE = "ticket.resolve"
    MORE = "ticket.more"
    OPEN = "ticket.open"
    REPLY = "ticket.reply"
    REOPEN = "ticket.reopen"
    CHANGE = "ticket.change"
    START = "offer.start"
    PASS = "offer.pass"
    ACCEPT = "escalation.accept"
    REJECT = "escalation.reject"
    ASK_BACK = "escalation.ask_back"
    REDIRECT = "escalation.redirect"
    WITHDRAW = "escalation.withdraw"
    SEND_ON = "check.send_on"
    RETURN = "check.return"
    CLOSE_GAP = "gap.close"
    SNOOZE = "alert.snooze"
    EXTEND = "alert.extend"
    GRANT = "extension.grant"
    REFUSE = "extension.refuse"
    WHY = "ticket.why"
    STEP = "ticket.step"
    RISK = "risk.look"
    LEVER = "risk.lever"
    LEVER_ASK = "risk.ask"
    NEW = "ticket.new"
    FILE_ANYWAY = "ticket.file_anyway"
    LIST = "list.page"
    LIST_BACK = "list.back"
    SEND_NOTE = "note.send"
    REPORT = "report.open"
    HEAR_BY = "alerts.hear_by"
    TEAM = "skills.team"
    SKILLS = "skills.person"
    MEMBER = "members.ask"
    NEXT = "next.show"
    TAKE_NEXT = "next.take"
    SKIP = "next.skip"
    TYPE = "type"  # the field of the form *New ticket*, which answers with who could begin
    MOVE = "basket.move"
    DROP = "basket.drop"
    UNDO = "basket.undo"
    TAKE_BACK = "basket.take_back"
    LOG_IN = "floor.in"
    LOG_OUT = "floor.out"
    BREAK = "floor.break"
    BUSY = "floor.busy"
    LEAVE_ASK = "leave.ask"
    LEAVE_CANCEL = "leave.cancel"
    SHIFT_ASK = "shift.ask"
    SHIFT_CANCEL = "shift.cancel"


class More(StrEnum):
    """What stands under ⋯ on a card: the value of the chosen line, before the ticket's number."""

    WAIT = "wait"
    REPLY = "reply"
    NOTE = "note"
    CHANGE = "change"
    REOPEN = "reopen"
    OPEN = "open"
    WHY = "why"
    HELP = "help"
    SNOOZE_HOUR = "snooze_hour"
    SNOOZE_TWO = "snooze_two"


class Form(StrEnum):
    FILE = "form.file"
    ASSIGN = "form.assign"
    PASS = "form.pass"
    ESCALATE = "form.escalate"
    REJECT = "form.reject"
    ASK_BACK = "form.ask_back"
    REDIRECT = "form.redirect"
    RETURN = "form.return"
    CLOSE_GAP = "form.close_gap"
    REPLY = "form.reply"
    NOTE = "form.note"
    CHANGE = "form.change"
    RESOLVE = "form.resolve"
    REOPEN = "form.reopen"
    EXTEND = "form.extend"
    HELP = "form.help"
    HELPER = "form.helper"
    SKILLS = "form.skills"
    MEMBER = "form.member"
    BASKET = "form.basket"
    LEAVE = "form.leave"
    SHIFT = "form.shift"


class Happening(StrEnum):
    """Slack's events that Baton listens to."""

    HOME = "app_home_opened"
    MENTION = "app_mention"
    MESSAGE = "message"
    PERSON = "user_change"
    GROUP = "subteam_updated"
    QUIET = "dnd_updated_user"


LEADS_TO: dict[str, Deed] = {
    Command.TICKET: Deed.FILE,
    Command.REPORT: Deed.REPORT_OWN,
    Command.DESK: Deed.DESK,
    Shortcut.NEW: Deed.FILE,
    Shortcut.FROM_MESSAGE: Deed.FILE,
    Button.TAKE: Deed.TAKE,
    Button.ASSIGN: Deed.ASSIGN,
    Button.ESCALATE: Deed.ESCALATE,
    Button.RESOLVE: Deed.RESOLVE,
    Button.MORE: Deed.SEE,
    More.WAIT: Deed.WAIT,
    More.REPLY: Deed.REPLY,
    More.NOTE: Deed.NOTE,
    More.CHANGE: Deed.CHANGE,
    More.REOPEN: Deed.REOPEN,
    More.OPEN: Deed.SEE,
    Button.OPEN: Deed.SEE,
    Button.REPLY: Deed.REPLY,
    Button.REOPEN: Deed.REOPEN,
    Button.CHANGE: Deed.CHANGE,
    Button.START: Deed.START,
    Button.PASS: Deed.PASS,
    Button.ACCEPT: Deed.ACCEPT,
    Button.REJECT: Deed.REJECT,
    Button.ASK_BACK: Deed.ASK_BACK,
    Button.REDIRECT: Deed.REDIRECT,
    Button.WITHDRAW: Deed.WITHDRAW,
    Button.SEND_ON: Deed.CHECK,
    Button.RETURN: Deed.CHECK,
    Button.CLOSE_GAP: Deed.CLOSE_GAP,
    Button.SNOOZE: Deed.SNOOZE,
    More.SNOOZE_HOUR: Deed.SNOOZE,
    More.SNOOZE_TWO: Deed.SNOOZE,
    Button.EXTEND: Deed.EXTEND,
    Form.EXTEND: Deed.EXTEND,
    Button.GRANT: Deed.GRANT,
    Button.REFUSE: Deed.GRANT,
    Button.WHY: Deed.SEE,
    More.WHY: Deed.SEE,
    More.HELP: Deed.ASK_HELP,
    Form.HELP: Deed.ASK_HELP,
    Button.STEP: Deed.STEP,
    Button.RISK: Deed.RISK,
    Button.LEVER: Deed.PULL,
    Button.LEVER_ASK: Deed.PULL,
    Form.HELPER: Deed.PULL,
    Button.TEAM: Deed.SKILL,
    Button.SKILLS: Deed.SKILL,
    Form.SKILLS: Deed.SKILL,
    Button.MEMBER: Deed.MEMBERS,
    Form.MEMBER: Deed.MEMBERS,
    Button.NEXT: Deed.NEXT,
    Button.TAKE_NEXT: Deed.TAKE,
    Button.SKIP: Deed.NEXT,
    Button.TYPE: Deed.FILE,
    Button.NEW: Deed.FILE,
    Button.FILE_ANYWAY: Deed.FILE,
    Button.LIST: Deed.LIST,
    Button.LIST_BACK: Deed.LIST,
    Button.SEND_NOTE: Deed.REPLY,
    Button.REPORT: Deed.REPORT_OWN,
    Button.HEAR_BY: Deed.HEAR_BY,
    Button.MOVE: Deed.MOVE_BASKET,
    Button.DROP: Deed.DESK,
    Button.UNDO: Deed.MOVE_BASKET,
    Button.TAKE_BACK: Deed.TAKE_BACK,
    Form.BASKET: Deed.MOVE_BASKET,
    Button.LOG_IN: Deed.PRESENCE,
    Button.LOG_OUT: Deed.PRESENCE,
    Button.BREAK: Deed.PRESENCE,
    Button.BUSY: Deed.PRESENCE,
    Button.LEAVE_ASK: Deed.PRESENCE,
    Button.LEAVE_CANCEL: Deed.PRESENCE,
    Form.LEAVE: Deed.PRESENCE,
    Button.SHIFT_ASK: Deed.PRESENCE,
    Button.SHIFT_CANCEL: Deed.PRESENCE,
    Form.SHIFT: Deed.PRESENCE,
    Form.FILE: Deed.FILE,
    Form.ASSIGN: Deed.ASSIGN,
    Form.PASS: Deed.PASS,
    Form.ESCALATE: Deed.ESCALATE,
    Form.REJECT: Deed.REJECT,
    Form.ASK_BACK: Deed.ASK_BACK,
    Form.REDIRECT: Deed.REDIRECT,
    Form.RETURN: Deed.CHECK,
    Form.CLOSE_GAP: Deed.CLOSE_GAP,
    Form.REPLY: Deed.REPLY,
    Form.NOTE: Deed.NOTE,
    Form.CHANGE: Deed.CHANGE,
    Form.RESOLVE: Deed.RESOLVE,
    Form.REOPEN: Deed.REOPEN,
    Happening.HOME: Deed.HOME,
    Happening.MENTION: Deed.FILE,
    Happening.MESSAGE: Deed.WRITE,
    Happening.PERSON: Deed.DESK,
    Happening.GROUP: Deed.DESK,
    Happening.QUIET: Deed.DESK,
}
