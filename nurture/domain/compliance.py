"""What the law asks of a mail of a drip, in its headers and where it can be seen. Knows no template and no encoding.

CAN-SPAM asks for a postal address and a way out that can be seen; RFC 8058 for one that a mail program can press.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

# Plain http is for an installation that only this machine can see.
_PAGE = re.compile(r"<(https://|http://(127\.0\.0\.1|localhost)[:/])[^<>\s]+>")
_MAILTO = re.compile(r"<mailto:[^<>@\s]+@[^<>@\s]+>")
_HIDDEN = re.compile(r"display:\s*none|visibility:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Compliance:
    """The postal address a mail shows, and the page that stops articles and invitations to its reader."""

    address: str
    unsubscribe_url: str


def missing(headers: Iterable[tuple[str, str]], bodies: tuple[str, str], compliance: Compliance | None) -> str:
    """What this mail of a drip lacks, as a sentence; nothing when it is whole. The bodies are text and HTML."""
    if compliance is None or not compliance.address or not compliance.unsubscribe_url:
        return "a mail of a drip needs a postal address and an unsubscribe page"
    return _missing_in_headers(dict(headers), compliance) or _missing_in_bodies(*bodies, compliance)


def misplaced(headers: Iterable[tuple[str, str]], bodies: tuple[str, str], compliance: Compliance | None) -> str:
    """What a mail that is of no drip holds of one, as a sentence; nothing when it holds none."""
    for name, _ in headers:
        if name.lower().startswith("list-"):
            return f"only a mail of a drip carries {name}"
    url = compliance.unsubscribe_url if compliance else ""
    if url and any(url in body for body in bodies):
        return "only a mail of a drip offers to unsubscribe"
    return ""


def _missing_in_headers(headers: dict[str, str], compliance: Compliance) -> str:
    ways = headers.get("List-Unsubscribe", "")
    if not _PAGE.search(ways) or not _MAILTO.search(ways):
        return "a mail of a drip needs List-Unsubscribe with an https page and a mail address"
    if f"<{compliance.unsubscribe_url}>" not in ways:
        return "List-Unsubscribe of a mail of a drip must name the page that its bodies show"
    if headers.get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        return "a mail of a drip needs List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    return "" if headers.get("List-Id") else "a mail of a drip needs List-Id"


def _missing_in_bodies(text: str, page: str, compliance: Compliance) -> str:
    page = html.unescape(page)
    if compliance.address not in text or compliance.address not in page:
        return "both bodies of a mail of a drip must hold the postal address"
    if compliance.unsubscribe_url not in text or not _shows_link(page, compliance.unsubscribe_url):
        return "both bodies of a mail of a drip must show the unsubscribe link"
    return ""


def _shows_link(page: str, url: str) -> bool:
    """Tell whether some link to the page has words and is not itself hidden. Searches by plain text: it runs a lot."""
    at = page.find(f'href="{url}"')
    while at >= 0:
        tag = page[page.rfind("<", 0, at) : page.find(">", at)]
        words = re.sub(r"<[^>]*>", "", page[page.find(">", at) + 1 : page.find("</a", at)])
        if tag.startswith("<a ") and not _HIDDEN.search(tag) and words.strip():
            return True
        at = page.find(f'href="{url}"', at + 1)
    return False
