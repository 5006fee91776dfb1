"""Whatever goes wrong is said in the form that was asked in."""

import pytest

from nurture.store.leads import all_leads
from nurture.store.schema import metadata

JSON = {"Content-Type": "application/json"}
LONG = b'{"name": "' + b"x" * 70_000 + b'"}'


def leads(installation):
    with installation.runtime.database.read() as connection:
        return all_leads(connection)


@pytest.mark.parametrize("asked", [JSON, {"Accept": "application/json"}])
@pytest.mark.parametrize(
    ("call", "code", "reason"),
    [
        ({"method": "GET", "path": "/nowhere"}, 404, "not_found"),
        ({"method": "PUT", "path": "/signup"}, 405, "method_not_allowed"),
        ({"method": "POST", "path": "/signup", "data": LONG}, 413, "too_large"),
    ],
)
def test_a_program_is_told_in_json(web, asked, call, code, reason):
    answer = web.open(**call, headers=asked)
    assert (answer.status_code, answer.json["error"]) == (code, reason)
    assert answer.json["message"].endswith(".")


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""])
def test_a_person_is_told_on_a_page(web, accept):
    answer = web.get("/nowhere", headers={"Accept": accept})
    assert answer.mimetype == "text/html"
    assert "give us a call" in answer.text


def test_what_is_allowed_instead_is_said(web):
    assert set(web.put("/signup").headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("depth", [100, 900, 990, 1100, 30_000])
@pytest.mark.parametrize("around", ["%s", '{"email": %s}'])
def test_nesting_is_bad_input_and_no_fault_of_ours(web, installation, depth, around):
    body = around % ("[" * depth + "]" * depth)
    answer = web.post("/signup", data=body, headers=JSON)
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert leads(installation) == []


@pytest.mark.parametrize("field", ["email", "name", "phone", "zone", "report"])
@pytest.mark.parametrize("value", ["\ud800", "\0", [], {}, [["x"]], {"a": 1}, 1e308, -1, True, 10**4000])
def test_json_of_another_kind_is_refused_or_taken_with_a_sentence(web, field, value):
    answer = web.post("/signup", json={"email": "ann@example.com"} | {field: value})
    assert answer.status_code in {200, 400}
    assert answer.mimetype == "application/json"


def test_a_ledger_that_is_away_is_told_in_json_too(web, installation):
    metadata.drop_all(installation.runtime.database.engine)
    answer = web.post("/signup", json={"email": "ann@example.com"})
    assert (answer.status_code, answer.json["error"]) == (503, "unavailable")
    assert "Nothing was saved" in answer.json["message"]


def test_what_nobody_foresaw_shows_no_code(web, installation, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("nurture.web.prospects.signup.sign_up", broken)
    answer = web.post("/signup", json={"email": "ann@example.com"})
    assert (answer.status_code, answer.json["error"]) == (500, "failed")
    assert "secret" not in answer.text
