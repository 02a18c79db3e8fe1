"""The names that Slack sends back: commands, shortcuts, buttons, forms, menus, and the deed each leads to."""

from enum import StrEnum

from rules.intake.commands import TicketListing
from rules.people.permissions import Permission


def listing_value(asked: TicketListing) -> str:
    """What a button says of the list that it leads to."""
    return f"{asked.view}:{asked.page}:{asked.team}"


class Command(StrEnum):
    TICKET = "/ticket"
    REPORT = "/report"
    DESK = "/desk"


class Shortcut(StrEnum):
    NEW_TICKET = "ticket_new"
    FROM_MESSAGE = "ticket_from_message"


class Button(StrEnum):
    """Buttons and ⋯ menus. A version in the name would go here if one ever changed its meaning."""

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
    TICKET_TYPE = "type"  # the field of the form *New ticket*, which answers with who could begin
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
    """What stands under ⋯ on a card: the value of the chosen line, before the ticket's number."""

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
    """Slack's events that Baton listens to."""

    HOME_OPENED = "app_home_opened"
    MENTION = "app_mention"
    MESSAGE = "message"
    USER_CHANGED = "user_change"
    USER_GROUP_CHANGED = "subteam_updated"
    DO_NOT_DISTURB_CHANGED = "dnd_updated_user"


