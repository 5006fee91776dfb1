"""One mail, rendered for readers of every sort, put before the rules of lint/. Sends nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nurture.domain.campaign import Campaign, Step
from nurture.domain.errors import TemplateError
from nurture.lint.engine import causes, violations
from nurture.lint.finding import Finding
from nurture.lint.rendered_mail import CONFIG, HTML, SUBJECT, TEXT, Violation
from nurture.lint.rendering import rendered_mail_of
from nurture.lint.rules.blocks import misused_blocks
from nurture.lint.rules.names import names_set, undefined_names
from nurture.lint.sources import Source, lineage, locate, read_source, sources_of
from nurture.mail.compose import build_message, folder_of, render
from nurture.mail.context import mail_context
from nurture.mail.kit import MailKit
from nurture.mail.personas import PERSONAS, sample_request, variants, with_ids
from nurture.mail.request import MailRequest
from nurture.render.mime import serialise

# One for readers with a name and one for those without; nothing else of a reader may change how a mail is built.
MOST_SKELETONS = 2
_BROKE_OFF = re.compile(r"(emails/\S+) line (\d+): (.*)", re.DOTALL)
# Values in a style attribute or among style rules, save the brand's and the names that a template sets for itself;
# and text that is filtered after it is printed.
_VALUE = r"(\{\{(?!\s*(?:brand\b|\w+\s*\}\})))"
_SHAPING = rf"style=(?:\"[^\"]*|'[^']*){_VALUE}|<style[^>]*>(?:(?!</style)[\s\S])*?{_VALUE}|{{%[-+]?\s*filter\b"


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail as files: its name, the folder of its templates, and for each part the sources it is made of."""

    name: str
    folder: str
    sources: dict[str, list[Source]]

    @property
    def frames(self) -> dict[str, str]:
        """The template that each body extends in the end, by name; none for a body that stands alone."""
        families = {part: lineage(self.sources[part]) for part in (TEXT, HTML)}
        return {part: family[-1].name for part, family in families.items() if len(family) > 1}


@dataclass(frozen=True, slots=True)
class _Reader:
    """A mail to one sort of reader, and what its templates are given."""

    persona: str
    request: MailRequest
    context: dict[str, Any]


def inspect(kit: MailKit, campaign: Campaign, step: Step, personas: Mapping[str, str] = PERSONAS) -> list[Finding]:
    """Every finding about the mail, at the line it comes from, for readers of these sorts."""
    folder = folder_of(step, campaign.name)
    mail = _Mail(f"{campaign.name}/{step.name}", folder, _sources(kit, step, folder))
    missing = [part for part in (SUBJECT, TEXT, HTML) if not mail.sources[part]]
    if missing:
        where = (f"templates/emails/{folder}/{part}" for part in missing)
        return [Finding(file, 1, "files", "the file does not exist", mail.name) for file in where]
    readers = _readers(kit, campaign, step, personas)
    found = [*_in_templates(mail, [reader.context for each in readers.values() for reader in each])]
    # Most violations are the same for every reader: each is traced to its line once.
    said = dict.fromkeys(each for group in readers.values() for each in _violations(kit, mail, group))
    return causes([*found, *(_placed(each, mail) for each in said)])


def _in_templates(mail: _Mail, contexts: list[dict[str, Any]]) -> Iterator[Finding]:
    """What is wrong with the templates themselves, whatever a reader sees of it."""
    parts = [mail.sources[part] for part in (SUBJECT, TEXT, HTML)]
    templates = {each.name: each for files in parts for each in files if each.name.startswith("emails/")}
    known = _known(contexts) | dict.fromkeys(names_set(templates.values()))
    for source in templates.values():
        yield from undefined_names(source, known, mail.name)
    for files in parts:
        yield from misused_blocks(files, mail.name)


def _sources(kit: MailKit, step: Step, folder: str) -> dict[str, list[Source]]:
    home = kit.settings.home
    sources = {part: [*sources_of(home, f"emails/{folder}/{part}").values()] for part in (SUBJECT, TEXT, HTML)}
    if step.article:
        name = f"articles/{step.article}.md"
        article = read_source(home, name)
        sources = {part: [*files, article] if files else [] for part, files in sources.items()}
    return sources | {CONFIG: [read_source(home, CONFIG, "config")]}


