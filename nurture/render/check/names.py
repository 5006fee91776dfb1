"""Names that templates use and no mail gives them, in branches not taken as well. Renders nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.render.check.finding import Finding
from nurture.render.check.sources import Source
from nurture.render.pictures import picture

_PARSER = ImmutableSandboxedEnvironment(autoescape=True)
_PARSER.globals["picture"] = picture


def undefined_names(source: Source, known: Mapping[str, Any], mail: str) -> Iterator[Finding]:
    """A finding for every name, or part of one such as `lead.shoe_size`, that `known` does not hold."""
    try:
        tree = _PARSER.parse(source.text)
    except TemplateSyntaxError:
        return
    unknown = meta.find_undeclared_variables(tree) - known.keys() - _made_here(tree)
    uses = [(each.name, each.lineno) for each in tree.find_all(nodes.Name) if each.name in unknown]
    for name, line in sorted({*uses, *_unknown_parts(tree, known)}):
        detail = f"{name} is a name that no mail knows"
        yield Finding(f"templates/{source.name}", line, "name", detail, mail)


def _made_here(tree: nodes.Template) -> set[str]:
    """What the template imports, sets or defines at its top: blocks find it, though Jinja cannot tell beforehand."""
    made = {each.name for each in tree.body if isinstance(each, nodes.Macro)}
    made |= {each.target for each in tree.body if isinstance(each, nodes.Import)}
    for each in tree.body:
        if isinstance(each, nodes.FromImport):
            made |= {name if isinstance(name, str) else name[1] for name in each.names}
        elif isinstance(each, nodes.Assign):
            made |= {name.name for name in each.find_all(nodes.Name) if name.ctx == "store"}
    return made


def _unknown_parts(tree: nodes.Template, known: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    own = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
    excused = {id(part) for part in _with_a_default(tree)}
    for each in tree.find_all(nodes.Getattr):
        whole = each.node.name if isinstance(each.node, nodes.Name) else ""
        parts = known.get(whole)
        if whole not in own and isinstance(parts, Mapping) and each.attr not in parts and id(each) not in excused:
            yield f"{whole}.{each.attr}", each.lineno


def _with_a_default(tree: nodes.Template) -> Iterator[nodes.Expr]:
    """What a template says itself may be missing: `x | default(...)`, `x is defined`."""
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in {"default", "d"} and filtered.node is not None:
            yield filtered.node
    for test in tree.find_all(nodes.Test):
        if test.name in {"defined", "undefined"}:
            yield test.node
