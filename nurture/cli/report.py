"""`nurture report`: the free documents that leads ask for."""

import click

from nurture.cli.open_runtime import open_bare_runtime
from nurture.cli.show import as_json, show_rows
from nurture.mail.report import build_report


@click.group()
def report() -> None:
    """The free documents that leads ask for."""


@report.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Every report, and the campaign that delivers it."""
    catalogue = open_bare_runtime().catalogue
    rows = []
    for each in catalogue.reports.values():
        delivers = catalogue.campaign_for(each.name)
        rows.append({"report": each.name, "title": each.title, "campaign": delivers.name if delivers else None})
    show_rows(rows, ("report", "title", "campaign"), as_json=as_json, empty="There is no report.")


@report.command("build")
@as_json
def build(*, as_json: bool) -> None:
    """Build every report's PDF now rather than when the first reader asks."""
    runtime = open_bare_runtime(writes_for_all=True)
    rows = []
    for each in runtime.catalogue.reports.values():
        file = build_report(runtime.mail_kit, each)
        rows.append({"report": each.name, "kilobytes": file.stat().st_size // 1024, "file": str(file)})
    show_rows(rows, ("report", "kilobytes", "file"), as_json=as_json, empty="There is no report.")
