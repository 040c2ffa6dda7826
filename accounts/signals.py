"""Signals for other apps. Sent after the commit, in the process that made the change.

`access_ended`           `user_id`: the account was deactivated or deleted; all its work must end
`credentials_changed`    `user_id`: the password changed; other sessions and tokens have ended
`session_ended`          `user_id`, `access_id`: one session or family of tokens has ended
                         (`accounts.sessions.access_id`)
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from accounts.models import User

access_ended = Signal()
credentials_changed = Signal()
session_ended = Signal()


def connect() -> None:
    post_save.connect(_saved, sender=User, dispatch_uid="accounts.saved")
    post_delete.connect(_deleted, sender=User, dispatch_uid="accounts.deleted")


def end_access(user_id: int) -> None:
    """Call it after changes for which Django sends no signal, such as `QuerySet.update`."""
    transaction.on_commit(partial(access_ended.send_robust, sender=User, user_id=user_id))


def end_session(user_id: int, access_id: str) -> None:
    """Call it after one session or family of tokens has ended."""
    send = partial(session_ended.send_robust, sender=User, user_id=user_id, access_id=access_id)
    transaction.on_commit(send)


def _saved(instance: User, *, created: bool, **_kwargs: Any) -> None:
    if created:
        return
    if not instance.is_active:
        end_access(instance.pk)
    elif instance.has_new_password:
        send = partial(credentials_changed.send_robust, sender=User, user_id=instance.pk)
        transaction.on_commit(send)


def _deleted(instance: User, **_kwargs: Any) -> None:
    end_access(instance.pk)
