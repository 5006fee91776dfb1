"""Pictures that travel inside a mail: there where a template asks, and nowhere else."""

import shutil
import struct
import zlib
from email import message_from_bytes
from email.policy import default

import pytest

from nurture.config.settings import load_settings
from nurture.domain.errors import ConfigError, TemplateError
from nurture.domain.picture import is_picture_name
from nurture.lint.inspection import inspect
from nurture.local.preview.preview_app import create_preview
from nurture.mail.compose import compose
from nurture.mail.personas import find_mail, sample_request
from nurture.render.mime import serialise
from nurture.render.pictures import LARGEST_PICTURE, picture, picture_files
from nurture.runtime import build_runtime
from nurture.web.app import create_web
from tests.conftest import MONDAY
from tests.render.strict_mime import read

MAIL = "lumbar-sciatica/three-ds"


def png() -> bytes:
    """Two by two pixels of the clinic's green."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\x0f\x4c\x5c" * 2 for _ in range(2)))
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def place(home, tmp_path):
    """A home of one's own with a portrait that the signature shows."""
    own = tmp_path / "home"
    shutil.copytree(home, own)
    (own / "templates" / "images").mkdir()
    (own / "templates" / "images" / "portrait.png").write_bytes(png())
    settings = own / "config" / "nurture.toml"
    settings.write_text(settings.read_text().replace('photo = ""', 'photo = "portrait.png"'))
    return own


def opened(place, **more):
    names = {"NURTURE_HOME": str(place), "NURTURE_VAR": str(place / "var"), "NURTURE_SECRET_KEY": "test"}
    return build_runtime(load_settings(names | more))


def request(runtime, mail=MAIL):
    return sample_request(*find_mail(runtime.catalogue, mail), "Ann", MONDAY)


def show(place, markup):
    body = place / "templates" / "emails" / MAIL / "body.html"
    body.write_text(body.read_text().replace("<p>Dr. Moss keeps", f"{markup}\n<p>Dr. Moss keeps", 1))


def test_a_portrait_travels_with_the_mails_that_show_it(place):
    runtime = opened(place)
    strict = read(serialise(compose(runtime.mail_kit, request(runtime), "<a@clinic.example>")))
    [related] = strict.find("multipart/related")
    assert 'type="text/html"' in related.header("Content-Type")
    assert (related.parts[1].header("Content-ID"), related.parts[1].body) == ("<portrait.png@images>", png())
    assert 'src="cid:portrait.png@images"' in related.parts[0].body.decode()
    # The front desk signs what is about an appointment, and has no portrait.
    desk = compose(runtime.mail_kit, request(runtime, "discovery-visit/confirmation"), "<b@clinic.example>")
    assert [each.filename for each in desk.attachments] == ["appointment.ics"]


def test_a_mail_without_pictures_has_no_room_for_any(home):
    runtime = opened(home)
    mail = message_from_bytes(
        serialise(compose(runtime.mail_kit, request(runtime), "<a@clinic.example>")), policy=default
    )
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_a_template_shows_any_picture_of_ours_once_or_twice(place):
    show(place, '<img src="{{ picture("portrait.png") }}" alt="Dr. Moss" width="60">')
    message = compose(opened(place).mail_kit, request(opened(place)), "<a@clinic.example>")
    assert message.content.html.count(picture("portrait.png")) == 2
    assert len(message.attachments) == 1
    assert not list(inspect(opened(place).mail_kit, *find_mail(opened(place).catalogue, MAIL)))


@pytest.mark.parametrize("name", ["gone.png", "notes.txt", ".png", "link.png"])
def test_only_pictures_of_the_folder_travel(place, name):
    (place / "templates" / "images" / "notes.txt").write_text("private")
    (place / "templates" / "images" / "link.png").symlink_to("/etc/hostname")
    with pytest.raises(TemplateError, match=rf"the picture {name} is not in templates/images"):
        picture_files(place / "templates", f'<img src="{picture(name)}">')


@pytest.mark.parametrize("name", ["../nurture.toml", "a/b.png", "", "a b.png", "x\r\ny.png"])
def test_what_is_no_name_asks_for_no_file(place, name):
    assert picture_files(place / "templates", f'<img src="{picture(name)}">') == ()
    assert not is_picture_name(name)


FAULTS = {
    '{{ picture("gone.png") }}': "does not travel with the mail",
    "cid:portrait.png": "does not travel with the mail",
    '{{ picture("../secret") }}': "does not travel with the mail",
    '{{ picture("large.png") }}': f"weighs {LARGEST_PICTURE + 1} bytes",
    "data:image/png;base64,AAAA": "Gmail and Outlook do not show",
}


@pytest.mark.parametrize("source", FAULTS)
def test_the_check_names_a_picture_that_nobody_would_see(place, source):
    (place / "templates" / "images" / "large.png").write_bytes(b"x" * (LARGEST_PICTURE + 1))
    show(place, f"<img src='{source}' alt='x' width='60'>")
    runtime = opened(place)
    found = [each for each in inspect(runtime.mail_kit, *find_mail(runtime.catalogue, MAIL)) if each.rule == "picture"]
    assert [FAULTS[source] in each.detail for each in found] == [True], found
    line = found[0].line - 1
    assert source in (place / "templates" / "emails" / MAIL / "body.html").read_text().split("\n")[line]


@pytest.mark.parametrize(
    ("photo", "words"), [("gone.png", "not in templates"), ("a/b.png", "must name"), ("x.svg", "png, jpg")]
)
def test_a_brand_picture_that_is_not_there_is_refused_with_its_key(place, photo, words):
    settings = place / "config" / "nurture.toml"
    settings.write_text(settings.read_text().replace('"portrait.png"', f'"{photo}"'))
    with pytest.raises(ConfigError, match=rf"photo.*{words}"):
        opened(place)


def test_pages_and_preview_show_it_too(place):
    settings = place / "config" / "nurture.toml"
    settings.write_text(settings.read_text().replace('logo = ""', 'logo = "portrait.png"'))
    runtime = opened(place)
    visitor = create_web(runtime).test_client()
    assert '<img src="/images/portrait.png" alt="MOSS Rehabilitation Center">' in visitor.get("/articles").text
    with visitor.get("/images/portrait.png") as answer:
        assert (answer.data, answer.content_type) == (png(), "image/png")
    for name in ("gone.png", "x.txt", "..%2fnurture.toml"):
        assert visitor.get(f"/images/{name}").status_code == 404
    frame = create_preview(runtime).test_client().get(f"/frame/{MAIL}", base_url="http://127.0.0.1").text
    assert "cid:" not in frame
    assert frame.count("data:image/png;base64,") == 2
