"""/accounts/export: taking one's data along."""

from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.confirmation import ConfirmedSerializer, confirm
from accounts.api.openapi import RETRY_AFTER
from accounts.export import job
from accounts.models import DataExport
from config.api.links import LinkSerializer, absolute, link
from config.api.problem_docs import problems
from config.api.streaming import begun
from config.api.times import local
from config.api.users import request_user


class ExportSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["none", *DataExport.State.values])
    error_code = serializers.CharField(
        help_text="Of a failed one: `interrupted`, `too_large` or `server_error`."
    )
    size = serializers.IntegerField(help_text="In bytes, of a ready one.")
    created_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    links = LinkSerializer(many=True)


class Export(APIView):
    @extend_schema(
        summary="The state of one's export",
        description="An archive of all that the site has of oneself. It is kept for three days.",
        responses=ExportSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(_body(job.export_of(request_user(request)), request))

    @extend_schema(
        summary="Collect one's data",
        description="Replaces a former export. By a session that has signed in within the last "
        "minutes, or with the password.",
        request=ConfirmedSerializer,
        parameters=[RETRY_AFTER],
        responses={
            202: ExportSerializer,
            **problems(
                _403="fresh_sign_in_required",
                _409="export_running",
                _429="too_many_attempts",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        confirm(request)
        export = job.start(request, request_user(request))
        return Response(_body(export, request), status=202)

    @extend_schema(summary="Delete one's export", responses={204: None})
    def delete(self, request: Request) -> Response:
        job.delete(request_user(request))
        return Response(status=204)


class ExportFile(APIView):
    @extend_schema(
        summary="Download one's export",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **problems(_404="not_found")},
    )
    def get(self, request: Request) -> HttpResponseBase:
        export = job.export_of(request_user(request))
        if export is None or export.state != DataExport.State.READY:
            raise Http404
        response = StreamingHttpResponse(
            begun(job.pieces_of(export)), content_type="application/zip"
        )
        response["Content-Length"] = str(export.size)
        name = f"daesa-{local(export.created_at).date()}.zip"
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=name
        )
        return response


def _body(export: DataExport | None, request: Request) -> dict[str, Any]:
    here = absolute(request, "accounts:export")
    links = [link("self", here), link("start", here, "POST")]
    if export and export.state == DataExport.State.READY:
        links.append(link("download", absolute(request, "accounts:export-file")))
    return {
        "state": export.state if export else "none",
        "error_code": export.error_code if export else "",
        "size": export.size if export else 0,
        "created_at": export and local(export.created_at),
        "expires_at": export and export.expires_at and local(export.expires_at),
        "links": links,
    }
