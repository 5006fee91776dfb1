"""`make shots`: the README's pictures, from a real run of the demo."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nurture.local.demo import Demo
from nurture.local.maildir import list_mail
from nurture.settings import load_settings
from tests.browser.chromium import picture
from tests.real_house import free_port

ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    """docs/ holds fresh pictures of the inbox, a mail on a phone, and the landing page."""
    docs = ROOT / "docs"
    docs.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as var:
        settings = replace(load_settings({"NURTURE_HOME": str(ROOT)}), var=Path(var))
        demo = Demo(settings, free_port(), 30, datetime(2026, 3, 2, 16, 17, tzinfo=UTC))
        try:
            for _ in demo.run():
                pass
            picture(f"{demo.site}/inbox", docs / "inbox.png", width=1000, height=640)
            picture(f"{demo.site}/", docs / "landing.png", width=1280, height=860)
            confirmation = next(mail for mail in list_mail(demo.mailbox) if mail.attachments)
            page = Path(var) / "mail.html"
            page.write_text(confirmation.html)
            picture(page.as_uri(), docs / "mail.png", width=375, height=812)
        finally:
            demo.close()


if __name__ == "__main__":
    main()
