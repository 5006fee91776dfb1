"""`nurture lead`: the people we may write to, one file a matter, and loaded only when called."""

import click

from nurture.cli.lazy import LazyGroup

# What help says of each stands here, so that help need not load them all.
_PLACES = {
    "add": ("add:add", "Type in someone who phoned or wrote; with --report it is sent at once."),
    "list": ("show:list_", "Every lead, the newest first."),
    "find": ("show:find", "Everyone of whose name, address or phone TEXT is part, in any way of writing it."),
    "show": ("show:show", "One lead: campaigns, mails and what happened, in order."),
    "edit": ("edit:edit", "Put right what is known of a lead."),
    "note": ("note:note", "Note something about a lead for whoever deals with them next."),
    "resend": ("resend:resend", "Send the report that a lead asked for once more, now."),
    "unsubscribe": ("preferences:unsubscribe_", "Send no more articles and invitations to someone who asked."),
    "resubscribe": ("preferences:resubscribe_", "Send articles and invitations again to someone who had stopped them."),
    "release": ("release:release", "Send the report to leads for whom a limit on signups had kept it back."),
    "replied": (
        "preferences:replied",
        "Someone answered one of our mails: the articles end, and a person writes back.",
    ),
}


@click.group(cls=LazyGroup, package="nurture.cli.lead", places=_PLACES)
def lead() -> None:
    """The people we may write to. WHO is an address, a lead's number or a phone."""
