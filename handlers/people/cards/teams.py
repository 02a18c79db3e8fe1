"""Teams with presence and workload, who handles what, and the health of the desk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.people.cards import slack_status
from handlers.presence.cards.presence import presence_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.text.slack import TEXT_LIMIT, clip, escape_line, local_time, mention, render
from rules.calendars.durations import format_seconds as lasting
from rules.model.groups import SlackUserGroup
from rules.model.health import HealthReason
from rules.model.policy import Policy, SupportLine, Team
from rules.presence.presence import PresenceStatus
from rules.text import WorkTime, _
from storage.health import DeskHealth, UndeliveredMessages
from storage.presence.board import BoardEntry
from storage.schema.tickets import JobRun

GIVEN_UP_DAYS = 7
PEOPLE_LISTED = 12
PEOPLE_NAMED = 30
MIN_PEOPLE_NAMED = 3
TEAMS_SHOWN = 20
NAME_LIMIT = 80
_LINE_TEXTS = {SupportLine.FIRST: "first line", SupportLine.EXPERT: "experts"}

REMEDIES = {
    "not_in_channel": "invite me there with `/invite @Baton`",
    "channel_not_found": "check `channel:` in desk.yml; a private channel must invite me first",
    "is_archived": "unarchive it, or name another channel in desk.yml",
    "restricted_action": "a workspace setting keeps apps from posting there; ask a workspace admin",
    "cannot_dm_bot": "a bot's id stands in desk.yml where a person's should",
    "user_not_found": "that person is not in this workspace; correct desk.yml",
    "user_disabled": "that person has left; take them out of desk.yml",
    "account_inactive": (
        "the person has left; if everything waits, the app was removed: install it again and set SLACK_BOT_TOKEN"
    ),
    "invalid_auth": "SLACK_BOT_TOKEN is not right; copy it again from the app's page",
    "token_revoked": "install the app again and set SLACK_BOT_TOKEN",
    "missing_scope": "install the app again with the scopes of `baton manifest`",
    "ratelimited": "Slack slows us down; nothing is lost, it is sent when Slack lets it",
}
DEFAULT_REMEDY = "run `baton check` where Baton runs; its log has the rest"


def presence_of_teams(
    teams: Sequence[Team], board: Mapping[str, BoardEntry], policy: Policy, *, by: str = ""
) -> Message:
    named = max(PEOPLE_NAMED // len(teams), MIN_PEOPLE_NAMED)
    content = [_team_section(team, board, policy, named=named) for team in teams[:TEAMS_SHOWN]]
    content.append(blocks.context("Numbers are open tickets in hand. More: `/desk help`"))
    here = [entry for entry in board.values() if entry.presence.is_at_work]
    opening = "You are in" if any(by in team.people for team in teams) else "These are the people of"
    return Message(f"{opening} {team_names(teams)}. Here now: {len(here)} of {len(board)}.", content)


def teams_overview(policy: Policy) -> Message:
    """For viewers without a team: which teams there are and what they handle."""
    teams = list(policy.teams.values())
    if not teams:
        text = "This desk has no teams yet. Whoever runs Baton describes them in desk.yml and runs `baton apply`."
        return Message(text, [blocks.section(text)])
    rows = [
        f"*{blocks.name_of(team)}* ({_LINE_TEXTS[team.line]}): {handled_types(team, policy)}"
        for team in teams[:TEAMS_SHOWN]
    ]
    more = [f"and {len(teams) - TEAMS_SHOWN} more"] if len(teams) > TEAMS_SHOWN else []
    head = "You are in no team here. Ask for help with `/ticket`; it reaches the right team by its type."
    return Message(f"{head} Teams: {team_names(teams)}.", [blocks.section(head), *blocks.sections([*rows, *more])])


def handling_teams(teams: Sequence[tuple[str, Team]], board: Mapping[str, BoardEntry], policy: Policy) -> Message:
    content: list[Block] = []
    for why, team in teams[:TEAMS_SHOWN]:
        content += [blocks.section(escape_line(why)), _team_section(team, board, policy)]
    return Message(" ".join(escape_line(why) for why, _ in teams[:TEAMS_SHOWN]), content)


def process_rows(reasons: Iterable[HealthReason], restarts: Mapping[str, int]) -> list[str]:
    """How the process is that answers."""
    signs = {True: "⛔", False: "⚠️"}
    wrong = [f"{signs[one.is_unready]} {render(one.sentence)} Since {local_time(one.since)}." for one in reasons]
    tasks = ", ".join(f"`{escape_line(name)}` ({count})" for name, count in sorted(restarts.items()))
    return [*(wrong or ["well"]), *([f"started again: {tasks}"] if tasks else [])]


def health_message(report: DeskHealth, now: datetime, *, process: Sequence[str] = ()) -> Message:
    postponed = [f"put off: {error_with_remedy(why)} ({many})" for why, many in report.postponed]
    lost = [_undelivered_row(one) for one in report.undelivered] or ["nothing"]
    jobs = [_job_row(one) for one in report.jobs] or ["none has run yet"]
    sending = [_waiting_text(report, now), *postponed]
    lost_head = f"Given up in the last {GIVEN_UP_DAYS} days"
    parts = {"This process": process, "Waiting for delivery": sending, lost_head: lost, "Jobs": jobs}
    content = [block for head, rows in parts.items() if rows for block in blocks.sections([f"*{head}*", *rows])]
    failed, gone = sum(one.failed for one in report.jobs), sum(one.count for one in report.undelivered)
    broken = "1 job failed" if failed == 1 else f"{failed} jobs failed"
    return Message(f"Desk health: {report.waiting_count} waiting for delivery, {gone} given up, {broken}.", content)


def error_with_remedy(error: str) -> str:
    name = error.split(maxsplit=1)[0].strip(".:,") if error.strip() else "unknown"
    return f"`{escape_line(clip(error, 120)) or 'unknown'}`: {REMEDIES.get(name, DEFAULT_REMEDY)}"


def handled_types(team: Team, policy: Policy) -> str:
    own = [kind.name for kind in policy.types.values() if team.key in (kind.team, kind.expert_team)]
    named = [policy.type(key).name for key in team.handles]
    types = list(dict.fromkeys((*own, *named)))
    return blocks.join_limited([escape_line(name, NAME_LIMIT) for name in types], TEAMS_SHOWN) or "no types yet"


def team_names(teams: Iterable[Team]) -> str:
    return blocks.join_limited([blocks.name_of(team) for team in teams], TEAMS_SHOWN)


def _team_section(
    team: Team, board: Mapping[str, BoardEntry], policy: Policy, *, named: int = MIN_PEOPLE_NAMED
) -> Block:
    channel = f" · <#{team.channel}>" if team.channel else ""
    title = f"*{blocks.name_of(team)}* · {_LINE_TEXTS[team.line]}{channel}"
    head = f"{title}\nHandles {handled_types(team, policy)}"
    order = sorted(team.people, key=lambda who: _presence_rank(board.get(who)))
    above = [head, *_user_group_rows(team)]
    if not is_listed_by_person(team):
        return blocks.section("\n".join([*above, *_people_by_status(order, board, named)]))
    rows = [_person_row(who, team, board.get(who), policy) for who in order]
    room = TEXT_LIMIT - sum(len(row) + 1 for row in [*above, *rows])
    statuses = [slack_status.slack_status_text(board[who].slack_status) if who in board else "" for who in order]
    return blocks.section("\n".join([*above, *_with_slack_status(rows, statuses, room)]))


def is_listed_by_person(team: Team) -> bool:
    """A large team is shown by status, without anybody's workload."""
    return len(team.people) <= PEOPLE_LISTED


