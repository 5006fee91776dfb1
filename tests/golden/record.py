"""Makes what the golden files hold; `make golden` writes them anew, after a change that was meant.

Every mail goes to every sort of reader: in full to the first, and as a digest to the others. What differs from run to
run (random identities and their tokens, where things lie) is taken out of answers and pages.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner

from nurture.cli import nurture
from nurture.config.settings import load_settings
from nurture.mail.compose import compose
from nurture.mail.personas import PERSONAS, sample_request, variants
from nurture.render.mime import serialise
from nurture.runtime import Runtime, build_runtime
from nurture.store.leads import all_leads
from nurture.store.queries.visit_list import all_visits
from nurture.web.app import create_web

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).parent.parent.parent
NOON = "2026-03-02T18:00:00+00:00"
#: Commands in the order in which they are given; what each answers in JSON is kept.
COMMANDS = (
    "lead add ann@example.com --name Ann --phone 817-555-0102 --report lumbar-sciatica --json",
    "lead add ben@example.com --json",
    "lead add --name Cy --phone 817-555-0103 --yes --json",
    "lead note 1 later",
    "lead edit 2 --name Ben --yes --json",
    "visit book 1 --at 2026-03-09T10:00 --yes --json",
    "visit reschedule 1 --at 2026-03-10T10:00 --yes --json",
    "visit confirm 1 --json",
    "visit book 2 --at 2026-03-11T15:30 --yes --json",
    "visit cancel 2 --json",
    "lead list --json",
    "lead find example.com --json",
    "lead show 1 --json",
    "lead show 3 --json",
    "visit list --all --json",
    "delivery list --json",
    "campaign list --json",
    "campaign show lumbar-sciatica --json",
    "campaign show discovery-visit --json",
    "campaign simulate lumbar-sciatica --start 2026-03-02T10:00 --books 4 --json",
    "template list --json",
    "report list --json",
    "check --json",
    "campaign simulate lumbar-sciatica --start 2026-03-02T10:00 --books 4 --outcome no-show --json",
)
# Identities and tokens are long and random, with a digit or a capital somewhere: no word is.
_RANDOM = re.compile(r"\b[0-9a-f]{16}\b|\b(?=[\w-]*[0-9A-Z])[\w-]{20,}(?:\.[\w-]{8,})?\b")


def mails() -> Iterator[tuple[str, str]]:
    """(file, content) of every mail, as the bytes that travel."""
    digests: dict[str, str] = {}
    with _installation() as (runtime, _):
        for name, reader, source in _written(runtime):
            if name not in digests:
                yield f"mails/{name}.eml", source.decode()
            digests[name] = digests.get(name, "") + f"{sha256(source).hexdigest()[:32]} {reader}\n"
    yield "mails/digests.txt", "".join(f"{name}\n{readers}" for name, readers in digests.items())


def _written(runtime: Runtime) -> Iterator[tuple[str, str, bytes]]:
    for campaign in runtime.catalogue.campaigns.values():
        for step in campaign.steps:
            for persona, name in PERSONAS.items():
                for variant, request in variants(sample_request(campaign, step, name, runtime.clock())).items():
                    source = serialise(compose(runtime.mail_kit, request, "<golden@clinic.example>"))
                    yield f"{campaign.name}-{step.name}", f"{persona}, {variant}", source


def answers() -> Iterator[tuple[str, str]]:
    """(file, content) of what commands answer, in an installation that begins empty."""
    with _installation() as (_, environment):
        runner = CliRunner(env=environment)
        for number, command in enumerate(COMMANDS):
            answer = runner.invoke(nurture, command.split(), catch_exceptions=False)
            assert answer.exit_code in {0, 1}, answer.output
            if "--json" in command:
                verb = "-".join(re.findall(r"[a-z]+", command)[:2])
                yield f"answers/{number:02}-{verb}.json", _steady(answer.stdout, environment)


def pages() -> Iterator[tuple[str, str]]:
    """(file, content) of every page, as a visitor sees it who does everything that can be done, in this order."""
    with _installation() as (runtime, environment):
        visitor, links = create_web(runtime).test_client(), runtime.links
        asked = {"email": "ann@example.com", "name": "Ann", "report": "lumbar-sciatica"}
        visitor.post("/signup", data=asked)
        CliRunner(env=environment).invoke(nurture, ["visit", "book", "1", "--at", "2026-03-09T10:00", "--yes"])
        with runtime.database.read() as connection:
            [lead], [visit] = all_leads(connection), all_visits(connection)
        out, back = links.unsubscribe(lead.public_id), links.resubscribe(lead.public_id)
        when, slip = links.visit(visit.public_id), asked | {"email": "zoe@gmial.com"}
        addresses = ["/", "/articles", "/reports/lumbar-sciatica", "/visit/x", "/healthz", out, back, when]
        addresses += [f"/articles/{name}" for name in runtime.catalogue.articles]
        seen = [(f"GET {each}", visitor.get(_path(each)).text) for each in addresses]
        acts = [("/signup", asked), ("/signup", slip), ("/signup", {"email": "zoe"}), (out, {}), (back, {})]
        acts += [(when, {"act": act}) for act in ("confirm", "ask-cancel", "cancel")]
        seen += [
            (f"POST {where} {data}", visitor.post(_path(where), data=data, follow_redirects=True).text)
            for where, data in acts
        ]
        for number, (what, text) in enumerate(seen):
            yield f"pages/{number:02}.html", _steady(f"<!-- {what} -->\n{text}\n", environment)


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3] if "://" in url else url


@contextmanager
def _installation() -> Iterator[tuple[Runtime, dict[str, str]]]:
    """One with the shipped files, in a folder of its own, whose clock stands still."""
    with tempfile.TemporaryDirectory() as folder:
        home, clock = Path(folder) / "home", Path(folder) / "clock"
        for name in ("config", "templates"):
            shutil.copytree(ROOT / name, home / name)
        clock.write_text(NOON)
        paths = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(Path(folder) / "var"), "NURTURE_CLOCK_FILE": str(clock)}
        environment = paths | {"NURTURE_SECRET_KEY": "a-key-for-golden-files-alone-0123456789abcdef"}
        assert CliRunner(env=environment).invoke(nurture, ["upgrade"]).exit_code == 0
        runtime = build_runtime(load_settings(environment))
        yield runtime, environment
        runtime.database.close()


def _steady(text: str, environment: dict[str, str]) -> str:
    folder = str(Path(environment["NURTURE_HOME"]).parent)
    return _RANDOM.sub("RANDOM", text.replace(folder, "FOLDER"))


ALL: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {"mails": mails, "answers": answers, "pages": pages}


if __name__ == "__main__":
    shutil.rmtree(FILES, ignore_errors=True)
    for make in ALL.values():
        for name, content in make():
            file = FILES / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, newline="")
