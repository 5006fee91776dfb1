"""Every delivery is known by its Message-ID, those of an older version as well."""

from sqlalchemy import select

from nurture.service.message_id import fill_message_ids
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.schema import deliveries


def names(installation):
    with installation.runtime.database.read() as connection:
        return connection.execute(select(deliveries.c.message_id).order_by(deliveries.c.id)).scalars().all()


def test_a_mail_is_found_by_the_name_it_travels_under(any_installation):
    for name in ("ann", "ben"):
        sign_up(any_installation.runtime, Request(f"{name}@example.com", "lumbar-sciatica"))
    any_installation.work()
    mails = [mail.data.decode() for mail in any_installation.transport.mails]
    assert len(set(names(any_installation))) == 2
    assert all(f"Message-ID: {name}\r\n" in mail for name, mail in zip(names(any_installation), mails, strict=True))


def test_what_an_older_version_wrote_down_gets_the_name_it_went_by(any_installation):
    for name in ("ann", "ben"):
        sign_up(any_installation.runtime, Request(f"{name}@example.com", "lumbar-sciatica"))
    before = names(any_installation)
    with any_installation.runtime.database.begin() as connection:
        connection.execute(deliveries.update().values(message_id=None))
    fill_message_ids(any_installation.runtime)
    assert names(any_installation) == before
