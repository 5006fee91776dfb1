"""A second lead magnet: a report on necks, followed by three days of mail. All of it sorts before the shipped one."""

import shutil
from pathlib import Path

NAME = "a-neck"
TITLE = "Seven Questions for a Stiff Neck"
_CAMPAIGN = """
title = "Stiff necks: the report and three days of articles"
why = "You get this because you asked us for the report on necks."
starts_on = "report_requested"
report = "a-neck"
topics = ["neck"]
consent = "Send me the report on necks, and {{ mails }} articles over {{ days }} days."
consent_by_staff = "Agreed to {{ mails }} articles on necks over {{ days }} days, to a member of staff."
what_follows = "Over the next {{ days }} days, {{ mails }} articles on necks."
kind = "nurture"
stale_after = "5d"
ends_on = ["visit_booked", "replied", "unsubscribed", "bounced", "complained", "suppressed", "repeated"]

[window]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
opens = "09:00"
closes = "18:00"
holidays = false

[[steps]]
name = "report"
kind = "requested"
after_enrolment = "0m"
window = "any"
"""
_STEP = """
[[steps]]
name = "{0}"
after_last = "1d"
article = "{0}"
"""
_REPORT = f"""+++
title = "{TITLE}"
subtitle = "Plain answers for people who cannot look over their shoulder"
summary = "Seven questions about stiff necks, answered in plain words."
topics = ["neck"]
page = "seven-questions"

[[red_flags]]
do = "Call 911 about your neck"
signs = ["the worst headache of your life", "an arm that grows weak"]
+++

Turning around should not be work.

## 1. Why is it stiff?

**It was still for too long.** Move it.

## When to see a doctor without waiting

{{{{ red_flags }}}}
"""
_ARTICLE = """+++
title = "{0}"
subject = "{0}"
preheader = "A thing to try today."
summary = "What to try when looking around is work."
minutes = 2
topics = ["neck"]
+++

Look to the left. Look to the right.

{{{{ red_flags }}}}
"""
ARTICLES = {"a-pillow": "One pillow", "a-screen": "A higher screen", "a-turn": "Look around you"}


def add_neck(home: Path) -> None:
    """The home offers both reports."""
    templates = home / "templates"
    steps = "".join(_STEP.format(name) for name in ARTICLES)
    (home / "config" / "campaigns" / f"{NAME}.toml").write_text(_CAMPAIGN + steps)
    (templates / "reports" / f"{NAME}.md").write_text(_REPORT)
    for name, title in ARTICLES.items():
        (templates / "articles" / f"{name}.md").write_text(_ARTICLE.format(title))
    shutil.copytree(templates / "emails" / "lumbar-sciatica" / "report", templates / "emails" / NAME / "report")
