"""How every route is tried: what the button carries or the form is about, and what is filled in or typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.slack.ids import Button, Command, Form, More
from rules.forecasts.what_if import LeverKind
from rules.intake.commands import View
from rules.people.permissions import Deed
from rules.presence.leave import LeaveKind
from rules.presence.presence import Press
from tests.handlers.brought import (
    Value,
    as_seen,
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
    """What the button carries, or the form is about, once all is prepared for this person; and the form's answers."""

    value: Value
    answers: Mapping[str, str] = field(default_factory=dict)


BUTTONS: dict[str, Way] = {
    Button.TAKE: Way(of(parts.waiting_for_cleo)),
    Button.ASSIGN: Way(of(parts.waiting_for_cleo)),
    Button.ESCALATE: Way(of(parts.in_hand)),
    Button.RESOLVE: Way(of(parts.in_hand)),
    Button.OPEN: Way(of(parts.in_hand)),
    Button.REPLY: Way(of(parts.in_hand)),
    Button.REOPEN: Way(of(parts.resolved)),
    Button.CHANGE: Way(of(parts.in_hand)),
    Button.START: Way(of(parts.offered)),
    Button.PASS: Way(of(parts.offered)),
    Button.ACCEPT: Way(of(parts.waiting_for_experts, ".1")),
    Button.REJECT: Way(of(parts.waiting_for_experts, ".1")),
    Button.ASK_BACK: Way(of(parts.waiting_for_experts, ".1")),
    Button.REDIRECT: Way(of(parts.waiting_for_experts, ".1")),
    Button.WITHDRAW: Way(of(own_question)),
    Button.SEND_ON: Way(of(looked_at_first, ".1")),
    Button.RETURN: Way(of(looked_at_first, ".1")),
    Button.CLOSE_GAP: Way(gap),
    Button.SNOOZE: Way(of(parts.overdue)),
    Button.EXTEND: Way(of(parts.in_hand)),
    Button.GRANT: Way(of(parts.asked_for_time, ".1")),
    Button.REFUSE: Way(of(parts.asked_for_time, ".1")),
    Button.WHY: Way(of(parts.in_hand)),
    Button.STEP: Way(of(parts.with_steps, ".1")),
    Button.RISK: Way(just("network")),
    Button.LEVER: Way(lever(LeverKind.PAUSE)),
    Button.LEVER_ASK: Way(lever(LeverKind.HELP)),
    Button.NEW: Way(just("new")),
    Button.FILE_ANYWAY: Way(just("VPN is slow again")),
    Button.LIST: Way(just("mine:1:")),
    Button.LIST_BACK: Way(just("mine:1:")),
    Button.SEND_NOTE: Way(noted),
    Button.REPORT: Way(just("me")),
    Button.HEAR_BY: Way(just("dm")),
    Button.TEAM: Way(just("team")),
    Button.SKILLS: Way(just(EMIL)),
    Button.MEMBER: Way(just("network|")),
    Button.NEXT: Way(just("next")),
    Button.TAKE_NEXT: Way(of(parts.waiting_for_cleo)),
    Button.SKIP: Way(of(parts.in_hand)),
    Button.MOVE: Way(drawn),
    Button.DROP: Way(just("drop")),
    Button.UNDO: Way(moved),
    Button.TAKE_BACK: Way(handed_over),
    Button.LOG_IN: Way(where(Press.OUT, "in")),
    Button.LOG_OUT: Way(where(Press.IN, "out")),
    Button.BREAK: Way(where(Press.IN, "break")),
    Button.BUSY: Way(where(Press.IN, "Meeting")),
    Button.LEAVE_ASK: Way(just("leave")),
    Button.LEAVE_CANCEL: Way(leave),
    Button.SHIFT_ASK: Way(just("shift")),
    Button.SHIFT_CANCEL: Way(shift),
}
UNDER_MORE: dict[str, Way] = {
    More.WAIT: Way(of(parts.in_hand, word=More.WAIT)),
    More.REPLY: Way(of(parts.in_hand, word=More.REPLY)),
    More.NOTE: Way(of(parts.in_hand, word=More.NOTE)),
    More.CHANGE: Way(of(parts.in_hand, word=More.CHANGE)),
    More.REOPEN: Way(of(parts.resolved, word=More.REOPEN)),
    More.OPEN: Way(of(parts.in_hand, word=More.OPEN)),
    More.WHY: Way(of(parts.in_hand, word=More.WHY)),
    More.HELP: Way(of(parts.in_hand, word=More.HELP)),
    More.SNOOZE_HOUR: Way(of(parts.overdue, word=More.SNOOZE_HOUR)),
    More.SNOOZE_TWO: Way(of(parts.overdue, word=More.SNOOZE_TWO)),
}
FORMS: dict[str, Way] = {
    Form.FILE: Way(just("{}"), NEEDED),
    Form.ASSIGN: Way(as_seen(parts.waiting_for_cleo), {"assignee": "U0AGENT1", "reason": "She knows it."}),
    Form.PASS: Way(of(parts.offered), {"reason": "on leave"}),
    Form.ESCALATE: Way(of(parts.in_hand), {"team": "security", "why": "Odd traffic", "tried": "a scan"}),
    Form.REJECT: Way(of(parts.waiting_for_experts, ".1"), {"advice": "other", "comment": "The log?"}),
    Form.ASK_BACK: Way(of(parts.waiting_for_experts, ".1"), {"question": "Since when?"}),
    Form.REDIRECT: Way(of(parts.waiting_for_experts, ".1"), {"team": "security", "reason": "It is theirs."}),
    Form.RETURN: Way(of(looked_at_first, ".1"), {"comment": "The log is missing."}),
    Form.CLOSE_GAP: Way(gap, {"note": "The form asks for the log now."}),
    Form.REPLY: Way(of(parts.in_hand), SAID),
    Form.NOTE: Way(of(parts.in_hand), SAID),
    Form.CHANGE: Way(as_seen(parts.in_hand), CORRECTED),
    Form.RESOLVE: Way(of(parts.in_hand), {"solution": "Restarted the gateway."}),
    Form.REOPEN: Way(of(parts.resolved), {"reason": "Down again."}),
    Form.EXTEND: Way(of(parts.in_hand), {"target": "resolution", "more": "1h", "reason": "The part comes today."}),
    Form.HELP: Way(of(parts.in_hand), {"text": "A colleague."}),
    Form.HELPER: Way(lever(LeverKind.HELP), {"helper": BEN}),
    Form.SKILLS: Way(just(EMIL), {"level:network": "can", "until:network": "", "certificate:network": ""}),
    Form.MEMBER: Way(just("network||"), {"person": ANA, "role": "agent"}),
    Form.BASKET: Way(emils, {"giver": EMIL, "receivers": EVA, "type": "", "priority": "", "time": ""}),
    Form.SHIFT: Way(themselves, {"day": "2026-11-07", "from": "09:00", "until": "13:00"}),
    Form.LEAVE: Way(
        themselves, {"from": "2026-11-02", "until": "2026-11-03", "kind": str(LeaveKind.HOLIDAY), "reason": ""}
    ),
}
COMMANDS: dict[tuple[str, str], Deed] = {
    (Command.TICKET, ""): Deed.FILE,
    (Command.TICKET, "Printer is out of paper"): Deed.FILE,
    (Command.TICKET, "help"): Deed.FILE,
    (Command.TICKET, "list"): Deed.LIST,
    **{(Command.TICKET, f"list {view}"): Deed.LIST for view in View if view is not View.TEAM},
    (Command.TICKET, "list team support"): Deed.LIST,
    (Command.TICKET, "1"): Deed.SEE,
    (Command.REPORT, ""): Deed.REPORT_OWN,
    (Command.REPORT, "help"): Deed.REPORT_OWN,
    (Command.REPORT, "me"): Deed.REPORT_OWN,
    (Command.REPORT, "today"): Deed.REPORT_OWN,
    (Command.REPORT, "yesterday"): Deed.REPORT_OWN,
    (Command.REPORT, "team network"): Deed.REPORT,
    (Command.REPORT, "escalations team network"): Deed.REPORT,
    (Command.REPORT, "forecast-quality"): Deed.RISK,
    (Command.REPORT, "who team network"): Deed.REPORT,
    (Command.REPORT, "times me"): Deed.REPORT_OWN,
    (Command.REPORT, "times team network"): Deed.REPORT,
    (Command.REPORT, "hours team network"): Deed.HOURS,
    (Command.DESK, ""): Deed.DESK,
    (Command.DESK, "help"): Deed.DESK,
    (Command.DESK, "who network"): Deed.DESK,
    (Command.DESK, "network"): Deed.FLOOR,
    (Command.DESK, "health"): Deed.HEALTH,
    (Command.DESK, "alerts"): Deed.HEAR_BY,
    (Command.DESK, f"skill <@{EMIL}>"): Deed.SKILL,
    (Command.DESK, f"team network add <@{ANA}> agent"): Deed.MEMBERS,
    (Command.DESK, "next"): Deed.NEXT,
    (Command.DESK, "risk network"): Deed.RISK,
    (Command.DESK, f"move <@{EMIL}> <@{EVA}>"): Deed.MOVE_BASKET,
    (Command.DESK, "out"): Deed.PRESENCE,
    (Command.DESK, "in"): Deed.PRESENCE,
    (Command.DESK, "break"): Deed.PRESENCE,
    (Command.DESK, "busy Meeting"): Deed.PRESENCE,
    (Command.DESK, "back"): Deed.PRESENCE,
    (Command.DESK, "shift 2026-12-05 9:00-13:00"): Deed.PRESENCE,
    (Command.DESK, f"shift <@{EMIL}> 2026-12-06 9:00-13:00"): Deed.LEAVE_FOR,
    (Command.DESK, "away 2026-12-01"): Deed.PRESENCE,
    (Command.DESK, f"away <@{EMIL}> 2026-12-02"): Deed.LEAVE_FOR,
}
