"""One file of config/campaigns as a domain Campaign. Knows the keys; what they mean is the domain's business."""

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from nurture.config.settings import Clinic
from nurture.config.toml_table import TomlTable, read_toml
from nurture.config.window_table import read_time, read_window
from nurture.domain.campaign import (
    AfterEnrolment,
    AfterLast,
    AfterVisit,
    Anchor,
    BeforeVisit,
    CalendarMethod,
    Campaign,
    MorningOfVisit,
    Span,
    Step,
    Trigger,
    parse_span,
)
from nurture.domain.extent import can_be_filled
from nurture.domain.facts import Fact
from nurture.domain.message import MailKind
from nurture.domain.nearest import did_you_mean
from nurture.domain.window import ALWAYS, Window

SPAN_ANCHORS: dict[str, Callable[[Span], Anchor]] = {
    "after_enrolment": AfterEnrolment,
    "after_last": AfterLast,
    "before_visit": BeforeVisit,
    "after_visit": AfterVisit,
}
ANCHORS = (*SPAN_ANCHORS, "morning_of_visit")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_Word = TypeVar("_Word", bound=StrEnum)


def read_campaign(file: Path, clinic: Clinic) -> Campaign:
    """The campaign in the file; raises ConfigError naming file and key."""
    table = TomlTable(file, read_toml(file))
    if not _NAME.fullmatch(file.stem):
        raise table.error("name", "comes from the file's name, which must be lower case words joined by hyphens")
    trigger = _word(table, "starts_on", Trigger)
    window = ALWAYS if trigger.is_for_desk else _window(table.table("window"), clinic)
    campaign = Campaign(
        name=file.stem,
        title=table.text("title"),
        why=table.text("why"),
        starts_on=trigger,
        steps=tuple(_step(each, table, window) for each in table.tables("steps")),
        ends_on=_facts(table, "ends_on"),
        resume_on=_facts(table, "resume_on"),
        topics=frozenset(table.texts("topics")),
        **(_offer(table) if trigger is Trigger.REPORT_REQUESTED else {}),
    )
    # Defaults of the steps, which every step of a small campaign may say for itself.
    if table.has("kind"):
        _word(table, "kind", MailKind)
    if table.has("stale_after"):
        _span(table, "stale_after")
    table.refuse_unknown()
    _check_steps(table, campaign)
    return campaign


def _offer(table: TomlTable) -> dict[str, str]:
    """What a campaign that delivers a report says of it and of itself."""
    words = {key: table.text(key) for key in ("consent", "consent_by_staff", "what_follows")}
    for key, text in words.items():
        if not can_be_filled(text):
            raise table.error(key, "can have {{ days }}, {{ mails }} and {{ weeks }} filled in, and nothing else")
    return words | {"report": table.text("report")}


def _step(table: TomlTable, campaign: TomlTable, window: Window) -> Step:
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.error("name", "must be lower case words joined by hyphens")
    step = Step(
        name=name,
        anchor=_anchor(table),
        stale_after=_span(table if table.has("stale_after") else campaign, "stale_after").rough,
        kind=_word(table if table.has("kind") else campaign, "kind", MailKind),
        window=_window_of(table, window),
        only_if=_facts(table, "only_if"),
        unless=_facts(table, "unless"),
        article=table.text("article") if table.has("article") else None,
        calendar=_word(table, "calendar", CalendarMethod) if table.has("calendar") else None,
    )
    if not step.stale_after:
        raise table.error("stale_after", "must be longer than nothing")
    table.refuse_unknown()
    return step


def _anchor(table: TomlTable) -> Anchor:
    keys = [key for key in ANCHORS if table.has(key)]
    if len(keys) != 1:
        raise table.error(keys[1] if keys else "after_last", f"must be the one of {', '.join(ANCHORS)} that a step has")
    key = keys[0]
    return MorningOfVisit(read_time(table, key)) if key == "morning_of_visit" else SPAN_ANCHORS[key](_span(table, key))


def _window(table: TomlTable, clinic: Clinic) -> Window:
    return read_window(table, clinic.holidays, clinic.yearly_holidays)


def _window_of(step: TomlTable, campaign: Window) -> Window:
    """The campaign's window, unless the step may go at any hour."""
    choices = {"campaign": campaign, "any": ALWAYS}
    text = step.text("window", "campaign")
    if text not in choices:
        raise step.error("window", f"is {text!r}, and must be any or campaign{did_you_mean(text, choices)}")
    return choices[text]


def _span(table: TomlTable, key: str) -> Span:
    text = table.text(key)
    span = parse_span(text)
    if span is None:
        raise table.error(key, f"is {text!r}; a wait looks like 90m, 72h, 3d or 2w")
    return span


def _facts(table: TomlTable, key: str) -> tuple[str, ...]:
    facts = table.texts(key)
    for fact in facts:
        if fact not in set(Fact):
            raise table.error(
                key, f"names {fact!r}, which is not a fact (facts: {', '.join(Fact)}){did_you_mean(fact, Fact)}"
            )
    return facts


def _word(table: TomlTable, key: str, words: type[_Word]) -> _Word:
    text = table.text(key)
    try:
        return words(text)
    except ValueError as error:
        hint = did_you_mean(text, words)
        raise table.error(key, f"is {text!r}, and must be one of {', '.join(words)}{hint}") from error


def _check_steps(table: TomlTable, campaign: Campaign) -> None:
    names = [step.name for step in campaign.steps]
    for name in names:
        if names.count(name) > 1:
            raise table.error("steps", f"names {name!r} twice; a step's name is its identity in the ledger")
    for step in campaign.steps:
        if (step.kind is MailKind.STAFF) != campaign.starts_on.is_for_desk:
            desk = ", ".join(trigger for trigger in Trigger if trigger.is_for_desk)
            raise table.error(
                "steps", f"{step.name!r} is {step.kind}; what starts on {desk} is staff, and nothing else"
            )
        if not campaign.starts_on.is_of_visit and isinstance(step.anchor, BeforeVisit | MorningOfVisit | AfterVisit):
            raise table.error("steps", f"{step.name!r} counts from a visit, but this campaign does not start on one")
    if not names:
        raise table.error("steps", "is empty; a campaign has at least one step")
