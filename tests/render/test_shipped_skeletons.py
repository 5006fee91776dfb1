"""Every mail that ships, drawn the fast way and the plain way, for readers and facts of every sort."""

from dataclasses import dataclass, replace
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from markupsafe import Markup

from nurture.config.catalogue import load_catalogue
from nurture.config.settings import load_settings
from nurture.domain.message import MailKind
from nurture.domain.visit import VisitStatus
from nurture.mail.compose import folder_of
from nurture.mail.context import mail_context
from nurture.mail.personas import sample_request
from nurture.render.html.inliner import inline_css
from nurture.render.html.sandbox import Sandbox
from tests.conftest import MONDAY, ROOT
from tests.render.trees import tree

CATALOGUE = load_catalogue(load_settings({"NURTURE_HOME": str(ROOT)}))
STEPS = {f"{each.name}/{step.name}": (each, step) for each in CATALOGUE.campaigns.values() for step in each.steps}
# 138 documents every day; `--hypothesis-profile=thorough` draws 5,750.
EXAMPLES = 250 if hypothesis.settings.default.max_examples > 1000 else 6

HOSTILE = [
    *("", "{{ 7*7 }}", "<b class='button-link'>x</b>", '"><style>p{color:red}</style>', "</title>", "&lt;&amp;"),
    *("-->", "<!--[if mso]>", "]]>", "' onload='x", "</td></table>", "v0123456789abn0e"),
]
# libxml2 itself drops controls and lone surrogates; nothing of that kind is let into a name.
words = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
# Addresses are ours, made of tokens and paths; never what somebody typed.
urls = st.from_regex(r"https://x\.example/[A-Za-z0-9_.~/-]{0,30}(\?a=[0-9]{1,4}&amp=1)?", fullmatch=True)


@dataclass(frozen=True)
class Facts:
    """What may differ from mail to mail of one step."""

    name: str
    words: list[str]
    urls: list[str]
    status: VisitStatus
    kind: MailKind | None
    is_moved: bool
    is_soon: bool
    has_report: bool
    has_pictures: bool


facts = st.builds(
    Facts,
    name=words,
    words=st.lists(words, max_size=3),
    urls=st.lists(urls, max_size=2),
    status=st.sampled_from(VisitStatus),
    kind=st.none() | st.sampled_from(MailKind),
)


@pytest.mark.parametrize("mail", STEPS)
@given(facts=facts)
@hypothesis.settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_fast_way_makes_the_document_of_the_plain_way(runtime, mail, facts):
    campaign, step = STEPS[mail]
    context = context_of(runtime, campaign, step, facts)
    folder = folder_of(step, campaign.name)
    plain = Sandbox(runtime.settings.templates, escape=True).environment.get_template(f"emails/{folder}/body.html")
    assert tree(runtime.renderer.mail(folder, context).html) == tree(inline_css(plain.render(context)))


def context_of(runtime, campaign, step, facts):
    request = sample_request(campaign, step, facts.name, MONDAY)
    visit = request.enrolment.visit
    if visit:
        starts_at = visit.booked_at + timedelta(hours=3) if facts.is_soon else visit.starts_at
        visit = replace(visit, status=facts.status, starts_at=starts_at)
        request = replace(request, enrolment=replace(request.enrolment, visit=visit), sequence=int(facts.is_moved))
    context = mail_context(runtime.mail_kit, request)
    if facts.kind:
        context["kind"] = facts.kind.value
    if not facts.has_report and step.name != "report":
        context["report"] = None
    if facts.has_pictures:
        context["brand"] |= {name: Markup(f"https://x.example/{name}.png") for name in ("logo", "photo")}  # noqa: S704 - constant
    return {name: changed(name, value, facts) for name, value in context.items()}


def changed(name, value, facts):
    """The value with its texts and addresses swapped for the drawn ones; some stay as they are."""
    if isinstance(value, dict):
        return {key: changed(f"{name}.{key}", each, facts) for key, each in value.items()}
    if isinstance(value, Markup) or not isinstance(value, str) or name in {"kind", "article.subject"}:
        return value
    drawn = facts.urls if name.endswith("url") or name.startswith("links.") else facts.words
    place = sum(map(ord, name)) % (len(drawn) + 1)
    return drawn[place] if place < len(drawn) else value
