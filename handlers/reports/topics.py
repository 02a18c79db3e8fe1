"""A topic of `/report`: its word, who answers it, and what its help says."""

import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import upload
from handlers.charts.charts import ChartedMessage
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Block, Message, context, section
from handlers.slack.ids import Command
from handlers.slack.payloads import TypedCommand
from handlers.slack.router import Route, Router
from handlers.text.slack import bold, join, render
from rules.model.policy import Policy
from rules.people.permissions import Permission
from rules.reports import queries
from rules.reports.daily import ReportScope
from rules.reports.queries import ReportQuery, ReportTopic
from rules.text import Code, Text
from services.desk import Desk

AnswerTopic = Callable[[Desk, str, ReportQuery], Awaitable[Message | ChartedMessage]]


@dataclass(frozen=True, slots=True)
class Definitions:
    heading: Text
    paragraphs: Sequence[Text | str]


_DEFINITIONS: dict[str, Definitions] = {}


def register_topic(
    on: Router, topic: ReportTopic, answer: AnswerTopic, *, help: Text | str, definitions: Sequence[Text | str] = ()
) -> None:
    """`/report WORD [team NAME|me] [DAY..DAY]`, read and answered; an answer with a chart comes when that is drawn."""

    async def answer_topic(
        command: TypedCommand, client: AsyncWebClient, desk: Desk, words: dict[str, Route]
    ) -> Message | None:
        query = queries.parse_topic_query(topic, command.rest, desk.policy, topic_words(words))
        message = await answer(desk, command.user, query)
        if isinstance(message, ChartedMessage):
            upload.answer_with_chart(desk, client, command, message)
            return None
        hint = scope_hint(query, queries.query_scope(desk.policy, command.user, query))
        return Message(message.text, [*message.blocks, *([context(hint)] if hint else [])])

    functools.update_wrapper(answer_topic, answer)
    if definitions:
        heading = Text("{command}", {"command": Code(f"/report {topic.word}")})
        _DEFINITIONS[topic.word] = Definitions(heading, definitions)
    on.word(Command.REPORT, topic.word, Permission.SEE_OWN_REPORT, help)(may_take_long(answer_topic))


def topic_words(words: Mapping[str, Route]) -> list[str]:
    """The words that `me`, a team and days may follow."""
    return [word for word, one in words.items() if not one.alone]


def definition_blocks(first: Iterable[Definitions]) -> list[Block]:
    """The definitions of the day's figures, then of every topic that has some."""
    every = (*first, *_DEFINITIONS.values())
    return [section(join("\n", [bold(one.heading), *map(render, one.paragraphs)])) for one in every]


def scope_hint(query: ReportQuery, scope: ReportScope) -> Text | None:
    """A person who asked for everything and reads their own figures learns who may read the rest."""
    is_own_unasked = scope.person is not None and not query.me
    return queries.report_readers_text(query.topic) if is_own_unasked else None


def people_in_scope(policy: Policy, scope: ReportScope) -> list[str]:
    if scope.person is not None:
        return [scope.person]
    keys = policy.teams.keys() if scope.teams is None else scope.teams
    return list(dict.fromkeys(who for key in keys for who in policy.team(key).people))
