"""The tables of the ledger. Every change to this file needs a migration beside it (a test compares them)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from nurture.store.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only in a column of exactly this type.
Id = BigInteger().with_variant(Integer, "sqlite")

leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", String(20), nullable=False, unique=True),
    # Whoever phones may have none.
    Column("email", String(254), unique=True),
    Column("email_hash", String(32), unique=True),
    Column("name", String(100), nullable=False),
    Column("phone", String(40), nullable=False),
    # E.164: fifteen digits at most. Empty when no phone was given.
    Column("phone_e164", String(16), nullable=False, index=True),
    Column("zone", String(64), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("source", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False, index=True),
    Column("wording", Text, nullable=False),
    # A fingerprint of the words, and what showed them; both unknown of consents given before these were kept.
    Column("version", String(12)),
    Column("page", String(200)),
    Column("source", String(64), nullable=False),
    Column("given_at", Instant, nullable=False),
)

# What staff should know of a lead, in their words or in what could not be read of the lead's own.
notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("noted_at", Instant, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", String(20), nullable=False, unique=True),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False, index=True),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("minutes", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("booked_at", Instant, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", String(20), nullable=False, unique=True),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False),
    Column("campaign", String(64), nullable=False),
    # What tells two enrolments of one lead in one campaign apart: a count, or a visit and its sequence.
    Column("occurrence", String(32), nullable=False),
    Column("visit_id", Id, ForeignKey("visits.id")),
    Column("visit_sequence", Integer),
    Column("enrolled_at", Instant, nullable=False),
    Column("resumed_at", Instant),
    # When the sweep should look again. A hint: if it is wrong, mail is late, never wrong.
    Column("due_at", Instant),
    Column("ended_at", Instant),
    Column("end_reason", String(32)),
    UniqueConstraint("lead_id", "campaign", "occurrence"),
)
Index(
    "ix_enrolments_due",
    enrolments.c.due_at,
    sqlite_where=enrolments.c.due_at.is_not(None),
    postgresql_where=enrolments.c.due_at.is_not(None),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolments.id"), nullable=False),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False),
    Column("step", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(200)),
    Column("attempts", Integer, nullable=False),
    # Rises with every claim; a worker whose lease lapsed can no longer write.
    Column("fence", Integer, nullable=False),
    # How often the relay may have it without an answer on record.
    Column("times_in_doubt", Integer, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("settled_at", Instant),
    # The date of the mail that was last about to leave, whatever came of it.
    Column("handed_at", Instant),
    # These two go by the database's clock.
    Column("dispatched_at", Instant),
    Column("leased_until", Instant),
    # When staff asked for it to be sent once more.
    Column("retried_at", Instant),
    # The digest of the files that it could not be made of, while it waits for others.
    Column("unmade_with", String(16)),
    # The mail to the desk that tells of this one, too.
    Column("digest_id", Id),
    # By which whatever comes back by mail finds its row. Of older rows `nurture upgrade` fills it in.
    Column("message_id", String(320), unique=True, index=True),
    UniqueConstraint("enrolment_id", "step"),
    # What of a lead's is under way, and what came last: both without a look at what was in between.
    Index("ix_deliveries_lead_id_settled_at", "lead_id", "settled_at"),
    # Each row changes four times within a minute, and finds room for its next version in the same page. A change that
    # concerns no index is then an entry in none, and the old version's room is free again without a vacuum.
    postgresql_with={"fillfactor": 50},
)
Index(
    "ix_deliveries_staff",
    deliveries.c.state,
    sqlite_where=deliveries.c.kind == "staff",
    postgresql_where=deliveries.c.kind == "staff",
)
Index(
    "ix_deliveries_queued",
    deliveries.c.not_before,
    sqlite_where=deliveries.c.state == "queued",
    postgresql_where=deliveries.c.state == "queued",
)
Index(
    "ix_deliveries_sent",
    deliveries.c.settled_at,
    sqlite_where=deliveries.c.state == "sent",
    postgresql_where=deliveries.c.state == "sent",
)
Index(
    "ix_deliveries_leased",
    deliveries.c.leased_until,
    sqlite_where=deliveries.c.leased_until.is_not(None),
    postgresql_where=deliveries.c.leased_until.is_not(None),
)
Index(
    "ix_deliveries_unmade",
    deliveries.c.unmade_with,
    sqlite_where=deliveries.c.unmade_with.is_not(None),
    postgresql_where=deliveries.c.unmade_with.is_not(None),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("lead_id", Id, ForeignKey("leads.id"), nullable=False, index=True),
    Column("visit_id", Id, ForeignKey("visits.id")),
    Column("delivery_id", Id, ForeignKey("deliveries.id")),
    Column("at", Instant, nullable=False),
)

# Keyed hashes, no addresses: a suppression outlives the lead it was made for.
suppressions = Table(
    "suppressions",
    metadata,
    Column("email_hash", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("since_at", Instant, nullable=False),
    PrimaryKeyConstraint("email_hash", "reason"),
)

# What limits count: signups of the last day that were mailed. Keyed hashes; there is no network for the clinic's own
# server, and no domain for a great provider's.
signups = Table(
    "signups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("mailbox", String(32), nullable=False),
    Column("report", String(64), nullable=False),
    Column("network", String(32)),
    Column("domain", String(32)),
    Index("ix_signups_mailbox_at", "mailbox", "at"),
    Index("ix_signups_network_at", "network", "at"),
    Index("ix_signups_domain_at", "domain", "at"),
)

# One row: what the ledger knows of itself.
system_state = Table(
    "system_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), nullable=False),
    # Rises with every sweep. A copy that was restored is behind a machine's high-water mark.
    Column("sweeps", Id, nullable=False),
    Column("swept_at", Instant),
    # By the database's clock: while a sweep is at work, no other begins.
    Column("sweeping_until", Instant),
    # While the relay refuses the sender, nothing goes.
    Column("stopped_until", Instant),
    Column("stopped_reason", String(200)),
    # A keyed digest: tells whether the first secret key is still the one that links and hashes were made with.
    Column("key_fingerprint", String(32)),
)
