"""A parsed Markdown tree as the plain text of a mail. Knows nothing of HTML, mails or files."""

import textwrap
from collections.abc import Iterator

from markdown_it.tree import SyntaxTreeNode as Node

WIDTH = 72
# However deep a list or quotation nests, a line keeps room for some words.
_LEAST_WIDTH = 24
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


def plain_text(node: Node, width: int = WIDTH) -> str:
    """The node's blocks, wrapped at the width and set apart by blank lines."""
    return "\n\n".join(_block(child, max(width, _LEAST_WIDTH)) for child in node.children)


def flat_text(node: Node) -> str:
    """The words of inline content on their own: no marks, a link as its address when that says more."""
    if node.type == "link":
        return _link("".join(map(flat_text, node.children)), str(node.attrs["href"]))
    if node.children:
        return "".join(map(flat_text, node.children))
    return _BREAKS.get(node.type, "" if node.type in {"root", "inline"} else node.content)


def _block(node: Node, width: int) -> str:
    match node.type:
        case "heading":
            return _heading(_wrapped(flat_text(node), width), node.tag)
        case "bullet_list" | "ordered_list":
            return _list(node, width)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip(" ") for line in plain_text(node, width - 2).split("\n"))
        case "fence" | "code_block":
            return textwrap.indent(node.content.rstrip("\n"), "    ")
        case "hr":
            return "-" * min(width, WIDTH)
        case _:
            return _wrapped(flat_text(node), width)


def _heading(text: str, tag: str) -> str:
    rule = {"h1": "=", "h2": "-"}.get(tag)
    return text + "\n" + rule * max(map(len, text.split("\n"))) if rule else text


def _list(node: Node, width: int) -> str:
    tight = all(block.hidden for item in node.children for block in item.children if block.type == "paragraph")
    gap = "\n" if tight else "\n\n"
    pairs = zip(_markers(node), node.children, strict=False)
    return gap.join(_item(marker, item, width, gap) for marker, item in pairs)


def _item(marker: str, item: Node, width: int, gap: str) -> str:
    inner = max(width - len(marker), _LEAST_WIDTH)
    text = gap.join(_block(block, inner) for block in item.children)
    return (marker + textwrap.indent(text, " " * len(marker)).lstrip(" ")).rstrip(" ")


def _markers(node: Node) -> Iterator[str]:
    """Bullets, or the numbers as the author counts them."""
    first = int(node.attrs.get("start", 1))
    numbered = node.type == "ordered_list"
    return (f"{first + index}. " if numbered else "- " for index in range(len(node.children)))


def _link(text: str, href: str) -> str:
    """`text: url`, or the one of them that says it all."""
    scheme, _, bare = href.partition(":")
    if scheme.lower() in {"tel", "mailto"}:
        return text if text == bare else f"{text}: {bare}"
    return href if text.rstrip("/") in {href.rstrip("/"), bare.strip("/")} else f"{text}: {href}"


def _wrapped(text: str, width: int) -> str:
    """Each line filled to the width; addresses and telephone numbers stay whole."""
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )
