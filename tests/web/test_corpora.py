"""Hostile strings typed into the form and sent as JSON."""

import re

import hypothesis
import lxml.html
import pytest

from nurture.store.leads import all_leads
from tests.corpora import strings

CORPUS = list(dict.fromkeys(strings("headers") + strings("templates") + strings("blns")))
FIELDS = ["email", "name", "phone", "zone", "report", "source"]
# Each string goes into one field of the form and one of the JSON every day, and into all of them in the long form.
STRIDE = 1 if hypothesis.settings.default.max_examples > 1000 else len(FIELDS)


def attempts(field):
    """The strings to try in that field, and an address for each."""
    return [(f"a{n}@example.com", text) for n, text in enumerate(CORPUS) if (n + FIELDS.index(field)) % STRIDE == 0]


def shape(page):
    """The page's elements and attributes, without what an input holds and without tokens."""
    page = re.sub(r"/report/[\w.~-]+", "/report/token", page.replace("\0", ""))
    elements = lxml.html.document_fromstring(page).iter()
    return [(each.tag, [(key, value) for key, value in each.items() if key != "value"]) for each in elements]


@pytest.mark.parametrize("field", FIELDS)
def test_the_form_answers_with_the_same_page_whatever_is_typed(web, installation, field):
    seen, kept = {}, 0
    for email, text in attempts(field):
        answer = web.post("/signup", data={"email": email} | {field: text}, follow_redirects=True)
        assert answer.status_code in {200, 400}
        kept += answer.status_code == 200
        seen.setdefault(answer.status_code, []).append(shape(answer.text))
    for shapes in seen.values():
        assert shapes.count(shapes[0]) == len(shapes)
    with installation.runtime.database.read() as connection:
        assert len(all_leads(connection)) == kept


@pytest.mark.parametrize("field", FIELDS)
def test_json_is_answered_with_one_sentence_or_the_links(web, installation, field):
    kept = 0
    for email, text in attempts(field):
        answer = web.post("/signup", json={"email": email} | {field: text})
        kept += answer.status_code == 200
        assert (answer.status_code, set(answer.json)) in [
            (200, {"status", "report_url", "pdf_url"}),
            (400, {"error", "message"}),
        ]
        if answer.status_code == 400:
            assert answer.json["message"].endswith(".")
            assert answer.json["message"].isprintable()
    with installation.runtime.database.read() as connection:
        assert len(all_leads(connection)) == kept
    # An empty report is the first one, and nothing else in the lists is a report or an address.
    assert kept == {"report": sum(not text for _, text in attempts(field)), "email": 0}.get(field, len(attempts(field)))
