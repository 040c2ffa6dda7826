"""People, and the access tokens they have revoked."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """The form in which addresses are stored: without case, as people mean them."""
        return (email or "").strip().lower()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address is the login; `daily_limit` None means the server's default."""

    email = models.EmailField(_("email address"), unique=True)
    nickname = models.CharField(_("nickname"), max_length=50, blank=True)
    ip_address = models.GenericIPAddressField(
        _("address of the last sign-in"), null=True, blank=True, editable=False
    )
    daily_limit = models.PositiveIntegerField(
        _("daily limit"),
        null=True,
        blank=True,
        help_text=_("Requests a day. Empty: the server's default."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick this instead of deleting somebody.")
    )
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May sign in to this administration.")
    )
    review_emails = models.BooleanField(
        _("mails about reviews"),
        default=True,
        help_text=_("Whether they are told by mail when a line of theirs is reviewed."),
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message=_("This email address is taken."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)


class RevokedToken(models.Model):
    """An access token that was signed out before its end; kept until it would have expired."""

    jti = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti
