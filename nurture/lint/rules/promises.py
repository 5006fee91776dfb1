"""Words that promise a result, where nobody denies or asks it. The words are those of data/promises.toml."""

import re
from collections.abc import Iterator

from nurture.lint.data import table
from nurture.lint.page import squeezed
from nurture.lint.rendered_mail import HTML, SUBJECT, TEXT, RenderedMail, Violation
from nurture.lint.words import pattern_of

_PROMISE = re.compile(pattern_of(table("promises")["words"]), re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
# A comma inside a list ("no quick fix, miracle or cure") parts nothing.
_CLAUSE = re.compile(r"[;:()\u2013\u2014]|\bbut\b|,(?!(?:\s+[\w'\u2019-]+){1,3}?\s*(?:,|\bn?or\b))", re.IGNORECASE)
_WORDS = r"(?:\W+[\w'\u2019-]+)"
_DENIED = re.compile(
    r"(?:\b(?:not(?!\s+(?:only|just)\b)|never|nobody|none|cannot|nor|neither|hardly|beware|wary)\b|n['\u2019]t\b)"
    rf"{_WORDS}{{0,6}}\W*$"
    # "Without surgery we guarantee" denies the surgery.
    r"|\b(?:no(?!-)|without)\b(?:\W+(?!(?:we|i|our|you)\b)[\w'\u2019-]+){0,5}\W*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(rf"^{_WORDS}{{0,2}}?\s+(?:is|are|was|do|does|can|could|will|would)(?:n['\u2019]t|\s*not)\b")
_QUESTION = re.compile(r"\s*(?:is|are|can|could|does|do|did|will|would|what|which|why|how|who)\b", re.IGNORECASE)


def promises(mail: RenderedMail) -> Iterator[Violation]:
    """Words of promise, wherever a reader meets them."""
    said = [("subject", SUBJECT, [mail.content.subject]), ("preheader", HTML, [mail.page.hidden])]
    said += [("HTML", HTML, [*mail.page.blocks]), ("text", TEXT, re.split(r"\n\s*\n", mail.content.text))]
    for where, part, blocks in said:
        for word in dict.fromkeys(word for block in blocks for word in _promised(squeezed(block))):
            needle = r"(?:\s|<[^>]*>)+".join(map(re.escape, word.split()))
            yield Violation("promise", f"the {where} promises what nobody can: “{word}”", part, needle)


def _promised(words: str) -> Iterator[str]:
    for sentence in _SENTENCE.findall(words):
        if sentence.endswith("?") and _QUESTION.match(sentence):
            continue
        for clause in _CLAUSE.split(sentence):
            for found in _PROMISE.finditer(clause):
                before, after = clause[: found.start()], clause[found.end() :]
                if not _DENIED.search(before) and not _DENIED_AFTER.match(after):
                    yield found[0]
