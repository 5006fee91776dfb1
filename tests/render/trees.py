"""An HTML document as a value that can be compared."""

import lxml.html


def tree(document):
    """Every element with its attributes and its text, nested as they are."""

    def node(element):
        return element.tag, sorted(element.attrib.items()), element.text, element.tail, [node(each) for each in element]

    return node(lxml.html.document_fromstring(document))


def flat(document):
    """Every element with its attributes and texts, in order."""
    return [(each.tag, each.items(), each.text, each.tail) for each in lxml.html.document_fromstring(document).iter()]


def reworded(elements, old, new):
    """The same elements with `new` wherever a text said `old`."""

    def words(text):
        return text.replace(old, new) if text else text

    return [(tag, attributes, words(text), words(tail)) for tag, attributes, text, tail in elements]
