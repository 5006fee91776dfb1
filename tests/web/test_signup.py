import re

import lxml.html
import pytest

from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.leads import all_leads
from nurture.store.notes import notes_of_lead


def leads(installation):
    with installation.runtime.database.read() as connection:
        return all_leads(connection)


def path(url):
    return "/" + url.split("/", 3)[3]


def test_the_landing_page_offers_the_report_and_its_ten_questions(web):
    page = web.get("/").text
    assert "Top 10 Burning Questions for Lumbar Pain and Sciatica" in page
    assert len(re.findall("<li>", page.split('class="questions"')[1].split("</ol>")[0])) == 10
    assert "817-220-6677" in page


def test_the_form_brings_a_page_with_the_download_and_the_mail(web, installation):
    given = {"email": "ann@example.com", "name": "Ann", "zone": "Europe/London"}
    page = web.post("/signup", data=given, follow_redirects=True)
    assert page.status_code == 200
    link = re.search(r'href="([^"]+/report/[^"]+)"', page.text)[1]
    assert "Do I need an MRI?" in web.get(path(link)).text
    with web.get(path(link) + ".pdf") as pdf:
        assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
        assert pdf.headers["Content-Disposition"].endswith("filename=report.pdf")
    installation.work()
    assert installation.transport.mails[0].recipient == "ann@example.com"
    assert leads(installation)[0].zone.key == "Europe/London"


def test_json_is_answered_in_json(web):
    answer = web.post("/signup", json={"email": "ann@example.com"}).json
    assert answer["status"] == "ok"
    assert answer["pdf_url"] == answer["report_url"] + ".pdf"


BAD = [
    ({"email": "nobody"}, "bad_address"),
    ({}, "bad_address"),
]
BAD += [
    ({"email": "a@b.cc", "report": "none"}, "bad_report"),
]


@pytest.mark.parametrize(
    "optional", [{"topics": "golf"}, {"topics": [3, None, {}]}, {"topics": ["x" * 65] * 500}, {"phone": 8}]
)
def test_whatever_a_program_sends_beside_the_address_costs_no_signup(web, installation, optional):
    assert web.post("/signup", json={"email": "ann@example.com"} | optional).json["status"] == "ok"
    [lead] = leads(installation)
    with installation.runtime.database.read() as connection:
        assert len(notes_of_lead(connection, lead.id)) <= 20
    assert optional != {"topics": "golf"} or "golf" in lead.topics


@pytest.mark.parametrize(("body", "reason"), BAD)
def test_bad_input_gets_a_sentence_and_saves_nothing(web, installation, body, reason):
    answer = web.post("/signup", json=body)
    assert (answer.status_code, answer.json["error"]) == (400, reason)
    assert answer.json["message"].endswith(".")
    assert leads(installation) == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b"3", b""])
def test_json_that_is_no_object_is_refused(web, installation, body):
    assert web.post("/signup", data=body, content_type="application/json").status_code == 400
    assert leads(installation) == []


def test_a_form_that_is_refused_keeps_what_was_typed(web):
    page = web.post("/signup", data={"email": "nobody<", "name": "Ann"})
    assert page.status_code == 400
    assert 'value="nobody&lt;"' in page.text
    assert 'role="alert"' in page.text


def test_a_zone_that_a_browser_made_up_turns_nobody_away(web, installation):
    assert web.post("/signup", data={"email": "ann@example.com", "zone": "Mars/Base"}).status_code == 303
    assert leads(installation)[0].zone.key == "America/Chicago"


def shown(web, answer):
    """Where a form leads and what is said there, without the token."""
    token = answer.location.rpartition("/")[2]
    seen = []
    for page in (answer.location, f"/report/{token}", f"/report/{token}.pdf"):
        with web.get(page) as found:
            seen.append((found.status_code, found.data.replace(token.encode(), b"")))
    assert [status for status, _ in seen] == [200, 200, 200]
    return answer.status_code, len(token), seen


def test_new_known_and_suppressed_leads_and_programs_see_the_same(web, installation):
    ann, ben = {"email": "ann@example.com"}, {"email": "ben@example.com"}
    sign_up(installation.runtime, Request(ben["email"], "lumbar-sciatica"))
    unsubscribe(installation.runtime, leads(installation)[0])
    asked = [ann, ann, ben, {"email": "bot@example.com", "website": "https://spam.example"}]
    answers = [shown(web, web.post("/signup", data=each)) for each in asked]
    assert answers[0][0] == 303
    assert all(answer == answers[0] for answer in answers)
    assert {lead.email for lead in leads(installation)} == {ann["email"], ben["email"]}


