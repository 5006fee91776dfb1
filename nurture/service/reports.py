"""The report's PDF, built when it is first asked for and kept by content."""

from pathlib import Path

from nurture.catalogue import Report
from nurture.domain.errors import TemplateError
from nurture.render.report import Brand, ReportSource, build_pdf
from nurture.service.runtime import Runtime


def build_report(runtime: Runtime, report: Report) -> Path:
    """The file of the report's PDF, in the clinic's own look; raises TemplateError naming the report."""
    clinic, brand = runtime.settings.clinic, runtime.settings.brand
    source = ReportSource(report.name, report.title, report.subtitle, report.summary, report.body)
    look = Brand(
        clinic=clinic.name,
        phone=clinic.phone,
        clinician=clinic.clinician,
        address=clinic.address,
        primary=brand.primary,
        accent=brand.accent,
        paper=brand.paper,
        ink=brand.ink,
    )
    base = runtime.settings.templates / "reports" / "_base"
    try:
        return build_pdf(source, look, runtime.settings.var / "reports", base)
    except TemplateError as error:
        raise TemplateError(f"templates/reports/{report.name}.md cannot be made a PDF: {error}") from error
