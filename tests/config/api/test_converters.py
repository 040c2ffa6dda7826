import pytest
from django.urls import Resolver404, resolve, reverse

from config.api.converters import IdConverter

LARGEST = 10**18 - 1  # fits into a bigint


def test_it_fits_into_the_database():
    assert LARGEST < 2**63


@pytest.mark.parametrize("number", [1, 10, 2**31, LARGEST])
def test_there_and_back(number):
    path = reverse("quotes:quote", args=[number])
    assert path == f"/quote/{number}"
    assert resolve(path).kwargs == {"pk": number}


@pytest.mark.parametrize("text", ["0", "01", "-1", "1.0", "1e3", "१", "１", str(10**18), "9" * 400])
def test_invalid_ids_do_not_match(text):
    path = f"/quote/{text}"
    try:
        match = resolve(path)
    except Resolver404:
        return
    assert match.url_name == "not-found"


@pytest.mark.parametrize("room", ["chat", "conversations", "quote"])
def test_a_number_beyond_the_databases_is_not_found(as_alice, room):
    for number in (LARGEST, 10**18, 2**63, 10**40):
        response = as_alice.get(f"/{room}/{number}")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


def test_its_text():
    assert IdConverter().to_url(12) == "12"
