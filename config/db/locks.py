"""Row locks that several apps share."""

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def lock_user(user: "AbstractBaseUser") -> None:
    """Lock the user's row until the transaction ends, so that what counts a user's rows and adds
    one runs one after another. FOR NO KEY UPDATE, so that rows which refer to the user can be
    inserted meanwhile. SQLite has one writer anyway.
    """
    locked = get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk)
    locked.values_list("pk").first()
