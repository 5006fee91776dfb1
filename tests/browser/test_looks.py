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
  const ground = each => {
    for (; each; each = each.parentElement) {
      const [r, g, b, alpha = 1] = getComputedStyle(each).backgroundColor.match(/[\\d.]+/g).map(Number);
      if (alpha > 0) return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
    }
    return 1;
  };
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
    small: shown.filter(each => each.matches('button, .button, [class*=button] a, a[class*=button], .pill, .call'))
      .filter(each => each.getBoundingClientRect().height < 44).map(name),
    targets: shown.filter(each => each.matches('a, button')).length,
    ground: ground(document.elementFromPoint(2, 2)),
  };
})()"""


@pytest.fixture(scope="module")
def gallery(home, tmp_path_factory):
    return open_gallery(home, tmp_path_factory.mktemp("gallery") / "var")


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        yield one


def objections(found, width, *, dark):
    """What a designer would object to, said in words."""
    if found["width"] > width:
        yield f"scrolls sideways: {found['width']} px"
    if found["words"] < 80 or not found["targets"]:
        yield "is empty"
    if dark != (found["ground"] < 0.25):
        yield f"has a ground of lightness {found['ground']:.2f}"
    for fault in ("cut", "broken", "small"):
        if found[fault]:
            yield f"{fault}: {', '.join(found[fault])}"


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", [375, 800])
def test_nothing_is_cut_off_too_small_or_lost_in_the_dark(gallery, browser, tmp_path, width, dark):
    found = []
    for name, url in (gallery.mails | gallery.pages | (gallery.wide if width > 700 else {})).items():
        browser.open(url, width=width, dark=dark)
        found += [f"{name} {each}" for each in objections(browser.evaluate(SURVEY), width, dark=dark)]
        picture = tmp_path / f"{name}.png"
        browser.picture(picture, whole=True)
        assert picture.stat().st_size > 5_000, name
    assert found == []


FAULTS = {
    "<p style='width: 900px'>Wide</p>": "scrolls sideways",
    "<p style='position: relative; left: -30px'>Cut</p>": "cut: Cut",
    "<img src='/nowhere.png' alt='Gone' width='20' height='20'>": "broken: Gone",
    "<a class='button' style='display: block; min-height: 0; height: 20px'>Tiny</a>": "small: Tiny",
    "<style>body, body * { background: #fff !important }</style>": "has a ground of lightness 1.00",
}


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS.get)
def test_each_fault_would_be_found(gallery, browser, fault):
    browser.open(gallery.pages["thanks"], width=375, dark=True)
    added = f"document.querySelector('main').insertAdjacentHTML('beforeend', `{fault}`)"
    loaded = "Promise.all([...document.images].map(each => each.decode().catch(() => 0)))"
    browser.evaluate(f"{added}; {loaded}.then(() => 0)")
    assert any(each.startswith(FAULTS[fault]) for each in objections(browser.evaluate(SURVEY), 375, dark=True))
