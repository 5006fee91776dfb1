"""Nurture: from a free report asked for to a Discovery Visit attended, one mail at a time."""

__version__ = "0.1.0"
