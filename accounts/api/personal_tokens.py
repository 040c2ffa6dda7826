"""/accounts/tokens and /accounts/tokens/{id}: a user's personal tokens. Neither declares a scope,
so no personal token makes, lists or revokes another.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import password_field
from accounts.api.openapi import PERSONAL_TOKEN, RETRY_AFTER, example
from accounts.api.validation import validated_data
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.personal_tokens.lifecycle import end_token, make_token, rename_token
from accounts.personal_tokens.models import (
    DEFAULT_LIFETIME,
    LIFETIMES,
    LONGEST_NAME,
    PersonalToken,
    State,
)
from accounts.personal_tokens.secret import PATTERN
from accounts.sign_in import confirm_password
from config.api.fields import LineField
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.times import local
from config.api.users import request_user


class NewPersonalTokenSerializer(InputSerializer):
    name = LineField(max_length=LONGEST_NAME, help_text="Different from those of the others.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), min_length=1, max_length=len(Scope)
    )
    lifetime = serializers.ChoiceField(list(LIFETIMES), default=DEFAULT_LIFETIME)
    password = password_field(
        required=False, help_text="Needed where the request has no session of the last minutes."
    )


class PersonalTokenNameSerializer(InputSerializer):
    name = LineField(max_length=LONGEST_NAME)
    is_whole = True


class PersonalTokenUsageSerializer(serializers.Serializer[Any]):
    today = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0)


class PersonalTokenSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    start = serializers.CharField(help_text="The beginning of the token, to tell which it is.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    state = serializers.ChoiceField(
        State.choices, help_text="`ended`: the password was changed after it was made."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="Up to five minutes behind."
    )
    usage = PersonalTokenUsageSerializer(
        help_text="Units of the user's allowance that were taken with it and not given back."
    )
    links = LinkSerializer(many=True)


class PersonalTokenMadeSerializer(PersonalTokenSerializer):
    token = serializers.RegexField(PATTERN, help_text="Shown only here.")


class PersonalTokenView(GenericAPIView[PersonalToken]):
    queryset = PersonalToken.objects.none()
    serializer_class = PersonalTokenSerializer

    def get_queryset(self) -> Any:
        return PersonalToken.objects.owned_by(request_user(self.request))


class PersonalTokens(PersonalTokenView):
    @extend_schema(
        summary="One's own personal tokens, newest first",
        responses=PersonalTokenSerializer(many=True),
        examples=[example("A token", PERSONAL_TOKEN, status=200)],
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([token_body(token, request) for token in page])

    @extend_schema(
        summary="Make a personal token",
        description="For programs that act in the user's name within its scopes. It takes a "
        "session that has signed in or confirmed within the last minutes, or the password. The "
        "token itself is in this response only. A user has at most 20; a dead one makes room.",
        request=NewPersonalTokenSerializer,
        parameters=[RETRY_AFTER],
        responses={
            201: PersonalTokenMadeSerializer,
            **problems(
                _403="fresh_sign_in_required, insufficient_scope, csrf_failed",
                _409="limit_reached",
                _429="too_many_attempts, too_many_writes",
            ),
        },
        examples=[
            example("A bot", {"name": "Discord bot", "scopes": ["chat:write"], "lifetime": "90d"}),
            example("Made", {**PERSONAL_TOKEN, "token": "daesa_pat_Ab12…"}, status=201),
        ],
    )
    def post(self, request: Request) -> Response:
        given = validated_data(NewPersonalTokenSerializer, request)
        password = given.pop("password", None)
        user = request_user(request)
        if password is None:
            demand_fresh_sign_in(request)
        else:
            confirm_password(request, user, password=password, field="password")
        token, raw = make_token(request, user, **given)
        headers = {"Location": absolute(request, "accounts:personal-token", token.pk)}
        return Response({**token_body(token, request), "token": raw}, status=201, headers=headers)


class OnePersonalToken(PersonalTokenView):
    @extend_schema(summary="One personal token", responses=PersonalTokenSerializer)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(token_body(self.get_object(), request))

    @extend_schema(
        summary="Rename a personal token",
        request=PersonalTokenNameSerializer,
        responses=PersonalTokenSerializer,
        examples=[example("Another name", {"name": "Old Discord bot"})],
    )
    def patch(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        token = self.get_object()
        rename_token(token, **validated_data(PersonalTokenNameSerializer, request))
        return Response(token_body(token, request))

    @extend_schema(
        summary="Revoke a personal token",
        description="At once: no question is taken with it any more, and its open streams end.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        end_token(self.get_object(), request=request)
        return Response(status=204)


def token_body(token: PersonalToken, request: Request) -> dict[str, Any]:
    """The shape of `PersonalTokenSerializer`."""
    href = absolute(request, "accounts:personal-token", token.pk)
    return {
        "id": token.pk,
        "name": token.name,
        "start": token.start,
        "scopes": token.scopes,
        "state": token.state(request_user(request)),
        "created_at": local(token.created_at).isoformat(),
        "expires_at": token.expires_at and local(token.expires_at).isoformat(),
        "last_used_at": token.last_used_at and local(token.last_used_at).isoformat(),
        "usage": {"today": token.todays_use, "total": token.used},
        "links": [
            link("self", href),
            link("edit", href, "PATCH"),
            link("delete", href, "DELETE"),
        ],
    }