def test_the_address_of_the_thanks_tells_nothing_and_asks_for_nothing_again(web, installation):
    answer = web.post("/signup", data={"email": "ann@example.com", "name": "Ann"})
    installation.work()
    assert "ann" not in answer.location.rpartition("/")[0]
    assert "example.com" not in web.get(answer.location).text
    web.get(answer.location)
    installation.work()
    assert len(installation.transport.mails) == 1


def test_the_thanks_say_one_thing_that_is_so_whether_a_mail_goes_or_not(web, installation):
    words = web.post("/signup", data={"email": "ann@example.com"}, follow_redirects=True).text
    assert "unless one went to you today or very many people are asking just now" in words
    assert "spam" in words
    assert "on its way" not in words


@pytest.mark.parametrize(("said", "kept"), [("flyer 7", "flyer 7"), ("", "page"), ("x" * 65, "page"), ("a\nb", "page")])
def test_the_source_goes_from_the_link_to_the_lead_and_costs_no_signup(web, installation, said, kept):
    page = lxml.html.fromstring(web.get("/", query_string={"source": said}).text)
    form = dict(page.forms[0].form_values()) | {"email": "ann@example.com"}
    assert web.post("/signup", data=form).status_code == 303
    assert leads(installation)[0].source == kept


def test_an_article_hands_the_source_on(web):
    article = lxml.html.fromstring(web.get("/articles/sleep?source=flyer 7").text)
    [link] = [each for each in article.xpath("//main//a/@href") if "/reports/" in each]
    page = web.get("/" + link.split("/", 3)[3])
    assert 'name="source" value="flyer 7"' in page.text


def test_a_form_that_is_refused_keeps_the_source(web):
    assert 'name="source" value="flyer"' in web.post("/signup", data={"email": "x", "source": "flyer"}).text


def test_json_says_source_and_topics(web, installation):
    asked = {"email": "ann@example.com", "source": "partner", "topics": ["golf", "knee"]}
    assert web.post("/signup", json=asked).status_code == 200
    [lead] = leads(installation)
    assert (lead.source, lead.topics) == ("partner", {"golf", "knee", "lumbar", "sciatica"})


def test_a_very_large_request_is_turned_away(web, installation):
    assert web.post("/signup", data={"email": "a@b.cc", "name": "x" * 100_000}).status_code == 413
    assert leads(installation) == []


def test_a_slip_is_asked_about_once_and_the_same_address_again_is_taken(web, installation):
    typed = {"email": "Ann@gmial.com", "name": "Ann", "phone": "817-555-0102"}
    page = web.post("/signup", data=typed)
    assert page.status_code == 400
    assert "Did you mean ann@gmail.com?" in page.text
    assert leads(installation) == []
    form = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page.text))
    assert typed.items() <= form.items()
    assert web.post("/signup", data=form).status_code == 303
    assert leads(installation)[0].email == "ann@gmial.com"


def test_another_slip_after_the_first_is_asked_about_too(web, installation):
    assert web.post("/signup", data={"email": "ann@gmal.com", "sure": "ann@gmial.com"}).status_code == 400
    assert leads(installation) == []


def test_a_program_is_told_what_was_meant_and_may_insist(web, installation):
    asked = web.post("/signup", json={"email": "ann@leads.exmaple"})
    assert (asked.status_code, asked.json["error"]) == (400, "did_you_mean")
    assert asked.json["suggestion"] == "ann@leads.example"
    insists = {"email": "ann@leads.exmaple", "sure": "ann@leads.exmaple"}
    assert web.post("/signup", json=insists).json["status"] == "ok"
    assert [lead.email for lead in leads(installation)] == ["ann@leads.exmaple"]


def test_one_press_takes_what_was_meant(web, installation):
    page = web.post("/signup", data={"email": "ann@gmial.com", "name": "Ann"}).text
    form = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    button = dict(re.findall(r'<button[^>]* name="(\w+)" value="([^"]*)"', page))
    assert web.post("/signup", data=form | button).status_code == 303
    assert [(lead.email, lead.name) for lead in leads(installation)] == [("ann@gmail.com", "Ann")]


@pytest.mark.parametrize("field", ["consent", "page", "seal", "name", "source"])
def test_half_a_letter_costs_no_signup_and_breaks_nothing(web, installation, field):
    assert web.post("/signup", json={"email": "ann@example.com", field: "\ud800"}).status_code == 200
    assert [lead.email for lead in leads(installation)] == ["ann@example.com"]
