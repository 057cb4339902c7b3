import pickle

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from audit.errors import SettingsError
from audit.sources.posthog import Key, api_key

SECRET = "phx_secret-0123456789"


class Ring(KeyringBackend):
    """A keyring that holds one answer, or raises it."""

    priority = 1

    def __init__(self, held):
        self.held = held

    def get_password(self, service, username):
        if isinstance(self.held, Exception):
            raise self.held
        return self.held if (service, username) == ("account-audit", "posthog") else None

    def set_password(self, service, username, password):
        raise NotImplementedError


@pytest.fixture
def ring(monkeypatch):
    monkeypatch.delenv("POSTHOG_PERSONAL_API_KEY", raising=False)
    before = keyring.get_keyring()
    yield lambda held: keyring.set_keyring(Ring(held))
    keyring.set_keyring(before)


def test_the_environment_wins_over_the_keyring(ring, monkeypatch):
    ring("phx_other")
    monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", SECRET)

    assert api_key().reveal() == SECRET


def test_the_keyring_is_asked_when_the_environment_has_none(ring):
    ring(SECRET)

    assert api_key().reveal() == SECRET


@pytest.mark.parametrize("held", [None, "", NoKeyringError("no backend")])
def test_no_key_says_how_to_get_one(ring, held):
    ring(held)

    with pytest.raises(SettingsError, match="POSTHOG_PERSONAL_API_KEY") as caught:
        api_key()
    assert "keyring set account-audit posthog" in str(caught.value)


@pytest.mark.parametrize(
    "value", ["phc_project", "phx_a b", "phx_a\nb", "phx_kéy", "phx_a\x00b", "   "]
)
def test_what_cannot_be_a_personal_key_is_refused_without_showing_it(value):
    with pytest.raises(SettingsError) as caught:
        Key(value)
    assert "\n" not in str(caught.value)
    assert value not in str(caught.value)


def test_spaces_around_a_key_are_dropped():
    assert Key(f" {SECRET}\n").reveal() == SECRET


def test_a_key_shows_itself_to_nobody():
    key = Key(SECRET)

    shown = [str(key), repr(key), f"{key}", f"{key!r:>20}", f"{[key]}"]
    assert not any("secret" in text for text in shown)
    assert not hasattr(key, "__dict__")


def test_a_key_does_not_travel():
    with pytest.raises(TypeError, match="does not travel"):
        pickle.dumps(Key(SECRET))
