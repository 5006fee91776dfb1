"""Every key of a file in config/campaigns, and of the heads of articles and reports."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from nurture.config.campaign_file import ANCHORS, read_campaign
from nurture.config.writings import read_article, read_report
from nurture.domain.campaign import Trigger
from tests.conftest import ROOT
from tests.reference.installation import copy_of, shipped
from tests.reference.known_keys import known_keys
from tests.reference.markdown import code, page, table

HEAD = """\
A campaign is a file in `config/campaigns/`; its name is the file's, in lower case words joined by hyphens. A key that is not
below is refused by file and key, and so is a campaign that cannot be meant: two steps of one name, a step counted from a visit
where none is, a mail to the front desk among others."""
SPANS = """\
A wait is written `90m`, `72h`, `3d` or `2w`. Minutes and hours are elapsed time; days and weeks are calendar days on the lead's
own clock. A step's name is its identity in the ledger: never change it once it is live. A step that is inserted behind a lead
is not sent to them, one that is removed is simply absent, and one that is moved cannot repeat."""
CAMPAIGN = {
    "title": "what staff call it; in a mail to the front desk, its heading",
    "why": "why the reader gets it, at the end of each mail; in a mail to the front desk, what to do",
    "starts_on": "what enrols a lead: one of the words below",
    "report": "the report that it delivers, a file in `templates/reports/`; of `report_requested` alone",
    "consent": "what whoever asks agrees to, on the page; of `report_requested` alone, as are the next two",
    "consent_by_staff": "what a member of staff testifies who types somebody in",
    "what_follows": "what pages and mails say is to come",
    "topics": "what it is about; `nurture lead add --topic` and articles name topics as well",
    "kind": "the kind of each step that does not say its own: `requested`, `nurture`, `visit` or `staff`",
    "stale_after": "for steps that do not say their own: a step later than this is skipped, and the skip written down",
    "ends_on": "facts that end it for a lead; the first that holds is the reason",
    "resume_on": "facts of a visit on which the campaign that its booking had ended goes on where it stopped",
    "window": "a table: the hours at which it may send. Mail to the front desk has none, and goes at any hour",
    "steps": "tables `[[steps]]`, in the order in which they are sent",
}
WINDOW = {
    "days": "of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`",
    "opens": "such as `09:00`, on the lead's clock",
    "closes": "later than `opens`",
    "holidays": "`false`: the clinic's holidays are days like any other",
}
STEP = {
    "name": "its identity in the ledger, forever; lower case words joined by hyphens",
    "kind": "as above",
    "stale_after": "as above",
    "after_enrolment": "so long after the lead was enrolled",
    "after_last": "so long after the last step was settled, the lead resumed or was enrolled, whichever is latest",
    "before_visit": "so long before the visit starts; outside the window it moves earlier, never later",
    "after_visit": "so long after the visit started",
    "morning_of_visit": "a local time such as `07:30` on the day of the visit, or an hour before it, whichever is first",
    "window": "`any` lets it go at any hour; `campaign`, which needs not be said, within the campaign's",
    "only_if": "facts without which it is skipped, and the skip written down",
    "unless": "facts under which it is skipped, and the skip written down",
    "article": "the article that it sends, a file in `templates/articles/`; it needs no templates of its own then",
    "calendar": "the calendar file that travels with it: `REQUEST` enters the visit, `CANCEL` takes it out",
}
TRIGGERS = {
    "report_requested": "a report is asked for, on the page, by JSON or at the desk",
    "visit_booked": "a visit is booked, and again for every new time it is moved to",
    "visit_cancelled": "a visit is called off",
    "visit_cancelled_by_visitor": "a visit is called off on its page; mail to the front desk",
    "call_wanted": "a phone number is left on the page; mail to the front desk, once a day for each lead",
    "replied": "an answer to a mail is noted; mail to the front desk",
    "staff": "nothing but `nurture campaign enqueue`",
}
ARTICLE = {
    "title": "above the article, on its page and in its mail",
    "subject": "of the mail",
    "preheader": "what an inbox shows behind the subject",
    "summary": "in lists and below the title",
    "minutes": "how long it takes to read, from 1 to 600",
    "topics": "which report it belongs to, and whose red flags it shows",
}
REPORT = {
    "title": "on its cover, its page and in its mail",
    "subtitle": "below the title",
    "summary": "on the page that offers it",
    "topics": "what it is about",
    "page": "its address below `/reports/`, if not the file's name: let it name no condition",
    "red_flags": "tables `[[red_flags]]`: the signs that should not wait",
}
RED_FLAG = {"do": "what to do about any of these signs", "signs": "the signs"}
FILLED = """\
`consent`, `consent_by_staff` and `what_follows` may hold `{{ mails }}` (articles and invitations), `{{ weeks }}` and
`{{ days }}`: a simulation of the steps fills them in. The words are kept as they were shown, with their version and the page."""


def campaign_file() -> str:
    known = campaign_keys()
    assert set(ANCHORS) <= STEP.keys()
    rows = [("", CAMPAIGN), ("window", WINDOW), ("steps", STEP)]
    parts = {name: _keys(words, known[name]) for name, words in rows}
    article, report = writing_keys("articles", read_article), writing_keys("reports", read_report)
    return page(
        "Campaign files, and the heads of articles and reports",
        HEAD,
        parts[""],
        FILLED,
        "`starts_on` is one of these:",
        table(("word", "what starts the campaign"), ([code(each), TRIGGERS[each]] for each in Trigger)),
        "## [window]",
        parts["window"],
        "## [[steps]]",
        SPANS,
        f"Every step has exactly one of {', '.join(map(code, ANCHORS))}. Facts are listed in [facts](facts.md).",
        parts["steps"],
        "## The head of an article\n\nBetween two lines `+++` at the top of a file in `templates/articles/`.",
        _keys(ARTICLE, article[""]),
        "## The head of a report\n\nLikewise in `templates/reports/`.",
        _keys(REPORT, report[""]),
        "### [[red_flags]]\n\nIts pages and mails show them, and so does the Markdown of the report, and of articles on its "
        "topics, where a line says `{{ red_flags }}`.",
        _keys(RED_FLAG, report["red_flags"]),
    )


def campaign_keys() -> dict[str, set[str]]:
    """The keys that the program knows in a campaign's head, its window and its steps."""
    known: dict[str, set[str]] = {}
    with shipped() as runtime, tempfile.TemporaryDirectory() as folder:
        for file in sorted((ROOT / "config" / "campaigns").glob("*.toml")):
            found = known_keys(
                file, lambda text, file=file: read_campaign(copy_of(text, folder, file), runtime.settings.clinic)
            )
            for name, keys in found.items():
                known.setdefault(name, set()).update(keys)
    return known


def writing_keys(kind: str, read: Callable[[Path], object]) -> dict[str, set[str]]:
    file = min((ROOT / "templates" / kind).glob("*.md"))
    with tempfile.TemporaryDirectory() as folder:
        return known_keys(file, lambda text: read(copy_of(text, folder, file)))


def _keys(words: dict[str, str], known: set[str]) -> str:
    assert words.keys() == known, f"not explained, or not known any longer: {words.keys() ^ known}"
    return table(("key", "meaning"), ([code(key), meaning] for key, meaning in words.items()))
