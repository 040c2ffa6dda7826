"""What is kept of an upload, and which uploads are refused."""

import io
import os
from base64 import b64encode

import pytest
from PIL import Image

from chat.attachments.models import Attachment, DiscardedFile
from tests.chat.asking import used
from tests.chat.attachments.samples import (
    SVG,
    ZIP,
    data_url,
    kept_in,
    opened,
    pdf,
    pdf_that_unpacks_to,
    picture,
    png_that_claims,
    png_with_a_long_text,
    send,
    sent,
    with_place,
)

pytestmark = pytest.mark.django_db(transaction=True)


def content(client, body) -> bytes:
    return client.get(f"/attachments/{body['id']}/content").content


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("kind", "becomes"),
    [("PNG", "PNG"), ("JPEG", "JPEG"), ("WEBP", "JPEG"), ("HEIF", "JPEG")],
)
def test_pictures(as_alice, kind, becomes):
    body = sent(as_alice, picture(kind), "photo.bin")
    kept = opened(content(as_alice, body))
    assert (kept.format, kept.size) == (becomes, (60, 40))
    assert body["kind"] == "image"
    assert body["content_type"] == f"image/{becomes.lower()}"
    assert (body["width"], body["height"], body["name"]) == (60, 40, "photo.bin")
    red, green, _blue = kept.convert("RGB").resize((1, 1)).tobytes()
    assert red > 180
    assert green < 60


@pytest.mark.any_database
def test_without_place_and_camera(as_alice, folder):
    """Nothing of the metadata is kept; the picture stands upright."""
    body = sent(as_alice, with_place())
    (kept,) = kept_in(folder)
    assert not any(secret in kept for secret in (b"Secret", b"Exif", b"GPS"))
    assert not opened(kept).getexif()
    assert (body["width"], body["height"]) == (40, 60)


@pytest.mark.any_database
def test_nothing_behind_the_picture_is_kept(as_alice, folder):
    """A file that is a picture and an archive, or a page, at once."""
    sent(as_alice, picture() + ZIP + b"<script>alert(1)</script>")
    (kept,) = kept_in(folder)
    assert b"PK" not in kept
    assert b"script" not in kept


@pytest.mark.any_database
def test_large_pictures_are_made_smaller(as_alice):
    body = sent(as_alice, picture("JPEG", (4000, 1000)))
    assert (body["width"], body["height"]) == (2048, 512)


@pytest.mark.any_database
def test_transparent_pictures(as_alice):
    body = sent(as_alice, picture("PNG", mode="RGBA"))
    assert opened(content(as_alice, body)).mode == "RGBA"


@pytest.mark.any_database
@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA"])
def test_every_kind_of_pixel(as_alice, mode):
    file = io.BytesIO()
    Image.new(mode, (20, 10)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert sent(as_alice, file.getvalue())["width"] == 20


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("안녕, 세상\r\n둘째 줄".encode(), "안녕, 세상\n둘째 줄"),
        ("\ufeff안녕".encode(), "안녕"),
        ("안녕".encode("cp949"), "안녕"),
        ("hello".encode("utf-16"), "hello"),
        (b"# Notes\n\n- one", "# Notes\n\n- one"),
        (b"<html><script>alert(1)</script></html>", "<html><script>alert(1)</script></html>"),
    ],
)
def test_texts(as_alice, data, text):
    body = sent(as_alice, data, "notes.md")
    response = as_alice.get(f"/attachments/{body['id']}/content")
    assert response.content.decode() == text
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment")
    assert (body["kind"], body["width"]) == ("text", None)


@pytest.mark.any_database
def test_text_of_a_pdf(as_alice):
    body = sent(as_alice, pdf(), "haiku.pdf")
    assert content(as_alice, body) == b"The old pond. A frog jumps in."
    assert (body["kind"], body["content_type"]) == ("text", "application/pdf")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "attachment_empty"),
        (b"  \n ", "attachment_empty"),
        (SVG, "attachment_vector_picture"),
        (b"<svg onload=alert(1)>", "attachment_vector_picture"),
        (ZIP, "attachment_unknown_kind"),
        (b"GIF89a" + bytes(40), "attachment_unknown_kind"),
        (b"MZ" + bytes(range(256)), "attachment_unknown_kind"),
        (picture()[:60], "attachment_unreadable"),
        (picture("JPEG")[:200], "attachment_unreadable"),
        (picture("WEBP")[:40], "attachment_unreadable"),
        (picture("HEIF")[:100], "attachment_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(500), "attachment_unreadable"),
        (b"\xff\xd8\xff" + os.urandom(500), "attachment_unreadable"),
        (b"%PDF-1.7 nothing", "attachment_unreadable"),
        (pdf(""), "attachment_no_text"),
        (pdf(locked=True), "attachment_locked"),
        (png_that_claims(100_000, 100_000), "attachment_too_many_pixels"),
        (png_that_claims(8000, 8000), "attachment_too_many_pixels"),
        (b"word " * 50_000, "attachment_too_long"),
        (png_with_a_long_text(5_000_000), "attachment_unreadable"),
    ],
)
def test_refused(as_alice, alice, folder, data, code):
    response = send(as_alice, data, "file")
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response["Content-Type"] == "application/problem+json"
    assert not Attachment.objects.exists()
    assert kept_in(folder) == []


