"""Everything that a capability registers, so that adding one changes no file but the table of contents."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from handlers.home_sections import HomeSection, SectionRenderer
from handlers.jobs import MINUTE, TASK_PARAMETERS, Job, JobTask
from handlers.outbox import MessageRenderer, RenderContext, RenderedMessage
from handlers.slack.blocks import fit_message
from handlers.slack.router import Router
from rules.model.policy import Policy
from rules.text import Text
from services.notifications.undeliverable import RecordUndelivered
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import OutboxMessage
from storage.transaction import Reader


@dataclass(slots=True)
class Registry(Router):
    """Slack's listeners, and what Baton does by itself; the SLA timers are swept every `sweep_interval`."""

    sweep_interval: timedelta = timedelta(seconds=30)
    message_kinds: dict[str, MessageKind] = field(default_factory=dict)
    renderers: dict[str, MessageRenderer] = field(default_factory=dict)
    undelivered: dict[str, RecordUndelivered] = field(default_factory=dict)
    home_sections: list[HomeSection] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)

    def message(
        self, kind: MessageKind, *, undelivered: RecordUndelivered | None = None
    ) -> Callable[[MessageRenderer], MessageRenderer]:
        """How the outbox rows of this kind are rendered: `on.message(TICKET_CARD)(render_ticket_card)`.

        `undelivered` is done, in the same transaction, when one of them is given up.
        """

        def register(render: MessageRenderer) -> MessageRenderer:
            if kind in self.renderers:
                raise ValueError(f"Two renderers for messages of the kind {kind}.")
            self.message_kinds[kind], self.renderers[kind] = kind, render
            if undelivered is not None:
                self.undelivered[kind] = undelivered
            return render

        return register

    def home_section(self, *, order: int, title: Text | str = "") -> Callable[[SectionRenderer], SectionRenderer]:
        """One part of Home: `on.home_section(order=60)(render_presence)`; no blocks hide it."""

        def register(render: SectionRenderer) -> SectionRenderer:
            self.home_sections.append(HomeSection(render, order, title))
            return render

        return register

    def job(
        self, name: str, *, order: int, every: timedelta = MINUTE, at: time | None = None, everywhere: bool = False
    ) -> Callable[[JobTask], JobTask]:
        """What is done on a schedule: `every` so often, or once per team and working day from the time `at` on.

        `order` is the job's place in the table of `baton jobs`. A job `everywhere` runs in each process, any other only
        in the one that leads.
        """

        def register(task: JobTask) -> JobTask:
            job = Job(name, task, order, every, at, everywhere)
            if name in self.jobs:
                raise ValueError(f"Two jobs are named {name}.")
            if unknown := job.parameters - TASK_PARAMETERS:
                raise ValueError(f"The job {name} wants {', '.join(sorted(unknown))}, which no job is given.")
            self.jobs[name] = job
            return task

        return register

    @property
    def jobs_in_order(self) -> list[Job]:
        return sorted(self.jobs.values(), key=lambda job: job.order)

    def render_message(
        self, reader: Reader, policy: Policy, now: datetime, row: OutboxMessage
    ) -> RenderedMessage | None:
        """The row's message as of now, short enough for Slack; None when nothing is left to say."""
        rendered = self.renderers[row.kind](RenderContext(reader, policy, now), row)
        return rendered and replace(rendered, message=fit_message(rendered.message))
