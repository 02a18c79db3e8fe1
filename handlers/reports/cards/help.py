"""`/report help`: how to ask, and what the words of the answers mean."""

from handlers.slack.blocks import Message, section
from rules.reports.daily import MIN_SHARE_TOTAL

USAGE_ROWS = (
    ("`/report`", "the day in numbers: your teams if you lead, the whole desk if you manage, else your own"),
    ("`/report who`", "who has how many to do, from which days; who has the most, who the most overdue"),
    ("`/report times`", "how long tickets took, by type, the slowest, and in which state the time went by"),
    ("`/report hours`", "how long people were logged in, on breaks and busy with what"),
    ("`/report escalations`", "what became of escalations, 90 days"),
    ("`… me`, `… team network`", "after any of these: your own numbers, one team"),
    ("`… 2026-10-05`, `… yesterday`", "that day; `times`, `hours` and `escalations` take `2026-09-01..2026-09-30` too"),
    ("`/report forecast-quality`", "whether the chances that were told came true"),
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
OPEN_WORK_DEFINITIONS = (
    "*To do*: what is open with that person, by the day on which it was filed. *Work*: what the types of these "
    "tickets usually take, less the attention they got; what waits for the customer or for experts is left out, "
    "and of an earlier day it is not known. It is a count and no ranking: tickets differ in size, and who has "
    "many was given many.",
)
RESOLUTION_TIME_DEFINITIONS = (
    "*TRT*: from the report to the last reply of the final closing, which is the solution; it belongs to the day "
    "of the solution, the team that has the ticket and whoever resolved it. What was reopened since is not over "
    "and is left out. *Open time* is what of it lay in the opening hours of its promise, else of its team, as "
    "they are now; waiting for the customer is part of both.",
    "*Median*: half took no longer. *90 %*: nine of ten took no longer; between two values it lies on the "
    f"straight line. Below n = {MIN_SHARE_TOTAL} they say little. *Where the time went*: how long all of them "
    "together were "
    "in each state, in open time; in the time that passed, where none of it was open.",
)
LOGGED_TIME_DEFINITIONS = (
    "A press counts until the next one of that day, or until leave begins. What nothing ended counts until the "
    "person's hours close that day, or until now: *not logged out*. Pressed after closing and never ended, it "
    "counts for nothing, because nobody knows how long it lasted. The time before the first press is not counted, "
    "and whoever works past midnight presses again.",
    "*Logged in* is all of it, *for tickets* what is left without breaks and activities. The days are those of "
    "each person's own clock. Leads read their teams, managers and admins all, everybody their own. Who pressed "
    "nothing is not said to have worked none.",
)
DEFINITIONS = (
    ("What the words mean", DAILY_DEFINITIONS),
    ("`/report who`", OPEN_WORK_DEFINITIONS),
    ("`/report times`", RESOLUTION_TIME_DEFINITIONS),
    ("`/report hours`", LOGGED_TIME_DEFINITIONS),
)


def report_help() -> Message:
    said = "\n".join(f"{form}  {words}" for form, words in USAGE_ROWS)
    content = [section(f"*What you can ask*\n{said}")]
    content += [section("\n".join([f"*{head}*", *told])) for head, told in DEFINITIONS]
    words = (
        "Ask /report, /report who, /report times, /report hours or /report escalations, with me, team NAME or a day."
    )
    return Message(words, content)
