"""Users, joins that wait for their confirmation mail, revoked access tokens, and sources of
sign-ins.

Tokens and sessions carry a stamp of the password's hash, so that a new password ends them. When a
sign-in stores the same password under a newer hasher, the stamps of the former hash stay valid:
`kept_stamps` holds them, with the digest of the hash for which they are kept. Any other change of
the hash invalidates them.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.utils import get_md5_hash_password as digest_of

from accounts.addresses.canonical_form import canonical
from accounts.nicknames import LONGEST
from accounts.passwords.normalization import normalize_password, possible_forms

DIGEST_LENGTH = 32  # of MD5 in hexadecimal, a fingerprint of a hash that is stored anyway


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """The form in which addresses are stored and looked up
        (`accounts.addresses.canonical_form`).
        """
        return canonical(email or "")

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
    """The email address is the login. `daily_limit` None means the server's default."""

    email = models.EmailField(_("email address"), unique=True)
    nickname = models.CharField(_("nickname"), max_length=LONGEST, blank=True)
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
        db_default=True,
        help_text=_("Whether they are told by mail when a line of theirs is reviewed."),
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # Digest of the stored hash, stamp of tokens, stamp of sessions; or empty.
    kept_stamps = models.CharField(
        max_length=160, blank=True, default="", db_default="", editable=False
    )

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

    @property
    def has_new_password(self) -> bool:
        """Whether this object has a new password that is about to be saved, or just was."""
        return getattr(self, "_password", None) is not None

    def token_stamp(self) -> str:
        """What valid tokens of this user carry: simplejwt's digest of the hash, kept on renewal."""
        return self._valid_kept_stamps()[:DIGEST_LENGTH] or digest_of(self.password)

    def get_session_auth_hash(self) -> str:
        return self._valid_kept_stamps()[DIGEST_LENGTH:] or super().get_session_auth_hash()

    def check_password(self, raw_password: str | None) -> bool:
        forms = possible_forms(raw_password or "")
        return any(hashers.check_password(form, self.password, self._renew_hash) for form in forms)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(None if raw_password is None else normalize_password(raw_password))

    def _renew_hash(self, raw_password: str) -> None:
        """Stores the same password under the current hasher, unless it was changed meanwhile."""
        password = hashers.make_password(normalize_password(raw_password))
        kept = digest_of(password) + self.token_stamp() + self.get_session_auth_hash()
        unchanged = User.objects.filter(pk=self.pk, password=self.password)
        if unchanged.update(password=password, kept_stamps=kept):
            self.password, self.kept_stamps = password, kept

    def _valid_kept_stamps(self) -> str:
        is_current = self.kept_stamps[:DIGEST_LENGTH] == digest_of(self.password)
        return self.kept_stamps[DIGEST_LENGTH:] if is_current else ""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new password, however it was set, resets the count of wrong ones."""
        is_new = self._state.adding
        has_new_password = self.has_new_password
        super().save(*args, **kwargs)
        if is_new:
            SignInSource.objects.of(self.email).delete()
        elif has_new_password:
            SignInSource.objects.of(self.email).lift()


class RevokedToken(models.Model):
    """An access token that was signed out early; kept until it would have expired."""

    jti = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti


class PendingJoin(models.Model):
    """A join whose confirmation link was not opened yet. Several may wait for one address; the
    first whose link is opened gets it.
    """

    email = models.EmailField(db_index=True)
    nickname = models.CharField(max_length=50, blank=True)
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.email


class SignInSourceQuerySet(models.QuerySet["SignInSource"]):
    def of(self, email: str) -> "SignInSourceQuerySet":
        return self.filter(address=SignInSource.digest(UserManager.normalize_email(email)))

    def lift(self) -> None:
        """Resets all counts. Sources that have signed in before stay known."""
        self.filter(signed_in_at=None).delete()
        self.update(failures=0, not_before=timezone.now())

    def stale(self) -> "SignInSourceQuerySet":
        """Rows that can be deleted: see `SignInSource.KEPT`."""
        long_ago = timezone.now() - SignInSource.KEPT
        return self.filter(user=None, not_before__lt=long_ago)


class SignInSource(models.Model):
    """A device or network from which a sign-in to an address was tried, and its wrong passwords in
    a row. The row with an empty source counts all sources that have never signed in. Addresses
    without an account have rows too, so that answers do not show which addresses have one.

    Addresses and networks are stored as keyed digests only.
    """

    KEPT = timedelta(days=30)  # since the last attempt, if the source never signed in

    address = models.CharField(max_length=64)
    source = models.CharField(max_length=80, blank=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="sign_in_sources"
    )
    failures = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    signed_in_at = models.DateTimeField(null=True)

    objects = SignInSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("address", "source"), name="sign_in_source_unique")
        ]

    def __str__(self) -> str:
        return f"{self.address[:8]} {self.source[:16]}"

    @staticmethod
    def digest(value: str) -> str:
        return salted_hmac("accounts.SignInSource", value, algorithm="sha256").hexdigest()
