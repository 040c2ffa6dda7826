import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def paths():

    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def test_leaving_takes_a_body(paths):
    content = paths["/accounts/profile"]["delete"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ConfirmedRequest"}
    assert "requestBody" not in paths["/accounts/profile"]["get"]


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("join", "post", {"201", "202", "400", "429"}),
        ("login", "post", {"200", "400", "401", "403", "429"}),
        ("logout", "post", {"204", "401", "403"}),
        ("logout", "get", {"204", "401"}),
        ("token/refresh", "post", {"200", "400", "401"}),
        ("token/verify", "post", {"200", "400", "401"}),
        ("profile", "get", {"200", "401"}),
        ("profile", "patch", {"200", "400", "401", "403", "429"}),
        ("profile", "delete", {"204", "400", "401", "403", "429"}),
    ],
)
def test_answers_are_documented(paths, path, method, expected):
    assert expected <= set(paths[f"/accounts/{path}"][method]["responses"])
