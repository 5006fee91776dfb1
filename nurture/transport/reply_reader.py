"""SMTP replies (RFC 5321 4.2) out of bytes that come in any pieces. Pure."""

from collections.abc import Iterator

# A reply longer than this is no reply (RFC 5321 4.5.3.1.5 allows lines of 512).
LARGEST_REPLY = 65_536


class ReplyReader:
    """Keeps what has come of a reply until all of it is there."""

    def __init__(self) -> None:
        self._unread = b""
        self._lines: list[bytes] = []
        self._length = 0

    def read(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each reply that is whole, as its code and text; the code is -1 for what is no SMTP reply.

        Raises OSError once a reply is longer than any.
        """
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._measure(len(line) + 1)
            self._lines.append(line[4:].strip())
            code = int(line[:3]) if line[:3].isdigit() else -1
            if code < 0 or line[3:4] != b"-":
                text, self._lines, self._length = b"\n".join(self._lines), [], 0
                yield code, text
        if self._length + len(self._unread) > LARGEST_REPLY:
            self._measure(len(self._unread))

    def _measure(self, length: int) -> None:
        self._length += length
        if self._length > LARGEST_REPLY:
            raise OSError("the relay's reply never ends")
