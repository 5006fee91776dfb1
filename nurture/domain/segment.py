"""A named choice of leads."""

from collections.abc import Collection
from dataclasses import dataclass

from nurture.domain.errors import Refusal


@dataclass(frozen=True, slots=True)
class Segment:
    """Everyone (`all`), or the leads with one topic (`topic:lumbar`) or from one source (`source:phone`)."""

    name: str

    def includes(self, topics: Collection[str], source: str) -> bool:
        """Tell whether a lead with these topics and from that source belongs to the segment."""
        field, _, value = self.name.partition(":")
        match field:
            case "topic":
                return value in topics
            case "source":
                return value == source
            case _:
                return True


def parse_segment(text: str) -> Segment | Refusal:
    """The segment of that name."""
    field, _, value = text.partition(":")
    if text == "all" or (field in {"topic", "source"} and value):
        return Segment(text)
    return Refusal(
        "bad_segment",
        f"There is no segment {text!r}, so nothing was done. Use all, topic:NAME or source:NAME.",
    )
