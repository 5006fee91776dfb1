"""Breaks source by its syntax tree: how it is laid out and commented makes no difference. Knows no mutant."""

import ast
from dataclasses import dataclass


@dataclass
class _Breaking(ast.NodeTransformer):
    """Puts something else for whatever is the same as `whole`, and counts how often."""

    whole: str
    instead: ast.AST
    found: int = 0

    def visit(self, node: ast.AST) -> ast.AST:
        if ast.dump(node) != self.whole:
            return self.generic_visit(node)
        self.found += 1
        return self.instead


def break_source(source: str, function: str, whole: str, instead: str) -> str:
    """The source with `instead` where `whole` was in that function; raises LookupError unless it is there once.

    Both are one expression or one statement; the function is named with what it stands in (`Class.method`), and `""`
    is the whole module.
    """
    tree = ast.parse(source)
    nodes = [_node(whole), _node(instead)]
    # A statement takes an expression's place only where that stands as a statement.
    if all(isinstance(node, ast.Expr) for node in nodes):
        nodes = [node.value for node in nodes]
    breaking = _Breaking(ast.dump(nodes[0]), nodes[1])
    breaking.generic_visit(_scope(tree, function))
    if breaking.found != 1:
        raise LookupError(f"{whole!r} is {breaking.found} times in {function or 'the module'}, and not once")
    return ast.unparse(ast.fix_missing_locations(tree))


def _node(code: str) -> ast.stmt:
    (node,) = ast.parse(code).body
    return node


def _scope(tree: ast.Module, function: str) -> ast.AST:
    scope: ast.AST = tree
    for name in filter(None, function.split(".")):
        inner = [each for each in ast.walk(scope) if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        named = [each for each in inner if each.name == name and each is not scope]
        if not named:
            raise LookupError(f"there is no {function}")
        scope = named[0]
    return scope
