"""The pages behind the links in mails: GET changes nothing, whoever opens it."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from nurture.domain.event import Event, EventKind
from nurture.domain.visit import VisitStatus
from nurture.service import visits
from nurture.service.feedback import record_event
from nurture.service.preferences import is_unsubscribed, unsubscribe
from nurture.service.request import Request
from nurture.service.resubscribe import AGAIN
from nurture.service.signup import sign_up
from nurture.store.leads import lock_lead
from nurture.store.schema import consents
from nurture.store.visits import visit_by_id
from tests.conftest import MONDAY


@pytest.fixture
def ben(installation):
    """Another lead, who has stopped the articles: whatever the pages do for the lead, they do nothing for Ben."""
    ben = sign_up(installation.runtime, Request("ben@example.com", "lumbar-sciatica", name="Ben")).lead
    unsubscribe(installation.runtime, ben)
    yield ben
    assert is_unsubscribed(installation.runtime, ben)
    assert wordings(installation, ben) == []


@pytest.fixture
def lead(installation, ben):
    return sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica", name="Ann")).lead


@pytest.fixture
def visit(installation, lead):
    return visits.book(installation.runtime, lead.email, MONDAY + timedelta(days=5))


def path(url):
    return "/" + url.split("/", 3)[3]


def wordings(installation, lead):
    with installation.runtime.database.read() as connection:
        chosen = select(consents.c.wording).where(consents.c.lead_id == lead.id)
        return list(connection.execute(chosen).scalars())


def status(installation, visit):
    with installation.runtime.database.read() as connection:
        return visit_by_id(connection, visit.id).status


def test_opening_the_unsubscribe_link_stops_nothing(web, installation, lead):
    page = web.get(path(installation.runtime.links.unsubscribe(lead.public_id)))
    assert "Stop these emails?" in page.text
    assert not is_unsubscribed(installation.runtime, lead)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_stops_everything_without_cookie_or_redirect(web, installation, lead, kind):
    installation.live_until(MONDAY + timedelta(days=2))
    mail = message_from_bytes(installation.transport.mails[-1].data, policy=default)
    url = str(mail["List-Unsubscribe"]).split(">")[0].lstrip("<")
    answer = web.post(path(url), data={"List-Unsubscribe": "One-Click"}, content_type=kind)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert is_unsubscribed(installation.runtime, lead)
    assert "You will get no more" in web.get(path(url)).text


def test_stopping_by_mistake_is_undone_on_the_page_that_says_so(web, installation, lead):
    link = path(installation.runtime.links.unsubscribe(lead.public_id))
    page = web.post(link, data={"List-Unsubscribe": "One-Click"}).text
    assert 'name="act" value="undo"' in page
    assert AGAIN in page
    assert "undo" in web.get(link).text
    assert is_unsubscribed(installation.runtime, lead)
    assert "Your articles go on" in web.post(link, data={"act": "undo"}).text
    assert not is_unsubscribed(installation.runtime, lead)
    assert wordings(installation, lead) == [AGAIN]
    web.post(link)
    assert is_unsubscribed(installation.runtime, lead)


def test_the_articles_start_again_by_a_press_alone(web, installation, lead):
    link = path(installation.runtime.links.resubscribe(lead.public_id))
    assert "Start them again" not in web.get(link).text
    web.post(path(installation.runtime.links.unsubscribe(lead.public_id)))
    assert AGAIN in web.get(link).text
    assert is_unsubscribed(installation.runtime, lead)
    for _ in range(2):
        assert web.post(link).status_code == 200
    assert not is_unsubscribed(installation.runtime, lead)
    assert wordings(installation, lead) == [AGAIN]


def test_a_complaint_is_not_undone_by_a_page(web, installation, lead):
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, installation.runtime, Event(EventKind.COMPLAINED, lead.id, installation.clock.now))
    answer = web.post(path(installation.runtime.links.resubscribe(lead.public_id)))
    assert (answer.status_code, "Nothing was changed" in answer.text) == (409, True)


@pytest.mark.parametrize("page", ["unsubscribe", "resubscribe", "report", "thanks", "visit"])
@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 20 + "." + "b" * 22, "%00", "é" * 43])
def test_a_link_that_we_did_not_sign_is_a_friendly_404(web, page, token):
    for answer in (web.get(f"/{page}/{token}"), web.post(f"/{page}/{token}")):
        assert answer.status_code in {404, 405}
        assert "give us a call" in answer.text


def test_a_token_for_one_purpose_opens_nothing_else(web, installation, lead):
    token = installation.runtime.links.unsubscribe(lead.public_id).rpartition("/")[2]
    assert web.get(f"/visit/{token}").status_code == 404
    assert web.post(f"/resubscribe/{token}").status_code == 404


def test_a_visit_is_seen_confirmed_and_cancelled_in_two_steps(web, installation, visit):
    link = path(installation.runtime.links.visit(visit.public_id))
    shown = web.get(link).text
    assert "Saturday, March 7" in shown
    assert "10:17 AM CST" in shown
    assert status(installation, visit) is VisitStatus.BOOKED
    assert "is confirmed" in web.post(link, data={"act": "confirm"}).text
    assert status(installation, visit) is VisitStatus.CONFIRMED
    assert "Cancel this appointment?" in web.post(link, data={"act": "ask-cancel"}).text
    assert status(installation, visit) is VisitStatus.CONFIRMED
    assert "is cancelled" in web.post(link, data={"act": "cancel"}).text
    assert status(installation, visit) is VisitStatus.CANCELLED


@pytest.mark.parametrize(("outcome", "word"), [("attended", "Kept"), ("no-show", "Missed")])
def test_a_visit_that_is_over_is_called_what_became_of_it(web, installation, visit, outcome, word):
    installation.clock.forward(days=6)
    visits.change(installation.runtime, visit.id, outcome)
    page = web.get(path(installation.runtime.links.visit(visit.public_id))).text
    assert f'visit-state">{word}<' in page


def test_what_no_button_says_changes_nothing(web, installation, visit):
    link = path(installation.runtime.links.visit(visit.public_id))
    assert web.post(link, data={"act": "attended"}).status_code == 400
    assert web.post(link).status_code == 400
    assert status(installation, visit) is VisitStatus.BOOKED


def test_a_visit_that_is_over_cannot_be_cancelled_any_more(web, installation, visit):
    installation.clock.forward(days=6)
    link = path(installation.runtime.links.visit(visit.public_id))
    assert "ask-cancel" not in web.get(link).text
    assert web.post(link, data={"act": "cancel"}).status_code == 409
    assert status(installation, visit) is VisitStatus.BOOKED


def test_the_calendar_file_follows_the_visit(web, installation, visit):
    link = path(installation.runtime.links.visit_calendar(visit.public_id))
    booked = web.get(link)
    visits.change(installation.runtime, visit.id, "cancel")
    for answer, method in ((booked, "REQUEST"), (web.get(link), "CANCEL")):
        assert f"METHOD:{method}\r\n".encode() in answer.data
        # RFC 5545 3.7.2: both say the same.
        assert answer.content_type == f"text/calendar; method={method}; charset=utf-8"


def test_articles_are_open_to_everyone(web, installation):
    assert all(
        article.title in web.get("/articles").text for article in installation.runtime.catalogue.articles.values()
    )
    assert "trigger point" in web.get("/articles/dry-needling").text.lower()
    assert web.get("/articles/nothing").status_code == 404


def test_pages_keep_their_addresses_to_themselves(web):
    headers = web.get("/").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_health_needs_nothing(web):
    assert web.get("/healthz").json["status"] == "ok"


def test_a_ledger_that_is_away_is_said_to_be_and_nothing_is_lost(web, installation):
    from nurture.store.schema import metadata  # noqa: PLC0415

    metadata.drop_all(installation.runtime.database.engine)
    answer = web.post("/signup", data={"email": "ann@example.com"})
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.text
