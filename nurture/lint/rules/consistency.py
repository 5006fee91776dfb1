"""Whether HTML and text name the same days, times and amounts: a reader of either must come at the same hour."""

import re
from collections import defaultdict
from collections.abc import Iterator

from nurture.lint.page import squeezed
from nurture.lint.rendered_mail import HTML, TEXT, RenderedMail, Violation
from nurture.lint.rules.addresses import WRITTEN

_DAY = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTH = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t|tember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?"
)
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TENS = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90}
_NUMBERS = {word: number for number, word in enumerate(_COUNTED, 1)} | _TENS
_NUMBER = "|".join(sorted(_NUMBERS, key=len, reverse=True))
# A short name is a day only beside a date, a stop or another day: "Sat" may have sat, and the sun may shine.
_WEEKDAY = re.compile(
    rf"\b({_DAY})(?:[a-z]*days?\b|[a-z]{{0,2}}\b(?=[.,]\s|\s+\d|\s*(?:[-\u2013]|to|and)\s*(?:{_DAY})))"
    rf"|(?:(?<=[-\u2013])|(?<=[-\u2013]\s)|(?<=to\s)|(?<=and\s))({_DAY})[a-z]{{0,2}}\b"
)
_DATE = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:\d])"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{_MONTH})\b"
)
_TIME = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s*([ap])\.?\s?m\b|\b(\d{1,2}):(\d\d)\b|\b(noon|midnight)\b", re.IGNORECASE)
_MONEY = re.compile(r"([$€£])\s?(\d[\d,]*(?:\.\d\d)?)|\b(\d[\d,]*(?:\.\d\d)?)\s+dollars\b")
_AMOUNT = re.compile(
    rf"\b(\d+(?:\.\d+)?|{_NUMBER})[\s-]+(minute|hour|day|week|month|year|percent|visit|session)s?\b"
    r"|\b(\d+(?:\.\d+)?)\s?%",
    re.IGNORECASE,
)

# Of these each body names all or none: who reads the other would miss the hour, or the price.
_WHOLE = {"weekday", "date", "time", "money"}

#: What is named, by its kind: each value with the words that say it.
Named = dict[str, dict[str, str]]


def consistency(mail: RenderedMail) -> Iterator[Violation]:
    """Days, times and amounts that one body names and the other does not, or gives otherwise."""
    html, text = _named(mail.page.words), _named(squeezed(mail.content.text))
    for kind in sorted(html.keys() | text.keys()):
        here, there = html.get(kind, {}), text.get(kind, {})
        only_here = [here[value] for value in here.keys() - there.keys()]
        only_there = [there[value] for value in there.keys() - here.keys()]
        if (only_here and only_there) or (kind in _WHOLE and (only_here or only_there)):
            detail = f"the HTML says {_quoted(only_here)}, and the text {_quoted(only_there)}"
            part, said = (HTML, only_here) if only_here else (TEXT, only_there)
            yield Violation("consistency", detail, part, re.escape(min(said)).replace(r"\ ", r"\s+"))


def _quoted(said: list[str]) -> str:
    return ", ".join(f"“{each}”" for each in sorted(said)) or "nothing of it"


def _named(words: str) -> Named:
    named: Named = defaultdict(dict)
    words = WRITTEN.sub("", words)
    for found in _WEEKDAY.finditer(words):
        named["weekday"].setdefault((found[1] or found[2])[:3], found[0])
    for found in _DATE.finditer(words):
        month, day = found["month"] or found["month2"], found["day"] or found["day2"]
        named["date"].setdefault(f"{month[:3]} {int(day)}", found[0])
    for found in _TIME.finditer(words):
        named["time"].setdefault(_time(found), found[0])
    for found in _MONEY.finditer(words):
        amount = (found[2] or found[3]).replace(",", "").removesuffix(".00")
        named["money"].setdefault(f"{found[1] or '$'}{amount}", found[0])
    for found in _AMOUNT.finditer(words):
        number, unit = (found[1], found[2].lower()) if found[1] else (found[3], "percent")
        named[unit].setdefault(str(_NUMBERS.get(number.lower(), number)), found[0])
    return named


def _time(found: re.Match[str]) -> str:
    if found[6]:
        return "12:00" if found[6].lower() == "noon" else "0:00"
    hour, minute = int(found[1] or found[4]), found[2] or found[5] or "00"
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    return f"{hour}:{minute}"
