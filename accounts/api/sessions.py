"""/accounts/sessions: where the user is signed in, and ending it."""

from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import sessions
from accounts.api.fields import password_field
from accounts.api.openapi import RETRY_AFTER, BodyOnDelete, example
from accounts.api.validation import validated_data
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.sessions import SignedIn
from accounts.sign_in import confirm_password
from accounts.user_agents import program_of, system_of
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.times import local
from config.api.users import request_user

PROBLEMS = problems(_403="csrf_failed, fresh_sign_in_required", _429="too_many_attempts")
CONFIRMED = (
    "A session needs a sign-in of the last minutes; a program sends the user's password. Signing "
    "out the session or program that asks needs neither."
)
SESSION = {
    "id": "3f1f2d7e-8a6b-4c57-9d5e-0f4a1b2c3d4e",
    "kind": "browser",
    "program": "Firefox",
    "system": "Windows",
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    "ip_address": "203.0.113.7",
    "created_at": "2026-11-20T09:00:00+09:00",
    "last_seen_at": "2026-11-20T09:30:00+09:00",
    "is_current": True,
    "links": [
        {
            "rel": "delete",
            "href": "https://daesa.example/accounts/sessions/3f1f2d7e-8a6b-4c57-9d5e-0f4a1b2c3d4e",
            "method": "DELETE",
        }
    ],
}


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(
        ["browser", "program"], help_text="A session of the page, or a program's tokens."
    )
    program = serializers.CharField(
        help_text="The browser's or program's name, or empty. A native program's is its own claim."
    )
    system = serializers.CharField(help_text="The operating system's name, or empty.")
    user_agent = serializers.CharField()
    ip_address = serializers.IPAddressField(
        allow_null=True, help_text="Of the sign-in; null where it is not known."
    )
    created_at = serializers.DateTimeField(help_text="When it was signed in.")
    last_seen_at = serializers.DateTimeField(
        help_text="To within five minutes; of a program when it last renewed its tokens."
    )
    is_current = serializers.BooleanField(help_text="Whether this request was made with it.")
    links = LinkSerializer(many=True)


class SessionListSerializer(serializers.Serializer[Any]):
    results = SessionSerializer(many=True)
    links = LinkSerializer(many=True)


class EndSessionSerializer(InputSerializer):
    password = password_field(required=False)


class Sessions(APIView):
    schema = BodyOnDelete()

    @extend_schema(
        summary="Where the user is signed in, the last seen first",
        responses=SessionListSerializer,
        examples=[example("One browser", {"results": [SESSION], "links": []}, status=200)],
    )
    def get(self, request: Request) -> Response:
        found = sessions.signed_in_at(request_user(request))
        own = absolute(request, "accounts:sessions")
        links = [link("self", own), link("delete-others", own, "DELETE")]
        return Response({"results": [_body(request, one) for one in found], "links": links})

    @extend_schema(
        operation_id="accounts_sessions_destroy_others",
        summary="Sign out everywhere else",
        description=CONFIRMED,
        request=EndSessionSerializer,
        parameters=[RETRY_AFTER],
        responses={204: None, **PROBLEMS},
        examples=[example("A program", {"password": "correct horse battery"})],
    )
    def delete(self, request: Request) -> Response:
        _demand_confirmation(request)
        sessions.end_others(request, request_user(request))
        return Response(status=204)


class OneSession(APIView):
    schema = BodyOnDelete()

    @extend_schema(
        summary="Sign out one session or program",
        description=CONFIRMED,
        request=EndSessionSerializer,
        parameters=[RETRY_AFTER],
        responses={204: None, **PROBLEMS},
        examples=[example("A program", {"password": "correct horse battery"})],
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        is_current = session_id.hex == sessions.access_id(request)
        if not is_current:
            _demand_confirmation(request)
        if is_current and request.auth is None:
            logout(request._request)  # noqa: SLF001
        elif not sessions.end_one(request, request_user(request), session_id.hex):
            raise Http404
        return Response(status=204)


def _demand_confirmation(request: Request) -> None:
    """Raises `FreshSignInRequired`, `ValidationError` or `TooManyAttempts`."""
    password = validated_data(EndSessionSerializer, request).get("password")
    if request.auth is None or password is None:
        demand_fresh_sign_in(request)
    else:
        confirm_password(request, request_user(request), password=password, field="password")


def _body(request: Request, one: SignedIn) -> dict[str, Any]:
    """The shape of `SessionSerializer`."""
    session_id = UUID(one.id)
    return {
        "id": str(session_id),
        "kind": "program" if one.is_program else "browser",
        "program": one.client_name or program_of(one.user_agent),
        "system": system_of(one.user_agent),
        "user_agent": one.user_agent,
        "ip_address": one.ip_address,
        "created_at": local(one.created_at).isoformat(),
        "last_seen_at": local(one.last_seen_at).isoformat(),
        "is_current": one.id == sessions.access_id(request),
        "links": [link("delete", absolute(request, "accounts:session", session_id), "DELETE")],
    }
