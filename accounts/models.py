"""Users, joins and addresses that wait for their confirmation mail, families of tokens, sources of
sign-ins, security events, and authorization codes.

Tokens and sessions carry a stamp of the password's hash, so that a new password ends them. When a
sign-in stores the same password under a newer hasher, the stamps of the former hash stay valid:
`kept_stamps` holds them, with the digest of the hash for which they are kept. Any other change of
the hash invalidates them.
"""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
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
from accounts.addresses.codes import code_of
from accounts.nicknames import LONGEST
from accounts.passwords.normalization import normalize_password, possible_forms
from accounts.personal_tokens.models import PersonalToken  # noqa: F401 - Django looks here for it

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

DIGEST_LENGTH = 32  # of MD5 in hexadecimal, a fingerprint of a hash that is stored anyway


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """The form in which addresses are stored and looked up
        (`accounts.addresses.canonical_form`).
        """
        return canonical(email or "")

    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """The email address is the login; people who joined by a provider may have none. `daily_limit`
    None means the best of the user's groups, or else the server's default
    (`accounts.plans.limits`).

    People whose join waits for staff, or was declined, are inactive as well, so that everything
    that refuses inactive users refuses them; `approval` tells them apart.
    """

    class Approval(models.TextChoices):
        NONE = "", _("none needed, or given")
        WAITING = "waiting", _("waiting")
        DECLINED = "declined", _("declined")

    email = models.EmailField(_("email address"), unique=True, null=True, blank=True)
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
    # Copied from the user's groups by `accounts.plans.upkeep`, so that a request reads no more
    # tables: the best daily limit, and the names of models, one a line.
    plan_daily_limit = models.PositiveIntegerField(null=True, blank=True, editable=False)
    plan_models = models.TextField(blank=True, default="", db_default="", editable=False)
    approval = models.CharField(
        _("approval"),
        max_length=10,
        choices=Approval.choices,
        blank=True,
        default=Approval.NONE,
        db_default="",
        editable=False,
    )
    # When staff decided about the join.
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
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

    # Of the user of a request: the personal token that the request brought, if it brought one.
    personal_token_id: int | None = None

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
            ),
            models.CheckConstraint(
                name="user_active_only_if_approved",
                condition=models.Q(approval="") | models.Q(is_active=False),
                violation_error_message=_(
                    "This person waits for approval or was declined: approve the request to join."
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                name="user_not_approved",
                condition=~models.Q(approval=""),
            )
        ]

    def __str__(self) -> str:
        return self.email or self.nickname or str(self.pk)

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email) or None

    @property
    def shown_name(self) -> str:
        """Who it is, for the user's own eyes: the address, else the nickname, else `user-` and the
        id.
        """
        return self.email or self.nickname or f"user-{self.pk}"

    @property
    def address_or_id(self) -> str:
        """One text per account, for limits: the address, or `#` and the id."""
        return self.email or f"#{self.pk}"

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
            SignInSource.objects.of(self.address_or_id).delete()
        elif has_new_password:
            SignInSource.objects.of(self.address_or_id).lift()
            # Whoever asked for it may be the reason for the new password.
            AddressConfirmation.objects.filter(user=self, is_change=True).delete()


