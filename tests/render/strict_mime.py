"""A second reader of mail bytes, written from RFC 2045, 2046 and 5322 alone: it forgives nothing."""

import base64
import re
from dataclasses import dataclass, field

_HEADER = re.compile(rb"([!-9;-~]+): ?([ -~]*)")
_QUOTED = re.compile(rb"(?:[ -<>-~\t]|=[0-9A-F]{2})*=?")


@dataclass
class Part:
    """One entity: its headers in order, and its body, or the parts it is made of."""

    headers: list[tuple[str, str]]
    body: bytes
    parts: list["Part"] = field(default_factory=list)

    def header(self, name: str) -> str:
        [value] = [value for each, value in self.headers if each.lower() == name.lower()]
        return value

    def find(self, content_type: str) -> list["Part"]:
        mine = [self] if self.header("Content-Type").startswith(content_type) else []
        return mine + [found for part in self.parts for found in part.find(content_type)]


def read(data: bytes) -> Part:
    """The entity, every byte accounted for; fails where the bytes break a rule."""
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", data) is None, "RFC 5322 2.3: CR and LF only together"
    assert max(map(len, data.split(b"\r\n"))) <= 998, "RFC 5322 2.1.1"
    head, separator, body = data.partition(b"\r\n\r\n")
    assert separator, "RFC 5322 2.1: an empty line ends the headers"
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head)
    headers = [_header(line) for line in unfolded.split(b"\r\n")]
    entity = Part(headers, b"")
    content_type = entity.header("Content-Type")
    if content_type.startswith("multipart/"):
        entity.parts = _split(body, re.search(r'boundary="([^"]+)"', content_type)[1].encode())
    else:
        entity.body = _decode(body, entity.header("Content-Transfer-Encoding"))
    return entity


def _header(line: bytes) -> tuple[str, str]:
    match = _HEADER.fullmatch(line)
    assert match, f"RFC 5322 2.2: {line!r}"
    return match[1].decode(), match[2].decode()


def _split(body: bytes, boundary: bytes) -> list[Part]:
    assert len(boundary) <= 70, "RFC 2046 5.1.1"
    assert body.startswith(b"--" + boundary + b"\r\n")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    assert pieces[0] == b""
    assert pieces[-1].strip() == b"--", "the closing boundary, and nothing after it"
    assert all(piece.startswith(b"\r\n") for piece in pieces[1:-1])
    return [read(piece[2:]) for piece in pieces[1:-1]]


def _decode(body: bytes, encoding: str) -> bytes:
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 76, "RFC 2045 6.7 (5) and 6.8"
    if encoding == "base64":
        return base64.b64decode(b"".join(lines), validate=True)
    assert encoding == "quoted-printable"
    assert all(_QUOTED.fullmatch(line) for line in lines), "RFC 2045 6.7 (1), (2)"
    assert not any(line.endswith((b" ", b"\t")) for line in lines), "RFC 2045 6.7 (3)"
    whole = b"\r\n".join(lines).replace(b"=\r\n", b"")
    return re.sub(rb"=([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), whole)
