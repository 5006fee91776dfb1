"""`make shots`: the README's pictures from a real run of the demo; with `all`, every mail and page into var/shots."""

import html
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nurture.config.settings import load_settings
from nurture.local.demo.run import Demo
from nurture.local.inbox.maildir import list_mail
from nurture.local.port import listen
from tests.browser.chromium import Browser
from tests.browser.gallery import open_gallery

ROOT = Path(__file__).parent.parent.parent
_PHONE = """<!DOCTYPE html><style>iframe {{ width: 375px; height: 752px; border: 8px solid #222; border-radius: 28px; }}
body {{ margin: 0; padding: 22px 0; text-align: center; background: #d8dedd }}</style><iframe srcdoc="{}"></iframe>"""


def of_the_demo(docs: Path) -> None:
    """docs/ holds fresh pictures of the inbox, a mail on a phone, and the landing page."""
    docs.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as var, Browser() as browser:
        settings = replace(load_settings({"NURTURE_HOME": str(ROOT)}), var=Path(var))
        demo = Demo(settings, listen("127.0.0.1", 0), 30, datetime(2026, 3, 2, 16, 17, tzinfo=UTC))
        try:
            for _ in demo.run():
                pass
            browser.open(f"{demo.site}/inbox", width=1000, height=640)
            browser.picture(docs / "inbox.png")
            browser.open(demo.site, width=1280, height=860)
            browser.picture(docs / "landing.png")
            confirmation = next(mail for mail in list_mail(demo.mailbox) if mail.attachments)
            phone = Path(var) / "phone.html"
            phone.write_text(_PHONE.format(html.escape(confirmation.html or "")))
            browser.open(phone.as_uri(), width=440, height=812)
            browser.picture(docs / "mail.png")
        finally:
            demo.close()


def of_everything(shots: Path) -> None:
    """The folder holds every mail and page, on a phone and wider, by day and by night, each as long as it is."""
    shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, Browser() as browser:
        gallery = open_gallery(ROOT, Path(var) / "var")
        for name, url in (gallery.mails | gallery.pages | gallery.wide).items():
            for width in (375, 800):
                for dark in (False, True):
                    browser.open(url, width=width, dark=dark)
                    browser.picture(shots / f"{name}-{width}-{'night' if dark else 'day'}.png", whole=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["all"]:
        of_everything(ROOT / "var" / "shots")
    else:
        of_the_demo(ROOT / "docs")
