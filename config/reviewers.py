"""The group "Reviewers": the permissions that a person needs to review lines and reported marks,
and no others. Its members must also be staff (`User.is_staff`), which a group cannot give.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

NAME = "Reviewers"
PERMISSIONS = (
    ("quotes", "view_quote"),
    ("quotes", "change_quote"),  # to review a line, and to write what it means
    ("quotes", "view_review"),
    ("chat", "view_markreport"),
    ("chat", "change_markreport"),  # to settle it
)


def ensure_reviewers() -> bool:
    """Creates the group with its permissions, unless a group has the name: staff may have changed
    that. Returns whether it was created. Call it after the migrations, which create permissions.
    """
    with transaction.atomic():
        group, is_new = Group.objects.get_or_create(name=NAME)
        if is_new:
            group.permissions.set(_permissions())
    return is_new


def _permissions() -> list[Permission]:
    wanted = Q()
    for app, codename in PERMISSIONS:
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.filter(wanted))