def _readers(kit: MailKit, campaign: Campaign, step: Step, personas: Mapping[str, str]) -> dict[str, list[_Reader]]:
    """The readers by variant of the mail. Every reader has tokens of their own, as real ones have."""
    readers: dict[str, list[_Reader]] = {}
    for number, (persona, name) in enumerate(personas.items()):
        for variant, request in variants(sample_request(campaign, step, name, kit.clock())).items():
            own = with_ids(request, f"sample{number:014}")
            readers.setdefault(variant, []).append(_Reader(persona, own, mail_context(kit, own)))
    return readers


def _known(contexts: list[dict[str, Any]]) -> dict[str, Any]:
    """Every name that some variant of this mail is given, with its parts."""
    known: dict[str, Any] = {}
    for context in contexts:
        known |= {name: value for name, value in context.items() if value is not None or name not in known}
    return known


def _violations(kit: MailKit, mail: _Mail, readers: list[_Reader]) -> Iterator[Violation]:
    broken: dict[str, str] = {}
    for reader in readers:
        try:
            content = render(kit, reader.request)
        except (TemplateError, ValueError) as error:
            # What breaks for one reader mostly breaks for all.
            broken.setdefault(str(error), reader.persona)
            continue
        found = list(violations(rendered_mail_of(kit, reader.request, content, mail.frames)))
        yield from (_in_template_words(each, reader.context) for each in found)
        try:
            serialise(build_message(kit, reader.request, "<sample@clinic.example>", content))
        except (TemplateError, ValueError) as error:
            # A rule has mostly said it before, and with its place.
            if not found:
                broken.setdefault(str(error), reader.persona)
    yield from (Violation("renders", f"for {persona}: {error}") for error, persona in broken.items())
    yield from _skeleton_violations(kit, mail.folder, readers)


def _skeleton_violations(kit: MailKit, folder: str, readers: list[_Reader]) -> Iterator[Violation]:
    """A mail that has to be inlined anew for every reader."""
    try:
        skeletons = dict(kit.renderer.skeleton(folder, reader.context) for reader in readers)
    except TemplateError:
        return
    if not all(skeletons.values()):
        detail = (
            "a value stands where it shapes the document (a style, a tag, an attribute that a rule asks for), "
            "or is looked at after it is printed, so every mail is inlined anew"
        )
        yield Violation("shape", detail, needle=_SHAPING)
    elif (count := len(skeletons)) > MOST_SKELETONS:
        detail = f"{count} readers make {count} shapes: a value goes in unescaped, so every mail is inlined anew"
        yield Violation("shape", detail, needle=r"\|\s*safe\b|autoescape|Markup")


def _in_template_words(violation: Violation, context: Mapping[str, Any]) -> Violation:
    """The violation with an address, which is another for every reader, in the words that stand in the template."""
    for whole, parts in context.items():
        for name, value in parts.items() if isinstance(parts, Mapping) else ():
            if isinstance(value, str) and value and violation.needle == re.escape(value):
                written = f"{whole}.{name}"
                needle = rf"\b{re.escape(written)}\b|{violation.needle}"
                return replace(violation, detail=violation.detail.replace(value, written), needle=needle)
    site, own, path = violation.needle.partition(re.escape(context["links"]["site"]))
    # A template writes the site as a name, and the rest of an address as it is.
    return replace(violation, needle=f"{site}{own}{path}|{path}") if own and len(path) > 1 else violation


def _placed(violation: Violation, mail: _Mail) -> Finding:
    broke_off = _BROKE_OFF.search(violation.detail) if violation.rule == "renders" else None
    if broke_off:
        detail = violation.detail[: broke_off.start()] + broke_off[3]
        return Finding(f"templates/{broke_off[1]}", int(broke_off[2]), "renders", detail, mail.name)
    sources = mail.sources[violation.part]
    place = locate(sources, violation.needle, violation.otherwise)
    found = Finding(sources[0].file, 1, violation.rule, violation.detail, mail.name, violation.level)
    return (
        replace(found, file=place.file, line=place.line) if place else replace(found, frame=lineage(sources)[-1].file)
    )
