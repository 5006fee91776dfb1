"""What the NURTURE_* variables may say, and what is refused by name."""

import secrets

import pytest

from nurture.config.environment import refuse_unknown_variables
from nurture.config.settings import load_settings
from nurture.domain.errors import ConfigError
from nurture.domain.secret_key import weakness_of
from nurture.runtime import build_runtime
from nurture.transport.smtp_url import parse_smtp_url
from tests.conftest import ROOT

REFUSED = [
    ("NURTURE_SMPT_URL", "smtp://relay.example:587", "did you mean 'NURTURE_SMTP_URL'?"),
    ("NURTURE_SECRET", "x", "did you mean 'NURTURE_SECRET_KEY'?"),
    ("NURTURE_DATABASE_URL_FIEL", "x", "did you mean 'NURTURE_DATABASE_URL_FILE'?"),
    ("NURTURE_XYZZY", "1", "Known: NURTURE_HOME, NURTURE_VAR, "),
    ("NURTURE_HOME", __file__, "is not a folder"),
    ("NURTURE_VAR", __file__, "is not a folder"),
    ("NURTURE_PUBLIC_URL", "clinic.example", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "https://clinic.example:99999", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "https://clinic.example:port", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "https://me:secretpw@clinic.example", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "https://clinic.example/?a=b", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "https://", "must look like https://"),
    ("NURTURE_PUBLIC_URL", "http://clinic.example", "must be reached by https"),
    ("NURTURE_PUBLIC_URL", "http://localhost.evil.example", "must be reached by https"),
    ("NURTURE_ONLY_TO", "ann@example.com,bob", "'bob', which is no mail address"),
    ("NURTURE_ONLY_TO", " , ", "names nobody"),
    ("NURTURE_ONLY_TO", "", "names nobody"),
    ("NURTURE_ONLYTO", "ann@example.com", "did you mean 'NURTURE_ONLY_TO'?"),
    ("NURTURE_BROKER_URL", "redis://127.0.0.1:99999/0", "looks like redis://"),
    ("NURTURE_BROKER_URL", "redis://:secretpw@127.0.0.1:port/0", "looks like redis://"),
    ("NURTURE_BROKER_URL", "rediss//127.0.0.1", "looks like redis://"),
    ("NURTURE_BROKER_URL", "redsi://127.0.0.1", "did you mean 'redis'?"),
    ("NURTURE_SIGNUP_KEY", "short", "can be guessed: it has a length of 5"),
    ("NURTURE_SECRET_KEY_FILE", "/nowhere/key", "cannot be read"),
    ("NURTURE_SECRET_KEY_FILE", "/dev/null", "is empty"),
]


def settings_of(**environment):
    return load_settings({"NURTURE_HOME": str(ROOT)} | environment)


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_what_cannot_be_meant_is_refused_by_name(name, value, words):
    with pytest.raises(ConfigError) as refused:
        settings_of(**{name: value})
    assert name in str(refused.value)
    assert words in str(refused.value)
    assert "secretpw" not in str(refused.value) or name == "NURTURE_PUBLIC_URL"
    assert str(refused.value)[-1] in ".?0"


def test_an_empty_variable_says_nothing():
    assert settings_of(NURTURE_SMPT_URL="", NURTURE_BROKER_URL="", NURTURE_PUBLIC_URL="").broker_url == ""


def test_a_rehearsal_names_addresses_in_any_case_script_and_order():
    assert settings_of().only_to == frozenset()
    named = settings_of(NURTURE_ONLY_TO="Ann@Example.COM, bob@bücher.example carla@example.com")
    assert named.only_to == {"ann@example.com", "bob@xn--bcher-kva.example", "carla@example.com"}


def test_what_kubernetes_writes_beside_a_service_of_that_name_is_no_mistake():
    given = {
        "NURTURE_SERVICE_HOST": "10.0.0.1",
        "NURTURE_SERVICE_PORT_WEB": "8000",
        "NURTURE_PORT": "tcp://10.0.0.1:8000",
    }
    settings_of(**given, NURTURE_PORT_8000_TCP_ADDR="10.0.0.1")


def test_a_secret_that_is_said_twice_is_refused(tmp_path):
    (tmp_path / "key").write_text("one")
    with pytest.raises(ConfigError, match="both set"):
        settings_of(NURTURE_SECRET_KEY="two", NURTURE_SECRET_KEY_FILE=str(tmp_path / "key"))


@pytest.mark.parametrize(
    "options", ["?tls=startls", "?tsl=none", ":0", ":99999", "/path", "?tls=none&tls=implicit", "#x"]
)
def test_an_address_of_a_relay_is_taken_whole_or_not_at_all(options):
    with pytest.raises(ConfigError, match=r"^NURTURE_SMTP_URL .*smtp://user:pass@host:587"):
        parse_smtp_url(f"smtp://u:secretpw@relay.example{options}")


GOOD = "Cne8S685VT_vaXsSeieN7r8ugQs9qed267Wi1CMyYp8"
WEAK = ["x", "a" * 64, "abcabcabc" * 6, "please-change-me-before-you-go-live-1234", f"{GOOD} test", f"test {GOOD}"]


@pytest.fixture
def installation_of(home, tmp_path):
    def build(**environment):
        places = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / "var")}
        return build_runtime(load_settings(places | environment))

    return build


@pytest.mark.parametrize("key", WEAK)
@pytest.mark.parametrize(
    "public", [{"NURTURE_SMTP_URL": "smtp://relay.example"}, {"NURTURE_PUBLIC_URL": "https://clinic.example"}]
)
def test_a_key_that_can_be_guessed_is_refused_where_strangers_come(installation_of, key, public):
    with pytest.raises(ConfigError, match=r"^NURTURE_SECRET_KEY can be guessed: it .*token_urlsafe"):
        installation_of(NURTURE_SECRET_KEY=key, **public)
    installation_of(NURTURE_SECRET_KEY=f"{GOOD} {secrets.token_hex(16)}", **public)
    installation_of(**public)


@pytest.mark.parametrize("key", WEAK)
def test_on_this_machine_alone_any_key_will_do(installation_of, key):
    installation_of(NURTURE_SECRET_KEY=key, NURTURE_SMTP_URL="smtp://127.0.0.1:1?tls=none")


def test_an_installations_own_key_is_held_to_the_same(installation_of, tmp_path):
    installation_of()
    own = tmp_path / "var" / "secret-key"
    assert weakness_of(own.read_text()) is None
    own.write_text("x")
    with pytest.raises(ConfigError, match="secret-key can be guessed"):
        installation_of(NURTURE_PUBLIC_URL="https://clinic.example")
    own.write_text("\n")
    with pytest.raises(ConfigError, match="secret-key is empty"):
        installation_of()


@pytest.mark.parametrize("name", ["nurture_only_to", "Nurture_Only_To"])
def test_a_variable_in_other_letters_is_not_passed_over(name):
    with pytest.raises(ConfigError, match="NURTURE_ONLY_TO"):
        refuse_unknown_variables({name: "me@clinic.example"})
