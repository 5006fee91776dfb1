"""Turns a folder of three templates and a context into what a reader sees. Knows no table and sends nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.domain.errors import TemplateError
from nurture.domain.message import Content
from nurture.render.pictures import picture
from nurture.render.shapes import Shapes

# A mail that grew past this is a runaway loop, not a letter.
LARGEST_BODY = 2_000_000


class Renderer:
    """Two sandboxed environments over one folder of templates: HTML is escaped, subjects and text are not."""

    def __init__(self, templates: Path) -> None:
        self.templates = templates
        self._html, self._text = _environment(templates, escape=True), _environment(templates, escape=False)
        self._shapes = Shapes(self._html, _inlined)

    def mail(self, folder: str, context: dict[str, Any]) -> Content:
        """The mail in `emails/<folder>`; raises TemplateError naming the file and line."""
        subject = " ".join(self.template(f"emails/{folder}/subject.txt", context).split())
        if not subject:
            raise TemplateError(f"emails/{folder}/subject.txt is empty")
        text = self.template(f"emails/{folder}/body.txt", context)
        return Content(subject, text.strip() + "\n", self.html(folder, context))

    def html(self, folder: str, context: dict[str, Any]) -> str:
        """The HTML body alone, its CSS inlined."""
        name = f"emails/{folder}/body.html"
        return self._shapes.render(name, lambda: self.template(name, context))

    def shape(self, folder: str, context: dict[str, Any]) -> tuple[str, bool]:
        """The HTML of the mail without its values, and whether mails of that shape share their inlining."""
        name = f"emails/{folder}/body.html"
        return self._shapes.shape(name, lambda: self.template(name, context))

    def template(self, name: str, context: dict[str, Any]) -> str:
        """What one template prints, as it stands; raises TemplateError naming the file and line."""
        environment = self._html if name.endswith(".html") else self._text
        try:
            rendered = environment.get_template(name).render(context)
        except TemplateNotFound as error:
            raise TemplateError(f"{error.name} does not exist") from error
        except RecursionError as error:
            raise TemplateError(
                f"{_place(error, self.templates, name)}: it includes or extends itself, in a circle"
            ) from error
        except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise TemplateError(f"{_place(error, self.templates, name)}: {error}") from error
        if len(rendered) > LARGEST_BODY:
            raise TemplateError(f"{name} grew past {LARGEST_BODY} characters")
        return rendered


def _inlined(html: str) -> str:
    # premailer takes longer to load than most commands to run, and few of them make a mail.
    from nurture.render.inliner import inline_css  # noqa: PLC0415

    return inline_css(html)


class _Loader(FileSystemLoader):
    """Templates as UTF-8. The mark that some editors put before the first letter is none of the reader's business."""

    def __init__(self, templates: Path) -> None:
        super().__init__(templates, encoding="utf-8-sig")

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The template's text; raises TemplateError naming the line that is not UTF-8."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise TemplateError(f"{template} line {line}: the file is not saved as UTF-8") from error


def _environment(templates: Path, *, escape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=_Loader(templates),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["picture"] = picture
    return environment


def _place(error: Exception, templates: Path, name: str) -> str:
    """The template file and line at which rendering broke off."""
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(templates):
            name, line = str(file.relative_to(templates)), trace.tb_lineno
        trace = trace.tb_next
    return f"{name} line {line}" if line else name
