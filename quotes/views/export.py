"""/quote/export: the board as a file, for staff."""

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from config.api.renderers import JSONRenderer
from quotes.export import FORMATS, export_board, file_name
from quotes.serializers import ExportChoice
from quotes.views.base import FORBIDDEN


class MayViewQuotes(BasePermission):
    """Staff who may see quotes in the administration."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        user = request.user
        return bool(getattr(user, "is_staff", False)) and user.has_perm("quotes.view_quote")


class _JSONLines(JSONRenderer):
    """These two let a caller ask for the media type; they render what is no file: a problem."""

    media_type = FORMATS["jsonl"]
    format = "jsonl"


class _CSV(JSONRenderer):
    media_type = FORMATS["csv"]
    format = "csv"


class ExportQuotes(APIView):
    permission_classes = (MayViewQuotes,)
    renderer_classes = (JSONRenderer, _JSONLines, _CSV)

    @extend_schema(
        summary="The board as a file",
        description="For staff: the applied lines, the oldest first, without the people who "
        "submitted them. What `manage.py load_quotes` and the import of the administration read.",
        parameters=[ExportChoice],
        responses={(200, kind): str for kind in FORMATS.values()} | FORBIDDEN,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        given = ExportChoice(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        form = given.validated_data["format"]
        response = StreamingHttpResponse(
            export_board(form), content_type=f"{FORMATS[form]}; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{file_name(form)}"'
        return response
