import re

import pytest

from nurture.store.leads import all_leads


def leads(house):
    with house.runtime.database.read() as connection:
        return all_leads(connection)


def path(url):
    return "/" + url.split("/", 3)[3]


def test_the_landing_page_offers_the_report_and_its_ten_questions(web):
    page = web.get("/").text
    assert "Top 10 Burning Questions for Lumbar Pain and Sciatica" in page
    assert len(re.findall("<li>", page.split('class="questions"')[1].split("</ol>")[0])) == 10
    assert "817-220-6677" in page


def test_the_form_brings_a_page_with_the_download_and_the_mail(web, house):
    page = web.post("/signup", data={"email": "ann@example.com", "name": "Ann", "zone": "Europe/London"})
    assert page.status_code == 200
    link = re.search(r'href="([^"]+/report/[^"]+)"', page.text)[1]
    assert "Do I need an MRI?" in web.get(path(link)).text
    with web.get(path(link) + ".pdf") as pdf:
        assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
        assert pdf.headers["Content-Disposition"].endswith("filename=report.pdf")
    house.work()
    assert house.transport.mails[0].recipient == "ann@example.com"
    assert leads(house)[0].zone.key == "Europe/London"


def test_json_is_answered_in_json(web):
    answer = web.post("/signup", json={"email": "ann@example.com"}).json
    assert answer["status"] == "ok"
    assert answer["pdf_url"] == answer["report_url"] + ".pdf"


BAD = [
    ({"email": "nobody"}, "bad_address"),
    ({"email": "a@b.cc", "zone": "Mars/Base"}, "bad_zone"),
    ({}, "bad_address"),
]
BAD += [
    ({"email": "a@b.cc", "report": "none"}, "bad_report"),
    ({"email": "a@b.cc", "name": "=?utf-8?q?x?="}, "bad_name"),
]


@pytest.mark.parametrize(("body", "reason"), BAD)
def test_bad_input_gets_a_sentence_and_saves_nothing(web, house, body, reason):
    answer = web.post("/signup", json=body)
    assert (answer.status_code, answer.json["error"]) == (400, reason)
    assert answer.json["message"].endswith(".")
    assert leads(house) == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b"3", b""])
def test_json_that_is_no_object_is_refused(web, house, body):
    assert web.post("/signup", data=body, content_type="application/json").status_code == 400
    assert leads(house) == []


def test_a_form_that_is_refused_keeps_what_was_typed(web):
    page = web.post("/signup", data={"email": "nobody<", "name": "Ann"})
    assert page.status_code == 400
    assert 'value="nobody&lt;"' in page.text
    assert 'role="alert"' in page.text


def test_a_zone_that_a_browser_made_up_turns_nobody_away(web, house):
    assert web.post("/signup", data={"email": "ann@example.com", "zone": "Mars/Base"}).status_code == 200
    assert leads(house)[0].zone.key == "America/Chicago"


def test_whoever_fills_the_trap_gets_the_same_page_and_no_mail(web, house):
    page = web.post("/signup", data={"email": "bot@example.com", "website": "https://spam.example"})
    assert page.status_code == 200
    assert leads(house) == []


def test_known_and_new_leads_get_the_same_answer(web):
    pages = [web.post("/signup", data={"email": "ann@example.com"}).text for _ in range(2)]
    assert re.sub(r"report/[^\"]+", "", pages[0]) == re.sub(r"report/[^\"]+", "", pages[1])


def test_a_very_large_request_is_turned_away(web, house):
    assert web.post("/signup", data={"email": "a@b.cc", "name": "x" * 100_000}).status_code == 413
    assert leads(house) == []
