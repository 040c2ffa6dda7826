"""Data URLs (RFC 2397) as the way to send a file within JSON."""

import binascii
from base64 import b64decode
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FORM = "data:[^,]*;base64,"  # for the OpenAPI document
_LONGEST_HEAD = 200


@extend_schema_field({"type": "string", "pattern": f"^{FORM}"})
class DataUrlField(serializers.Field[bytes, str, Any, Any]):
    """`data:TYPE;base64,CONTENT`. The type is not trusted, so it is not read."""

    default_error_messages = {"invalid": _("Must be a data URL with base64.")}

    def to_internal_value(self, data: Any) -> bytes:
        head, comma, content = data.partition(",") if isinstance(data, str) else ("", "", "")
        is_known = head.startswith("data:") and head.endswith(";base64")
        if not (comma and is_known and len(head) <= _LONGEST_HEAD):
            self.fail("invalid")
        try:
            return b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            self.fail("invalid")
