"""The PDF of a report in the clinic's own look, built when it is first asked for and kept by content."""

from pathlib import Path

from nurture.config.writings import Report
from nurture.domain.errors import TemplateError
from nurture.mail.kit import MailKit
from nurture.render.report.booklet import Imprint, ReportSource
from nurture.render.report.pdf import build_pdf


def build_report(kit: MailKit, report: Report) -> Path:
    """The file of the report's PDF, in the clinic's own look; raises TemplateError naming the report."""
    clinic, brand = kit.settings.clinic, kit.settings.brand
    source = ReportSource(report.name, report.title, report.subtitle, report.summary, report.body)
    imprint = Imprint(
        clinic=clinic.name,
        phone=clinic.phone,
        clinician=clinic.clinician,
        address=clinic.address,
        primary=brand.primary,
        accent=brand.accent,
        paper=brand.paper,
        ink=brand.ink,
    )
    base = kit.settings.templates / "reports" / "_base"
    try:
        return build_pdf(source, imprint, kit.settings.var / "reports", base)
    except TemplateError as error:
        raise TemplateError(f"templates/reports/{report.name}.md cannot be made a PDF: {error}") from error
