"""The articles, for everyone to read."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from nurture.config.writings import Report
from nurture.mail.context import article_context
from nurture.render.markdown import to_html
from nurture.runtime import Runtime


def articles_blueprint(runtime: Runtime) -> Blueprint:
    """`/articles` and `/articles/<name>`."""
    pages = Blueprint("articles", __name__)

    @pages.get("/articles")
    def index() -> ResponseReturnValue:
        return render_template("pages/articles.html", title="Articles", articles=article_cards(runtime))

    @pages.get("/articles/<name>")
    def article(name: str) -> ResponseReturnValue:
        found = runtime.catalogue.articles.get(name)
        if found is None:
            abort(404)
        html = Markup(to_html(found.body))  # noqa: S704 - to_html escapes whatever is not Markdown
        words = article_context(found, runtime.links) | {"html": html}
        report = runtime.catalogue.report_on(found.topics)
        others = [card for card in article_cards(runtime, report) if card["name"] != name]
        offer = {
            "title": report.title,
            "page_url": runtime.links.report_page(report.page, request.args.get("source", "")),
        }
        return render_template(
            "pages/article.html", title=found.title, article=words, articles=others[:3], report=offer
        )

    return pages


def article_cards(runtime: Runtime, report: Report | None = None) -> list[dict[str, object]]:
    """Every article, or those on the subject of that report."""
    catalogue = runtime.catalogue
    chosen = [each for each in catalogue.articles.values() if report in {None, catalogue.report_on(each.topics)}]
    return [article_context(each, runtime.links) for each in chosen]
