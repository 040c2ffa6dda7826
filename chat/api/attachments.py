"""/attachments: files for questions, each shown to its user alone."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.attached import AttachmentSerializer, attachment_body
from chat.api.base import ChatView
from chat.attachments import files
from chat.attachments.attaching import remove
from chat.attachments.models import Attachment
from chat.attachments.uploads import space_used, upload
from config.api.caching import validated
from config.api.data_urls import DataUrlField
from config.api.fields import LineField
from config.api.names import InputSerializer
from config.api.parsers import JSONParser, UploadParser
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.users import request_user

_KEPT_SECONDS = 86_400  # by the browser alone; a content never changes
# If a browser opened the content as a page all the same, it could do nothing there.
_POLICY = "default-src 'none'; sandbox"


class UploadSerializer(InputSerializer):
    """A file of a form, or a data URL in JSON."""

    file = serializers.FileField(required=False, allow_empty_file=True)
    data_url = DataUrlField(required=False)
    name = LineField(required=False, allow_blank=True, max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("data_url" in attrs):
            problem = serializers.ErrorDetail(_("Send one file, or one data URL."), "required")
            raise serializers.ValidationError({"file": problem})
        return attrs


class StorageSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField(help_text="In bytes. Each file counts some more than its size.")
    limit = serializers.IntegerField()


class Attachments(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE}
    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer
    parser_classes = (UploadParser, JSONParser)

    @property
    def most_bytes(self) -> int:
        """Of a file, for `UploadParser`."""
        return int(settings.ATTACHMENT_MAX_SIZE)

    @extend_schema(
        summary="One's own files, newest first",
        description="Those that wait for their question, and those of all questions.",
        responses=AttachmentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        own = Attachment.objects.owned_by(request_user(request)).order_by("-pk")
        page: Any = self.paginate_queryset(own)
        return self.get_paginated_response([attachment_body(one, request) for one in page])

    @extend_schema(
        summary="Upload a file for a question",
        description="A picture (PNG, JPEG, WebP, HEIC), a text file or a PDF that has text. What "
        "it is is seen from its content. Of a picture the pixels are kept, without place and "
        "camera and at most 2,048 on a side; of a PDF, the text. Name its `id` among the "
        "`attachments` of a question within a day, else it is deleted. Takes no unit of the "
        "allowance. A data URL may be as long as any JSON body; a form may be longer "
        "(`ATTACHMENT_MAX_MB`).",
        request={
            "multipart/form-data": UploadSerializer,
            "application/json": UploadSerializer,
        },
        responses={
            201: AttachmentSerializer,
            **problems(
                _404="attachments_off",
                _409="attachment_storage_full",
                _413="too_large",
                _422="attachment_unknown_kind, attachment_vector_picture, attachment_unreadable, "
                "attachment_too_many_pixels, attachment_no_text, attachment_locked, "
                "attachment_too_long, attachment_too_much_work, attachment_empty",
                _503="conversion_busy, attachment_storage_failed",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        serializer = UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        data, name = given.get("data_url", b""), given.get("name", "")
        if file := given.get("file"):
            data, name = file.read(), name or file.name
        attachment = upload(request_user(request), data, name)
        return Response(attachment_body(attachment, request), status=201)


class AttachmentStorage(ChatView):
    scopes = {"GET": Scope.CHAT_READ}
    queryset = Attachment.objects.none()

    @extend_schema(summary="How much space one's files take", responses=StorageSerializer)
    def get(self, request: Request) -> Response:
        used = space_used(request_user(request))
        return Response({"used": used, "limit": settings.ATTACHMENT_STORAGE})


class OneAttachment(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "DELETE": Scope.CHAT_WRITE}
    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer

    def get_queryset(self) -> Any:
        return Attachment.objects.owned_by(request_user(self.request))

    @extend_schema(summary="One file", responses=AttachmentSerializer)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(attachment_body(self.get_object(), request))

    @extend_schema(
        summary="Delete a file that waits for its question",
        description="The file of a question goes with its question.",
        responses={204: None, **problems(_409="attachment_in_use")},
    )
    def delete(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        remove(self.get_object())
        return Response(status=204)


class AttachmentContent(ChatView):
    scopes = {"GET": Scope.CHAT_READ}
    queryset = Attachment.objects.none()

    @extend_schema(
        summary="The content of a file",
        description="The picture, or the text as UTF-8.",
        responses={
            (200, "image/png"): OpenApiTypes.BINARY,
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            (200, "text/plain"): OpenApiTypes.STR,
            **problems(_404="not_found", _503="attachment_storage_failed"),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        own = Attachment.objects.owned_by(request_user(request))
        attachment = get_object_or_404(own, pk=pk)
        is_picture = attachment.kind == Attachment.Kind.IMAGE
        kind = attachment.content_type if is_picture else "text/plain; charset=utf-8"
        response = HttpResponse(files.read(attachment.key), content_type=kind)
        response["Content-Disposition"] = str(
            content_disposition_header(not is_picture, _file_name(attachment))
        )
        response["Content-Security-Policy"] = _POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}, immutable"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return validated(request._request, response)  # noqa: SLF001


def _file_name(attachment: Attachment) -> str:
    """With the extension of what is kept, which may differ from what was uploaded."""
    extension = {"image/png": ".png", "image/jpeg": ".jpg"}.get(attachment.content_type, ".txt")
    name = attachment.name
    return name if name.lower().endswith(extension) else f"{name}{extension}"
