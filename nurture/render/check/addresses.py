"""Where a mail's links and pictures lead: to our own pages that exist, and to nobody who would watch. Opens none."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from nurture.render.check.finding import Ground, Objection, Specimen
from nurture.render.links import ROUTES
from nurture.render.pictures import LARGEST_PICTURE, asked_for

_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)")
_TINY = re.compile(r"\s*[01](px)?\s*")


def links(mail: Specimen) -> Iterator[Objection]:
    """Objections to links that lead nowhere, or away from the clinic."""
    for href, words in {(link.href, link.words) for link in mail.page.links}:
        fault = _link_fault(href, mail.ground)
        if fault:
            named = f"the link “{words[:40]}”" if words else "a link"
            needle = re.escape(href) if href else r"href\s*=\s*(?:\"\s*\"|'\s*'|\s|>)"
            yield Objection("link", f"{named} {fault}", needle=needle)


def pictures(mail: Specimen) -> Iterator[Objection]:
    """Objections to pictures without words, from elsewhere, or too small to be seen."""
    for image in mail.page.images:
        source = image.get("src", "")
        # A template writes the name alone: picture("portrait.png").
        written = source.removeprefix("cid:").partition("@")[0]
        needle = f"{re.escape(source)}|{re.escape(written)}" if written else "<img"
        if not image.get("alt", "").strip() and image.get("role") != "presentation":
            yield Objection("alt", f"the picture {_short(source)} has no alt text", needle=needle)
        fault = _picture_fault(source, mail.ground)
        if fault:
            yield Objection("picture", f"the picture {_short(source)} {fault}", needle=needle)
        if _is_tiny(image):
            yield Objection("picture", f"the picture {_short(source)} is a pixel that counts readers", needle=needle)
    for _, value in mail.page.styles:
        for source in _URL.findall(value):
            if _is_foreign(source, mail.ground):
                detail = f"the background {_short(source)} tells another site who reads"
                yield Objection("picture", detail, needle=re.escape(source))


def _picture_fault(source: str, ground: Ground) -> str:
    if _is_foreign(source, ground):
        return "tells another site who reads"
    if source.startswith("data:"):
        return "is written into the page, which Gmail and Outlook do not show: use picture(...)"
    names = asked_for(source)
    if source.startswith("cid:") and not (names and names[0] in ground.pictures):
        return "does not travel with the mail: put it into templates/images, and show it by picture(...)"
    weight = ground.pictures[names[0]] if names else 0
    return f"weighs {weight} bytes, more than {LARGEST_PICTURE}" if weight > LARGEST_PICTURE else ""


def _link_fault(href: str, ground: Ground) -> str:
    parts = _split(href)
    if not href or href.startswith("#") or parts is None:
        return "leads nowhere"
    if parts.scheme in {"mailto", "tel"}:
        return "" if parts.path else "leads nowhere"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"is not an absolute address: {_short(href)}"
    site = urlsplit(ground.site)
    if parts.netloc == site.netloc:
        return "" if _is_page(parts.path.removeprefix(site.path), ground) else f"leads to no page of ours: {parts.path}"
    return "" if _is_own(parts.hostname, ground) else f"leads away from the clinic, to {parts.hostname}"


def _is_page(path: str, ground: Ground) -> bool:
    folder, _, name = path.rpartition("/")
    if folder == "/articles":
        return name in ground.articles
    return any(re.fullmatch(route, path) for route in ROUTES)


def _is_foreign(source: str, ground: Ground) -> bool:
    parts = _split(source)
    if parts is None or parts.scheme in {"cid", "data"}:
        return parts is None
    return parts.netloc != urlsplit(ground.site).netloc and not _is_own(parts.hostname or "", ground)


def _is_own(host: str, ground: Ground) -> bool:
    return host == ground.domain or host.endswith(f".{ground.domain}")


def _is_tiny(image: dict[str, str]) -> bool:
    sizes = [image.get(name, "") for name in ("width", "height")]
    sizes += re.findall(r"(?:^|[;\s])(?:width|height)\s*:\s*([^;]+)", image.get("style", ""))
    return any(_TINY.fullmatch(size) for size in sizes)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _short(address: str) -> str:
    return address if 0 < len(address) <= 60 else f"{address[:57]}..." if address else "without an address"
