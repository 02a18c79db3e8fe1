"""The desk as its people see it: teams and who holds how much, who handles what, and how delivery is doing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.people.cards import slack_status
from handlers.presence.cards.presence import where
from handlers.slack.blocks import TEXT, Block, Message, clip, context, line, moment, person, section, sections
from rules.calendars.durations import words as lasting
from rules.model.groups import Group
from rules.model.policy import Line, Policy, Team
from rules.presence.presence import HERE_WORDS, Here
from storage.health import Health, Lost
from storage.presence.board import Seat
from storage.schema.tickets import Job

GIVEN_UP_DAYS = 7
PEOPLE = 12
NAMED = 30
FEW = 3
MINUTES = 120  # more are told in hours
TEAMS = 20
NAME = 80
_LINES = {Line.FIRST: "first line", Line.EXPERT: "experts"}

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
OTHERWISE = "run `baton check` where Baton runs; its log has the rest"


def mine(teams: Sequence[Team], seats: Mapping[str, Seat], policy: Policy, *, by: str = "") -> Message:
    """These teams: who is here until when, who is away, and how much each holds."""
    named = max(NAMED // len(teams), FEW)
    content = [_team(team, seats, policy, named=named) for team in teams[:TEAMS]]
    content.append(context("Numbers are open tickets in hand. More: `/desk help`"))
    here = [seat for seat in seats.values() if seat.stands.works]
    said = "You are in" if any(by in team.people for team in teams) else "These are the people of"
    return Message(f"{said} {names(teams)}. Here now: {len(here)} of {len(seats)}.", content)


def all_teams(policy: Policy) -> Message:
    """For a reader without a team: which there are, and what they handle."""
    teams = list(policy.teams.values())
    if not teams:
        said = "This desk has no teams yet. Whoever runs Baton describes them in desk.yml and runs `baton apply`."
        return Message(said, [section(said)])
    rows = [f"*{line(team.name, NAME)}* ({_LINES[team.line]}): {handled(team, policy)}" for team in teams[:TEAMS]]
    more = [f"and {len(teams) - TEAMS} more"] if len(teams) > TEAMS else []
    head = "You are in no team here. Ask for help with `/ticket`; it reaches the right team by its type."
    return Message(f"{head} Teams: {names(teams)}.", [section(head), *sections([*rows, *more])])


def who(found: Sequence[tuple[str, Team]], seats: Mapping[str, Seat], policy: Policy) -> Message:
    """Which team handles it, and who that is: each team with the reason why it is shown."""
    content: list[Block] = []
    for why, team in found[:TEAMS]:
        content += [section(line(why)), _team(team, seats, policy)]
    return Message(" ".join(line(why) for why, _ in found[:TEAMS]), content)


def health(found: Health, now: datetime) -> Message:
    """What waits, what was given up and what to do about it, when each job last ran."""
    waiting = [_waiting(found, now), *(f"put off: {reason(why)} ({many})" for why, many in found.held)]
    lost = [_gone(one) for one in found.lost] or ["nothing"]
    jobs = [_job(one) for one in found.jobs] or ["none has run yet"]
    parts = {"Waiting for delivery": waiting, f"Given up in the last {GIVEN_UP_DAYS} days": lost, "Jobs": jobs}
    content = [block for head, rows in parts.items() for block in sections([f"*{head}*", *rows])]
    failed, gone = sum(one.failed for one in found.jobs), sum(one.many for one in found.lost)
    broken = "1 job failed" if failed == 1 else f"{failed} jobs failed"
    return Message(f"Desk health: {found.waiting} waiting for delivery, {gone} given up, {broken}.", content)


def help_() -> Message:
    """What `/desk` answers."""
    rows = (
        "`/desk`, `/desk TEAM`  who is here until when, who is away, what each holds",
        "`/desk away until Friday`, `/desk away 2026-12-24..2027-01-02 family`, `/desk away` for a form, `/desk back`",
        "`/desk shift saturday 9:00-13:00`, `/desk shift` for a form  work beside your usual hours",
        "`/desk in`, `/desk break`, `/desk busy meeting`, `/desk out`  where you are now",
        "`/desk away @ben until Monday`, `/desk shift @ben friday 9:00-17:00`  for others: leads, managers, admins",
        "`/desk risk`  will it be done in time, and what would help: leads, managers, observers",
        "`/desk who network`  which team handles that, who knows it how well, who is here and with how much work",
        "`/desk next`  the best ticket for you to take now, and why",
        "`/desk skill @ana network expert until 2027-01-31`  how well somebody knows a type: their leads, managers",
        "`/desk team add @ana agent`, `/desk team remove @ana`  who belongs to your team: leads, managers",
        "`/desk move @from @to`  somebody's tickets to others, shown before it is done",
        "`/desk alerts dm`, `/desk alerts channel`  how alerts reach you",
        "`/desk health`  what waits for delivery, what failed and why, when each job last ran: leads, managers, admins",
    )
    return Message("Ask /desk, /desk who TYPE, /desk alerts, or /desk health.", [section("\n".join(rows))])


def reason(error: str) -> str:
    """Slack's name of the error with what to do about it."""
    name = error.split(maxsplit=1)[0].strip(".:,") if error.strip() else "unknown"
    return f"`{line(clip(error, 120)) or 'unknown'}`: {REMEDIES.get(name, OTHERWISE)}"


