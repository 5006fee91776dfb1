"""An HTML document as a value that can be compared."""

import lxml.html


def tree(document):
    """Every element with its attributes and its text, nested as they are."""

    def node(element):
        return element.tag, sorted(element.attrib.items()), element.text, element.tail, [node(each) for each in element]

    return node(lxml.html.document_fromstring(document))
