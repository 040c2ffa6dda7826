"""Reads an uploaded file and writes what is kept of it. Run as a program of its own, because the
libraries that parse pictures and PDFs are written in C and their input comes from strangers: what
crashes, hangs or fills memory here ends this process alone.

Standard input is the file. Standard output is one line of JSON and then the content:
`{"kind": "image", "type": "image/png", "width": 1, "height": 1}` or `{"kind": "text"}`, or
`{"refused": REASON}` with one of `chat.attachments.errors`. The limits are arguments.
Imports nothing of Daesa, so that it starts fast.
"""

import io
import json
import re
import resource
import sys
from typing import Any

LONGEST_SIDE = 2048  # pixels; models see no more
_LARGEST_PNG = 1_000_000  # bytes; a larger one is a photograph, which JPEG keeps smaller
_QUALITY = 85
_MEMORY = 1024 * 1024 * 1024
_PAGES = 500
_FORMATS = ("PNG", "JPEG", "WEBP", "HEIF")
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SVG = re.compile(r"<svg[\s>]")
_HEAD = 2000  # characters in which a vector picture begins, behind comments and the like


class Refused(Exception):  # noqa: N818 - its only argument is the reason
    pass


def main() -> None:
    most_pixels, most_characters, seconds = map(int, sys.argv[1:])
    _limit_this_process(seconds)
    try:
        head, content = _convert(sys.stdin.buffer.read(), most_pixels, most_characters)
    except Refused as refused:
        head, content = {"refused": str(refused)}, b""
    except MemoryError:
        head, content = {"refused": "too_much_work"}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)


def _limit_this_process(seconds: int) -> None:
    """No more memory, time, files or children than a conversion needs."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _convert(data: bytes, most_pixels: int, most_characters: int) -> tuple[dict[str, Any], bytes]:
    if not data.strip():
        raise Refused("empty")
    if _is_picture(data):
        return _picture(data, most_pixels)
    is_pdf = data.lstrip()[:5] == b"%PDF-"
    text = _pdf_text(data, most_characters) if is_pdf else _plain_text(data)
    if len(text) > most_characters:
        raise Refused("too_long")
    return {"kind": "text", "type": "application/pdf" if is_pdf else "text/plain"}, text.encode()


def _is_picture(data: bytes) -> bool:
    """By the first bytes, whatever the name says."""
    is_heif = data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_heif or is_webp or data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def _picture(data: bytes, most_pixels: int) -> tuple[dict[str, Any], bytes]:
    """The picture again, made of its pixels alone: without places, cameras, thumbnails, colour
    profiles and whatever else was in the file or behind it.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - texts do without
    from pillow_heif import register_heif_opener  # noqa: PLC0415

    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _check_size(opened, most_pixels)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes large JPEGs smaller
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            clean = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            was_png = opened.format == "PNG"
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise Refused("unreadable") from error
    kind, content = _encoded(clean, may_be_png=was_png)
    return {"kind": "image", "type": kind, "width": clean.width, "height": clean.height}, content


def _check_size(picture: Any, most_pixels: int) -> None:
    """By the head of the file: nothing is decoded yet."""
    if picture.width * picture.height > most_pixels:
        raise Refused("too_many_pixels")


def _encoded(picture: Any, *, may_be_png: bool) -> tuple[str, bytes]:
    """PNG keeps the text of a screenshot sharp. All servers read PNG and JPEG, but not WebP."""
    picture.info.clear()
    if may_be_png or picture.mode == "RGBA":
        png = io.BytesIO()
        picture.save(png, "PNG")
        if png.tell() <= _LARGEST_PNG:
            return "image/png", png.getvalue()
    jpeg = io.BytesIO()
    _on_white(picture).save(jpeg, "JPEG", quality=_QUALITY)
    return "image/jpeg", jpeg.getvalue()


def _on_white(picture: Any) -> Any:
    from PIL import Image  # noqa: PLC0415

    if picture.mode == "RGB":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _plain_text(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, or the encoding of older Korean files."""
    is_utf16 = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "cp949"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        if text.lstrip().startswith(("<svg", "<?xml", "<!")) and _SVG.search(text[:_HEAD]):
            raise Refused("vector_picture")
        return _clean(text)
    raise Refused("unknown_kind")


def _pdf_text(data: bytes, most_characters: int) -> str:
    from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415

    try:
        document = PdfDocument(data)
        if len(document) > _PAGES:
            raise Refused("too_long")
        pages, length = [], 0
        for page in document:
            pages.append(page.get_textpage().get_text_bounded())
            length += len(pages[-1])
            if length > most_characters:
                raise Refused("too_long")
    except PdfiumError as error:
        raise Refused("locked" if "password" in str(error).lower() else "unreadable") from error
    text = _CONTROL.sub("", "\n\n".join(pages))
    if not text.strip():
        raise Refused("no_text")
    return _clean(text)


def _clean(text: str) -> str:
    """Line ends of one kind; no lone surrogates, which no encoding has."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise Refused("empty")
    return text.strip("\n")


if __name__ == "__main__":
    main()
