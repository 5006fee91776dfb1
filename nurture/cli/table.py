"""A table that cuts nothing: what does not fit on a row's first line stands below it. Knows text, not what it means.

An address cut short is no address, and half a mail's name finds nothing. So columns keep their whole width, as many on
a line as fit, and those that do not fit follow on lines of their own, set in by four. Words (a column with spaces
in it) give way first: they wrap, as long as room enough is left for them to be read. Eighty columns then hold

    id  at                state    mail
        email                      reason
    12  2026-12-01 10:00  skipped  lumbar-sciatica/what-you-want-back
        ann.miller@example.com     unsubscribed

A single value wider than a line is broken where the line ends. Rejected: an ellipsis, which loses what was asked for,
and a sideways scroll, which paper and most terminals do not have.
"""

from collections.abc import Iterator, Sequence

# The rest of rich takes longer to load than most commands to run.
from rich.cells import cell_len, chop_cells

_GAP, _INDENT = 2, 4
# Words in a column narrower than this are no longer read with ease.
_NARROWEST = 24

#: Column numbers with the width of each, for every line of a row.
_Layout = list[list[tuple[int, int]]]


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> tuple[list[str], list[str]]:
    """The lines of the header and of the rows: none is wider than `width`, and no letter of any cell is left out."""
    layout = _layout([list(column) for column in zip(titles, *rows, strict=True)], width)
    return list(_row(titles, layout)), [line for row in rows for line in _row(row, layout)]


def _layout(columns: list[list[str]], width: int) -> _Layout:
    lines: _Layout = [[]]
    room = width
    for number, cells in enumerate(columns):
        wide = max(map(cell_len, cells))
        is_words = any(" " in cell for cell in cells) and wide > _NARROWEST
        if lines[-1] and (_NARROWEST if is_words else wide) > room:
            lines.append([])
            room = width - _INDENT
        wide = max(1, min(wide, room))
        lines[-1].append((number, wide))
        room -= wide + _GAP
    return lines


def _row(cells: Sequence[str], layout: _Layout) -> Iterator[str]:
    for number, columns in enumerate(layout):
        if number and not any(cells[column] for column, _ in columns):
            continue
        margin = " " * _INDENT if number else ""
        wrapped = [(_wrapped(cells[column], width), width) for column, width in columns]
        for height in range(max(len(lines) for lines, _ in wrapped)):
            padded = (_padded(lines[height] if height < len(lines) else "", width) for lines, width in wrapped)
            yield (margin + (" " * _GAP).join(padded)).rstrip()


def _wrapped(cell: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in cell.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
        else:
            lines += [line] if line else []
            *whole, line = chop_cells(word, width) or [""]
            lines += whole
    return [*lines, line]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
