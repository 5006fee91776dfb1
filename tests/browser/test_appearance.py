"""Every mail and every page in a real Chromium, on a phone and wider, by day and by night: what a picture would tell.

The pictures themselves are for people: `make shots ARGS=all` puts them into var/shots.
"""

import pytest

from tests.browser.chromium import Browser
from tests.browser.gallery import open_gallery

# Looks at what is seen and has words or a picture of its own. A skip link waits to the left of the page.
SURVEY = """(() => {
  const seen = each => each.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const own = each => each.matches('img, button, input') ||
    [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const name = each => (each.innerText || each.alt || each.name || each.tagName).trim().slice(0, 40);
  const lightness = each => {
    const [r, g, b, alpha = 1] = getComputedStyle(each).backgroundColor.match(/[\\d.]+/g).map(Number);
    return alpha > 0 ? (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255 : null;
  };
  const background = each => each ? lightness(each) ?? background(each.parentElement) : 1;
  const area = each => each.offsetWidth * each.offsetHeight;
  const text = each => each.innerText.trim();
  // A link within a sentence is as tall as its line. What stands alone is as tall as a finger.
  const alone = each => each.matches('button, summary, input:not([type=hidden])') || each.matches('a[href]') &&
    (getComputedStyle(each).display !== 'inline' || text(each.parentElement) === text(each));
  // A letter is about half an em wide.
  const letters = each => each.clientWidth / parseFloat(getComputedStyle(each).fontSize) * 2;
  const all = [...document.body.querySelectorAll('*')].filter(seen);
  const outside = each => { const box = each.getBoundingClientRect(); return box.right <= 0 && !each.matches('img'); };
  const scrolls = each => each && (/auto|scroll/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
  const shown = all.filter(each => own(each) && !outside(each));
  return {
    width: document.scrollingElement.scrollWidth,
    words: document.body.innerText.length,
    cut: shown.filter(each => { const box = each.getBoundingClientRect();
      return box.width && (box.left < -0.5 || box.right > innerWidth + 0.5) && !scrolls(each.parentElement);
    }).map(name),
    broken: all.filter(each => each.matches('img') && !(each.complete && each.naturalWidth)).map(name),
    small: shown.filter(each => alone(each) && each.getBoundingClientRect().height < 44).map(name),
    long: shown.filter(each => each.matches('p, li, dd') && letters(each) > 92 && text(each).length > 120).map(name),
    // A frame is the background of another page: the preview shows a mail by day beside one by night.
    glaring: all.filter(each => lightness(each) > 0.6 && area(each) > area(document.body) / 20 &&
      !each.matches('iframe')).map(name),
    targets: shown.filter(each => each.matches('a, button')).length,
    background: background(document.elementFromPoint(2, 2)),
  };
})()"""


@pytest.fixture(scope="module")
def gallery(home, tmp_path_factory):
    return open_gallery(home, tmp_path_factory.mktemp("gallery") / "var")


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        yield one


def complaints(found, width, *, dark):
    """What a designer would complain of, in words."""
    if found["width"] > width:
        yield f"scrolls sideways: {found['width']} px"
    if found["words"] < 80 or not found["targets"]:
        yield "is empty"
    if dark != (found["background"] < 0.25):
        yield f"has a background of lightness {found['background']:.2f}"
    for fault in ("cut", "broken", "small", "long", *(["glaring"] if dark else [])):
        if found[fault]:
            yield f"{fault}: {', '.join(found[fault])}"


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", [375, 800])
def test_nothing_is_cut_off_too_small_or_lost_in_the_dark(gallery, browser, tmp_path, width, dark):
    found = []
    shown = gallery.for_everyday() | (gallery.wide if width > 700 else gallery.mails)
    for name, url in shown.items():
        browser.open(url, width=width, dark=dark)
        found += [f"{name} {each}" for each in complaints(browser.evaluate(SURVEY), width, dark=dark)]
        picture = tmp_path / f"{name}.png"
        browser.picture(picture, whole=True)
        assert picture.stat().st_size > 5_000, name
    assert found == []


FAULTS = {
    "<p style='width: 900px'>Wide</p>": "scrolls sideways",
    "<p style='position: relative; left: -30px'>Cut</p>": "cut: Cut",
    "<img src='/nowhere.png' alt='Gone' width='20' height='20'>": "broken: Gone",
    "<a href='/' style='display: block; height: 20px'>Tiny</a>": "small: Tiny",
    "<p><a href='/'>Alone</a></p>": "small: Alone",
    f"<div style='overflow-x: auto'><p style='width: 900px'>{'Long line. ' * 20}</p></div>": "long: Long",
    "<div style='height: 200px; background: #fff'>Lamp</div>": "glaring: Lamp",
    "<style>body, body * { background: #fff !important }</style>": "has a background of lightness 1.00",
}


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS.get)
def test_each_fault_would_be_found(gallery, browser, fault):
    browser.open(gallery.pages["thanks"], width=375, dark=True)
    added = f"document.querySelector('main').insertAdjacentHTML('beforeend', `{fault}`)"
    loaded = "Promise.all([...document.images].map(each => each.decode().catch(() => 0)))"
    browser.evaluate(f"{added}; {loaded}.then(() => 0)")
    assert any(each.startswith(FAULTS[fault]) for each in complaints(browser.evaluate(SURVEY), 375, dark=True))
