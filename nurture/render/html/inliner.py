"""Moves style rules onto the elements they match, for mail programs. Reads nothing but the document it is given."""

import logging

import cssutils
from premailer import Premailer


def inline_css(html: str) -> str:
    """The document with its style rules on the elements they match, media queries kept; never touches the network."""
    cssutils.log.setLevel(logging.CRITICAL)
    inlined: str = Premailer(
        html,
        allow_network=False,
        allow_loading_external_files=False,
        # The default strips `!important` from the media queries it keeps, and they then lose to the inlined rules.
        strip_important=False,
        disable_validation=True,
        align_floating_images=False,
        # CSS `width: 100%` would overwrite the width attributes that Outlook needs.
        disable_basic_attributes=["width", "height"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform()
    return inlined
