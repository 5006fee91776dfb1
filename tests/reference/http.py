"""Every address of the pages, what `POST /signup` takes, and what is answered to programs."""

from nurture.web.app import LARGEST_REQUEST, create_web
from nurture.web.prospects.signup import FIELDS, MOST_TOPICS
from tests.reference.installation import shipped
from tests.reference.markdown import code, page, table

HEAD = """\
GET changes nothing, because scanners open every link; whatever changes something is one POST. Tokens are signed for one purpose,
opaque, 43 characters, and have one spelling. Until a public address is set, the pages answer to this machine's own names alone."""
ADDRESSES = {
    "/": "the page of the report that `nurture.toml` names under `[web]`, with its form; `?report=NAME` for another",
    "/reports/<page>": "the page of that report; `?source=flyer` stays with whoever asks, as it does on an article's page",
    "/signup": "asks for a report, by form or as JSON",
    "/thanks/<token>": "where a form leads: the report opens here. Reloading it asks for nothing again",
    "/articles": "every article",
    "/articles/<name>": "one article, which offers the report of its topic",
    "/report/<token>": "the report, for the reader whose link it is",
    "/report/<token>.pdf": "the same as `report.pdf`",
    "/unsubscribe/<token>": "the way out: GET asks, POST stops the articles (RFC 8058), and the page that answers can undo it",
    "/resubscribe/<token>": "the way back: GET asks, POST lets the articles go on where they stopped",
    "/visit/<token>": "an appointment: see it, confirm it, cancel it",
    "/visit/<token>.ics": "the same as a calendar file",
    "/images/<name>": "a picture in `templates/images/`",
    "/site.css": "the pages' style",
    "/zone.js": "finds the visitor's time zone",
    "/healthz": "JSON: `status`, `version`, and `installation`, an opaque name; asks nobody whether it lives",
    "/readyz": "JSON: `status`, `database`, `broker`, `last_sweep`, `last_send`; 503 while the database is away. A broker that is "
    "away, or sweeps that stopped, make `status` `degraded` with 200, because what people ask for is kept and comes later: a "
    "balancer must not turn them away",
}
TAKEN = {
    "email": "the address; the only one that is needed",
    "report": "which report; without it, the front page's",
    "name": "the name to greet with",
    "phone": "as people write it; where the page asks for a call, the front desk is told",
    "zone": "an IANA time zone; the page finds it by itself",
    "source": "where the lead came from",
    "sure": "the address once more, where it looked like a slip and is meant",
    "suggestion": "of the form alone: the button that takes the address that was suggested",
}
SIGNUP = f"""\
Form or JSON, at most {LARGEST_REQUEST // 1024} KB. As JSON it also takes `topics`, a list of at most {MOST_TOPICS}, and of the clinic's own
server `consent` and `page`: what its page showed. All but the address is optional, and what cannot be read of it is noted for
staff; the report goes out all the same. A form changes nothing of a lead that is known: anybody can type an address.

An address that looks like a slip is answered with `did_you_mean` and a `suggestion`, and taken when it comes again with `sure`
set to it. JSON is answered with `status`, `report_url` and `pdf_url`; whatever goes wrong, with `error`, a word that stays, and
`message`, a sentence. Whoever sends JSON, or accepts nothing else, is answered in JSON whatever happens. The answer is the same,
after the same time, for a new lead, a known one, one past a limit and a suppressed one
(see [privacy](../explanation/privacy.md)).

The clinic's own server says `Authorization: Bearer` with `NURTURE_SIGNUP_KEY`, and is then limited by mailbox alone. Limits are
`[web.limits]` in [settings](settings.md)."""


def http() -> str:
    methods = routes()
    assert methods.keys() == ADDRESSES.keys(), f"not explained, or gone: {methods.keys() ^ ADDRESSES.keys()}"
    assert TAKEN.keys() == set(FIELDS)
    rows = ([code(rule), ", ".join(sorted(methods[rule])), words] for rule, words in ADDRESSES.items())
    return page(
        "The pages",
        HEAD,
        table(("address", "methods", "what it is"), rows),
        f"## POST /signup\n\n{SIGNUP}",
        table(("field", "meaning"), ([code(field), TAKEN[field]] for field in FIELDS)),
    )


def routes() -> dict[str, set[str]]:
    """Every address, with the methods that it answers."""
    found: dict[str, set[str]] = {}
    with shipped() as runtime:
        for rule in create_web(runtime).url_map.iter_rules():
            found.setdefault(str(rule), set()).update((rule.methods or set()) & {"GET", "POST"})
    return found
