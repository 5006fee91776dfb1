"""`nurture campaign`: what is sent, to whom, and what would be."""

from datetime import timedelta
from typing import Any

import click

from nurture.cli.aside import say
from nurture.cli.number import DAYS
from nurture.cli.open_runtime import open_runtime
from nurture.cli.progress import progress_bar
from nurture.cli.show import Row, accepted, as_json, counted, iso, looked_up, refuse, show_rows
from nurture.clock import system_clock
from nurture.config.catalogue import load_catalogue
from nurture.config.settings import load_settings
from nurture.domain.campaign import AfterVisit, Anchor, BeforeVisit, MorningOfVisit, Span, Step
from nurture.domain.engine import End, Send, Skip
from nurture.domain.errors import Refusal
from nurture.domain.event import EventKind
from nurture.domain.instant import parse_instant
from nurture.domain.lead import parse_zone
from nurture.domain.segment import Segment, parse_segment
from nurture.runtime import Runtime
from nurture.service.enqueue import Enqueued
from nurture.service.enqueue import enqueue as enqueue_segment
from nurture.service.scenario import OUTCOMES, Scenario, scripted_events
from nurture.service.simulate import Simulation, TimelineEntry
from nurture.store.queries.campaign_list import count_by_campaign


@click.group()
def campaign() -> None:
    """What is sent, to whom, and what would be."""


