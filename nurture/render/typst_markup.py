"""A parsed Markdown tree as Typst markup. Every word becomes a string literal, so content is never Typst code."""

import re

from markdown_it.tree import SyntaxTreeNode as Node

# Everything Typst reads specially inside a string literal, and the control characters that could end a line.
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\x85\u2028\u2029]')
# Calls that only wrap what they hold. Each ends with `;`, so nothing that follows can continue the expression.
_WRAPPERS = {
    "paragraph": "#par[{}];",
    "strong": "#strong[{}];",
    "em": "#emph[{}];",
    "blockquote": "#quote(block: true)[{}];",
}
_MARKS = {"softbreak": " ", "hardbreak": "#linebreak();", "hr": "#line(length: 100%);"}


def typst_markup(node: Node) -> str:
    """The node as Typst markup made of function calls and string literals alone."""
    inner = "".join(map(typst_markup, node.children))
    if node.type in _WRAPPERS:
        # The text of a tight list item is no paragraph of its own.
        return inner if node.hidden else _WRAPPERS[node.type].format(inner)
    if node.type in _MARKS:
        return _MARKS[node.type]
    return _call(node, inner)


def literal(text: str) -> str:
    """The text as a Typst string literal that stands for exactly this text."""
    return '"' + _SPECIAL.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text) + '"'


def _call(node: Node, inner: str) -> str:
    match node.type:
        case "text" if node.content:
            return f"#{literal(node.content)};"
        case "code_inline" | "code_block" | "fence":
            return f"#raw(block: {str(node.type != 'code_inline').lower()}, {literal(node.content)});"
        case "link":
            return f"#link({literal(str(node.attrs['href']))})[{inner}];"
        case "heading":
            # The document's title stands apart, so content starts at `##` and Typst at level 1.
            return f"#heading(level: {max(1, int(node.tag[1]) - 1)})[{inner}];"
        case "bullet_list" | "ordered_list":
            return _list(node)
    return inner


def _list(node: Node) -> str:
    items = "".join(f", [{''.join(map(typst_markup, item.children))}]" for item in node.children)
    if node.type == "bullet_list":
        return f"#list(tight: true{items});"
    return f"#enum(start: {int(node.attrs.get('start', 1))}{items});"
