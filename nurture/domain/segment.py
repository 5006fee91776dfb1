"""A named choice of leads."""

from dataclasses import dataclass

from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead


@dataclass(frozen=True, slots=True)
class Segment:
    """Everyone (`all`), or the leads with one topic (`topic:lumbar`) or from one source (`source:phone`)."""

    name: str

    def includes(self, lead: Lead) -> bool:
        """Tell whether the lead belongs to the segment."""
        field, _, value = self.name.partition(":")
        match field:
            case "topic":
                return value in lead.topics
            case "source":
                return value == lead.source
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
