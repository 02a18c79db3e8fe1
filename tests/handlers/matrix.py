"""How every route is tried: what the button carries or the form is about, and what is filled in or typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.slack.ids import Button, Command, Form, More
from rules.forecasts.what_if import WhatIfKind
from rules.intake.commands import ListView
from rules.people.permissions import Permission
from rules.presence.leave import LeaveKind
from rules.presence.presence import PresenceAction
from tests.handlers.brought import (
    Value,
    as_seen,
    asked_about,
    drawn,
    emils,
    gap,
    handed_over,
    just,
    leave,
    lever,
    looked_at_first,
    moved,
    noted,
    of,
    own_question,
    shift,
    themselves,
    where,
)
from tests.services import parts
from tests.services.vpn import ANA, BEN, EMIL, EVA

SAID = {"text": "We are on it."}
CORRECTED = {"title": "VPN is slow", "type": "network", "priority": "high", "customer": "", "reply_by": "slack"}
NEEDED = {"title": "Chair", "description": "", "type": "other", "priority": "normal", "reply_by": "slack"}


@dataclass(frozen=True, slots=True)
class Way:
    """What the button carries, or the form is about, once all is prepared; and the form's answers.

    It is prepared once for everybody, except `for_each`: then it depends on the person, or on what was done before.
    """

    value: Value
    answers: Mapping[str, str] = field(default_factory=dict)
    for_each: bool = False


BUTTONS: dict[str, Way] = {
    Button.TAKE: Way(of(parts.waiting_for_cleo)),
    Button.ASSIGN: Way(of(parts.waiting_for_cleo)),
    Button.ESCALATE: Way(of(parts.in_hand)),
    Button.RESOLVE: Way(of(parts.in_hand)),
    Button.OPEN: Way(of(parts.in_hand)),
    Button.REPLY: Way(of(parts.in_hand)),
    Button.REOPEN: Way(of(parts.resolved)),
    Button.CHANGE: Way(of(parts.in_hand)),
    Button.START: Way(of(parts.offered), for_each=True),
    Button.PASS: Way(of(parts.offered), for_each=True),
    Button.ACCEPT: Way(of(parts.waiting_for_experts, ".1")),
    Button.REJECT: Way(of(parts.waiting_for_experts, ".1")),
    Button.REQUEST_INFO: Way(of(parts.waiting_for_experts, ".1")),
    Button.REDIRECT: Way(of(parts.waiting_for_experts, ".1")),
    Button.WITHDRAW: Way(of(own_question), for_each=True),
    Button.FORWARD_TO_EXPERTS: Way(of(looked_at_first, ".1")),
    Button.RETURN_ESCALATION: Way(of(looked_at_first, ".1")),
    Button.CLOSE_IMPROVEMENT_ITEM: Way(gap, for_each=True),
    Button.SNOOZE: Way(of(parts.overdue)),
    Button.EXTEND: Way(of(parts.in_hand)),
    Button.GRANT_EXTENSION: Way(of(parts.asked_for_time, ".1")),
    Button.REFUSE_EXTENSION: Way(of(parts.asked_for_time, ".1")),
    Button.EXPLAIN_DEADLINE: Way(of(parts.in_hand)),
    Button.FINISH_STEP: Way(of(parts.with_steps, ".1")),
    Button.RERUN_FORECAST: Way(just("network")),
    Button.APPLY_ACTION: Way(lever(WhatIfKind.PAUSE), for_each=True),
    Button.ASK_HELPER: Way(lever(WhatIfKind.HELP), for_each=True),
    Button.NEW_TICKET: Way(just("new")),
    Button.FILE_ANYWAY: Way(just("VPN is slow again")),
    Button.FILE_MENTION_ANYWAY: Way(asked_about),
    Button.SHOW_LIST: Way(just("mine:1:")),
    Button.PREVIOUS_PAGE: Way(just("mine:1:")),
    Button.SEND_NOTE: Way(noted),
    Button.OPEN_REPORT: Way(just("me")),
    Button.ALERT_PREFERENCE: Way(just("dm")),
    Button.TEAM_PAGE: Way(just("team")),
    Button.PERSON_SKILLS: Way(just(EMIL)),
    Button.MEMBERSHIP: Way(just("network|")),
    Button.NEXT_TICKET: Way(just("next")),
    Button.TAKE_NEXT: Way(of(parts.waiting_for_cleo)),
    Button.SKIP_NEXT: Way(of(parts.in_hand)),
    Button.BULK_REASSIGN: Way(drawn, for_each=True),
    Button.CANCEL_REASSIGNMENT: Way(just("drop")),
    Button.UNDO_REASSIGNMENT: Way(moved, for_each=True),
    Button.RECLAIM_TICKETS: Way(handed_over, for_each=True),
    Button.LOG_IN: Way(where(PresenceAction.OUT, "in"), for_each=True),
    Button.LOG_OUT: Way(where(PresenceAction.IN, "out"), for_each=True),
    Button.BREAK: Way(where(PresenceAction.IN, "break"), for_each=True),
    Button.START_ACTIVITY: Way(where(PresenceAction.IN, "Meeting"), for_each=True),
    Button.NEW_LEAVE: Way(just("leave")),
    Button.CANCEL_LEAVE: Way(leave, for_each=True),
    Button.NEW_SHIFT: Way(just("shift")),
    Button.CANCEL_SHIFT: Way(shift, for_each=True),
}
UNDER_MORE: dict[str, Way] = {
    More.WAIT_FOR_CUSTOMER: Way(of(parts.in_hand, word=More.WAIT_FOR_CUSTOMER)),
    More.REPLY: Way(of(parts.in_hand, word=More.REPLY)),
    More.NOTE: Way(of(parts.in_hand, word=More.NOTE)),
    More.CHANGE: Way(of(parts.in_hand, word=More.CHANGE)),
    More.REOPEN: Way(of(parts.resolved, word=More.REOPEN)),
    More.OPEN: Way(of(parts.in_hand, word=More.OPEN)),
    More.EXPLAIN_DEADLINE: Way(of(parts.in_hand, word=More.EXPLAIN_DEADLINE)),
    More.ASK_FOR_HELP: Way(of(parts.in_hand, word=More.ASK_FOR_HELP)),
    More.SNOOZE_ONE_HOUR: Way(of(parts.overdue, word=More.SNOOZE_ONE_HOUR)),
    More.SNOOZE_TWO_HOURS: Way(of(parts.overdue, word=More.SNOOZE_TWO_HOURS)),
}
FORMS: dict[str, Way] = {
    Form.FILE: Way(just("{}"), NEEDED),
    Form.ASSIGN: Way(as_seen(parts.waiting_for_cleo), {"assignee": "U0AGENT1", "reason": "She knows it."}),
    Form.PASS: Way(of(parts.offered), {"reason": "on leave"}, for_each=True),
    Form.ESCALATE: Way(of(parts.in_hand), {"team": "security", "why": "Odd traffic", "tried": "a scan"}),
    Form.REJECT: Way(of(parts.waiting_for_experts, ".1"), {"advice": "other", "comment": "The log?"}),
    Form.REQUEST_INFO: Way(of(parts.waiting_for_experts, ".1"), {"question": "Since when?"}),
    Form.REDIRECT: Way(of(parts.waiting_for_experts, ".1"), {"team": "security", "reason": "It is theirs."}),
    Form.RETURN_ESCALATION: Way(of(looked_at_first, ".1"), {"comment": "The log is missing."}),
    Form.CLOSE_IMPROVEMENT_ITEM: Way(gap, {"note": "The form asks for the log now."}, for_each=True),
    Form.REPLY: Way(of(parts.in_hand), SAID),
    Form.NOTE: Way(of(parts.in_hand), SAID),
    Form.CHANGE: Way(as_seen(parts.in_hand), CORRECTED),
    Form.RESOLVE: Way(of(parts.in_hand), {"solution": "Restarted the gateway."}),
    Form.REOPEN: Way(of(parts.resolved), {"reason": "Down again."}),
    Form.EXTEND: Way(of(parts.in_hand), {"target": "resolution", "more": "1h", "reason": "The part comes today."}),
    Form.ASK_FOR_HELP: Way(of(parts.in_hand), {"text": "A colleague."}),
    Form.ASK_HELPER: Way(lever(WhatIfKind.HELP), {"helper": BEN}, for_each=True),
    Form.SKILLS: Way(just(EMIL), {"level:network": "can", "until:network": "", "certificate:network": ""}),
    Form.MEMBERSHIP: Way(just("network||"), {"person": ANA, "role": "agent"}),
    Form.BULK_REASSIGNMENT: Way(emils, {"giver": EMIL, "receivers": EVA, "type": "", "priority": "", "time": ""}),
    Form.SHIFT: Way(themselves, {"day": "2026-11-07", "from": "09:00", "until": "13:00"}, for_each=True),
    Form.LEAVE: Way(
        themselves,
        {"from": "2026-11-02", "until": "2026-11-03", "kind": str(LeaveKind.HOLIDAY), "reason": ""},
        for_each=True,
    ),
}
COMMANDS: dict[tuple[str, str], Permission] = {
    (Command.TICKET, ""): Permission.FILE_TICKET,
    (Command.TICKET, "Printer is out of paper"): Permission.FILE_TICKET,
    (Command.TICKET, "help"): Permission.FILE_TICKET,
    (Command.TICKET, "list"): Permission.LIST_TICKETS,
    **{(Command.TICKET, f"list {view}"): Permission.LIST_TICKETS for view in ListView if view is not ListView.TEAM},
    (Command.TICKET, "list team support"): Permission.LIST_TICKETS,
    (Command.TICKET, "1"): Permission.SEE_TICKET,
    (Command.REPORT, ""): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "help"): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "me"): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "today"): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "yesterday"): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "team network"): Permission.SEE_TEAM_REPORT,
    (Command.REPORT, "escalations team network"): Permission.SEE_TEAM_REPORT,
    (Command.REPORT, "forecast-quality"): Permission.SEE_FORECAST,
    (Command.REPORT, "who team network"): Permission.SEE_TEAM_REPORT,
    (Command.REPORT, "times me"): Permission.SEE_OWN_REPORT,
    (Command.REPORT, "times team network"): Permission.SEE_TEAM_REPORT,
    (Command.REPORT, "hours team network"): Permission.SEE_LOGGED_TIME,
    (Command.DESK, ""): Permission.USE_DESK_COMMAND,
    (Command.DESK, "help"): Permission.USE_DESK_COMMAND,
    (Command.DESK, "who network"): Permission.USE_DESK_COMMAND,
    (Command.DESK, "network"): Permission.SEE_PRESENCE_BOARD,
    (Command.DESK, "health"): Permission.SEE_HEALTH,
    (Command.DESK, "alerts"): Permission.CHOOSE_ALERT_CHANNEL,
    (Command.DESK, f"skill <@{EMIL}>"): Permission.EDIT_SKILLS,
    (Command.DESK, f"team network add <@{ANA}> agent"): Permission.EDIT_MEMBERSHIPS,
    (Command.DESK, "next"): Permission.TAKE_NEXT_TICKET,
    (Command.DESK, "risk network"): Permission.SEE_FORECAST,
    (Command.DESK, f"move <@{EMIL}> <@{EVA}>"): Permission.REASSIGN_IN_BULK,
    (Command.DESK, "out"): Permission.SET_PRESENCE,
    (Command.DESK, "in"): Permission.SET_PRESENCE,
    (Command.DESK, "break"): Permission.SET_PRESENCE,
    (Command.DESK, "busy Meeting"): Permission.SET_PRESENCE,
    (Command.DESK, "back"): Permission.SET_PRESENCE,
    (Command.DESK, "shift 2026-12-05 9:00-13:00"): Permission.SET_PRESENCE,
    (Command.DESK, f"shift <@{EMIL}> 2026-12-06 9:00-13:00"): Permission.ENTER_LEAVE_FOR_OTHERS,
    (Command.DESK, "away 2026-12-01"): Permission.SET_PRESENCE,
    (Command.DESK, f"away <@{EMIL}> 2026-12-02"): Permission.ENTER_LEAVE_FOR_OTHERS,
}
