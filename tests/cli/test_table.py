"""No table cuts what it shows."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nurture.cli.table import table

WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u3000"), max_size=90).map(
    str.strip
)
ROWS = st.integers(1, 6).flatmap(
    lambda count: st.tuples(
        st.lists(st.sampled_from(["id", "starts at", "mail", "email", "reason"]), min_size=count, max_size=count),
        st.lists(st.lists(WORDS, min_size=count, max_size=count), min_size=1, max_size=4),
    )
)


def letters(text):
    return sorted("".join(text.split()))


@given(ROWS, st.integers(30, 130))
def test_every_letter_is_shown_and_no_line_is_too_wide(rows, width):
    titles, cells = rows
    header, lines = table(titles, cells, width)
    assert letters("".join(lines)) == letters("".join(cell for row in cells for cell in row))
    assert letters("".join(header)) == letters("".join(titles))
    assert max(map(cell_len, [*header, *lines])) <= width


ROW = [
    "7",
    "2026-12-01 10:00",
    "skipped",
    "lumbar-sciatica/what-you-want-back",
    "wolfgang.amadeus@musik.example",
    "unsubscribed",
]
TITLES = ["id", "at", "state", "mail", "email", "reason"]


def test_addresses_mail_names_and_times_stay_in_one_piece_at_eighty_columns():
    _, lines = table(TITLES, [ROW], 80)
    assert lines == [
        "7   2026-12-01 10:00  skipped  lumbar-sciatica/what-you-want-back",
        "    wolfgang.amadeus@musik.example  unsubscribed",
    ]


def test_a_row_is_one_line_where_there_is_room():
    _, [line] = table(TITLES, [ROW], 200)
    assert line.split("  ")[-1] == "unsubscribed"


def test_words_wrap_between_words_beside_what_stays_whole():
    _, lines = table(["part", "words"], [["ledger", "reachable and up to date; nothing in it is uncertain"]], 40)
    assert lines == ["ledger  reachable and up to date;", "        nothing in it is uncertain"]
