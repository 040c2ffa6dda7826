"""Files as people and attackers send them, and what tests do with them."""

import io
import struct
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, TiffImagePlugin
from pillow_heif import register_heif_opener
from rest_framework.test import APIClient

register_heif_opener()

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
ZIP = b"PK\x03\x04" + bytes(26)


def picture(
    kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any
) -> bytes:
    """A picture whose pixels are all different from grey."""
    file = io.BytesIO()
    Image.new(mode, size, (200, 30, 40, 255)[: len(mode)]).save(file, kind, **options)
    return file.getvalue()


def with_place() -> bytes:
    """A JPEG that says where it was taken, by which camera, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6
    exif.get_ifd(0x8825)[2] = tuple(TiffImagePlugin.IFDRational(n) for n in (37, 33, 12))
    comment = b"SecretComment"
    return picture("JPEG", (60, 40), exif=exif, comment=comment)


def png_that_claims(width: int, height: int) -> bytes:
    """A small file whose head says that it is large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min(width // 8 * height, 10_000_000)), 9)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    )


def png_with_a_long_text(length: int) -> bytes:
    """Its pixels are few; a text beside them unpacks to this many bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 0, 0, 0, 0))
    text = chunk(b"zTXt", b"k\0\0" + packed(b"\0", length))
    pixels = chunk(b"IDAT", zlib.compress(bytes(11 * 10)))
    return b"\x89PNG\r\n\x1a\n" + head + text + pixels + chunk(b"IEND", b"")


def packed(pattern: bytes, length: int) -> bytes:
    """So much of a pattern, as zlib packs it."""
    packer, block = zlib.compressobj(9), pattern * (1_000_000 // len(pattern))
    blocks = [packer.compress(block) for _ in range(length // len(block))]
    return b"".join(blocks) + packer.flush()


def pdf_that_unpacks_to(length: int) -> bytes:
    """A page whose content takes little space in the file."""
    content = packed(b"q ", length)
    return pdf().replace(
        pdf()[pdf().index(b"4 0 obj") : pdf().index(b"5 0 obj")],
        b"4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n"
        % (len(content), content),
    )


def pdf(text: str = "The old pond. A frog jumps in.", *, locked: bool = False) -> bytes:
    """A PDF of one page, which has this text in a standard font. Nobody knows the password of a
    locked one.
    """
    content = f"BT /F1 24 Tf 50 700 Td ({text}) Tj ET".encode() if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count, start = len(objects) + 1, len(body)
    lock = b"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        b"ab" * 32,
        b"cd" * 32,
    )
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, lock if locked else b"", start)
    )


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def send(client: APIClient, data: bytes, name: str = "picture.png", **fields: Any) -> Any:
    """POST /attachments, as a form."""
    file = SimpleUploadedFile(name, data)
    return client.post("/attachments", {"file": file, **fields}, format="multipart")


def sent(client: APIClient, data: bytes, name: str = "picture.png") -> dict[str, Any]:
    response = send(client, data, name)
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def kept_in(folder: Path) -> list[bytes]:
    """The contents that are kept."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
