"""`/report`: the figures of a day, for people who may read them."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.reports.cards import daily as cards
from handlers.reports.cards.help import report_help
from handlers.reports.topics import scope_hint, topic_words
from handlers.slack import ephemeral
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Message, Modal, page_modal
from handlers.slack.ids import Button, Command
from handlers.slack.markup import unescape_text
from handlers.slack.payloads import Press, TypedCommand
from handlers.slack.router import Route, Router
from rules.people.permissions import Permission
from rules.reports import queries
from rules.reports.daily import build_daily_report, report_day
from rules.reports.queries import ReportQuery
from rules.text import _
from services.desk import Desk
from storage.reports.daily import daily_facts
from storage.reports.open_work import first_due_soon, first_overdue


def register(on: Router) -> None:
    on.command(Command.REPORT, Permission.SEE_OWN_REPORT, qualifier=queries.is_day)(answer_report)
    on.word(Command.REPORT, "help", Permission.SEE_OWN_REPORT, alone=True, synonyms="?")(answer_help)
    on.action(Button.OPEN_REPORT, Permission.SEE_OWN_REPORT)(open_report)


@may_take_long
async def answer_report(command: TypedCommand, desk: Desk, words: dict[str, Route]) -> Message:
    query = queries.parse_report_query(unescape_text(command.text), desk.policy, topic_words(words))
    return await _answer_daily(desk, command.user, query)


async def answer_help(words: dict[str, Route]) -> Message:
    return report_help(words)


async def open_report(press: Press, client: AsyncWebClient, desk: Desk) -> Modal | None:
    """The button of a summary: its value is `team:support` or `me`, with a day behind it where one is meant."""
    said = await _answer_daily(desk, press.user, queries.parse_report_query(press.value.replace(":", " "), desk.policy))
    if press.channel and await ephemeral.post_in_channel(client, press.channel, press.user, said, press.thread_ts):
        return None
    return page_modal(_("Report"), said.blocks)


async def _answer_daily(desk: Desk, by: str, asked: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.query_scope(policy, by, asked)
    calendar = queries.report_calendar(policy, whose)
    day = report_day(calendar, queries.query_day(asked.day, report_day(calendar, None, now).date), now)
    facts = await desk.read_in_worker(daily_facts, day)
    whose = queries.match_imported_team(policy, whose, facts.teams)
    overdue = await desk.read_in_worker(first_overdue, day, whose, limit=cards.ROWS_SHOWN)
    due_soon = await desk.read_in_worker(first_due_soon, day, whose, limit=cards.ROWS_SHOWN)
    report = build_daily_report(facts, whose, overdue=overdue, due_soon=due_soon)
    return cards.daily_report_message(report, whose, day, policy, hint=scope_hint(asked, whose))
