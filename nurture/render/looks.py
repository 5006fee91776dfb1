"""Whether a mail's templates look at what they have printed: only there could they tell a mark from a value.

Reads the sources of a template and of all that it extends, includes or imports. Renders nothing.
"""

from collections.abc import Iterator
from functools import lru_cache

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, meta, nodes

# Printed text has these names in any template; `self` is asked for a block of its own.
_ALWAYS = {"caller", "super"}
_OWNERS = {"self"}


def looks_at_its_output(environment: Environment, name: str) -> bool:
    """Tell whether printed text is caught (a block set, a macro, `caller()`) and then more is done than to print it."""
    trees = list(_family(environment, name, {}).values())
    caught = _ALWAYS.union(*map(_caught, trees))
    owners = frozenset(_OWNERS.union(*map(_owners, trees)))
    return any(_is_opaque(tree) or not (caught | owners).isdisjoint(_watched(tree, owners)) for tree in trees)


def _family(environment: Environment, name: str, found: dict[str, nodes.Template]) -> dict[str, nodes.Template]:
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
    """Tell whether it filters printed text, goes round autoescape, or names another template only while it renders."""
    filters = any(block.filter is not None for block in tree.find_all(nodes.AssignBlock))
    # A loop that calls itself is handed what it printed.
    loops = any(loop.recursive for loop in tree.find_all(nodes.For))
    blocks = any(tree.find_all((nodes.FilterBlock, nodes.ScopedEvalContextModifier)))
    return filters or loops or blocks or None in set(meta.find_referenced_templates(tree))


@lru_cache(maxsize=256)
def _caught(tree: nodes.Template) -> set[str]:
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
def _watched(tree: nodes.Template, owners: frozenset[str]) -> set[str]:
    """The names read in any other way than to print them, what they return, or what they own."""
    printed = {id(name) for name in _printed(tree, owners)}
    return {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load" and id(each) not in printed}


def _printed(tree: nodes.Template, owners: frozenset[str]) -> Iterator[nodes.Node]:
    whole: list[nodes.Node] = [part for output in tree.find_all(nodes.Output) for part in output.nodes]
    whole += [block.call for block in tree.find_all(nodes.CallBlock)]
    # Whether a name is there says nothing about the text it stands for.
    whole += [test.node for test in tree.find_all(nodes.Test) if test.name in {"defined", "undefined"}]
    for each in whole:
        said = each.node if isinstance(each, nodes.Call) else each
        owner = said.node if isinstance(said, nodes.Getattr) else None
        yield owner if isinstance(owner, nodes.Name) and owner.name in owners else said
