"""Who is of our workspace, in any payload; whoever is not gets an id that is nobody's of ours."""

from copy import deepcopy
from typing import Any

import pytest

from handlers.slack.payloads import user_of
from handlers.slack.people.profiles import Profile
from handlers.slack.people.strangers import OwnWorkspace, mark_strangers

OURS, SISTER, PARTNER, ORGANISATION = "T0LOCAL", "T0SISTER", "T0PARTNER", "E0LAKES"
ALONE, IN_ORGANISATION = OwnWorkspace(OURS), OwnWorkspace(OURS, ORGANISATION)


def press(home: str, **more: Any) -> dict[str, Any]:
    return {"type": "block_actions", "user": {"id": "U1", "team_id": home}, "team": {"id": OURS}, **more}


def said(**event: Any) -> dict[str, Any]:
    return {"enterprise_id": ORGANISATION, "event": {"type": "message", "user": "U1", **event}}


def marked(body: dict[str, Any], own: OwnWorkspace) -> dict[str, Any]:
    body = deepcopy(body)
    mark_strangers(body, own)
    return body


BY_OURS = [
    press(OURS),
    press(OURS, enterprise={"id": "E0OTHER"}),
    {"type": "shortcut", "user": {"id": "U1"}, "team": {"id": OURS}},
    {"command": "/ticket", "user_id": "U1", "team_id": OURS},
    {"event": {"type": "message", "user": "U1", "team": OURS}},
    {"event": {"type": "app_home_opened", "user": "U1"}},
]
BY_SISTERS = [
    press(SISTER, team={"id": SISTER, "enterprise_id": ORGANISATION}),
    press(ORGANISATION),
    {"command": "/ticket", "user_id": "U1", "team_id": SISTER, "enterprise_id": ORGANISATION},
    said(user_team=ORGANISATION),
    said(team=SISTER),
]
BY_STRANGERS = [
    press(PARTNER),
    press(PARTNER, enterprise={"id": ORGANISATION}),
    press(PARTNER, team={"id": OURS, "enterprise_id": ORGANISATION}, enterprise={"id": ORGANISATION}),
    press(PARTNER, team={"id": PARTNER, "enterprise_id": "E0OTHER"}, enterprise={"id": ORGANISATION}),
    {"type": "shortcut", "user": {"id": "U1"}, "team": None, "enterprise": {"id": ORGANISATION}},
    {"command": "/ticket", "user_id": "U1", "team_id": PARTNER, "enterprise_id": "E0OTHER"},
    {"command": "/ticket", "user_id": "U1", "enterprise_id": ""},
    said(user_team=PARTNER, team=OURS),
    said(source_team=PARTNER, team=OURS),
    said(team=PARTNER) | {"is_ext_shared_channel": True},
    said() | {"is_ext_shared_channel": True},
    {"event": {"type": "app_mention", "user": "U1", "team": PARTNER}},
]


@pytest.mark.parametrize("own", [ALONE, IN_ORGANISATION])
@pytest.mark.parametrize("body", BY_OURS)
def test_our_people_keep_their_ids(body: dict[str, Any], own: OwnWorkspace) -> None:
    assert marked(body, own) == body


@pytest.mark.parametrize("body", BY_SISTERS)
def test_people_of_our_organisation_are_ours_where_we_are_in_one(body: dict[str, Any]) -> None:
    assert user_of(marked(body, IN_ORGANISATION)) == "U1"
    assert user_of(marked(body, ALONE)).startswith("U1|")


@pytest.mark.parametrize("own", [ALONE, IN_ORGANISATION])
@pytest.mark.parametrize("body", BY_STRANGERS)
def test_an_organisation_that_the_payload_names_makes_nobody_ours(body: dict[str, Any], own: OwnWorkspace) -> None:
    assert user_of(marked(body, own)).startswith("U1|")


def test_the_author_of_a_message_is_told_from_our_own_too() -> None:
    message = {"user": "U1", "ts": "1.0", "team": OURS, "user_team": PARTNER}
    body = {"type": "message_action", "user": {"id": "U2", "team_id": OURS}, "message": message}

    assert marked(body, ALONE)["message"]["user"] == "U1|T0PARTNER"
    assert user_of(marked(body, ALONE)) == "U2"


def test_what_slack_tells_of_a_stranger_is_not_taken_for_one_of_ours() -> None:
    profile = {"id": "U1", "team_id": PARTNER, "deleted": True}
    sister = {"id": "U1", "team_id": SISTER, "enterprise_user": {"enterprise_id": ORGANISATION}}

    assert Profile.from_event(marked({"event": {"type": "user_change", "user": profile}}, ALONE)).user != "U1"
    assert Profile.from_event(marked({"event": {"type": "user_change", "user": sister}}, IN_ORGANISATION)).user == "U1"
