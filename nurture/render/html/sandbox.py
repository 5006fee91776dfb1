"""Jinja as Nurture uses it: sandboxed, over one folder, and strict about names. Knows no mail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2 import TemplateError as JinjaError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.domain.errors import TemplateError
from nurture.render.pictures import picture
from nurture.render.traced import printed

# What grew past this is a runaway loop, not a mail.
LARGEST_BODY = 2_000_000


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


class Sandbox:
    """One Jinja environment over the folder of templates; with `escape`, values in it are text and never HTML."""

    def __init__(self, templates: Path, *, escape: bool) -> None:
        self._templates = templates
        self.environment = ImmutableSandboxedEnvironment(
            loader=_Loader(templates),
            autoescape=escape,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.environment.globals["picture"] = picture
        self.environment.finalize = _printed

    def render(self, name: str, context: dict[str, Any]) -> str:
        """What the template prints; raises TemplateError naming the file and line at which it broke off."""
        try:
            rendered = self.environment.get_template(name).render(context)
        except TemplateNotFound as error:
            raise TemplateError(f"{error.name} does not exist") from error
        except RecursionError as error:
            place = _place(error, self._templates, name)
            raise TemplateError(f"{place}: it includes or extends itself, in a circle") from error
        except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise TemplateError(f"{_place(error, self._templates, name)}: {error}") from error
        if len(rendered) > LARGEST_BODY:
            raise TemplateError(f"{name} grew past {LARGEST_BODY} characters")
        return rendered


# Asking for the context keeps Jinja from calling this for constants while it compiles.
@pass_context
def _printed(_context: Context, value: Any) -> Any:
    return printed(value)


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
