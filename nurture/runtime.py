"""The one composition root: everything a verb may need, plugged together from Settings. Nothing is built at import."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from nurture.clock import Clock, file_clock, system_clock
from nurture.config.catalogue import Catalogue, load_catalogue
from nurture.config.settings import Settings
from nurture.config.sources_digest import sources_digest
from nurture.domain.message import MailKind
from nurture.mail.kit import MailKit
from nurture.render.html.renderer import Renderer
from nurture.render.links import Links
from nurture.secret_keys import secret_keys
from nurture.signing import Signing
from nurture.store.database import Database
from nurture.transport.outcome import Transport
from nurture.transport.rehearsal import Rehearsal
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import SmtpUrl, Tls, parse_smtp_url

#: Tells a worker that these deliveries of one kind may go; True when the hint is on its way.
Publish = Callable[[MailKind, tuple[int, ...]], bool]
#: Tells how many hints wait in the broker with those for mail of one kind; None when it does not answer.
Waiting = Callable[[MailKind], int | None]


class Publisher(Protocol):
    """The way to the broker."""

    @property
    def publish(self) -> Publish:
        """How a hint is sent."""

    @property
    def waiting(self) -> Waiting:
        """How many hints wait."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """The same object in worker, web and command line; tests plug in another clock or publisher."""

    settings: Settings
    catalogue: Catalogue
    database: Database
    renderer: Renderer
    transport: Transport
    signing: Signing
    links: Links
    clock: Clock
    publish: Publish
    waiting: Waiting
    # The digest of the files that catalogue, settings and templates were read from.
    sources: str

    @property
    def installation(self) -> str:
        """What tells this installation from every other, and nothing about it; the same in each of its processes."""
        return self.signing.keyed_digest(f"installation {self.settings.var}")[:16]

    @property
    def mail_kit(self) -> MailKit:
        """What making a mail takes."""
        return MailKit(self.settings, self.catalogue, self.links, self.renderer, self.clock)

    @property
    def is_keyed(self) -> bool:
        """Tell whether the relay takes a mail at most once, by a key in a header."""
        return self.settings.mail.idempotency_header != ""


def build_runtime(settings: Settings) -> Runtime:
    """A runtime that publishes nothing: the sweep's own hints reach the workers. See `with_publisher`."""
    # Before they are read: a file that changes meanwhile is found to have changed.
    sources = sources_digest(settings.home)
    database = _database(settings)
    signing = Signing(secret_keys(settings, database))
    return Runtime(
        settings=settings,
        catalogue=load_catalogue(settings),
        database=database,
        renderer=Renderer(settings.templates),
        transport=_transport(settings),
        signing=signing,
        links=Links(settings.public_url, signing),
        clock=file_clock(settings.clock_file) if settings.clock_file else system_clock,
        publish=publish_nothing,
        waiting=nothing_waits,
        sources=sources,
    )


def with_publisher(runtime: Runtime, publisher: Publisher) -> Runtime:
    """The same runtime, telling workers through `publisher`."""
    return replace(runtime, publish=publisher.publish, waiting=publisher.waiting)


def publish_nothing(_kind: MailKind, _ids: tuple[int, ...]) -> bool:
    """No hint is sent; the next sweep sends one."""
    return False


def nothing_waits(_kind: MailKind) -> int:
    """There is no broker that anything could wait in."""
    return 0


def _database(settings: Settings) -> Database:
    """The ledger that is configured, or the one in our own folder, which is made for it."""
    if settings.database_url:
        return Database(settings.database_url)
    settings.var.mkdir(parents=True, exist_ok=True)
    return Database(f"sqlite:///{settings.var / 'nurture.db'}")


def _transport(settings: Settings) -> Transport:
    relay = SmtpTransport(smtp_url(settings))
    return Rehearsal(relay, settings.only_to, settings.inbox) if settings.only_to else relay


def smtp_url(settings: Settings) -> SmtpUrl:
    """The relay, or the captured inbox of this machine when none is configured."""
    if settings.smtp_url:
        return parse_smtp_url(settings.smtp_url)
    try:
        port = int((settings.inbox / "port").read_text())
    except (OSError, ValueError):
        # The inbox does not run, and writes the file when it does.
        port = 8025
    return SmtpUrl("127.0.0.1", port, Tls.NONE)
