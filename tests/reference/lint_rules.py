"""What `nurture template check` objects to. tests/lint/test_every_rule.py holds the list to the rules in the code."""

from tests.conftest import ROOT
from tests.reference.markdown import page, table

HEAD = """\
`nurture template check` renders every mail for readers with and without a name, with an apostrophe, 80 letters, a name from
right to left, an emoji, markup and template syntax, and a visit booked, confirmed, moved and for today. What it finds is a
*fault*, which keeps `nurture campaign enqueue` from starting the campaign and makes the exit code 1, or *advice*, which does
neither. One fault is one finding: what follows from it is not said beside it, and what many mails show is said once, with one
of them and how many they are. `enqueue` and `nurture check` take what was said before while templates, config and program are
what they were."""

RULES = (
    ("`files`, `renders`", "fault", "a file that is missing, a mail that cannot be made"),
    ("`name`", "fault", "a name that no mail knows, also where nobody looked yet"),
    ("`block`", "fault", "a block that no parent has or shows, words outside every block"),
    ("`empty`", "fault", "a body that says nothing but its frame and its headings"),
    (
        "`tag`, `script`",
        "fault",
        "a tag that is not closed (also where HTML would let it be), a `<script>`, an `onclick`",
    ),
    ("`subject`, `size`", "fault", "a subject over 60 characters, HTML over 102,000 bytes"),
    (
        "`doctype`, `preheader`, `heading`",
        "fault",
        "HTML without its doctype, without a preheader, without exactly one `<h1>`",
    ),
    (
        "`address`, `unsubscribe`",
        "fault",
        (
            "a postal address or a way out that some reader cannot see: tiny, clear, in the color of its background, or hidden by a "
            "rule for some programs; a way out where none belongs"
        ),
    ),
    (
        "`faint`, `small`",
        "fault",
        "letters fainter on their background than WCAG AA allows, or under 12 pixels (faint in the dark alone is advice)",
    ),
    ("`text`", "fault", "a text that leaves out a link or a heading of the HTML, or is much shorter or longer"),
    (
        "`consistency`",
        "fault",
        "days, times or prices that one body names and the other does not, and amounts that differ",
    ),
    ("`phone`", "fault", "a number that is neither the clinic's nor among its `other_phones`"),
    ("`promise`", "fault", "a [word that promises a result]({promises}), unless the sentence denies it or asks"),
    (
        "`privacy`",
        "fault",
        (
            "a [private word]({private_words}), or one of `[privacy]` in `nurture.toml`, in a subject, a preheader, an address, a "
            "header or a calendar title"
        ),
    ),
    ("`link`", "fault", "a link of either body that leads nowhere or away, or writes to a stranger"),
    (
        "`alt`, `picture`",
        "fault",
        "a picture without alt text, from elsewhere, missing, heavy or under 8 pixels, also as a background or for Outlook alone",
    ),
    (
        "`support`",
        "fault",
        "HTML or CSS that Gmail, Outlook or Apple Mail ignore ([caniemail]({caniemail})'s data; [these]({progressive}) do no harm)",
    ),
    (
        "`shape`",
        "fault",
        "a template that has to be inlined anew for every reader (see [skeletons](../explanation/skeletons.md))",
    ),
    ("`report`", "fault", "a report that cannot be made a PDF"),
    ("`shouting`", "advice", "a subject in capitals, or with more than one exclamation mark"),
    ("`outline`", "advice", "headings that skip a rank"),
    (
        "`table-role`",
        "advice",
        'a table that only lays out the mail and does not say so (`role="presentation"`)',
    ),
    ("`click-here`", "advice", "a link that does not say where it leads"),
    ("`long-line`", "advice", "lines of the text over 78 characters, addresses not counted"),
)


def lint_rules() -> str:
    return page("Rules for mails", HEAD, table(("rule", "level", "what it objects to"), map(_linked, RULES)))


def _linked(row: tuple[str, str, str]) -> tuple[str, str, str]:
    lists = {file.stem: f"../../{file.relative_to(ROOT).as_posix()}" for file in (ROOT / "nurture").rglob("*.toml")}
    rules, level, words = row
    return rules, level, words.format_map(lists) if "{" in words else words