def handled(team: Team, policy: Policy) -> str:
    """The types that reach this team, by name."""
    own = [kind.name for kind in policy.types.values() if team.key in (kind.team, kind.experts)]
    named = [policy.type(key).name for key in team.handles]
    found = list(dict.fromkeys((*own, *named)))
    return _listed([line(name, NAME) for name in found]) or "no types yet"


def names(teams: Iterable[Team]) -> str:
    return _listed([line(team.name, NAME) for team in teams])


def _team(team: Team, seats: Mapping[str, Seat], policy: Policy, *, named: int = FEW) -> Block:
    channel = f" · <#{team.channel}>" if team.channel else ""
    head = f"*{line(team.name, NAME)}* · {_LINES[team.line]}{channel}\nHandles {handled(team, policy)}"
    order = sorted(team.people, key=lambda who: _rank(seats.get(who)))
    above = [head, *_feeds(team)]
    if len(order) > PEOPLE:
        return section("\n".join([*above, *_by_state(order, seats, named)]))
    rows = [_member(who, team, seats.get(who), policy) for who in order]
    room = TEXT - sum(len(row) + 1 for row in [*above, *rows])
    told = [slack_status.said(seats[who].hint) if who in seats else "" for who in order]
    return section("\n".join([*above, *_hinted(rows, told, room)]))


def _hinted(rows: Sequence[str], told: Sequence[str], room: int) -> list[str]:
    """Each row with what Slack says, as long as there is room: the desk's own words go first."""
    found = []
    for row, words in zip(rows, told, strict=True):
        added = f" · {words}" if words and len(words) + 3 <= room else ""
        room -= len(added)
        found.append(row + added)
    return found


def _feeds(team: Team) -> list[str]:
    """Which of its people Slack names, by a user group that desk.yml names."""
    return [f"{feed.role.capitalize()} from {_group(feed.group)}" for feed in team.feeds]


def _group(group: Group) -> str:
    if not group.is_known:
        return f"the user group {line(group.key)}: Slack has not told yet who is in it (`/desk health`)"
    many = "1 person" if len(group.people) == 1 else f"{len(group.people)} people"
    return f"@{line(group.handle, NAME)}: {many}"


def _by_state(order: Sequence[str], seats: Mapping[str, Seat], named: int) -> list[str]:
    """A team too large for a line each: a line for each state, with how many they hold; the rest counted."""
    groups: dict[str, list[str]] = {}
    for who in order:
        seat = seats.get(who)
        words = HERE_WORDS[seat.stands.here] if seat is not None else "people"
        late = f" ({seat.overdue} overdue)" if seat is not None and seat.overdue else ""
        groups.setdefault(words, []).append(f"{person(who)} {seat.open}{late}" if seat is not None else person(who))
    return [f"*{len(some)} {words}*  {_listed(some, named)}" for words, some in groups.items()]


def _member(who: str, team: Team, seat: Seat | None, policy: Policy) -> str:
    lead = " (lead)" if who in team.leads else ""
    if seat is None:
        return f"{person(who)}{lead}"
    late = f" ({seat.overdue} overdue)" if seat.overdue else ""
    work = f", {_work(seat.minutes)} of work" if seat.minutes else ""
    return f"{person(who)}{lead}  {seat.open} open{late}{work} · {where(who, seat.stands, policy)}"


def _work(minutes: int) -> str:
    return f"{minutes} min" if minutes <= MINUTES else f"{minutes / 60:.0f} h"


def _rank(seat: Seat | None) -> int:
    """Who is here comes first, who is away last."""
    return list(Here).index(seat.stands.here) if seat is not None else 0


def _waiting(found: Health, now: datetime) -> str:
    if not found.waiting or found.oldest_at is None:
        return "nothing"
    age = lasting(int((now - found.oldest_at).total_seconds()))
    return f"{found.waiting}, the oldest for {age}"


def _gone(lost: Lost) -> str:
    last = f", last {moment(lost.last_at)}" if lost.last_at else ""
    return f"{lost.many} to {_place(lost.lane)}{last} · {reason(lost.error)}"


def _place(lane: str) -> str:
    return f"<#{line(lane)}>" if lane.startswith(("C", "G")) else person(lane)


def _job(job: Job) -> str:
    if job.started_at is None:
        return f"`{line(job.name)}` has not run yet"
    ran = f"`{line(job.name)}` {moment(job.started_at)}"
    said = f": {line(job.result, 200)}" if job.result else ""
    if job.failed:
        return f"⚠️ {ran} failed{said}"
    if job.finished_at is None or job.finished_at < job.started_at:
        return f"{ran} is running"
    return f"{ran} in {job.ms or 0} ms{said}"


def _listed(parts: Sequence[str], limit: int = TEAMS) -> str:
    more = f" and {len(parts) - limit} more" if len(parts) > limit else ""
    return ", ".join(parts[:limit]) + more
