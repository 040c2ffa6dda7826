"""Contents in a bucket, by a server that speaks S3's protocol on loopback."""

from collections.abc import Iterator

import boto3
import pytest
from django.conf import settings as django_settings
from moto.server import ThreadedMotoServer

from chat.attachments.models import Attachment
from chat.turns.prune import prune
from config.attachments import storage
from tests.chat.asking import ask
from tests.chat.attachments.samples import picture, send, sent
from tests.live import free_port

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = {"access_key": "test-key", "secret_key": "test-secret"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def use(settings, tmp_path, endpoint: str, bucket: str = "files") -> None:
    given = storage(tmp_path, bucket=bucket, endpoint=endpoint, region="us-east-1", **KEYS)
    settings.STORAGES = {**django_settings.STORAGES, "attachments": given}


@pytest.fixture
def bucket(server, settings, tmp_path):
    use(settings, tmp_path, server)
    client = boto3.client(
        "s3",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id="test-key",
        aws_secret_access_key="test-secret",
    )
    client.create_bucket(Bucket="files")

    def contents() -> list[str]:
        return [one["Key"] for one in client.list_objects_v2(Bucket="files").get("Contents", ())]

    for key in contents():
        client.delete_object(Bucket="files", Key=key)
    return contents


def test_the_life_of_a_file(as_alice, bucket, upstream):
    key = sent(as_alice, picture())["id"]
    assert bucket() == [Attachment.objects.get().key]
    content = as_alice.get(f"/attachments/{key}/content")
    assert content.content.startswith(b"\x89PNG")
    chat = ask(as_alice, "What is this?", attachments=[key]).json()
    assert upstream.requests()[-1]["messages"][1]["content"][1]["type"] == "image_url"
    as_alice.delete(f"/chat/{chat['id']}")
    prune()
    assert bucket() == []


def test_a_bucket_that_is_away(as_alice, settings, tmp_path):
    use(settings, tmp_path, f"http://127.0.0.1:{free_port()}")
    response = send(as_alice, picture())
    assert (response.status_code, response.json()["code"]) == (503, "attachment_storage_failed")
    assert not Attachment.objects.exists()


def test_a_bucket_that_does_not_exist(as_alice, bucket, server, settings, tmp_path):
    use(settings, tmp_path, server, bucket="nothing")
    assert send(as_alice, picture()).status_code == 503


def test_a_content_that_is_gone(as_alice, bucket, server):
    key = sent(as_alice, picture())["id"]
    Attachment.objects.update(key="00/nothing")
    assert as_alice.get(f"/attachments/{key}/content").status_code == 503
