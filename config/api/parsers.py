"""JSON requests, parsed by orjson: UTF-8 only, no NaN, no lone surrogates, limited nesting. Forms,
where a standard has them: UTF-8 only, each name once. Forms with a file, where files are taken.
"""

from collections.abc import Mapping
from typing import IO, Any, cast
from urllib.parse import parse_qsl

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

# The API's own bodies have three levels. Code after the parser may recurse through a body, also
# through unknown fields, and orjson can write at most 254 levels.
MAX_DEPTH = 32
MAX_FIELDS = 50  # of a form
_AROUND_A_FILE = 16 * 1024  # bytes of a form besides its file


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return read_json(_read(stream, parser_context))


class FormParser(BaseParser):
    """Names and values as RFC 6749, 3.2 wants them: a name without a value counts as left out, one
    that is repeated is refused.
    """

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, str]:
        try:
            text = _read(stream, parser_context).decode("ascii")
            pairs = parse_qsl(text, errors="strict", max_num_fields=MAX_FIELDS)
        except ValueError as error:  # not UTF-8, or too many
            raise ParseError(_("The body is not a valid form."), code="malformed_form") from error
        if len(dict(pairs)) < len(pairs):
            raise ParseError(_("A name of the form is repeated."), code="repeated_name")
        return dict(pairs)


class UploadParser(BaseParser):
    """A form with one file (RFC 7578), in memory. The view's `most_bytes` is how many the file may
    have. More is `RequestDataTooBig`, and the rest is not read.
    """

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        context = parser_context or {}
        request, most = context["request"], context["view"].most_bytes
        if int(request.META.get("CONTENT_LENGTH") or 0) > most + _AROUND_A_FILE:
            raise RequestDataTooBig
        counted = _Counted(stream)
        try:
            form = MultiPartParser(request.META, cast("Any", counted), [_OneFile(most)], "utf-8")
            fields, files = form.parse()
        except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError(_("The body is not a valid form."), code="malformed_form") from error
        counted.check(request)
        return {**fields.dict(), **files.dict()}


class _Counted:
    """A stream that knows how much of it was read: Django takes half a form for a whole one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        return data

    def check(self, request: HttpRequest) -> None:
        """Raises `UnreadablePostError` if the client has announced more."""
        while self.read(65_536):
            pass
        if self._read < int(request.META.get("CONTENT_LENGTH") or 0):
            raise UnreadablePostError


class _OneFile(FileUploadHandler):
    """Keeps the file of a form in memory. Raises `RequestDataTooBig`, and `ParseError` for a second
    file.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._data: bytearray | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._data is not None:
            raise ParseError(_("The form has more than one file."), code="malformed_form")
        self._data = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        data = self._data if self._data is not None else bytearray()
        data += raw_data
        if len(data) > self._most:
            raise RequestDataTooBig

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002
        return SimpleUploadedFile(self.file_name or "", bytes(self._data or b""))


def _read(stream: IO[Any], parser_context: Mapping[str, Any] | None) -> bytes:
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # Django applies it to request.body only
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise RequestDataTooBig
    return whole(body, parser_context["request"]) if parser_context else body


def whole(body: bytes, request: HttpRequest) -> bytes:
    """The body. Raises `UnreadablePostError` if the client has announced more: what came may be
    valid by itself, and mean something else.
    """
    length = request.META.get("CONTENT_LENGTH")
    if length and len(body) < int(length):
        raise UnreadablePostError
    return body


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Raises `ParseError`."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(
            _("The body is not valid JSON: %(reason)s") % {"reason": error},
            code="malformed_json",
        ) from error
    # Few brackets cannot nest deeply, so an ordinary body costs only this count of bytes.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise ParseError(
            _("The body is nested more than %(levels)d levels deep.") % {"levels": MAX_DEPTH},
            code="nested_too_deeply",
        )
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than `levels` deep."""
    layer = [value]
    for _level in range(levels + 1):
        layer = [one for one in layer if isinstance(one, (dict, list))]
        if not layer:
            return False
        layer = [
            inner for one in layer for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return True
