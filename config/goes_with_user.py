"""Rows that are deleted together with the account of their user."""

from django.http import HttpRequest


class GoesWithUser:
    """A mark for admin classes whose rows belong to a user and are deleted only together with that
    user. Staff who may delete users then need no permission to delete these rows.
    """


class ReadOnly(GoesWithUser):
    """For admin classes whose rows staff may only read. Name it before `ModelAdmin`."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False