def _with_slack_status(rows: Sequence[str], statuses: Sequence[str], room: int) -> list[str]:
    """Adds the Slack status to each row while it fits into `room` characters."""
    lines = []
    for row, words in zip(rows, statuses, strict=True):
        added = f" · {words}" if words and len(words) + 3 <= room else ""
        room -= len(added)
        lines.append(row + added)
    return lines


def _user_group_rows(team: Team) -> list[str]:
    return [f"{feed.role.capitalize()} from {_user_group_text(feed.group)}" for feed in team.role_groups]


def _user_group_text(group: SlackUserGroup) -> str:
    if not group.is_known:
        return f"the user group {escape_line(group.key)}: Slack has not told yet who is in it (`/desk health`)"
    many = "1 person" if len(group.active_members) == 1 else f"{len(group.active_members)} people"
    return f"@{escape_line(group.handle, NAME_LIMIT)}: {many}"


def _people_by_status(order: Sequence[str], board: Mapping[str, BoardEntry], named: int) -> list[str]:
    """For large teams: one line for each status, with open tickets per person."""
    groups: dict[str, list[str]] = {}
    for who in order:
        entry = board.get(who)
        words = str(entry.presence.status.label) if entry is not None else "people"
        late = f" ({entry.overdue_count} overdue)" if entry is not None and entry.overdue_count else ""
        open_text = f" {entry.open_count}{late}" if entry is not None else ""
        groups.setdefault(words, []).append(f"{mention(who)}{open_text}")
    return [f"*{len(members)} {words}*  {blocks.join_limited(members, named)}" for words, members in groups.items()]


def _person_row(who: str, team: Team, entry: BoardEntry | None, policy: Policy) -> str:
    lead = " (lead)" if who in team.leads else ""
    if entry is None:
        return f"{mention(who)}{lead}"
    late = f" ({entry.overdue_count} overdue)" if entry.overdue_count else ""
    left = entry.workload_minutes
    work = render(_(", {time} of work", time=WorkTime(60 * left))) if left else ""
    here = presence_text(who, entry.presence, policy)
    return f"{mention(who)}{lead}  {entry.open_count} open{late}{work} · {here}"


def _presence_rank(entry: BoardEntry | None) -> int:
    return list(PresenceStatus).index(entry.presence.status) if entry is not None else 0


def _waiting_text(report: DeskHealth, now: datetime) -> str:
    if not report.waiting_count or report.oldest_at is None:
        return "nothing"
    age = lasting(int((now - report.oldest_at).total_seconds()))
    return f"{report.waiting_count}, the oldest for {age}"


def _undelivered_row(lost: UndeliveredMessages) -> str:
    last = f", last {local_time(lost.last_at)}" if lost.last_at else ""
    return f"{lost.count} to {_destination_text(lost.destination)}{last} · {error_with_remedy(lost.error)}"


def _destination_text(destination: str) -> str:
    return f"<#{escape_line(destination)}>" if destination.startswith(("C", "G")) else mention(destination)


def _job_row(job: JobRun) -> str:
    if job.started_at is None:
        return f"`{escape_line(job.name)}` has not run yet"
    ran = f"`{escape_line(job.name)}` {local_time(job.started_at)}"
    result_text = f": {escape_line(job.result, 200)}" if job.result else ""
    if job.failed:
        return f"⚠️ {ran} failed{result_text}"
    if job.finished_at is None or job.finished_at < job.started_at:
        return f"{ran} is running"
    return f"{ran} in {job.ms or 0} ms{result_text}"
