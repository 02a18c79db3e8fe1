"""Why a message reached nobody, in words for people."""

from rules.text import Code, Text, _

_GONE = _("they are not in Slack any more")
_REASONS = {
    "account_inactive": _GONE,
    "user_disabled": _GONE,
    "user_not_found": _GONE,
    "users_not_found": _GONE,
    "user_not_visible": _("Baton may not see them"),
    "cannot_dm_bot": _("it is a bot"),
    "messages_tab_disabled": _("direct messages of Baton are switched off here"),
    "is_archived": _("the channel is archived"),
    "not_in_channel": _("Baton is not in the channel"),
    "channel_not_found": _("Baton cannot see the channel"),
}


def undelivered_reason(error: str) -> Text:
    """`error` is Slack's name for it, or what went wrong before it was sent."""
    known = _REASONS.get(error)
    return known or _("it could not be sent ({error})", error=Code(error))
