"""The measuring: every shipped mail in turn, all ways interleaved, in microseconds of one run."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.config.settings import load_settings
from nurture.domain.compliance import Compliance
from nurture.domain.message import Content, Envelope, Mailbox, MailKind, Message, Unsubscribe, kind_headers
from nurture.mail.compose import folder_of
from nurture.mail.context import mail_context
from nurture.mail.filled import Filler, rendered
from nurture.mail.personas import sample_request
from nurture.render.html.inliner import inline_css
from nurture.render.mime import serialise
from nurture.runtime import Runtime, build_runtime

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 3, 3, 18, tzinfo=UTC)
#: What we promise: a mail's HTML against a bare render, and against premailer, and its bytes (microseconds).
MOST_OF_BARE, LEAST_OF_PREMAILER, MOST_MIME = 1.5, 50.0, 150.0
BARE, OURS, PREMAILER, MIME = "bare render", "our HTML", "render, then premailer", "30 KB as bytes"
WHOLE, FILLED = "whole mail, rendered", "whole mail, filled in"

Way = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds a mail, by way."""

    by_way: dict[str, float]

    @property
    def of_bare(self) -> float:
        """What our HTML costs, in bare renders."""
        return self.by_way[OURS] / self.by_way[BARE]

    @property
    def of_premailer(self) -> float:
        """How many of our mails one run of premailer costs."""
        return self.by_way[PREMAILER] / self.by_way[OURS]

    def missed(self) -> list[str]:
        """A sentence for each promise that these costs break."""
        held = {
            f"our HTML costs {self.of_bare:.2f} bare renders, not {MOST_OF_BARE}": self.of_bare <= MOST_OF_BARE,
            f"premailer costs {self.of_premailer:.0f} of ours, not 50": self.of_premailer >= LEAST_OF_PREMAILER,
            f"the bytes take {self.by_way[MIME]:.0f} us, not {MOST_MIME:.0f}": self.by_way[MIME] <= MOST_MIME,
        }
        return [sentence for sentence, holds in held.items() if not holds]


def measure(rounds: int) -> Costs:
    """Medians over the shipped mails of the best of so many rounds: what a busy machine adds is not the mail's."""
    with tempfile.TemporaryDirectory() as var:
        environment = {"NURTURE_HOME": str(ROOT), "NURTURE_VAR": var, "NURTURE_SECRET_KEY": "bench"}
        runtime = build_runtime(load_settings(environment))
        mails = list(_mails(runtime))
        best = [dict.fromkeys(ways, float("inf")) for ways in mails]
        for number in range(rounds):
            for ways, least in zip(mails, best, strict=True):
                for name, way in ways.items():
                    # Premailer is slow enough to be told from noise in a few rounds.
                    if name != PREMAILER or number < max(1, rounds // 10):
                        least[name] = min(least[name], _microseconds(way, 1 if name == PREMAILER else 5))
    costs = {name: statistics.median(least[name] for least in best) for name in best[0]}
    return Costs(costs | {MIME: _mime_cost(rounds)})


def _mails(runtime: Runtime) -> Iterator[dict[str, Way]]:
    bare = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(runtime.settings.templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filler = Filler(runtime.mail_kit)
    for campaign in runtime.catalogue.campaigns.values():
        for step in campaign.steps:
            request = sample_request(campaign, step, "Ann O'Brien", NOON)
            context, folder = mail_context(runtime.mail_kit, request), folder_of(step, campaign.name)
            template = bare.get_template(f"emails/{folder}/body.html")
            yield {
                BARE: lambda template=template, context=context: template.render(context),
                OURS: lambda folder=folder, context=context: runtime.renderer.html(folder, context),
                PREMAILER: lambda template=template, context=context: inline_css(template.render(context)),
                WHOLE: lambda request=request: rendered(runtime.mail_kit, request, "<1@clinic.example>", NOON),
                FILLED: lambda request=request: filler.write(request, "<1@clinic.example>", NOON),
            }


def _microseconds(way: Way, times: int) -> float:
    began = time.thread_time()
    for _ in range(times):
        way()
    return (time.thread_time() - began) / times * 1e6


def _mime_cost(rounds: int) -> float:
    """Forty readers a round, each with a name, address, link and Message-ID of their own."""
    best = float("inf")
    for number in range(rounds):
        messages = [_message(f"{number}x{reader}") for reader in range(40)]
        best = min(best, _microseconds(lambda messages=messages: [serialise(each) for each in messages], 1) / 40)
    return best


def _message(reader: str) -> Message:
    way_out = Unsubscribe(f"https://clinic.example/unsubscribe/{reader:x>43}", "desk@clinic.example")
    envelope = Envelope(
        Mailbox("MOSS Rehabilitation Center", "care@clinic.example"),
        Mailbox(f"Ann {reader}", f"{reader}@example.com"),
        "desk@clinic.example",
        f"<{reader:0>32}@clinic.example>",
        NOON,
        kind_headers(MailKind.NURTURE, "nurture.clinic.example", way_out),
    )
    cell = '<tr><td style="padding:0 24px;font-family:Arial;font-size:16px">Line {} says it is fine, café.</td></tr>'
    html = [cell.format(number) for number in range(225)]
    text = [
        f"Line {number} of a paragraph that goes on for a while, and says it is fine, café." for number in range(85)
    ]
    foot = Compliance("1 Main Street", way_out.url)
    html[3] = f'<tr><td>Dear Ann {reader}, {foot.address}, <a href="{foot.unsubscribe_url}">stop</a></td></tr>'
    text[3] = f"Dear Ann {reader}, {foot.address}, {foot.unsubscribe_url}"
    return Message(MailKind.NURTURE, envelope, Content("Hello", "\n".join(text), "\n".join(html)), compliance=foot)
