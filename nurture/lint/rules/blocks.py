"""Blocks that a template fills and no reader sees: Jinja sends the mail without them, and says nothing."""

from collections.abc import Iterator
from difflib import get_close_matches

from jinja2 import nodes

from nurture.lint.finding import Finding
from nurture.lint.sources import Source, lineage

# What a template may say outside its blocks when it extends another: what only makes names.
_MAKES_NAMES = (nodes.Block, nodes.Macro, nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport)


def misused_blocks(sources: list[Source], mail: str) -> Iterator[Finding]:
    """A finding for every block that no parent has or shows, and for what stands outside all blocks."""
    family = lineage(sources)
    for child, *parents in (family[at:] for at in range(len(family) - 1)):
        for line, detail in _unknown(child, parents):
            yield Finding(child.file, line, "block", detail, mail, frame=parents[-1].file)
        for line, detail in [*_lost(child), *_unshown(child, parents)]:
            yield Finding(child.file, line, "block", detail, mail)


def _unknown(child: Source, parents: list[Source]) -> Iterator[tuple[int, str]]:
    known = sorted({block.name for parent in parents for block in parent.all(nodes.Block)})
    for block in _outermost(child.tree):
        if block.name not in known:
            nearest = get_close_matches(block.name, known, 1)
            meant = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(known) or 'none'}"
            detail = f"no template that this one extends has a block {block.name}, so nobody sees it; {meant}"
            yield block.lineno, detail


def _lost(child: Source) -> Iterator[tuple[int, str]]:
    """What stands outside every block, and conditions around blocks, which are filled all the same."""
    begin = next(at for at, each in enumerate(child.tree.body) if isinstance(each, nodes.Extends))
    outside = [line for each in child.tree.body[begin + 1 :] for line in _said(each)]
    if outside:
        yield min(outside), "what stands outside every block of a template that extends another is not sent"
    for each in child.tree.find_all((nodes.If, nodes.For)):
        blocks = [] if _is_inside(each, child.tree) else [*each.find_all(nodes.Block)]
        if blocks:
            yield each.lineno, f"a condition or a loop around block {blocks[0].name} has no effect: put it inside"


def _unshown(child: Source, parents: list[Source]) -> Iterator[tuple[int, str]]:
    """Blocks whose place in the parent is gone, because the block around it is filled anew."""
    own = {block.name: block for block in child.all(nodes.Block)}
    for parent in parents:
        for around in parent.all(nodes.Block):
            filled = own.get(around.name)
            if filled is None or _asks_for_parent(filled):
                continue
            kept = {block.name for block in filled.find_all(nodes.Block)}
            for block in around.find_all(nodes.Block):
                if block.name in own and block.name not in kept:
                    detail = f"nobody sees the block {block.name}: its place is in {around.name}, which is filled anew"
                    yield own[block.name].lineno, detail


def _outermost(node: nodes.Node) -> Iterator[nodes.Block]:
    for each in node.iter_child_nodes():
        if isinstance(each, nodes.Block):
            yield each
        else:
            yield from _outermost(each)


def _said(node: nodes.Node) -> Iterator[int]:
    """The lines at which the node prints something, were it not outside every block."""
    if isinstance(node, nodes.TemplateData):
        if node.data.strip():
            blank = node.data[: len(node.data) - len(node.data.lstrip())]
            yield node.lineno + blank.count("\n")
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            yield from _said(part) if isinstance(part, nodes.TemplateData) else (part.lineno,)
    elif isinstance(node, nodes.CallBlock | nodes.Include):
        yield node.lineno
    elif not isinstance(node, (*_MAKES_NAMES, nodes.Expr)):
        for each in node.iter_child_nodes():
            yield from _said(each)


def _is_inside(node: nodes.Node, tree: nodes.Template) -> bool:
    within = (nodes.Block, nodes.Macro)
    return any(each is node for block in tree.find_all(within) for each in block.find_all(type(node)))


def _asks_for_parent(block: nodes.Block) -> bool:
    return any(isinstance(each.node, nodes.Name) and each.node.name == "super" for each in block.find_all(nodes.Call))
