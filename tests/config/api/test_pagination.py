import pytest

from tests.factories import make_user

pytestmark = [pytest.mark.urls("tests.config.api.routes"), pytest.mark.django_db]

URL = "http://testserver/test/people"


@pytest.fixture
def twelve():
    return [make_user(f"person{n:02}") for n in range(12)]


def links(**numbers):
    return [
        {"rel": rel, "href": f"{URL}?page={page}&per_page=5", "method": "GET"}
        for rel, page in numbers.items()
    ]


def emails(people):
    return [{"email": person.email} for person in people]


def test_first_page(anonymous, twelve):
    response = anonymous.get("/test/people?per_page=5")
    assert response.json() == {
        "count": 12,
        "page": 1,
        "per_page": 5,
        "results": emails(twelve[:6:-1]),
        "links": links(first=1, next=2, last=3),
    }
    assert response["Link"] == (
        f'<{URL}?page=1&per_page=5>; rel="first", '
        f'<{URL}?page=2&per_page=5>; rel="next", '
        f'<{URL}?page=3&per_page=5>; rel="last"'
    )


def test_page_in_the_middle(anonymous, twelve):
    body = anonymous.get("/test/people?per_page=5&page=2").json()
    assert body["results"] == emails(twelve[6:1:-1])
    assert body["links"] == links(first=1, prev=1, next=3, last=3)


def test_last_page(anonymous, twelve):
    body = anonymous.get("/test/people?per_page=5&page=3").json()
    assert body["results"] == emails(twelve[1::-1])
    assert body["links"] == links(first=1, prev=2, last=3)


def test_a_full_last_page_is_the_last(anonymous, twelve):
    body = anonymous.get("/test/people?per_page=6&page=2").json()
    assert [entry["rel"] for entry in body["links"]] == ["first", "prev", "last"]


def test_an_empty_list_has_one_page(anonymous):
    assert anonymous.get("/test/people?per_page=5").json() == {
        "count": 0,
        "page": 1,
        "per_page": 5,
        "results": [],
        "links": links(first=1, last=1),
    }


def test_walking_next_gives_each_item_once(anonymous, twelve):
    url, seen = "/test/people?per_page=5", []
    while url:
        body = anonymous.get(url).json()
        seen += body["results"]
        url = next((entry["href"] for entry in body["links"] if entry["rel"] == "next"), None)
    assert seen == emails(reversed(twelve))


def test_other_parameters_stay_in_the_links(anonymous, twelve):
    body = anonymous.get("/test/people?q=a b&per-page=5&state=x&page=1").json()
    assert body["per_page"] == 5
    assert body["links"][0]["href"] == f"{URL}?q=a+b&state=x&page=1&per_page=5"


def test_defaults(anonymous, twelve):
    body = anonymous.get("/test/people").json()
    assert (body["page"], body["per_page"], len(body["results"])) == (1, 10, 10)


@pytest.mark.parametrize("page", ["3", "1000000"])
def test_a_page_past_the_end(anonymous, twelve, page):
    response = anonymous.get(f"/test/people?page={page}")
    assert response.status_code == 404
    assert response.json()["code"] == "page_not_found"


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "1000001", "9" * 5000, "٣", "1\0"])
def test_a_bad_page(anonymous, page):
    response = anonymous.get("/test/people", {"page": page})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "field": "page",
            "code": "invalid",
            "detail": "Must be a whole number from 1 to 1000000.",
        }
    ]


@pytest.mark.parametrize("size", ["4", "101", "0", "-5", "ten", ""])
@pytest.mark.parametrize("name", ["per_page", "per-page"])
def test_a_bad_size(anonymous, name, size):
    response = anonymous.get("/test/people", {name: size})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "field": "per_page",
            "code": "invalid",
            "detail": "Must be a whole number from 5 to 100.",
        }
    ]


@pytest.mark.parametrize("many", [1, 30])
def test_queries(anonymous, django_assert_num_queries, many):
    for _ in range(many):
        make_user()
    with django_assert_num_queries(2):
        anonymous.get("/test/people?per_page=100")
