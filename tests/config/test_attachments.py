"""The settings of files: which are complete, and what they make of the storage."""

from pathlib import Path

import pytest
from environs import EnvError

from config.attachments import storage, vision_models
from config.upstreams import Server

NOTHING = {"bucket": "", "endpoint": "", "region": "", "access_key": "", "secret_key": ""}


@pytest.mark.parametrize("name", ["endpoint", "region", "access_key", "secret_key"])
def test_a_bucket_without_a_name(name):
    with pytest.raises(EnvError, match="ATTACHMENT_BUCKET"):
        storage(Path("/x"), **{**NOTHING, name: "https://a.example"})


@pytest.mark.parametrize("name", ["access_key", "secret_key"])
def test_half_a_key(name):
    with pytest.raises(EnvError, match="without the other") as raised:
        storage(Path("/x"), **{**NOTHING, "bucket": "files", name: "very-secret"})
    assert "very-secret" not in str(raised.value)


def test_a_folder_of_the_server_alone():
    found = storage(Path("/x"), **NOTHING)
    assert found["OPTIONS"]["location"] == Path("/x")
    assert found["OPTIONS"]["file_permissions_mode"] == 0o600


def test_models_that_see_are_named_once():
    """By the file of UPSTREAMS, where there is one."""
    server = Server(name="a", base_url="http://a.example", models=())
    with pytest.raises(EnvError, match="vision = true"):
        vision_models(["fake"], offered=["fake"], upstreams=(server,))
    assert vision_models(["fake"], offered=["fake"], upstreams=()) == ["fake"]
