"""Personal tokens as they are stored. `accounts.models` imports this, where Django looks for it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.personal_tokens.secret import SHOWN

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_NAME = 50


class State(models.TextChoices):
    ACTIVE = "active", _("active")
    EXPIRED = "expired", _("expired")
    ENDED = "ended", _("ended by a new password")


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def owned_by(self, user: "User") -> "PersonalTokenQuerySet":
        return self.filter(user=user)


class PersonalToken(models.Model):
    """A token that a user made for a program. Revoking it deletes the row.

    `stamp` is the user's `token_stamp` when it was made: a new password ends the token. The units
    taken with it and not given back are `used` in all and `used_today` on the local day `used_on`;
    `accounts.personal_tokens.usage` counts them in the ledger's transaction.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="personal_tokens",
        db_index=False,  # personal_token_name begins with it
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    start = models.CharField(_("beginning"), max_length=SHOWN)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    stamp = models.CharField(max_length=32, editable=False)
    # Separated by spaces, as in OAuth.
    scope = models.CharField(_("scopes"), max_length=200)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    used = models.PositiveIntegerField(_("units used"), default=0, db_default=0)
    used_today = models.PositiveIntegerField(default=0, db_default=0)
    used_on = models.DateField(null=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal token")
        verbose_name_plural = _("personal tokens")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="personal_token_name"),
        ]

    def __str__(self) -> str:
        return f"{self.start}…"

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()

    @property
    def todays_use(self) -> int:
        return self.used_today if self.used_on == timezone.localdate() else 0

    def state(self, user: "User") -> State:
        """`user` is its owner, as stored now."""
        if self.stamp != user.token_stamp():
            return State.ENDED
        if self.expires_at and self.expires_at <= timezone.now():
            return State.EXPIRED
        return State.ACTIVE


# How long a token is valid, by the names that the API uses.
LIFETIMES: dict[str, timedelta | None] = {
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "365d": timedelta(days=365),
    "never": None,
}
DEFAULT_LIFETIME = "90d"
