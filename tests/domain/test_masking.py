"""However a relay spells the reader, nothing of them is left in what is kept; and nothing else goes."""

import base64
import quopri
import re
import string
import unicodedata
from email.header import Header
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nurture.domain.masking import Reader, masked

ANN = Reader("ann.o-hara+news@example.com", "Zoë O'Hara", "(817) 555-0102 ext 5")


def xtext(text):
    """RFC 3461 4."""
    return "".join(char if char.isalnum() else f"+{ord(char):02X}" for char in text)


def quoted_printable(text):
    return quopri.encodestring(text.encode(), quotetabs=True).decode().replace("=\n", "")


ADDRESS_SPELLINGS = [
    str,
    str.upper,
    str.title,
    lambda address: address.rpartition("@")[0],
    lambda address: address.rpartition("@")[0].partition("+")[0],
    lambda address: '"{}"@{}'.format(*address.rsplit("@", 1)),
    lambda address: "".join(f"\\{char}" if char in "+-@" else char for char in address),
    lambda address: "SRS0=HhHh=TT={1}={0}@relay.example".format(*address.rsplit("@", 1)),
    lambda address: "bounce-{}={}@list.example".format(*address.rsplit("@", 1)),
    lambda address: "{} at {}".format(*address.rsplit("@", 1)),
    lambda address: address.replace("@", "(at)"),
    lambda address: quote(address, safe=""),
    lambda address: "".join(f"%{byte:02x}" for byte in address.encode()),
    lambda address: "".join(f"={byte:02X}" for byte in address.encode()),
    lambda address: "".join(f"&#{ord(char)};" for char in address),
    lambda address: "".join(f"&#x{ord(char):x};" for char in address),
    xtext,
    quoted_printable,
    lambda address: base64.b64encode(address.encode()).decode(),
    lambda address: base64.urlsafe_b64encode(f"to:{address}".encode()).decode().rstrip("="),
]
NAME_SPELLINGS = [
    str,
    str.upper,
    lambda name: ", ".join(reversed(name.split())),
    lambda name: name.replace(" ", "."),
    lambda name: name.replace(" ", ""),
    lambda name: name.split()[-1],
    lambda name: unicodedata.normalize("NFD", name),
    quote,
    lambda name: Header(name, "utf-8").encode(),
    lambda name: base64.b64encode(name.encode()).decode(),
]
PHONE_SPELLINGS = [str, lambda digits: f"+1{digits}", lambda digits: f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"]
PHONE_SPELLINGS += [".".join, lambda digits: digits[3:], lambda digits: f"{digits[3:6]} {digits[6:]}"]

WORDS = st.text("bcdfghjklmpqvwxz", min_size=3, max_size=8)
LOCALS = st.builds(
    lambda words, mark: mark.join(words), st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(".-_+")
)
NAMES = st.lists(st.text("bcdfghjkëłß", min_size=2, max_size=8), min_size=2, max_size=3).map(" ".join)
DIGITS = st.text(string.digits, min_size=10, max_size=10)
AROUND = st.sampled_from(["{}", "<{}>", "550 5.1.1 {} unknown", "relay said ({})", "{}: no", "mailto:{}?x=1", "'{}'"])


def shown(text):
    """What a reader of the log could still make out, the marks aside."""
    return re.sub(r"\((address|name|phone)\)", "", text).casefold()


@given(LOCALS, st.sampled_from(ADDRESS_SPELLINGS), AROUND)
@example("ann", ADDRESS_SPELLINGS[0], "{}")
@example("abe", ADDRESS_SPELLINGS[8], "{}")
def test_no_spelling_of_an_address_is_left(local, spelling, around):
    reader = Reader(f"{local}@example.com")
    spelt = spelling(reader.address)
    left = shown(masked(around.format(spelt), reader))
    assert spelt.casefold() not in left
    assert not any(word in left for word in re.split(r"[._+-]", local))


@given(NAMES, st.sampled_from(NAME_SPELLINGS), AROUND)
def test_no_spelling_of_a_name_is_left(name, spelling, around):
    spelt = spelling(name)
    left = shown(masked(around.format(spelt), Reader("x@example.com", name)))
    assert spelt.casefold() not in left
    assert not any(re.search(rf"\b{re.escape(word.casefold())}\b", left) for word in name.split())


@given(DIGITS, st.sampled_from(PHONE_SPELLINGS), AROUND)
def test_no_spelling_of_a_phone_is_left(digits, spelling, around):
    text = around.format(spelling(digits))
    kept = re.sub(r"\D", "", masked(text, Reader("x@example.com", "", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}")))
    assert digits[3:] not in kept


@given(st.lists(WORDS, max_size=8), LOCALS, NAMES)
def test_nothing_of_others_is_masked(words, local, name):
    mine = set(re.split(r"\W|_", f"{local} {name}".casefold()))
    assume(not mine & set(words))
    text = " ".join(words)
    whole = re.sub(r"[\W_]", "", f"{local} {name}".casefold())
    assume(not any(word in whole for word in words))
    assert masked(text, Reader(f"{local}@example.com", name, "817-555-0102")) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("550 5.1.1 <ANN.O-HARA+news@example.com>: unknown", "550 5.1.1 <(address)>: unknown"),
        ("550 ann.o-hara over quota", "550 (address) over quota"),
        ("Dear Zoe O'HARA, call +1 817.555.0102", "Dear (name), call +1 (phone)"),
        ("annual hours, 5 of 10", "annual hours, 5 of 10"),
    ],
)
def test_what_stays_is_still_a_sentence(text, left):
    assert masked(text, ANN) == left


@pytest.mark.parametrize(
    ("reader", "text", "left"),
    [
        # What looks like an escape is read both ways.
        (Reader("abe@example.com"), "list=abe unknown", "list=(address) unknown"),
        (Reader("ann.smith@example.com"), "no Smith here", "no (address) here"),
        (Reader("x@example.com", "Noël Li"), "noe, no: NOEL li", "noe, no: (name)"),
        (Reader("x@example.com", "", "+44 20 7946 0958"), "call 020 7946 0958", "call 0(phone)"),
        (Reader("_@example.com"), "<_@example.com>", "<(address)>"),
    ],
)
def test_readers_of_many_kinds(reader, text, left):
    assert masked(text, reader) == left


@pytest.mark.parametrize("name", ["王小明", "김 민수", "Ольга Петрова", "محمد"])
def test_names_of_any_script_are_known(name):
    assert masked(f"用户{name}不存在", Reader("x@example.com", name)).count("(name)") >= 1
    assert name not in masked(f"用户{name}不存在", Reader("x@example.com", name))


def test_the_numbers_of_the_reply_itself_stay():
    assert masked("550 5.1.1 550 is unknown", Reader("550@example.com")) == "550 5.1.1 (address) is unknown"
