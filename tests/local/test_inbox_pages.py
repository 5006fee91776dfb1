"""The captured inbox as pages."""

import pytest
from flask import Flask
from jinja2 import StrictUndefined

from nurture.local.inbox.maildir import list_mail
from nurture.local.inbox.pages import inbox_blueprint
from tests.conftest import ROOT
from tests.local.conftest import a_mail

PAGE = "<html><head><title>x</title></head><body><img src='cid:logo'><a href='/visit/1'>Book</a></body></html>"


@pytest.fixture(scope="module")
def mails(inbox):
    mail = a_mail("A <b>report</b>", 2, PAGE)
    mail.get_payload()[1].add_related(b"PNG", "image", "png", cid="<logo>")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="visit.ics")
    inbox.receive(mail)
    inbox.receive(a_mail("Words alone"), "ben+x@example.com")
    return list_mail(inbox.directory)


@pytest.fixture
def browser(inbox, mails):
    app = Flask("pages")
    app.jinja_env.undefined = StrictUndefined
    app.register_blueprint(inbox_blueprint(inbox.directory, ROOT / "templates"))
    return app.test_client()


def test_the_list_names_every_mail_with_its_reader_and_renews_itself(browser):
    page = browser.get("/inbox").text
    assert page.index("A &lt;b&gt;report&lt;/b&gt;") < page.index("Words alone")
    assert "to ann@example.com · visit.ics" in page
    assert "Wed Dec 02, 16:00 UTC" in page
    assert '<meta http-equiv="refresh" content="3">' in page


def test_the_list_can_be_of_one_reader(browser):
    page = browser.get("/inbox", query_string={"to": "ben+x@example.com"}).text
    assert "Words alone" in page
    assert "report" not in page
    assert 'href="/inbox?to=ben%2Bx%40example.com" aria-current="page"' in page


def test_the_html_of_a_mail_is_locked_in_and_carries_its_pictures(browser, mails):
    answer = browser.get(f"/inbox/{mails[0].key}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert '<head><base target="_blank">' in answer.text
    assert "src='data:image/png;base64,UE5H'" in answer.text


def test_a_mail_has_its_tabs_and_its_headers(browser, mails):
    url = f"/inbox/{mails[0].key}"
    page = browser.get(url).text
    assert f'<iframe src="{url}/html"' in page
    assert 'sandbox="allow-popups' in page
    assert '<th scope="row">X-Envelope-To</th><td>ann@example.com</td>' in page
    assert "<pre>Hello Ann," in browser.get(f"{url}?view=text").text
    assert "<pre>X-Envelope-From: bounce@clinic.example" in browser.get(f"{url}?view=source").text


def test_a_mail_without_html_opens_with_its_words(browser, mails):
    page = browser.get(f"/inbox/{mails[1].key}?view=html").text
    assert "<pre>Hello Ann," in page
    assert "<iframe" not in page


def test_an_attachment_is_downloaded_and_never_shown(browser, mails):
    answer = browser.get(f"/inbox/{mails[0].key}/attachment/0")
    assert answer.data == b"BEGIN:VCALENDAR"
    assert answer.headers["Content-Disposition"] == "attachment; filename=visit.ics"
    assert answer.content_type == "application/octet-stream"


@pytest.mark.parametrize("path", ["/inbox/no-such-mail", "/inbox/..%2fport", "/inbox/no-such-mail/html"])
def test_what_is_not_in_the_inbox_is_not_found(browser, path):
    assert browser.get(path).status_code == 404


def test_an_attachment_that_is_not_there_is_not_found(browser, mails):
    assert browser.get(f"/inbox/{mails[0].key}/attachment/1").status_code == 404