@pytest.mark.any_database
def test_a_page_that_unpacks_to_more_than_the_memory(as_alice):
    response = send(as_alice, pdf_that_unpacks_to(1_500_000_000), "bomb.pdf")
    assert response.json()["code"] == "attachment_too_much_work"


def test_a_type_that_is_claimed_counts_for_nothing(as_alice):
    response = as_alice.post(
        "/attachments", {"data_url": data_url(b"just text", "image/png")}, format="json"
    )
    assert response.json()["kind"] == "text"


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\시.txt", "시.txt"),
        ("a\u202egnp.exe\x00\n", "agnp.exe"),
        ("", "file.png"),
        ("…" * 300, "…" * 120),
    ],
)
def test_names(as_alice, name, kept):
    body = {"data_url": data_url(picture()), "name": name}
    response = as_alice.post("/attachments", body, format="json")
    assert response.json()["name"] == kept


def test_data_urls(as_alice):
    response = as_alice.post("/attachments", {"data_url": data_url(picture())}, format="json")
    assert response.status_code == 201
    assert response.json()["content_type"] == "image/png"


@pytest.mark.any_database
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png",
        "data:image/png,abc",
        "data:image/png;base64",
        "data:image/png;base64,a%20b",
        "data:;base64,====",
        f"data:{'x' * 300};base64,aaaa",
        7,
        None,
    ],
)
def test_bad_data_urls(as_alice, url):
    response = as_alice.post("/attachments", {"data_url": url}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "data_url"


def test_one_file_or_one_url(as_alice):
    assert as_alice.post("/attachments", {}, format="json").status_code == 400
    assert send(as_alice, picture(), data_url=data_url(picture())).status_code == 400


def test_too_large(as_alice, settings, folder):
    settings.ATTACHMENT_MAX_SIZE = 1000
    response = send(as_alice, b"a" * 1001)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    response = send(as_alice, b"a" * 100_000)
    assert response.status_code == 413
    assert send(as_alice, b"a" * 1000).status_code == 201


@pytest.mark.any_database
@pytest.mark.parametrize("cut", [1, 30, 200])
def test_half_a_form_is_no_form(as_alice, cut):
    """The client has announced more than it sent."""
    boundary = "xyz"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        f"{'text ' * 100}\r\n--{boundary}--\r\n"
    ).encode()
    response = as_alice.generic(
        "POST",
        "/attachments",
        b"",
        content_type=f"multipart/form-data; boundary={boundary}",
        **{"CONTENT_LENGTH": str(len(form)), "wsgi.input": io.BytesIO(form[:-cut])},
    )
    assert response.status_code == 400
    assert not Attachment.objects.exists()


@pytest.mark.any_database
@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\n--x--", b"nonsense" * 100],
)
def test_malformed_forms(as_alice, body):
    kind = "multipart/form-data; boundary=x"
    response = as_alice.generic("POST", "/attachments", body, content_type=kind)
    assert response.status_code == 400
    response = as_alice.generic("POST", "/attachments", body, content_type="multipart/form-data")
    assert response.status_code == 400


def test_uploads_take_no_unit(as_alice, alice):
    sent(as_alice, picture())
    assert used(alice) == 0


def test_the_same_file_again(as_alice, alice, folder):
    """It is neither read nor kept twice."""
    first = sent(as_alice, picture(), "one.png")
    again = sent(as_alice, picture(), "two.png")
    assert again["id"] == first["id"]
    assert again["name"] == "two.png"
    assert len(kept_in(folder)) == 1


def test_the_same_file_of_another(as_alice, as_bob, folder):
    """A user cannot find out whether another user has the same file."""
    first, other = sent(as_alice, picture()), sent(as_bob, picture())
    assert other["id"] != first["id"]
    assert len(kept_in(folder)) == 2


def test_space(as_alice, as_bob, settings):
    settings.ATTACHMENT_STORAGE = 12_000
    sent(as_alice, b"a" * 3000)
    response = send(as_alice, b"b" * 3000)
    assert (response.status_code, response.json()["code"]) == (409, "attachment_storage_full")
    assert response.json()["limit"] == 12_000
    assert as_alice.get("/attachments/storage").json() == {"used": 7096, "limit": 12_000}
    sent(as_bob, b"b" * 3000)


def test_space_of_many_small_ones(as_alice, settings):
    """The rows cost something too."""
    settings.ATTACHMENT_STORAGE = 5 * 4096
    results = [send(as_alice, f"{n}".encode()).status_code for n in range(6)]
    assert results == [201] * 4 + [409] * 2


def test_off(as_alice, settings):
    settings.ATTACHMENT_STORAGE = 0
    response = send(as_alice, picture())
    assert (response.status_code, response.json()["code"]) == (404, "attachments_off")


def test_a_full_disk(as_alice, folder):
    """Nothing is stored, and what was begun is deleted later."""
    folder.write_bytes(b"")  # in place of the folder
    response = send(as_alice, picture())
    assert (response.status_code, response.json()["code"]) == (503, "attachment_storage_failed")
    assert not Attachment.objects.exists()
    assert DiscardedFile.objects.count() == 1


def test_files_of_the_owner_alone_on_the_disk(as_alice, folder):
    sent(as_alice, picture())
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    assert modes == {0o700, 0o600}


def test_base64_without_padding(as_alice):
    url = "data:text/plain;base64," + b64encode(b"words").decode().rstrip("=")
    response = as_alice.post("/attachments", {"data_url": url}, format="json")
    assert response.status_code == 400
