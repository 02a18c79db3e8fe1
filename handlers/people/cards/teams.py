"""Teams with presence and workload, who handles what, and the health of the desk."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.people.cards import slack_status
from handlers.presence.cards.presence import presence_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.text.slack import TEXT_LIMIT, Markup, bold, clip, escape_line, join, mention, render
from rules.model.groups import SlackUserGroup
from rules.model.health import HealthReason
from rules.model.policy import Policy, SupportLine, Team
from rules.presence.presence import PresenceStatus
from rules.text import Channel, Code, Duration, Moment, Person, Text, WorkTime, _, ngettext
from storage.health import DeskHealth, UndeliveredMessages
from storage.presence.board import BoardEntry
from storage.schema.tickets import JobRun

GIVEN_UP_DAYS = 7
PEOPLE_LISTED = 12
PEOPLE_NAMED = 30
MIN_PEOPLE_NAMED = 3
TEAMS_SHOWN = 20
NAME_LIMIT = 80
_LINE_TEXTS = {SupportLine.FIRST: _("first line"), SupportLine.EXPERT: _("experts")}
_TOKEN, _CHANNEL_KEY = Code("SLACK_BOT_TOKEN"), Code("channel:")

REMEDIES = {
    "not_in_channel": _("invite Baton to the channel with {command}", command=Code("/invite @Baton")),
    "channel_not_found": _(
        "check {key} in desk.yml, and invite Baton first if the channel is private", key=_CHANNEL_KEY
    ),
    "is_archived": _("unarchive the channel, or name another one in desk.yml"),
    "restricted_action": _("a workspace setting keeps apps from posting there; ask a workspace admin"),
    "cannot_dm_bot": _("desk.yml names a bot where a person belongs; correct it"),
    "user_not_found": _("this person is not in the workspace; correct desk.yml"),
    "user_disabled": _("this person has left; remove them from desk.yml"),
    "account_inactive": _(
        "this person has left; if nothing is sent at all, the app was removed: install it again and set {setting}",
        setting=_TOKEN,
    ),
    "invalid_auth": _("{setting} is wrong; copy it again from the app's page", setting=_TOKEN),
    "token_revoked": _("install the app again and set {setting}", setting=_TOKEN),
    "missing_scope": _("install the app again with the scopes of {command}", command=Code("baton manifest")),
    "ratelimited": _("Slack asks Baton to slow down; messages are sent a little later"),
}
DEFAULT_REMEDY = _("ask an admin to run {command} and read its log", command=Code("baton check"))


def presence_of_teams(
    teams: Sequence[Team], board: Mapping[str, BoardEntry], policy: Policy, *, by: str = ""
) -> Message:
    named = max(PEOPLE_NAMED // len(teams), MIN_PEOPLE_NAMED)
    content = [_team_section(team, board, policy, named=named) for team in teams[:TEAMS_SHOWN]]
    content += blocks.more_context(len(teams) - TEAMS_SHOWN)
    content.append(blocks.context(_("Numbers are open assigned tickets. More: {command}", command=Code("/desk help"))))
    here = sum(entry.presence.is_at_work for entry in board.values())
    names = team_names(teams)
    spoken = _("{teams}. Here now: {here} of {people}.", teams=names, here=here, people=len(board))
    if any(by in team.people for team in teams):
        spoken = _("You are in {teams}. Here now: {here} of {people}.", teams=names, here=here, people=len(board))
    return Message(render(spoken), content)


def teams_overview(policy: Policy) -> Message:
    """For viewers without a team: which teams there are and what they handle."""
    teams = list(policy.teams.values())
    if not teams:
        none = _(
            "This desk has no teams yet. An admin adds them to desk.yml and runs {command}.",
            command=Code("baton apply"),
        )
        return Message(render(none), [blocks.section(none)])
    head = render(
        _(
            "You aren't in a team here. Ask for help with {command}; it goes to the right team by its type.",
            command=Code("/ticket"),
        )
    )
    rows = [_overview_row(team, policy) for team in teams[:TEAMS_SHOWN]]
    content = [blocks.section(head), *blocks.sections(rows), *blocks.more_context(len(teams) - TEAMS_SHOWN)]
    return Message(join(" ", [head, _("Teams: {teams}.", teams=team_names(teams))]), content)


def _overview_row(team: Team, policy: Policy) -> Markup:
    name, types = bold(blocks.name_of(team)), handled_types(team, policy)
    return render(_("{team} ({line}): {types}", team=name, line=_LINE_TEXTS[team.line], types=types))


def handling_teams(teams: Sequence[tuple[Text, Team]], board: Mapping[str, BoardEntry], policy: Policy) -> Message:
    content: list[Block] = []
    for why, team in teams[:TEAMS_SHOWN]:
        content += [blocks.section(why), _team_section(team, board, policy)]
    content += blocks.more_context(len(teams) - TEAMS_SHOWN)
    return Message(join(" ", [why for why, _team in teams[:TEAMS_SHOWN]]), content)


def process_rows(reasons: Iterable[HealthReason], restarts: Mapping[str, int]) -> list[Markup]:
    """How the process is that answers."""
    signs = {True: "⛔", False: "⚠️"}
    wrong = [
        join(" ", [Markup(signs[one.is_unready]), render(one.sentence), _("Since {at}.", at=Moment(one.since))])
        for one in reasons
    ]
    count = sum(restarts.values())
    restarted = ngettext(
        "A background task failed and was restarted; the log says why.",
        "Background tasks failed and were restarted {n} times; the log says why.",
        count,
    )
    return [*(wrong or [render(_("Running normally"))]), *([render(restarted)] if count else [])]


def health_message(report: DeskHealth, now: datetime, *, process: Sequence[Markup] = ()) -> Message:
    """For leads and managers: no names of jobs and no errors of the program, which are for those who run Baton."""
    nothing = [render(_("Nothing"))]
    lost = [_undelivered_row(one) for one in report.undelivered] or nothing
    sending = [_waiting_text(report, now), *(_postponed_row(*one) for one in report.postponed)]
    lost_head = _("Not delivered in the last {days} days", days=GIVEN_UP_DAYS)
    parts: list[tuple[Text, Sequence[Markup]]] = [
        (_("This process"), process),
        (_("Waiting to be sent"), sending),
        (lost_head, lost),
        (_("Background tasks"), _job_rows(report.jobs)),
    ]
    content = [block for head, rows in parts if rows for block in blocks.sections([bold(head), *rows])]
    failed, gone = sum(one.failed for one in report.jobs), sum(one.count for one in report.undelivered)
    spoken = _(
        "Desk health. Waiting to be sent: {waiting}. Not delivered: {gone}. Failed background tasks: {failed}.",
        waiting=report.waiting_count,
        gone=gone,
        failed=failed,
    )
    return Message(render(spoken), content)


def error_with_remedy(error: str) -> Markup:
    """Slack's own code for the error stays, since it is what people search for."""
    name = error.split(maxsplit=1)[0].strip(".:,") if error.strip() else "unknown"
    shown = Code(clip(error.strip(), 120) or "unknown")
    return render(_("{error}: {remedy}", error=shown, remedy=REMEDIES.get(name, DEFAULT_REMEDY)))