@campaign.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Every campaign, with how many leads are in it."""
    runtime = open_runtime()
    with runtime.database.read() as connection:
        counts = count_by_campaign(connection)
    rows = [
        {"campaign": each.name, "title": each.title, "starts_on": each.starts_on.value, "steps": len(each.steps)}
        | {"under_way": counts.get(each.name, (0, 0))[0], "ended": counts.get(each.name, (0, 0))[1]}
        for each in runtime.catalogue.campaigns.values()
    ]
    columns = ("campaign", "starts_on", "steps", "under_way", "ended")
    show_rows(rows, columns, as_json=as_json, empty="There is no campaign.")


@campaign.command("show")
@click.argument("name")
@as_json
def show(name: str, *, as_json: bool) -> None:
    """The steps of one campaign, in order."""
    shown = load_catalogue(load_settings()).campaigns.get(name)
    if shown is None:
        refuse(f"There is no campaign {name!r}. See `nurture campaign list`.")
    rows = [_step_row(step) for step in shown.steps]
    show_rows(rows, ("step", "kind", "when", "hours", "conditions"), as_json=as_json, empty="")


@campaign.command("simulate")
@click.argument("name")
@click.option("--zone", default=None, help="The lead's time zone. Default: the clinic's.")
@click.option("--start", default=None, help="When the report is asked for, on the lead's clock. Default: now.")
@click.option("--books", type=DAYS, default=None, help="The day on which the lead books a visit.")
@click.option(
    "--visit-in", type=click.IntRange(1, 3650), default=5, show_default=True, help="Days from booking to visit."
)
@click.option(
    "--outcome",
    type=click.Choice(sorted(OUTCOMES)),
    default="attended",
    show_default=True,
    help="What becomes of the visit.",
)
@click.option("--unsubscribes", type=DAYS, default=None, help="The day on which the lead unsubscribes.")
@as_json
def simulate(name: str, zone: str | None, start: str | None, *, as_json: bool, **told: Any) -> None:
    """Every mail a lead would get, with its instant and reason; nobody is mailed and nothing is written."""
    settings = load_settings()
    catalogue = load_catalogue(settings)
    simulated = catalogue.campaigns.get(name)
    if simulated is None:
        refuse(f"There is no campaign {name!r}. See `nurture campaign list`.")
    lead_zone = looked_up(parse_zone(zone)) if zone else settings.clinic.zone
    started_at = looked_up(parse_instant(start, lead_zone)) if start else system_clock().replace(microsecond=0)
    if any(isinstance(step.anchor, BeforeVisit | MorningOfVisit | AfterVisit) for step in simulated.steps):
        refuse(f"{name} starts with a visit. Simulate the campaign that leads to it, with --books DAY.")
    simulation = Simulation(catalogue, lead_zone, settings.visit_minutes)
    timeline = simulation.run(
        simulated, started_at, scripted_events(Scenario(**told), started_at, settings.clinic.zone)
    )
    rows = [_entry_row(entry, lead_zone) for entry in timeline]
    lines = rows if as_json else [_entry_line(row) for row in rows]
    show_rows(lines, ("at", "what", "mail"), as_json=as_json, empty="Nothing would be sent.")


@campaign.command("enqueue")
@click.argument("name")
@click.option("--segment", required=True, help="all, topic:NAME or source:NAME.")
@click.option("--dry-run", is_flag=True, help="Say how many would be enrolled, and enrol nobody.")
def enqueue(name: str, segment: str, *, dry_run: bool) -> None:
    """Enrol every lead of a segment that never was in the campaign."""
    runtime = open_runtime()
    chosen = accepted(parse_segment(segment))
    done = accepted(_followed(runtime, name, chosen, dry_run=dry_run))
    verb = "would be" if dry_run else "was" if done.enrolled == 1 else "were"
    click.echo(f"{counted(done.enrolled, 'lead')} {verb} enrolled in {name}; {done.already} had been in it before.")
    if done.limited:
        click.echo(f"{counted(done.limited, 'lead')} left out: see nurture lead list --limited.")
    if done.passed_over:
        over = f"{counted(done.passed_over, 'lead')} {'is' if done.passed_over == 1 else 'are'} passed over"
        click.echo(f"{over}: they asked for no mail, wrote back, or have no address that works.")


def _followed(runtime: Runtime, name: str, segment: Segment, *, dry_run: bool) -> Enqueued | Refusal:
    """What was done, with a bar on the way; whoever stops it half way hears what had been done by then."""
    so_far = Enqueued(0, 0)
    try:
        with progress_bar() as show:

            def progress(done: Enqueued, of: int) -> None:
                nonlocal so_far
                so_far = done
                show(done.enrolled + done.already + done.passed_over, of)

            return enqueue_segment(runtime, name, segment, dry_run=dry_run, progress=progress)
    except BaseException:
        if not dry_run and so_far.enrolled:
            was = "was" if so_far.enrolled == 1 else "were"
            done = f"{counted(so_far.enrolled, 'lead')} {was} enrolled in {name}, and the others are as they were"
            say(f"Stopped half way: {done}. Give the command again, and it goes on with them.")
        raise


def _entry_row(entry: TimelineEntry, zone: object) -> Row:
    row = {"at": iso(entry.at, zone), "campaign": entry.campaign, "step": None, "reason": None}
    match entry.happens:
        case Send(step):
            told = {"what": "send", "step": step.name}
        case Skip(step, reason):
            told = {"what": "skip", "step": step.name, "reason": reason}
        case End(reason):
            told = {"what": "end", "reason": reason}
        case EventKind() as news:
            told = {"what": news.value}
        case _:
            raise AssertionError(entry)
    return row | told


def _entry_line(row: Row) -> Row:
    """The row as a table shows it: what and why in one column, campaign and step in another."""
    what = f"{row['what']}: {row['reason']}" if row["reason"] else row["what"]
    mail = f"{row['campaign']}/{row['step']}" if row["step"] else row["campaign"]
    return {"at": row["at"], "what": what, "mail": mail}


def _step_row(step: Step) -> Row:
    conditions = [*(f"only if {fact}" for fact in step.only_if), *(f"unless {fact}" for fact in step.unless)]
    window = step.window
    anytime = window.opens.hour == 0 and len(window.days) == 7
    return {
        "step": step.name,
        "kind": step.kind.value,
        "when": _when(step.anchor),
        "hours": "any" if anytime else f"{window.opens:%H:%M}-{window.closes:%H:%M}",
        "conditions": ", ".join(conditions),
        "article": step.article,
    }


def _when(anchor: Anchor) -> str:
    if isinstance(anchor, MorningOfVisit):
        return f"{anchor.at:%H:%M} on the day of the visit"
    words = {"AfterEnrolment": "after enrolment", "AfterLast": "after the last step"}
    words |= {"BeforeVisit": "before the visit", "AfterVisit": "after the visit"}
    length = _length(anchor.span)
    return length if length == "at once" else f"{length} {words[type(anchor).__name__]}"


def _length(span: Span) -> str:
    if span.days:
        return f"{span.days} d"
    hours = span.elapsed / timedelta(hours=1)
    return f"{hours:g} h" if hours else "at once"
