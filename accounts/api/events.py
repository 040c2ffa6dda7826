"""/accounts/events: what has happened to the own account."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from accounts import trail
from accounts.models import SecurityEvent
from accounts.user_agents import program_of, system_of
from config.api.users import request_user


class SecurityEventSerializer(serializers.ModelSerializer[SecurityEvent]):
    text = serializers.CharField(source="get_kind_display", help_text="The kind in words.")
    program = serializers.SerializerMethodField(
        help_text="The browser's or program's name, or empty."
    )
    system = serializers.SerializerMethodField(help_text="The operating system's name, or empty.")
    by_staff = serializers.SerializerMethodField()

    class Meta:
        model = SecurityEvent
        fields = (
            *("id", "kind", "text", "reason", "count", "ip_address", "user_agent", "program"),
            *("system", "by_staff", "details", "created_at"),
        )
        read_only_fields = fields

    def get_program(self, event: SecurityEvent) -> str:
        return program_of(event.user_agent)

    def get_system(self, event: SecurityEvent) -> str:
        return system_of(event.user_agent)

    def get_by_staff(self, event: SecurityEvent) -> bool:
        return event.actor_id is not None and event.actor_id != event.user_id


class Events(ListAPIView[SecurityEvent]):
    queryset = SecurityEvent.objects.none()
    serializer_class = SecurityEventSerializer

    def get_queryset(self) -> Any:
        return trail.of(request_user(self.request))

    @extend_schema(
        summary="What has happened to one's account, newest first",
        description="Sign-ins, refusals, and changes of password, address, factors, tokens, role "
        "and limit. Kept for a year.",
    )
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)
