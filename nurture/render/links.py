"""Every address we print, made in one place. Tokens are opaque; no address says anything about a person."""

from urllib.parse import urlencode

from nurture.domain.token import Purpose
from nurture.signing import Signing

# What our pages answer, by path, without the articles: those that exist are in the catalogue.
ROUTES = (r"/?", r"/articles", r"/reports/[a-z0-9-]+", r"/(unsubscribe|resubscribe|report|visit)/[\w.-]+")


class Links:
    """Addresses below the public URL, and what their tokens stand for."""

    def __init__(self, public_url: str, signing: Signing) -> None:
        self.site = public_url
        self._signing = signing

    @property
    def articles(self) -> str:
        """The list of articles."""
        return f"{self.site}/articles"

    @property
    def visit_offer(self) -> str:
        """What a Discovery Visit is, on the landing page."""
        return f"{self.site}/#visit"

    def article(self, name: str) -> str:
        """One article's page."""
        return f"{self.site}/articles/{name}"

    def report_page(self, page: str, source: str = "") -> str:
        """The page that offers a report, for somebody who came from that source."""
        return f"{self.site}/reports/{page}" + (f"?{urlencode({'source': source})}" if source else "")

    def unsubscribe(self, lead_public_id: str) -> str:
        """The page, and the one-click target, that stops articles and invitations."""
        return f"{self.site}/unsubscribe/{self._signing.sign(Purpose.UNSUBSCRIBE, lead_public_id)}"

    def resubscribe(self, lead_public_id: str) -> str:
        """The page that starts them again for a lead who had stopped them."""
        return f"{self.site}/resubscribe/{self._signing.sign(Purpose.RESUBSCRIBE, lead_public_id)}"

    def report(self, enrolment_public_id: str) -> str:
        """The report that this enrolment was made for."""
        return f"{self.site}/report/{self._signing.sign(Purpose.REPORT, enrolment_public_id)}"

    def report_pdf(self, enrolment_public_id: str) -> str:
        """The same report as a PDF."""
        return f"{self.report(enrolment_public_id)}.pdf"

    def visit(self, visit_public_id: str) -> str:
        """The page to see, confirm or cancel a visit."""
        return f"{self.site}/visit/{self._signing.sign(Purpose.VISIT, visit_public_id)}"

    def visit_calendar(self, visit_public_id: str) -> str:
        """The visit as a calendar file."""
        return f"{self.visit(visit_public_id)}.ics"
