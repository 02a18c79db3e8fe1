"""The desk as its people see it: teams and who holds how much, who handles what, and how delivery is doing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.cards.blocks import Block, Message, clip, context, line, moment, person, section, sections
from handlers.cards.presence import where
from rules.durations import words as lasting
from rules.policy import Line, Policy, Team
from rules.presence import Here
from storage.floor import Seat
from storage.health import Health, Lost
from storage.tables import Job

GIVEN_UP_DAYS = 7
PEOPLE = 30
TEAMS = 20
MOST_BLOCKS = 40  # of the fifty that a message may have: what knows a type stands above them
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
    blocks = _teams([("", team) for team in teams[:TEAMS]], seats, policy)
    blocks.append(context("Numbers are open tickets in hand. More: `/desk help`"))
    here = [seat for seat in seats.values() if seat.stands is not None and seat.stands.works]
    said = "You are in" if any(by in team.people for team in teams) else "These are the people of"
    return Message(f"{said} {names(teams)}. Here now: {len(here)} of {len(seats)}.", blocks)


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
    blocks = _teams([(line(why), team) for why, team in found[:TEAMS]], seats, policy)
    return Message(" ".join(line(why) for why, _ in found[:TEAMS]), blocks)


def health(found: Health, now: datetime) -> Message:
    """What waits, what was given up and what to do about it, when each job last ran."""
    waiting = [_waiting(found, now), *(f"put off: {reason(why)} ({many})" for why, many in found.held)]
    lost = [_gone(one) for one in found.lost] or ["nothing"]
    jobs = [_job(one) for one in found.jobs] or ["none has run yet"]
    parts = {"Waiting for delivery": waiting, f"Given up in the last {GIVEN_UP_DAYS} days": lost, "Jobs": jobs}
    blocks = [block for head, rows in parts.items() for block in sections([f"*{head}*", *rows])]
    failed, gone = sum(one.failed for one in found.jobs), sum(one.many for one in found.lost)
    broken = "1 job failed" if failed == 1 else f"{failed} jobs failed"
    return Message(f"Desk health: {found.waiting} waiting for delivery, {gone} given up, {broken}.", blocks)


def help_() -> Message:
    """What `/desk` answers."""
    rows = (
        "`/desk`, `/desk TEAM`  who is here until when, who is away, how many open tickets each holds",
        "`/desk away until Friday`, `/desk away 2026-12-24..2027-01-02 family`, `/desk away` for a form, `/desk back`",
        "`/desk in`, `/desk break`, `/desk busy meeting`, `/desk out`  where you are now",
        "`/desk away @ben until Monday`  for somebody of your team: leads, managers, admins",
        "`/desk risk`  will it be done in time, and what would help: leads, managers, observers",
        "`/desk who network`  which team handles that, who knows it how well, who is here and with how much work",
        "`/desk next`  the best ticket for you to take now, and why",
        "`/desk skill @ana network expert until 2027-01-31`  how well somebody knows a type: their leads, managers",
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


def _teams(found: Sequence[tuple[str, Team]], seats: Mapping[str, Seat], policy: Policy) -> list[Block]:
    """As many of the teams as one message holds, each below the words that lead to it."""
    blocks: list[Block] = []
    for at, (why, team) in enumerate(found):
        more = ([section(why)] if why else []) + _team(team, seats, policy)
        if len(blocks) + len(more) > MOST_BLOCKS:
            return [*blocks, context(f"and {len(found) - at} more teams: `/desk TEAM` shows one")]
        blocks += more
    return blocks


def _team(team: Team, seats: Mapping[str, Seat], policy: Policy) -> list[Block]:
    channel = f" · <#{team.channel}>" if team.channel else ""
    head = f"*{line(team.name, NAME)}* · {_LINES[team.line]}{channel}\nHandles {handled(team, policy)}"
    order = sorted(team.people, key=lambda who: _rank(seats.get(who)))
    rows = [_member(who, team, seats.get(who), policy) for who in order[:PEOPLE]]
    more = [f"and {len(team.people) - PEOPLE} more"] if len(team.people) > PEOPLE else []
    return sections([head, *rows, *more])


def _member(who: str, team: Team, seat: Seat | None, policy: Policy) -> str:
    lead = " (lead)" if who in team.leads else ""
    late = f" ({seat.overdue} overdue)" if seat is not None and seat.overdue else ""
    stands = f" · {where(who, seat.stands, policy)}" if seat is not None and seat.stands is not None else ""
    return f"{person(who)}{lead}  {seat.open if seat else 0} open{late}{stands}"


def _rank(seat: Seat | None) -> int:
    """Who is here comes first, who is away last."""
    return list(Here).index(seat.stands.here) if seat is not None and seat.stands is not None else 0


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


def _listed(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - TEAMS} more" if len(parts) > TEAMS else ""
    return ", ".join(parts[:TEAMS]) + more
