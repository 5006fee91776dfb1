"""`nurture lead release`: what a limit on signups had kept back is sent after all."""

import click

from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted, counted
from nurture.service.release import limited_leads
from nurture.service.release import release as release_lead
from nurture.service.who import find_lead


@click.command()
@click.argument("who", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Release everyone in nurture lead list --limited.")
@click.option("--dry-run", is_flag=True, help="Say how many would be released, and send nothing.")
def release(who: tuple[str, ...], *, everyone: bool, dry_run: bool) -> None:
    """Send the report to leads for whom a limit on signups had kept it back; their articles follow."""
    if bool(who) == everyone:
        raise click.UsageError("Say whom to release, or --all.")
    runtime = open_runtime()
    limited = limited_leads(runtime)
    named = {accepted(find_lead(runtime, each)).id for each in who}
    chosen = [each for each in limited if everyone or each in named]
    if not dry_run:
        for lead_id in chosen:
            release_lead(runtime, lead_id)
    was = "would be" if dry_run else "was" if len(chosen) == 1 else "were"
    click.echo(f"{counted(len(chosen), 'lead')} {was} released. {_rest(len(named), len(chosen))}".rstrip())


def _rest(named: int, chosen: int) -> str:
    return f"Nothing was kept back for {counted(named - chosen, 'lead')}." if named > chosen else ""
