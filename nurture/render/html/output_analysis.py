"""Whether a template does more with what it has printed than print it: tests, filters or measures it. Renders nothing.

While a skeleton is rendered (see skeletons.py), templates print placeholders instead of values. Where printed text goes
straight into the document, nobody can tell. Where it is captured (`{% set x %}...{% endset %}`, a macro, `caller()`)
and then looked into, a placeholder may take another branch than the value would. Such templates are found here, by
the syntax trees of a template and of all that it extends, includes or imports.
"""

from collections.abc import Iterator
from functools import lru_cache

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, meta, nodes

# Names that stand for printed text in any template, and the one that has blocks as parts: `self.title()`.
_CAPTURED = {"caller", "super"}
_OWNERS = {"self"}


def inspects_own_output(environment: Environment, name: str) -> bool:
    """Tell whether the template, or one that it is made of, captures printed text and does more than print it."""
    trees = list(_family(environment, name, {}).values())
    captured = _CAPTURED.union(*map(_captured, trees))
    owners = frozenset(_OWNERS.union(*map(_owners, trees)))
    return any(_is_opaque(tree) or not (captured | owners).isdisjoint(_inspected(tree, owners)) for tree in trees)


def is_left_to_chance(environment: Environment, name: str) -> bool:
    """Tell whether the template, or one that it is made of, may say another thing at each rendering."""
    return any(_draws_lots(tree) for tree in _family(environment, name, {}).values())


@lru_cache(maxsize=256)
def _draws_lots(tree: nodes.Template) -> bool:
    """Tell whether it names `random` (as a word to `map` as well), `lipsum`, or asks if two values are one object."""
    filters, tests = ({each.name for each in tree.find_all(kind)} for kind in (nodes.Filter, nodes.Test))
    words = {each.value for each in tree.find_all(nodes.Const) if isinstance(each.value, str)}
    names = {each.name for each in tree.find_all(nodes.Name)}
    return not {"random", "lipsum", "sameas"}.isdisjoint(filters | tests | words | names)


def _family(environment: Environment, name: str, found: dict[str, nodes.Template]) -> dict[str, nodes.Template]:
    """The syntax trees of the template and of all that it names, by name."""
    if name not in found and environment.loader is not None:
        try:
            found[name] = _parsed(environment, environment.loader.get_source(environment, name)[0])
        except (TemplateNotFound, TemplateSyntaxError):
            # Rendering says what is wrong, should it get that far.
            return found
        for other in filter(None, meta.find_referenced_templates(found[name])):
            _family(environment, other, found)
    return found


# Every mail has the same frame and parts; a template that was edited has another source.
@lru_cache(maxsize=256)
def _parsed(environment: Environment, source: str) -> nodes.Template:
    return environment.parse(source)


@lru_cache(maxsize=256)
def _is_opaque(tree: nodes.Template) -> bool:
    """Tell whether it filters printed text, switches autoescape, or computes which template to include."""
    filters = any(block.filter is not None for block in tree.find_all(nodes.AssignBlock))
    # A recursive loop gets what it printed as a value: `loop(children)`.
    loops = any(loop.recursive for loop in tree.find_all(nodes.For))
    blocks = any(tree.find_all((nodes.FilterBlock, nodes.ScopedEvalContextModifier)))
    return filters or loops or blocks or None in set(meta.find_referenced_templates(tree))


@lru_cache(maxsize=256)
def _captured(tree: nodes.Template) -> set[str]:
    """The names that stand for printed text, or for what prints when it is called."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    for block in tree.find_all(nodes.AssignBlock):
        # Without a value in it the text is the template's own.
        if not all(isinstance(part, nodes.TemplateData) for each in block.body for part in each.iter_child_nodes()):
            targets = (block.target, *block.target.find_all(nodes.Name))
            names |= {each.name for each in targets if isinstance(each, nodes.Name | nodes.NSRef)}
    for line in tree.find_all(nodes.FromImport):
        names |= {each if isinstance(each, str) else each[1] for each in line.names}
    return names


@lru_cache(maxsize=256)
def _owners(tree: nodes.Template) -> set[str]:
    """The names that have printed text as a part: `forms` of `forms.field()`, `ns` of `ns.text`."""
    spaces = {block.target.name for block in tree.find_all(nodes.AssignBlock) if isinstance(block.target, nodes.NSRef)}
    return spaces | {line.target for line in tree.find_all(nodes.Import)}


@lru_cache(maxsize=256)
def _inspected(tree: nodes.Template, owners: frozenset[str]) -> set[str]:
    """The names that are read otherwise than to print them, what they return when called, or a part of them."""
    printed = {id(name) for name in _printed(tree, owners)}
    return {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load" and id(each) not in printed}


def _printed(tree: nodes.Template, owners: frozenset[str]) -> Iterator[nodes.Node]:
    """The expressions that go straight into the document."""
    whole: list[nodes.Node] = [part for output in tree.find_all(nodes.Output) for part in output.nodes]
    whole += [block.call for block in tree.find_all(nodes.CallBlock)]
    # `x is defined` does not depend on the text of x.
    whole += [test.node for test in tree.find_all(nodes.Test) if test.name in {"defined", "undefined"}]
    for each in whole:
        printed = each.node if isinstance(each, nodes.Call) else each
        owner = printed.node if isinstance(printed, nodes.Getattr) else None
        yield owner if isinstance(owner, nodes.Name) and owner.name in owners else printed
