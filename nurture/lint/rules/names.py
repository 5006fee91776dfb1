"""Names that templates use and no mail gives them, in branches not taken as well. Renders nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import meta, nodes

from nurture.lint.finding import Finding
from nurture.lint.sources import Source


def undefined_names(source: Source, known: Mapping[str, Any], mail: str) -> Iterator[Finding]:
    """A finding for every name, or part of one such as `lead.shoe_size`, that `known` does not hold."""
    unknown = meta.find_undeclared_variables(source.tree) - known.keys() - _made_here(source.tree)
    excused = _excused(source)
    uses = [(each.name, each.lineno) for each in source.all(nodes.Name) if _is_used(each, unknown, excused)]
    for name, line in sorted({*uses, *_unknown_parts(source, known, excused)}):
        detail = f"{name} is a name that no mail knows"
        yield Finding(source.file, line, "name", detail, mail)


def names_set(sources: Iterable[Source]) -> set[str]:
    """What these templates set by themselves, anywhere: an include or a base may find it."""
    made: set[str] = set()
    for source in sources:
        targets = [target for each in source.all(nodes.With) for target in each.targets]
        made |= {each.name for each in targets if isinstance(each, nodes.Name)}
        made |= {each.name for each in source.all(nodes.Name) if each.ctx == "store"}
        made |= {"loop"} if source.all(nodes.For) else set()
    return made


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


def _is_used(name: nodes.Name, unknown: set[str], excused: set[int | str]) -> bool:
    """Tell whether this is an unknown name, used where nothing provides for its being missing."""
    return name.name in unknown and not excused & {id(name), name.name}


def _unknown_parts(source: Source, known: Mapping[str, Any], excused: set[int | str]) -> Iterator[tuple[str, int]]:
    """Every `lead.shoe_size` and its line: a part that a known name does not have."""
    own = {each.name for each in source.all(nodes.Name) if each.ctx != "load"}
    for each in source.all(nodes.Getattr):
        whole = each.node.name if isinstance(each.node, nodes.Name) else ""
        parts, name = known.get(whole), _written(each)
        is_missing = isinstance(parts, Mapping) and each.attr not in parts
        if whole not in own and is_missing and not excused & {id(each), name}:
            yield name, each.lineno


def _excused(source: Source) -> set[int | str]:
    """The uses of names that the template itself provides for being missing: nodes by their `id`, and whole names.

    `x | default(...)` provides for that one use of x, and `x is defined` for every use of x in the template.
    """
    filters = [each.node for each in source.all(nodes.Filter) if each.name in {"default", "d"}]
    tests = [each.node for each in source.all(nodes.Test) if each.name in {"defined", "undefined"}]
    return {id(each) for each in filters if each is not None} | {_written(each) for each in tests}


def _written(node: nodes.Expr) -> str:
    """A name or a part of one, as it stands in the template."""
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""
