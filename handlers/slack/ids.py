"""The names that Slack sends back: commands, shortcuts, buttons, forms, menus."""

from enum import StrEnum

from rules.intake.commands import TicketListing


def listing_value(listing: TicketListing) -> str:
    return f"{listing.view}:{listing.page}:{listing.team}" + (f":{listing.type}" if listing.type else "")


class Command(StrEnum):
    TICKET = "/ticket"
    REPORT = "/report"
    DESK = "/desk"


class Shortcut(StrEnum):
    NEW_TICKET = "ticket_new"
    FROM_MESSAGE = "ticket_from_message"


class Button(StrEnum):
    """Buttons and menus. If one ever changes its meaning, its name gets a version."""

    TAKE = "ticket.take"
    ASSIGN = "ticket.assign"
    ESCALATE = "ticket.escalate"
    RESOLVE = "ticket.resolve"
    MORE_MENU = "ticket.more"
    OPEN = "ticket.open"
    REPLY = "ticket.reply"
    REOPEN = "ticket.reopen"
    CHANGE = "ticket.change"
    START = "offer.start"
    PASS = "offer.pass"
    ACCEPT = "escalation.accept"
    REJECT = "escalation.reject"
    REQUEST_INFO = "escalation.ask_back"
    REDIRECT = "escalation.redirect"
    WITHDRAW = "escalation.withdraw"
    FORWARD_TO_EXPERTS = "check.send_on"
    RETURN_ESCALATION = "check.return"
    CLOSE_IMPROVEMENT_ITEM = "gap.close"
    SNOOZE = "alert.snooze"
    EXTEND = "alert.extend"
    GRANT_EXTENSION = "extension.grant"
    REFUSE_EXTENSION = "extension.refuse"
    EXPLAIN_DEADLINE = "ticket.why"
    FINISH_STEP = "ticket.step"
    RERUN_FORECAST = "risk.look"
    APPLY_ACTION = "risk.lever"
    ASK_HELPER = "risk.ask"
    NEW_TICKET = "ticket.new"
    FILE_ANYWAY = "ticket.file_anyway"
    FILE_MENTION_ANYWAY = "ticket.file_mention"
    SHOW_LIST = "list.page"
    PREVIOUS_PAGE = "list.back"
    SEND_NOTE = "note.send"
    OPEN_REPORT = "report.open"
    ALERT_PREFERENCE = "alerts.hear_by"
    TEAM_PAGE = "skills.team"
    PERSON_SKILLS = "skills.person"
    MEMBERSHIP = "members.ask"
    NEXT_TICKET = "next.show"
    TAKE_NEXT = "next.take"
    SKIP_NEXT = "next.skip"
    TICKET_TYPE = "type"  # the field of the form *New ticket* that updates the candidates
    BULK_REASSIGN = "basket.move"
    CANCEL_REASSIGNMENT = "basket.drop"
    UNDO_REASSIGNMENT = "basket.undo"
    RECLAIM_TICKETS = "basket.take_back"
    LOG_IN = "floor.in"
    LOG_OUT = "floor.out"
    BREAK = "floor.break"
    START_ACTIVITY = "floor.busy"
    NEW_LEAVE = "leave.ask"
    CANCEL_LEAVE = "leave.cancel"
    NEW_SHIFT = "shift.ask"
    CANCEL_SHIFT = "shift.cancel"


class More(StrEnum):
    """The choices under ⋯ on a card; a choice's value is this word, then the ticket's number."""

    WAIT_FOR_CUSTOMER = "wait"
    REPLY = "reply"
    NOTE = "note"
    CHANGE = "change"
    REOPEN = "reopen"
    OPEN = "open"
    EXPLAIN_DEADLINE = "why"
    ASK_FOR_HELP = "help"
    SNOOZE_ONE_HOUR = "snooze_hour"
    SNOOZE_TWO_HOURS = "snooze_two"


class Form(StrEnum):
    FILE = "form.file"
    ASSIGN = "form.assign"
    PASS = "form.pass"
    ESCALATE = "form.escalate"
    REJECT = "form.reject"
    REQUEST_INFO = "form.ask_back"
    REDIRECT = "form.redirect"
    RETURN_ESCALATION = "form.return"
    CLOSE_IMPROVEMENT_ITEM = "form.close_gap"
    REPLY = "form.reply"
    NOTE = "form.note"
    CHANGE = "form.change"
    RESOLVE = "form.resolve"
    REOPEN = "form.reopen"
    EXTEND = "form.extend"
    ASK_FOR_HELP = "form.help"
    ASK_HELPER = "form.helper"
    SKILLS = "form.skills"
    MEMBERSHIP = "form.member"
    BULK_REASSIGNMENT = "form.basket"
    LEAVE = "form.leave"
    SHIFT = "form.shift"


class SlackEvent(StrEnum):
    HOME_OPENED = "app_home_opened"
    MENTION = "app_mention"
    MESSAGE = "message"
    USER_CHANGED = "user_change"
    USER_GROUP_CHANGED = "subteam_updated"
    DO_NOT_DISTURB_CHANGED = "dnd_updated_user"
