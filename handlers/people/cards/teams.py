"""The desk as its people see it: teams and who holds how much, who handles what, and how delivery is doing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.people.cards import slack_status
from handlers.presence.cards.presence import presence_text
from handlers.slack.blocks import (
    TEXT_LIMIT,
    Block,
    Message,
    clip,
    context,
    escape_line,
    local_time,
    mention,
    section,
    sections,
)
from rules.calendars.durations import format_seconds as lasting
from rules.model.groups import SlackUserGroup
from rules.model.policy import Policy, SupportLine, Team
from rules.presence.presence import PRESENCE_STATUS_TEXTS, PresenceStatus
from storage.health import DeskHealth, UndeliveredMessages
from storage.presence.board import BoardEntry
from storage.schema.tickets import JobRun

GIVEN_UP_DAYS = 7
PEOPLE_LISTED = 12
PEOPLE_NAMED = 30
MIN_PEOPLE_NAMED = 3
MINUTES_SHOWN = 120  # more are told in hours
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
    "account_inactive": "the token was revoked or the app removed; install it again and set SLACK_BOT_TOKEN",
    "invalid_auth": "SLACK_BOT_TOKEN is not right; copy it again from the app's page",
    "token_revoked": "install the app again and set SLACK_BOT_TOKEN",
    "missing_scope": "install the app again with the scopes of `baton manifest`",
    "ratelimited": "Slack slows us down; nothing is lost, it is sent when Slack lets it",
}
DEFAULT_REMEDY = "run `baton check` where Baton runs; its log has the rest"


def presence_of_teams(
    teams: Sequence[Team], seats: Mapping[str, BoardEntry], policy: Policy, *, by: str = ""
) -> Message:
    """These teams: who is here until when, who is away, and how much each holds."""
    named = max(PEOPLE_NAMED // len(teams), MIN_PEOPLE_NAMED)
    content = [_team_section(team, seats, policy, named=named) for team in teams[:TEAMS_SHOWN]]
    content.append(context("Numbers are open tickets in hand. More: `/desk help`"))
    here = [seat for seat in seats.values() if seat.presence.is_at_work]
    said = "You are in" if any(by in team.people for team in teams) else "These are the people of"
    return Message(f"{said} {team_names(teams)}. Here now: {len(here)} of {len(seats)}.", content)


def teams_overview(policy: Policy) -> Message:
    """For a reader without a team: which there are, and what they handle."""
    teams = list(policy.teams.values())
    if not teams:
        said = "This desk has no teams yet. Whoever runs Baton describes them in desk.yml and runs `baton apply`."
        return Message(said, [section(said)])
    rows = [
        f"*{escape_line(team.name, NAME_LIMIT)}* ({_LINE_TEXTS[team.line]}): {handled_types(team, policy)}"
        for team in teams[:TEAMS_SHOWN]
    ]
    more = [f"and {len(teams) - TEAMS_SHOWN} more"] if len(teams) > TEAMS_SHOWN else []
    head = "You are in no team here. Ask for help with `/ticket`; it reaches the right team by its type."
    return Message(f"{head} Teams: {team_names(teams)}.", [section(head), *sections([*rows, *more])])


def handling_teams(found: Sequence[tuple[str, Team]], seats: Mapping[str, BoardEntry], policy: Policy) -> Message:
    """Which team handles it, and who that is: each team with the reason why it is shown."""
    content: list[Block] = []
    for why, team in found[:TEAMS_SHOWN]:
        content += [section(escape_line(why)), _team_section(team, seats, policy)]
    return Message(" ".join(escape_line(why) for why, _ in found[:TEAMS_SHOWN]), content)


def health_message(found: DeskHealth, now: datetime) -> Message:
    """What waits, what was given up and what to do about it, when each job last ran."""
    waiting = [
        _waiting_text(found, now),
        *(f"put off: {error_with_remedy(why)} ({many})" for why, many in found.postponed),
    ]
    lost = [_undelivered_row(one) for one in found.undelivered] or ["nothing"]
    jobs = [_job_row(one) for one in found.jobs] or ["none has run yet"]
    parts = {"Waiting for delivery": waiting, f"Given up in the last {GIVEN_UP_DAYS} days": lost, "Jobs": jobs}
    content = [block for head, rows in parts.items() for block in sections([f"*{head}*", *rows])]
    failed, gone = sum(one.failed for one in found.jobs), sum(one.count for one in found.undelivered)
    broken = "1 job failed" if failed == 1 else f"{failed} jobs failed"
    return Message(f"Desk health: {found.waiting_count} waiting for delivery, {gone} given up, {broken}.", content)


def error_with_remedy(error: str) -> str:
    """Slack's name of the error with what to do about it."""
    name = error.split(maxsplit=1)[0].strip(".:,") if error.strip() else "unknown"
    return f"`{escape_line(clip(error, 120)) or 'unknown'}`: {REMEDIES.get(name, DEFAULT_REMEDY)}"


def handled_types(team: Team, policy: Policy) -> str:
    """The types that reach this team, by name."""
    own = [kind.name for kind in policy.types.values() if team.key in (kind.team, kind.expert_team)]
    named = [policy.type(key).name for key in team.handles]
    found = list(dict.fromkeys((*own, *named)))
    return _joined_text([escape_line(name, NAME_LIMIT) for name in found]) or "no types yet"