REQUIRED_PERMISSIONS: dict[str, Permission] = {
    Command.TICKET: Permission.FILE_TICKET,
    Command.REPORT: Permission.SEE_OWN_REPORT,
    Command.DESK: Permission.USE_DESK_COMMAND,
    Shortcut.NEW_TICKET: Permission.FILE_TICKET,
    Shortcut.FROM_MESSAGE: Permission.FILE_TICKET,
    Button.TAKE: Permission.TAKE_TICKET,
    Button.ASSIGN: Permission.ASSIGN_TICKET,
    Button.ESCALATE: Permission.ESCALATE,
    Button.RESOLVE: Permission.RESOLVE_TICKET,
    Button.MORE_MENU: Permission.SEE_TICKET,
    More.WAIT_FOR_CUSTOMER: Permission.WAIT_FOR_CUSTOMER,
    More.REPLY: Permission.REPLY_TO_REQUESTER,
    More.NOTE: Permission.ADD_NOTE,
    More.CHANGE: Permission.CHANGE_TICKET,
    More.REOPEN: Permission.REOPEN_TICKET,
    More.OPEN: Permission.SEE_TICKET,
    Button.OPEN: Permission.SEE_TICKET,
    Button.REPLY: Permission.REPLY_TO_REQUESTER,
    Button.REOPEN: Permission.REOPEN_TICKET,
    Button.CHANGE: Permission.CHANGE_TICKET,
    Button.START: Permission.START_WORK,
    Button.PASS: Permission.PASS_OFFER,
    Button.ACCEPT: Permission.ACCEPT_ESCALATION,
    Button.REJECT: Permission.REJECT_ESCALATION,
    Button.REQUEST_INFO: Permission.REQUEST_INFO,
    Button.REDIRECT: Permission.REDIRECT_ESCALATION,
    Button.WITHDRAW: Permission.WITHDRAW_ESCALATION,
    Button.FORWARD_TO_EXPERTS: Permission.REVIEW_ESCALATION,
    Button.RETURN_ESCALATION: Permission.REVIEW_ESCALATION,
    Button.CLOSE_IMPROVEMENT_ITEM: Permission.CLOSE_IMPROVEMENT_ITEM,
    Button.SNOOZE: Permission.SNOOZE_ALERT,
    More.SNOOZE_ONE_HOUR: Permission.SNOOZE_ALERT,
    More.SNOOZE_TWO_HOURS: Permission.SNOOZE_ALERT,
    Button.EXTEND: Permission.EXTEND_TARGET,
    Form.EXTEND: Permission.EXTEND_TARGET,
    Button.GRANT_EXTENSION: Permission.DECIDE_EXTENSION,
    Button.REFUSE_EXTENSION: Permission.DECIDE_EXTENSION,
    Button.EXPLAIN_DEADLINE: Permission.SEE_TICKET,
    More.EXPLAIN_DEADLINE: Permission.SEE_TICKET,
    More.ASK_FOR_HELP: Permission.ASK_FOR_HELP,
    Form.ASK_FOR_HELP: Permission.ASK_FOR_HELP,
    Button.FINISH_STEP: Permission.COMPLETE_STEP,
    Button.RERUN_FORECAST: Permission.SEE_FORECAST,
    Button.APPLY_ACTION: Permission.APPLY_WHAT_IF_ACTION,
    Button.ASK_HELPER: Permission.APPLY_WHAT_IF_ACTION,
    Form.ASK_HELPER: Permission.APPLY_WHAT_IF_ACTION,
    Button.TEAM_PAGE: Permission.EDIT_SKILLS,
    Button.PERSON_SKILLS: Permission.EDIT_SKILLS,
    Form.SKILLS: Permission.EDIT_SKILLS,
    Button.MEMBERSHIP: Permission.EDIT_MEMBERSHIPS,
    Form.MEMBERSHIP: Permission.EDIT_MEMBERSHIPS,
    Button.NEXT_TICKET: Permission.TAKE_NEXT_TICKET,
    Button.TAKE_NEXT: Permission.TAKE_TICKET,
    Button.SKIP_NEXT: Permission.TAKE_NEXT_TICKET,
    Button.TICKET_TYPE: Permission.FILE_TICKET,
    Button.NEW_TICKET: Permission.FILE_TICKET,
    Button.FILE_ANYWAY: Permission.FILE_TICKET,
    Button.SHOW_LIST: Permission.LIST_TICKETS,
    Button.PREVIOUS_PAGE: Permission.LIST_TICKETS,
    Button.SEND_NOTE: Permission.REPLY_TO_REQUESTER,
    Button.OPEN_REPORT: Permission.SEE_OWN_REPORT,
    Button.ALERT_PREFERENCE: Permission.CHOOSE_ALERT_CHANNEL,
    Button.BULK_REASSIGN: Permission.REASSIGN_IN_BULK,
    Button.CANCEL_REASSIGNMENT: Permission.USE_DESK_COMMAND,
    Button.UNDO_REASSIGNMENT: Permission.REASSIGN_IN_BULK,
    Button.RECLAIM_TICKETS: Permission.TAKE_BACK_TICKETS,
    Form.BULK_REASSIGNMENT: Permission.REASSIGN_IN_BULK,
    Button.LOG_IN: Permission.SET_PRESENCE,
    Button.LOG_OUT: Permission.SET_PRESENCE,
    Button.BREAK: Permission.SET_PRESENCE,
    Button.START_ACTIVITY: Permission.SET_PRESENCE,
    Button.NEW_LEAVE: Permission.SET_PRESENCE,
    Button.CANCEL_LEAVE: Permission.SET_PRESENCE,
    Form.LEAVE: Permission.SET_PRESENCE,
    Button.NEW_SHIFT: Permission.SET_PRESENCE,
    Button.CANCEL_SHIFT: Permission.SET_PRESENCE,
    Form.SHIFT: Permission.SET_PRESENCE,
    Form.FILE: Permission.FILE_TICKET,
    Form.ASSIGN: Permission.ASSIGN_TICKET,
    Form.PASS: Permission.PASS_OFFER,
    Form.ESCALATE: Permission.ESCALATE,
    Form.REJECT: Permission.REJECT_ESCALATION,
    Form.REQUEST_INFO: Permission.REQUEST_INFO,
    Form.REDIRECT: Permission.REDIRECT_ESCALATION,
    Form.RETURN_ESCALATION: Permission.REVIEW_ESCALATION,
    Form.CLOSE_IMPROVEMENT_ITEM: Permission.CLOSE_IMPROVEMENT_ITEM,
    Form.REPLY: Permission.REPLY_TO_REQUESTER,
    Form.NOTE: Permission.ADD_NOTE,
    Form.CHANGE: Permission.CHANGE_TICKET,
    Form.RESOLVE: Permission.RESOLVE_TICKET,
    Form.REOPEN: Permission.REOPEN_TICKET,
    SlackEvent.HOME_OPENED: Permission.OPEN_HOME,
    SlackEvent.MENTION: Permission.FILE_TICKET,
    SlackEvent.MESSAGE: Permission.WRITE_AS_REQUESTER,
    SlackEvent.USER_CHANGED: Permission.USE_DESK_COMMAND,
    SlackEvent.USER_GROUP_CHANGED: Permission.USE_DESK_COMMAND,
    SlackEvent.DO_NOT_DISTURB_CHANGED: Permission.USE_DESK_COMMAND,
}
