"""Where a mail's links and pictures lead: to our own pages that exist, and to nobody who would watch. Opens none."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from nurture.lint.rendered_mail import TEXT, LintContext, RenderedMail, Violation
from nurture.render.links import ROUTES
from nurture.render.pictures import LARGEST_PICTURE, asked_for

#: What mail programs turn into a link where a text says it.
WRITTEN = re.compile(r"\b(?:https?://|www\.|mailto:)[^\s<>\"]+", re.IGNORECASE)
# Nobody would miss a picture that small.
_TINY = re.compile(r"\s*[0-7](\.\d+)?(px)?\s*")
_SIZE = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*([^;]+)")


def links(mail: RenderedMail) -> Iterator[Violation]:
    """Links that lead nowhere, or away from the clinic."""
    for href, words in {(link.href, link.words) for link in mail.page.links}:
        fault = _link_fault(href, mail.context)
        if fault:
            named = f"the link “{words[:40]}”" if words else "a link"
            needle = re.escape(href) if href else r"href\s*=\s*(?:\"\s*\"|'\s*'|\s|>)"
            yield Violation("link", f"{named} {fault}", needle=needle)
    for address in written(mail.content.text):
        fault = _link_fault(address if ":" in address else f"https://{address}", mail.context)
        if fault:
            yield Violation("link", f"a link of the text {fault}", TEXT, re.escape(address))


def written(text: str) -> tuple[str, ...]:
    """The addresses that a text says, each once."""
    return tuple(dict.fromkeys(found.rstrip(".,;:!?)'\u2019\u201d") for found in WRITTEN.findall(text)))


def pictures(mail: RenderedMail) -> Iterator[Violation]:
    """Pictures without words, from elsewhere, or too small to be seen."""
    for image in mail.page.images:
        source = image.get("src", "")
        # A template writes the name alone: picture("portrait.png").
        written = source.removeprefix("cid:").partition("@")[0]
        needle = f"{re.escape(source)}|{re.escape(written)}" if written else "<img"
        if not image.get("alt", "").strip() and image.get("role") != "presentation":
            yield Violation("alt", f"the picture {_short(source)} has no alt text", needle=needle)
        fault = _picture_fault(source, mail.context)
        if fault:
            yield Violation("picture", f"the picture {_short(source)} {fault}", needle=needle)
        if _is_tiny(image):
            yield Violation("picture", f"the picture {_short(source)} is a pixel that counts readers", needle=needle)
    for source in mail.page.fetched:
        if _is_foreign(source, mail.context):
            detail = f"the picture {_short(source)} tells another site who reads"
            yield Violation("picture", detail, needle=re.escape(source))


def _picture_fault(source: str, context: LintContext) -> str:
    if _is_foreign(source, context):
        return "tells another site who reads"
    if source.startswith("data:"):
        return "is written into the page, which Gmail and Outlook do not show: use picture(...)"
    names = asked_for(source)
    if source.startswith("cid:") and not (names and names[0] in context.pictures):
        return "does not travel with the mail: put it into templates/images, and show it by picture(...)"
    weight = context.pictures[names[0]] if names else 0
    return f"weighs {weight} bytes, more than {LARGEST_PICTURE}" if weight > LARGEST_PICTURE else ""


def _link_fault(href: str, context: LintContext) -> str:
    parts = _split(href)
    if not href or href.startswith("#") or parts is None:
        return "leads nowhere"
    if parts.scheme == "mailto":
        return _mailbox_fault(parts, context)
    if parts.scheme == "tel":
        return "" if parts.path else "leads nowhere"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"is not an absolute address: {_short(href)}"
    site = urlsplit(context.site)
    if parts.netloc.lower() == site.netloc.lower():
        path = parts.path.removeprefix(site.path)
        return "" if _is_page(path, context) else f"leads to no page of ours: {parts.path}"
    return "" if _is_own(parts.hostname, context) else f"leads away from the clinic, to {parts.hostname}"


def _mailbox_fault(parts: SplitResult, context: LintContext) -> str:
    """What is wrong with a link that writes a mail: all who get it are the clinic's."""
    copies = [value for name, value in parse_qsl(parts.query) if name.lower() in {"to", "cc", "bcc"}]
    boxes = [box.strip().lower() for box in ",".join([unquote(parts.path), *copies]).split(",") if box.strip()]
    strangers = [
        box for box in boxes if not (box == context.reply_to.lower() or _is_own(box.partition("@")[2], context))
    ]
    if not boxes:
        return "leads nowhere"
    return f"writes to somebody outside the clinic, {strangers[0]}" if strangers else ""


def _is_page(path: str, context: LintContext) -> bool:
    folder, _, name = path.rpartition("/")
    if folder == "/articles":
        return name in context.articles
    return any(re.fullmatch(route, path) for route in ROUTES)


def _is_foreign(source: str, context: LintContext) -> bool:
    parts = _split(source)
    if parts is None or parts.scheme in {"cid", "data"}:
        return parts is None
    return parts.netloc.lower() != urlsplit(context.site).netloc.lower() and not _is_own(parts.hostname or "", context)


def _is_own(host: str, context: LintContext) -> bool:
    return host == context.domain or host.endswith(f".{context.domain}")


def _is_tiny(image: dict[str, str]) -> bool:
    sizes = [image.get(name, "") for name in ("width", "height")]
    sizes += _SIZE.findall(image.get("style", ""))
    return any(_TINY.fullmatch(size) for size in sizes)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _short(address: str) -> str:
    return address if 0 < len(address) <= 60 else f"{address[:57]}..." if address else "without an address"
