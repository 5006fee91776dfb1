"""`nurture template`: the mails as they are written."""

import sys

import click

from nurture.cli.house import open_runtime
from nurture.cli.show import as_json, show_rows
from nurture.service.compose import folder_of
from nurture.service.template_check import check_templates


@click.group()
def template() -> None:
    """The mails as they are written."""


@template.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Every mail, and the folder of its three files."""
    runtime = open_runtime()
    rows = [
        {"mail": f"{campaign.name}/{step.name}", "kind": step.kind.value, "article": step.article}
        | {"folder": f"templates/emails/{folder_of(step, campaign.name)}"}
        for campaign in runtime.catalogue.campaigns.values()
        for step in campaign.steps
    ]
    show_rows(rows, ("mail", "kind", "folder"), as_json=as_json, empty="There is no mail.")


@template.command("check")
@as_json
def check(*, as_json: bool) -> None:
    """Render every mail for readers of every sort, and name what is wrong."""
    runtime = open_runtime()
    findings = check_templates(runtime)
    rows = [{"mail": each.mail, "rule": each.rule, "detail": each.detail} for each in findings]
    mails = sum(len(campaign.steps) for campaign in runtime.catalogue.campaigns.values())
    show_rows(rows, ("mail", "rule", "detail"), as_json=as_json, empty=f"{mails} mails, nothing to object to.")
    sys.exit(1 if findings else 0)
