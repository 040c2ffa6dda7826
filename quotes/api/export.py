"""/quote/export: the board as a file, for staff."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.mfa.factors import demand_staff_factor
from config.api.renderers import JSONRenderer
from config.api.streaming import begun
from quotes.api.base import FORBIDDEN
from quotes.api.serializers import ExportChoice
from quotes.board.export import FORMATS, export_board, file_name


class MayViewQuotes(BasePermission):
    """Staff who may view quotes in the admin."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        user: Any = request.user
        if not (getattr(user, "is_staff", False) and user.has_perm("quotes.view_quote")):
            return False
        demand_staff_factor(user)
        return True


class _JSONLines(JSONRenderer):
    """Lets a client accept the media type; only problems are rendered by it."""

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
        description="For staff: the applied lines, oldest first, without their submitters, in a "
        "form that `manage.py load_quotes` and the import in the administration read.",
        parameters=[ExportChoice],
        responses={(200, kind): str for kind in FORMATS.values()} | FORBIDDEN,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        given = ExportChoice(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        form = given.validated_data["format"]
        response = StreamingHttpResponse(
            begun(export_board(form)), content_type=f"{FORMATS[form]}; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{file_name(form)}"'
        return response
