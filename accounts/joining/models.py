"""Invitations, who has used them, and requests to join."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, UserManager

MOST_USES = 1000
LONGEST_LIFE = timedelta(days=365)
LONGEST_NOTE = 100


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> "InvitationQuerySet":
        """Neither used up, nor expired, nor revoked."""
        unspent = self.filter(used__lt=F("uses"), revoked_at=None)
        return unspent.filter(expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link by which people may join. Only the digest of its token is stored."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(
        _("only for this address"),
        blank=True,
        help_text=_("Empty: whoever has the link may use it."),
    )
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    groups = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("groups"),
        related_name="+",
        help_text=_("Those who join by this link become members."),
    )
    uses = models.PositiveIntegerField(
        _("accounts"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_USES)],
        help_text=_("How many accounts can be made with it."),
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    inviter = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(name="invitation_used_at_most", condition=Q(used__lte=F("uses")))
        ]

    def __str__(self) -> str:
        return self.email or self.note or str(self.pk or "")

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    @property
    def is_usable(self) -> bool:
        is_left = self.used < self.uses and self.revoked_at is None
        return is_left and self.expires_at > timezone.now()


class InvitationUse(models.Model):
    """An account that joined by an invitation."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="uses_made", verbose_name=_("invitation")
    )
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="invitation_use", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now)

    class Meta:
        verbose_name = _("account that joined")
        verbose_name_plural = _("accounts that joined")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return str(self.user)


class JoinRequest(User):
    """A user whose join waits for staff or was declined. Its permissions say who may decide."""

    class Meta:
        proxy = True
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering: ClassVar[Any] = ("created_at", "id")
        default_permissions = ("view", "change")
