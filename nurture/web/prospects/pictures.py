"""The pictures for the pages. Mails carry theirs with them, so that opening one tells nobody."""

from flask import Blueprint, Response, abort, send_from_directory
from flask.typing import ResponseReturnValue

from nurture.domain.picture import is_picture_name
from nurture.render.pictures import folder
from nurture.runtime import Runtime

_DAY = 86_400


def picture_page(name: str) -> str:
    """The address under which a page shows the picture of that name."""
    return f"/images/{name}"


def pictures_blueprint(runtime: Runtime) -> Blueprint:
    """`/images/<name>`."""
    pages = Blueprint("pictures", __name__)

    @pages.get("/images/<name>")
    def image(name: str) -> ResponseReturnValue:
        if not is_picture_name(name):
            abort(404)
        answer: Response = send_from_directory(folder(runtime.settings.templates), name, max_age=_DAY)
        return answer

    return pages