def handled_types(team: Team, policy: Policy) -> Markup:
    own = [kind.name for kind in policy.types.values() if team.key in (kind.team, kind.expert_team)]
    named = [policy.type(key).name for key in team.handles]
    types = list(dict.fromkeys((*own, *named)))
    names = [escape_line(name, NAME_LIMIT) for name in types]
    return blocks.join_limited(names, TEAMS_SHOWN) if names else render(_("no types yet"))


def team_names(teams: Iterable[Team]) -> Markup:
    return blocks.join_limited([blocks.name_of(team) for team in teams], TEAMS_SHOWN)


def _team_section(
    team: Team, board: Mapping[str, BoardEntry], policy: Policy, *, named: int = MIN_PEOPLE_NAMED
) -> Block:
    channel = [Text("{channel}", {"channel": Channel(team.channel)})] if team.channel else []
    title = join(" · ", [bold(blocks.name_of(team)), _LINE_TEXTS[team.line], *channel])
    handles = render(_("Handles {types}", types=handled_types(team, policy)))
    order = sorted(team.people, key=lambda who: _presence_rank(board.get(who)))
    above = [title, handles, *_user_group_rows(team)]
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


def _user_group_rows(team: Team) -> list[Markup]:
    return [
        render(_("{role} from {group}", role=feed.role.capitalize(), group=_user_group_text(feed.group)))
        for feed in team.role_groups
    ]


