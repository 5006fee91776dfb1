"""What is said against the templates, as values: where, by which rule, how grave, and shown by how many mails."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Level(StrEnum):
    """What a finding asks for."""

    FAULT = "fault"  #: would harm a reader or the clinic: no campaign with one can be enqueued
    ADVICE = "advice"  #: would make the mail better, and stops nothing


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation of a rule, or a word of advice, at a file (relative to the home) and a line.

    `mail` is one that shows it, and `mails` how many do. `frame` is the file around the mail's body where that is to
    blame if others show the same.
    """

    file: str
    line: int
    rule: str
    detail: str
    mail: str = field(compare=False)
    level: Level = Level.FAULT
    mails: int = field(default=1, compare=False)
    frame: str = field(default="", compare=False)


def faults(findings: Iterable[Finding]) -> list[Finding]:
    """Those that must be mended before anybody is mailed."""
    return [each for each in findings if each.level is Level.FAULT]


def said_once(findings: Iterable[Finding]) -> list[Finding]:
    """Faults, then advice; one of a file that mails share once, in the words of the first mail that shows it."""
    places: dict[tuple[str, int, str], list[Finding]] = {}
    for each in _in_frames(list(findings)):
        places.setdefault((each.file, each.line, each.rule), []).append(each)
    said = [
        replace(each, mails=len({other.mail for other in found}))
        for found in places.values()
        for each in dict.fromkeys(found)
        if each.mail == found[0].mail
    ]
    return sorted(said, key=lambda each: each.level is Level.ADVICE)


def _in_frames(findings: list[Finding]) -> list[Finding]:
    """What more than two mails of one frame lack is missing in the frame."""
    lacking = Counter((each.frame, each.rule, each.detail) for each in findings)
    return [
        replace(each, file=each.frame, line=1)
        if each.frame and lacking[each.frame, each.rule, each.detail] > 2
        else each
        for each in findings
    ]
