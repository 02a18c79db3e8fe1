"""Languages that nobody speaks, in which a sentence that was not translated or has no room stands out."""

import string
from gettext import NullTranslations
from string import Formatter

_ACCENTED = str.maketrans(string.ascii_letters, "àƀćđéƒĝĥĩĵķĺḿńõṕɋŕśţũṽŵẋýžÀƁĆĐÉƑĜĤĨĴĶĹḾŃÕṔɊŔŚŢŨṼŴẊÝŽ")
LONGER = 0.6  # what German or Finnish may need more than English


class Pseudo(NullTranslations):
    """Every letter with an accent, so that plain letters are English that nobody could translate."""

    def gettext(self, message: str) -> str:
        return "".join(_kept_value(part, _ACCENTED) for part in Formatter().parse(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class LongWinded(NullTranslations):
    """Every sentence longer by LONGER, as it may be in a language of long words."""

    def gettext(self, message: str) -> str:
        return message + "ö" * round(len(message) * LONGER)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def _kept_value(part: tuple[str, str | None, str | None, str | None], letters: dict[int, int]) -> str:
    text, name, *_ = part
    return text.translate(letters) + ("" if name is None else f"{{{name}}}")
