"""The desk's description is applied, and every process learns of it."""

from collections.abc import Mapping
from typing import Any

from desk.desk import Desk
from rules.description import changes, read_policy
from storage.work import Work
from storage.workspaces import adopt, described, enrol, of_workspace


def apply(work: Work, plain: Mapping[str, Any]) -> list[str]:
    """Makes this description the desk's; a sentence for each thing that changed (an order alone is not told).

    DescriptionError when it describes no desk: then nothing changes."""
    read_policy(plain)
    workspace = of_workspace(work)
    told = changes(workspace.policy, plain)
    if plain != workspace.policy:
        workspace.policy = dict(plain)
        workspace.policy_version += 1
        workspace.applied_at = work.now
    return told


async def reload(desk: Desk) -> bool:
    """Takes over a description that another process applied; whether there was a newer one."""
    version, plain = await desk.ask(described)
    if version == desk.policy_version or plain is None:
        return False
    desk.policy, desk.policy_version = read_policy(plain), version
    return True


async def open_desk(desk: Desk, *, first: Mapping[str, Any] | None) -> list[str]:
    """The desk's first moments in a process: the workspace exists, with what was brought before Slack was reached,
    and a description is applied when none ever was."""
    await desk.do(adopt)
    await desk.do(enrol)
    _, plain = await desk.ask(described)
    told = await desk.do(apply, first) if plain is None and first is not None else []
    await reload(desk)
    return told