class TokenFamily(models.Model):
    """The tokens of one program since its sign-in: all refresh tokens, each of which replaced the
    one before, and their access tokens. They carry `sid` and are valid while the row is there.

    `jti` is the id of the one refresh token that is not spent. Another one of the family was used
    before (RFC 9700, 4.14). No token is stored.
    """

    sid = models.CharField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    jti = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    renewed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)  # of the unspent refresh token
    ends_at = models.DateTimeField()  # of all of them, whatever is renewed
    ip_address = models.GenericIPAddressField(null=True, blank=True)  # at the sign-in
    user_agent = models.CharField(max_length=200, blank=True, default="", db_default="")
    # What a native program called itself when its user allowed it (`AuthorizationCode`).
    client_name = models.CharField(max_length=50, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("sign-in of a program")
        verbose_name_plural = _("sign-ins of programs")
        indexes = [models.Index(fields=["user", "-renewed_at"], name="family_of_user")]

    def __str__(self) -> str:
        return self.sid[:8]


class RevokedToken(models.Model):
    """An access token of the release before, which knew no families, that was signed out early;
    kept until it would have expired.
    """

    jti = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti


def new_code_secret() -> str:
    return secrets.token_hex(16)


class Confirmable(models.Model):
    """Waits until the link of its mail is opened or the code typed
    (`accounts.addresses.confirmations`).
    """

    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Empty in rows of an earlier release, whose mails have no code.
    code_secret = models.CharField(
        max_length=32, default=new_code_secret, db_default="", editable=False
    )
    wrong_codes = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True

    @property
    def code(self) -> str:
        return code_of(self._meta.model_name or "", f"{self.pk}:{self.code_secret}")


class PendingJoin(Confirmable):
    """A join whose address was not confirmed yet. Several may wait for one address; the first that
    is confirmed gets it.
    """

    email = models.EmailField(db_index=True)
    nickname = models.CharField(max_length=50, blank=True)
    password = models.CharField(max_length=128)
    # The digest of the invitation's token, if the person has one; it is used when the link is
    # opened.
    invitation = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.email


class AddressConfirmation(Confirmable):
    """An address that its user has to confirm: a new one, or the account's own. Of each a user has
    at most one, so a new row ends the links and codes of the former.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_confirmations")
    email = models.EmailField()
    is_change = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "is_change"], name="one_confirmation_of_each_kind"
            )
        ]

    def __str__(self) -> str:
        return self.email


class SignInSourceQuerySet(models.QuerySet["SignInSource"]):
    def of(self, email: str) -> "SignInSourceQuerySet":
        """The counts of wrong passwords and of wrong second-factor codes, also those that were
        stored with a former SECRET_KEY.
        """
        address = UserManager.normalize_email(email)
        secrets = [None, *settings.SECRET_KEY_FALLBACKS]
        names = (address, SignInSource.CODES + address)
        return self.filter(
            address__in=[SignInSource.digest(name, one) for name in names for one in secrets]
        )

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
    CODES = "second-factor:"  # before an address: the rows that count wrong codes

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
    def digest(value: str, secret: str | None = None) -> str:
        """`secret`: a former SECRET_KEY; None is today's."""
        keyed = salted_hmac("accounts.SignInSource", value, secret=secret, algorithm="sha256")
        return keyed.hexdigest()


class SecurityEvent(models.Model):
    """What concerns the security of an account: written by `accounts.trail.record`, kept a year.
    `details` has no secrets, no addresses of others, and of text that a caller chose freely only
    the name of a native program, which its user has seen before allowing it.
    """

    class Kind(models.TextChoices):
        JOINED = "joined", _("joined")
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
        SIGNED_OUT = "signed_out", _("signed out")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        PASSWORD_RESET_ASKED = "password_reset_asked", _("password reset asked for")
        ADDRESS_CHANGE_ASKED = "address_change_asked", _("change of address asked for")
        ADDRESS_CHANGED = "address_changed", _("address changed")
        ADDRESS_CONFIRMED = "address_confirmed", _("address confirmed")
        PROVIDER_CONNECTED = "provider_connected", _("way to sign in connected")
        PROVIDER_DISCONNECTED = "provider_disconnected", _("way to sign in removed")
        PROVIDER_CONFLICT = "provider_conflict", _("provider's address belongs to this account")
        FACTOR_ADDED = "factor_added", _("second factor added")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        FACTOR_REFUSED = "factor_refused", _("second factor refused")
        RECOVERY_CODE_USED = "recovery_code_used", _("recovery code used")
        RECOVERY_CODES_MADE = "recovery_codes_made", _("recovery codes made")
        TOKEN_MADE = "token_made", _("token made")
        TOKEN_ENDED = "token_ended", _("token ended")
        TOKEN_REUSED = "token_reused", _("spent token used again")
        SESSION_ENDED = "session_ended", _("session ended")
        DATA_EXPORTED = "data_exported", _("data downloaded")
        DATA_IMPORTED = "data_imported", _("data imported")
        ROLE_CHANGED = "role_changed", _("role changed")
        LIMIT_CHANGED = "limit_changed", _("limit changed")
        STATE_CHANGED = "state_changed", _("activated or deactivated")
        INVITED = "invited", _("invitation used")
        APPROVED = "approved", _("approved by staff")
        DECLINED = "declined", _("declined by staff")
        LEFT = "left", _("left")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="security_events", verbose_name=_("user")
    )
    kind = models.CharField(_("event"), max_length=32, choices=Kind.choices)
    # A stable code, such as `wrong_password`; empty where the kind says it all.
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="", db_default="")
    ip_address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(
        _("program"), max_length=200, blank=True, default="", db_default=""
    )
    # Who did it where it was not the user: staff.
    actor = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    details = models.JSONField(_("details"), default=dict, blank=True)
    # How often it happened: what strangers can cause is counted for an hour in one row.
    count = models.PositiveIntegerField(_("times"), default=1, db_default=1)
    created_at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="event_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reason}".rstrip()


class DataExport(models.Model):
    """An archive of all that a user has here; see `accounts.export.job`."""

    class State(models.TextChoices):
        RUNNING = "running", _("being collected")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="data_export")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    error_code = models.CharField(max_length=30, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class DataExportPart(models.Model):
    export = models.ForeignKey(DataExport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="export_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"


class FactorCounter(models.Model):
    """A number of a second factor that only grows, so that nothing is accepted twice: the time step
    of the newest accepted code of an authenticator app (RFC 6238, 5.2), or the signature counter of
    a passkey (WebAuthn, 6.1.1).
    """

    authenticator = models.OneToOneField(
        "mfa.Authenticator", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    newest = models.BigIntegerField(default=-1, db_default=-1)

    def __str__(self) -> str:
        return f"{self.authenticator_id}: {self.newest}"

    @classmethod
    def advance(cls, authenticator: "Authenticator", number: int) -> bool:
        """Whether the number is newer than all before. Of concurrent callers with the same number
        one gets True.
        """
        cls.objects.get_or_create(authenticator=authenticator)
        own = cls.objects.filter(authenticator=authenticator)
        return bool(own.filter(newest__lt=number).update(newest=number))


class SecondFactorChallenge(models.Model):
    """A program that has sent the right password and has yet to send a code (see
    `accounts.mfa.challenges`).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class AuthorizationCode(models.Model):
    """That a user has allowed a native program to sign in (RFC 8252), until the program exchanges
    the code for tokens (`accounts.authorization`). A user has at most one; the next replaces it.
    The code itself is not stored.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    stamp = models.CharField(max_length=DIGEST_LENGTH)  # of the user's password
    redirect_uri = models.CharField(max_length=150)
    code_challenge = models.CharField(max_length=43)
    client_id = models.CharField(max_length=50, blank=True)
    client_name = models.CharField(max_length=50, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]