def _user_group_text(group: SlackUserGroup) -> Text:
    if not group.is_known:
        key, command = escape_line(group.key), Code("/desk health")
        return _("the user group {group}: its members aren't known yet ({command})", group=key, command=command)
    name = escape_line(group.handle, NAME_LIMIT)
    return ngettext("@{group}: {n} person", "@{group}: {n} people", len(group.active_members), group=name)


def _people_by_status(order: Sequence[str], board: Mapping[str, BoardEntry], named: int) -> list[Markup]:
    """For large teams: one line for each status, with open tickets per person."""
    groups: dict[PresenceStatus | None, list[Markup]] = {}
    for who in order:
        entry = board.get(who)
        status = entry.presence.status if entry is not None else None
        groups.setdefault(status, []).append(_counted_person(who, entry))
    return [
        join("  ", [bold(_status_heading(status, len(members))), blocks.join_limited(members, named)])
        for status, members in groups.items()
    ]


def _status_heading(status: PresenceStatus | None, count: int) -> Text:
    if status is None:
        return ngettext("{n} person", "{n} people", count)
    return _("{count} {status}", count=count, status=status.label)


def _counted_person(who: str, entry: BoardEntry | None) -> Markup:
    person = Person(who)
    if entry is None:
        return mention(who)
    if not entry.overdue_count:
        return render(_("{person} {open}", person=person, open=entry.open_count))
    late = entry.overdue_count
    return render(_("{person} {open} ({breached} breached)", person=person, open=entry.open_count, breached=late))


def _person_row(who: str, team: Team, entry: BoardEntry | None, policy: Policy) -> Markup:
    name = mention(who)
    person = render(_("{person} (lead)", person=name)) if who in team.leads else name
    if entry is None:
        return person
    tickets = _("{open} open", open=entry.open_count)
    if entry.overdue_count:
        tickets = _("{open} open ({breached} breached)", open=entry.open_count, breached=entry.overdue_count)
    minutes = entry.workload_minutes
    work = [_("{time} of work", time=WorkTime(60 * minutes))] if minutes else []
    load = join("  ", [person, join(", ", [tickets, *work])])
    return join(" · ", [load, presence_text(who, entry.presence, policy)])


def _presence_rank(entry: BoardEntry | None) -> int:
    return list(PresenceStatus).index(entry.presence.status) if entry is not None else 0


def _waiting_text(report: DeskHealth, now: datetime) -> Markup:
    if not report.waiting_count or report.oldest_at is None:
        return render(_("Nothing"))
    age, count = Duration((now - report.oldest_at).total_seconds()), report.waiting_count
    return render(
        ngettext("{n} message, waiting for {age}", "{n} messages, the oldest waiting for {age}", count, age=age)
    )


def _postponed_row(error: str, count: int) -> Markup:
    why = error_with_remedy(error)
    return render(ngettext("{n} message postponed: {error}", "{n} messages postponed: {error}", count, error=why))


def _undelivered_row(lost: UndeliveredMessages) -> Markup:
    row = ngettext(
        "{n} message to {destination}",
        "{n} messages to {destination}",
        lost.count,
        destination=_destination_value(lost.destination),
    )
    last = [_("last {at}", at=Moment(lost.last_at))] if lost.last_at else []
    return join(" · ", [join(", ", [row, *last]), error_with_remedy(lost.error)])


def _destination_value(destination: str) -> Channel | Person:
    return Channel(escape_line(destination)) if destination.startswith(("C", "G")) else Person(destination)


def _job_rows(jobs: Sequence[JobRun]) -> list[Markup]:
    """What a job refused to do is a sentence with the remedy; errors of the program are counted."""
    latest = max((one.started_at for one in jobs if one.started_at is not None), default=None)
    if latest is None:
        return [render(_("None has run yet"))]
    results = [one.result or "" for one in jobs if one.failed]
    refusals = [result for result in results if result and not _ERROR_OF_PROGRAM.match(result)]
    rows = [Markup(f"⚠️ {escape_line(result, 200)}") for result in refusals]
    errors = ngettext(
        "⚠️ {n} task failed when it last ran. An admin finds the cause with {command}.",
        "⚠️ {n} tasks failed when they last ran. An admin finds the causes with {command}.",
        len(results) - len(refusals),
        command=Code("baton jobs"),
    )
    if len(results) > len(refusals):
        rows.append(render(errors))
    return rows or [render(_("✓ All run normally, the last one {at}", at=Moment(latest)))]


_ERROR_OF_PROGRAM = re.compile(r"\w+: ")  # the result of a job that broke begins with the name of the error's class
