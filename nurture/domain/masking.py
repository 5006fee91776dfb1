"""What a relay says of a mail, without the reader in it: address, local part, name and phone, however they are spelt.

The text is read twice, as written and with its escapes undone, each time without case and accents; what is found in
either reading is masked where it stands. Pure.
"""

import base64
import binascii
import html
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

# An SMTP reply's own numbers (RFC 5321 4.2, RFC 3463) are nobody's.
_CODES = re.compile(r"\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?(?!\w)")
# Quoted-printable and xtext (RFC 3461 4) write a byte as percent-encoding does, behind another sign.
_BYTES = re.compile(r"(?:[%=+][0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(rf"{_BYTES.pattern}|&#?\w{{1,8}};|\\.|.", re.DOTALL)
_ANY = re.compile(r".", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{4,}={0,2}")
_BETWEEN = r"[\W_]{0,3}"
_WORD = re.compile(r"[^\W_]+")
# Fewer digits than a local number has tell nothing.
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is for; name and phone may be empty."""

    address: str
    name: str = ""
    phone: str = ""


def masked(text: str, reader: Reader) -> str:
    """The text with nothing left in it that tells who the reader is; the domain of an address alone may stay."""
    codes = _CODES.match(text)
    start = codes.end() if codes else 0
    wanted = _pattern(reader)
    marks = _in_base64(text, wanted) | _found(text, wanted)
    inside = [at for at in sorted(marks) if at >= start]
    kept = [char if at < start or at not in marks else "" for at, char in enumerate(text)]
    for at in inside:
        if marks.get(at - 1) != marks[at] or at - 1 < start:
            kept[at] = f"({marks[at]})"
    return "".join(kept)


def _found(text: str, wanted: re.Pattern[str]) -> dict[int, str]:
    """For each character that must not be shown, what it belongs to."""
    marks: dict[int, str] = {}
    for token in (_ANY, _ESCAPE):
        read, places = _reading(text, token)
        for match in wanted.finditer(read):
            for start, end in places[match.start() : match.end()]:
                marks |= {at: marks.get(at, match.lastgroup or "") for at in range(start, end)}
    return marks


def _in_base64(text: str, wanted: re.Pattern[str]) -> dict[int, str]:
    marks: dict[int, str] = {}
    for match in _BASE64.finditer(text):
        if _found(_unpacked(match[0]), wanted):
            marks |= dict.fromkeys(range(*match.span()), "address")
    return marks


def _unpacked(word: str) -> str:
    """What the word says in base64, or nothing when it is an ordinary word."""
    bare = word.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _reading(text: str, token: re.Pattern[str]) -> tuple[str, list[tuple[int, int]]]:
    """The text without case, accents and the escapes that `token` knows, and where each of its letters comes from."""
    letters = [(letter, match.span()) for match in token.finditer(text) for letter in _folded(_meant(match[0]))]
    return "".join(letter for letter, _ in letters), [place for _, place in letters]


def _meant(token: str) -> str:
    if len(token) > 1 and token[0] == "\\":
        return token[1]
    if _BYTES.fullmatch(token):
        return unquote(re.sub(r"[=+]", "%", token))
    return html.unescape(token)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _pattern(reader: Reader) -> re.Pattern[str]:
    """What to look for in a reading, each under the name of what it is."""
    ways = {"address": _addressed(reader.address), "name": _named(reader.name), "phone": _dialled(reader.phone)}
    return re.compile("|".join(f"(?P<{label}>{'|'.join(spelt)})" for label, spelt in ways.items() if spelt))


def _addressed(address: str) -> list[str]:
    local, _, domain = _folded(address).rpartition("@")
    words = [word for word in _WORD.findall(local) if len(word) > 2]
    whole = _spelt(local) + rf"(?:{_BETWEEN}(?:at)?{_BETWEEN}{re.escape(domain)})?"
    return [whole, *map(_spelt, filter(None, [local.partition("+")[0], *words]))]


def _named(name: str) -> list[str]:
    folded = _folded(name)
    parts = [folded, *folded.split(), *_WORD.findall(folded)]
    return [_spelt(part) for part in parts if len(part) > 1 or (part and not part.isascii())]


def _dialled(phone: str) -> list[str]:
    """The number with and without what stands before its last seven digits; an extension is nobody's alone."""
    digits = re.sub(r"\D", "", re.split(r"[a-z]", _folded(phone))[0])
    return [_BETWEEN.join(digits[at:]) + r"(?!\d)" for at in range(len(digits) - _FEWEST_DIGITS + 1)]


def _spelt(text: str) -> str:
    """The words of the text in that order, whatever stands between them; as a whole word where it is of Latin ones."""
    words = _WORD.findall(text)
    if not words:
        return re.escape(text)
    before = r"(?<![^\W_])" if words[0][0].isascii() else ""
    after = r"(?![^\W_])" if words[-1][-1].isascii() else ""
    return before + _BETWEEN.join(map(re.escape, words)) + after