def team_names(teams: Iterable[Team]) -> str:
    return _joined_text([escape_line(team.name, NAME_LIMIT) for team in teams])


def _team_section(
    team: Team, seats: Mapping[str, BoardEntry], policy: Policy, *, named: int = MIN_PEOPLE_NAMED
) -> Block:
    channel = f" · <#{team.channel}>" if team.channel else ""
    head = (
        f"*{escape_line(team.name, NAME_LIMIT)}* · {_LINE_TEXTS[team.line]}{channel}\nHandles "
        f"{handled_types(team, policy)}"
    )
    order = sorted(team.people, key=lambda who: _presence_rank(seats.get(who)))
    above = [head, *_user_group_rows(team)]
    if len(order) > PEOPLE_LISTED:
        return section("\n".join([*above, *_people_by_status(order, seats, named)]))
    rows = [_person_row(who, team, seats.get(who), policy) for who in order]
    room = TEXT_LIMIT - sum(len(row) + 1 for row in [*above, *rows])
    told = [slack_status.slack_status_text(seats[who].slack_status) if who in seats else "" for who in order]
    return section("\n".join([*above, *_with_slack_status(rows, told, room)]))


def _with_slack_status(rows: Sequence[str], told: Sequence[str], room: int) -> list[str]:
    """Each row with what Slack says, as long as there is room: the desk's own words go first."""
    found = []
    for row, words in zip(rows, told, strict=True):
        added = f" · {words}" if words and len(words) + 3 <= room else ""
        room -= len(added)
        found.append(row + added)
    return found


def _user_group_rows(team: Team) -> list[str]:
    """Which of its people Slack names, by a user group that desk.yml names."""
    return [f"{feed.role.capitalize()} from {_user_group_text(feed.group)}" for feed in team.role_groups]


def _user_group_text(group: SlackUserGroup) -> str:
    if not group.is_known:
        return f"the user group {escape_line(group.key)}: Slack has not told yet who is in it (`/desk health`)"
    many = "1 person" if len(group.active_members) == 1 else f"{len(group.active_members)} people"
    return f"@{escape_line(group.handle, NAME_LIMIT)}: {many}"


def _people_by_status(order: Sequence[str], seats: Mapping[str, BoardEntry], named: int) -> list[str]:
    """A team too large for a line each: a line for each state, with how many they hold; the rest counted."""
    groups: dict[str, list[str]] = {}
    for who in order:
        seat = seats.get(who)
        words = PRESENCE_STATUS_TEXTS[seat.presence.status] if seat is not None else "people"
        late = f" ({seat.overdue_count} overdue)" if seat is not None and seat.overdue_count else ""
        groups.setdefault(words, []).append(
            f"{mention(who)} {seat.open_count}{late}" if seat is not None else mention(who)
        )
    return [f"*{len(some)} {words}*  {_joined_text(some, named)}" for words, some in groups.items()]


def _person_row(who: str, team: Team, seat: BoardEntry | None, policy: Policy) -> str:
    lead = " (lead)" if who in team.leads else ""
    if seat is None:
        return f"{mention(who)}{lead}"
    late = f" ({seat.overdue_count} overdue)" if seat.overdue_count else ""
    work = f", {_workload_text(seat.workload_minutes)} of work" if seat.workload_minutes else ""
    return f"{mention(who)}{lead}  {seat.open_count} open{late}{work} · {presence_text(who, seat.presence, policy)}"


def _workload_text(minutes: int) -> str:
    return f"{minutes} min" if minutes <= MINUTES_SHOWN else f"{minutes / 60:.0f} h"


def _presence_rank(seat: BoardEntry | None) -> int:
    """Who is here comes first, who is away last."""
    return list(PresenceStatus).index(seat.presence.status) if seat is not None else 0


def _waiting_text(found: DeskHealth, now: datetime) -> str:
    if not found.waiting_count or found.oldest_at is None:
        return "nothing"
    age = lasting(int((now - found.oldest_at).total_seconds()))
    return f"{found.waiting_count}, the oldest for {age}"


def _undelivered_row(lost: UndeliveredMessages) -> str:
    last = f", last {local_time(lost.last_at)}" if lost.last_at else ""
    return f"{lost.count} to {_destination_text(lost.destination)}{last} · {error_with_remedy(lost.error)}"


def _destination_text(lane: str) -> str:
    return f"<#{escape_line(lane)}>" if lane.startswith(("C", "G")) else mention(lane)


def _job_row(job: JobRun) -> str:
    if job.started_at is None:
        return f"`{escape_line(job.name)}` has not run yet"
    ran = f"`{escape_line(job.name)}` {local_time(job.started_at)}"
    said = f": {escape_line(job.result, 200)}" if job.result else ""
    if job.failed:
        return f"⚠️ {ran} failed{said}"
    if job.finished_at is None or job.finished_at < job.started_at:
        return f"{ran} is running"
    return f"{ran} in {job.ms or 0} ms{said}"


def _joined_text(parts: Sequence[str], limit: int = TEAMS_SHOWN) -> str:
    more = f" and {len(parts) - limit} more" if len(parts) > limit else ""
    return ", ".join(parts[:limit]) + more
