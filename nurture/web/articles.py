"""The articles, for everyone to read."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from nurture.render.markdown import to_html
from nurture.service.mail_context import article_context
from nurture.service.runtime import Runtime


def articles_blueprint(runtime: Runtime) -> Blueprint:
    """`/articles` and `/articles/<name>`."""
    pages = Blueprint("articles", __name__)

    @pages.get("/articles")
    def index() -> ResponseReturnValue:
        return render_template("pages/articles.html", title="Articles", articles=_cards(runtime))

    @pages.get("/articles/<name>")
    def article(name: str) -> ResponseReturnValue:
        found = runtime.catalogue.articles.get(name)
        if found is None:
            abort(404)
        html = Markup(to_html(found.body))  # noqa: S704 - to_html escapes whatever is not Markdown
        words = article_context(found, runtime.links) | {"html": html}
        others = [card for card in _cards(runtime) if card["name"] != name]
        return render_template("pages/article.html", title=found.title, article=words, articles=others[:3])

    return pages


def _cards(runtime: Runtime) -> list[dict[str, object]]:
    return [article_context(each, runtime.links) for each in runtime.catalogue.articles.values()]
