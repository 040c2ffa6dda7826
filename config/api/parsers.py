"""JSON in, by orjson: UTF-8 only, no NaN, no lone surrogates."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # Django asks it of request.body alone
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(
                _("The body is not valid JSON: %(reason)s") % {"reason": error},
                code="malformed_json",
            ) from error
