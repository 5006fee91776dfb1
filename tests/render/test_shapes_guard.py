"""What keeps a shape honest: marks nobody can forge, a bound on memory, and controls that show the tests can fail."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.render.renderer import inline_css
from nurture.render.shapes import MOST_SHAPES, Shapes
from tests.render.trees import tree

HEAD = "<!DOCTYPE html><html><head><style>.urgent, #urgent, [title=urgent] { color: red }</style></head><body>"


def drawn(body, name, inline=inline_css):
    """The page drawn the fast way and the plain way."""
    pages = {"page": f"{HEAD}{body}</body></html>"}
    fast, plain = (
        ImmutableSandboxedEnvironment(loader=DictLoader(pages), autoescape=True, undefined=StrictUndefined)
        for _ in range(2)
    )
    shapes = Shapes(inline)
    shapes.attach(fast)
    quick = shapes.render(lambda: fast.get_template("page").render(name=name))
    return tree(quick), tree(inline_css(plain.get_template("page").render(name=name)))


@pytest.mark.parametrize(
    "body",
    [
        "<p>{{ name }}</p>",
        '<p title="{{ name }} ">{{ name }}</p>',
        '<p class="big {{ name }}">x</p>',
        "<p id='{{ name }}'>x</p>",
        "<p class={{ name }}>x</p>",
        '<p style="margin: 1px; color: {{ name }}">x</p>',
        "<p>{% filter upper %}Hello {{ name }}{% endfilter %}</p>",
        "<p>{% set words %}{{ name }}{% endset %}{{ words | upper }}</p>",
        "<p>{% set words %}{{ name }}{% endset %}{{ words | length }} {{ name }}</p>",
        "<p>{{ name | upper }} {{ (name ~ name) | length }}</p>",
        "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}<p>{{ m(name) }} {{ m(name) | striptags }}</p>",
    ],
)
def test_a_template_may_do_with_a_value_what_it_likes(body):
    quick, slow = drawn(body, "urgent")
    assert quick == slow


def test_control_a_rule_that_asks_for_a_value_shows_as_a_difference():
    """No mail that ships selects by such a value; the comparison would tell."""
    quick, slow = drawn('<p title="{{ name }}">x</p>', "urgent")
    assert quick != slow


def _swapped(html):
    """Inlines, and mixes up the first two marks."""
    first, second = (re.search(rf"v[0-9a-f]{{12}}n{n}e", html)[0] for n in (0, 1))
    return inline_css(html).replace(first, "?").replace(second, first).replace("?", second)


def test_control_a_broken_fill_shows_as_a_difference():
    quick, slow = drawn("<p>{{ name }}</p><p>{{ name ~ 1 }}</p>", "Ann", _swapped)
    assert quick != slow


@given(
    st.text("v0123456789abcdefne", max_size=24),
    st.sampled_from(["{mark}0e", "{mark}1e", "{mark}", "0e{mark}", "x{mark}00e"]),
)
@hypothesis_settings(deadline=None)
def test_no_reader_forges_a_mark(text, form):
    """Not even with the very mark in hand: values never reach the shape."""
    pages = {"page": "<!DOCTYPE html><html><body><p title='{{ a }}'>{{ a }}</p><p>{{ b }}</p></body></html>"}
    environment = ImmutableSandboxedEnvironment(loader=DictLoader(pages), autoescape=True)
    shapes = Shapes(str)
    shapes.attach(environment)
    name = form.format(mark=shapes._mark) + text
    html = shapes.render(lambda: environment.get_template("page").render(a=name, b="second"))
    assert tree(html) == tree(pages["page"].replace("{{ a }}", name).replace("{{ b }}", "second"))


def test_marks_differ_from_house_to_house():
    assert len({Shapes(str)._mark for _ in range(100)}) == 100


def test_no_more_shapes_are_kept_than_the_bound_and_the_newest_stay():
    calls = []
    shapes = Shapes(lambda html: calls.append(html) or html)
    for n in range(3 * MOST_SHAPES):
        shapes.render(lambda n=n: f"<p>{n}</p>")
        shapes.render(lambda: "<p>often</p>")
    assert len(shapes._cut) == MOST_SHAPES
    assert calls.count("<p>often</p>") == 1
