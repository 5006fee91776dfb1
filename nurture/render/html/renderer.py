"""Turns a folder of three templates and a context into what a reader sees. Knows no table and sends nothing.

Jinja, libxml2 and premailer are loaded by the first mail: a command that makes none need not wait for them.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nurture.domain.errors import TemplateError
from nurture.domain.message import Content

if TYPE_CHECKING:
    from nurture.render.html.sandbox import Sandbox
    from nurture.render.html.skeletons import Skeletons


class Renderer:
    """Two sandboxes over one folder of templates: HTML is escaped, subjects and text are not."""

    def __init__(self, templates: Path) -> None:
        self.templates = templates

    def mail(self, folder: str, context: dict[str, Any]) -> Content:
        """The mail in `emails/<folder>`; raises TemplateError naming the file and line."""
        subject = " ".join(self.template(f"emails/{folder}/subject.txt", context).split())
        if not subject:
            raise TemplateError(f"emails/{folder}/subject.txt is empty")
        text = self.template(f"emails/{folder}/body.txt", context).strip()
        if not text:
            raise TemplateError(f"emails/{folder}/body.txt line 1: it prints nothing")
        return Content(subject, text + "\n", self.html(folder, context))

    def html(self, folder: str, context: dict[str, Any]) -> str:
        """The HTML body alone, its CSS inlined."""
        name = f"emails/{folder}/body.html"
        return self._skeletons.render(name, lambda: self.template(name, context))

    def skeleton(self, folder: str, context: dict[str, Any]) -> tuple[str, bool]:
        """The HTML of the mail without its values, and whether mails of that skeleton share their inlining."""
        name = f"emails/{folder}/body.html"
        return self._skeletons.skeleton(name, lambda: self.template(name, context))

    def is_transparent(self, folder: str) -> bool:
        """Tell whether equal values always make equal mails, whose texts never look at what they printed."""
        from nurture.render.html.output_analysis import inspects_own_output, is_left_to_chance  # noqa: PLC0415

        texts = [f"emails/{folder}/{name}" for name in ("subject.txt", "body.txt")]
        return not (
            any(inspects_own_output(self._text.environment, name) for name in texts)
            or any(is_left_to_chance(self._text.environment, name) for name in (*texts, f"emails/{folder}/body.html"))
        )

    def template(self, name: str, context: dict[str, Any]) -> str:
        """What one template prints, as it stands; raises TemplateError naming the file and line."""
        return (self._html if name.endswith(".html") else self._text).render(name, context)

    @cached_property
    def _text(self) -> "Sandbox":
        from nurture.render.html.sandbox import Sandbox  # noqa: PLC0415

        return Sandbox(self.templates, escape=False)

    @cached_property
    def _html(self) -> "Sandbox":
        from nurture.render.html.sandbox import Sandbox  # noqa: PLC0415

        return Sandbox(self.templates, escape=True)

    @cached_property
    def _skeletons(self) -> "Skeletons":
        from nurture.render.html.inliner import inline_css  # noqa: PLC0415
        from nurture.render.html.skeletons import Skeletons  # noqa: PLC0415

        return Skeletons(self._html.environment, inline_css)
