"""Whether the mails themselves may go out: their templates, and colors that can be read on one another."""

from nurture.check.answer import Answer
from nurture.lint.finding import faults
from nurture.lint.verdict import verdict
from nurture.render.contrast import too_faint
from nurture.runtime import Runtime


def colors(runtime: Runtime) -> Answer:
    """Whether what is printed in the clinic's colors is easy to read."""
    faint = too_faint(runtime.settings.brand.colors)
    words = f"{faint[0]}: see [brand] in config/nurture.toml" if faint else "easy to read"
    return Answer("colors", not faint, words)


def templates(runtime: Runtime) -> Answer:
    """Whether the mails may go out. Advice is no reason against it."""
    findings = verdict(runtime.mail_kit)
    to_mend = len(faults(findings))
    if to_mend:
        words = f"{to_mend} to mend, and until then nurture campaign enqueue refuses: nurture template check"
        return Answer("templates", is_good=False, words=words)
    advice = f"; {len(findings)} to consider: nurture template check" if findings else ""
    return Answer("templates", is_good=True, words=f"no fault in any mail, for any sort of reader{advice}")
