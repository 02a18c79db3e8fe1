"""Who belongs to a team, on its lead's pages: a team may be called anything."""

import pytest

from handlers.people.cards import memberships as cards
from rules.model.policy import Team
from rules.people.memberships import TeamMembership, TeamRole
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms

ANA, LEO = "U0AGENT1", "U0LEAD2"


@pytest.mark.parametrize("text", TYPED)
def test_whatever_a_team_is_called_every_page_is_harmless_and_within_limits(text: str) -> None:
    team = Team("support", text, leads=(LEO,), agents=(ANA,))
    said = [TeamMembership("support", ANA, role, LEO, NOW) for role in TeamRole]

    answer = cards.membership_message(team, said)
    views = [cards.membership_form(team, who) for who in ("", ANA)]

    assert [problems("modal", view) for view in views] == [[], []]
    assert problems("message", {"text": answer.text, "blocks": answer.blocks}) == []
    blocks = [*answer.blocks, cards.role_row(team, ANA), *views[0]["blocks"], *views[1]["blocks"]]
    assert [alarms(block) for block in blocks] == [[]] * len(blocks)


def test_whoever_is_added_is_added_as_something() -> None:
    offered = cards.membership_form(Team("support", "Support"), "")["blocks"][2]["element"]["options"]

    assert [one["value"] for one in offered] == ["agent", "expert", "lead"]
