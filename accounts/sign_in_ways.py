"""In which ways a user can sign in: by a password, a provider or a passkey. The last one cannot be
removed.

    Conflict
    └── LastWayToSignIn     409
"""

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.addresses.ownership import is_usable
from accounts.models import User
from accounts.providers import offered
from config.api.problems import Conflict


class LastWayToSignIn(Conflict):
    default_code = "last_way"
    default_detail = _(
        "This is your last way to sign in. Set a password or connect another one first."
    )


def demand_another_way(user: User, removed: Model) -> None:
    """Call it in the transaction that removes a `SocialAccount` or a passkey, with the user's row
    locked. Raises `LastWayToSignIn`.
    """
    if not (_has_password(user) or _has_provider(user, removed) or _has_passkey(user, removed)):
        raise LastWayToSignIn


def _has_password(user: User) -> bool:
    """A password needs the address to go with it, confirmed where addresses must be."""
    return bool(user.email) and user.has_usable_password() and is_usable(user)


def _has_provider(user: User, removed: Model) -> bool:
    """One that the site offers now."""
    rows = SocialAccount.objects.filter(user=user, provider__in=offered.names())
    return any(row != removed for row in rows)


def _has_passkey(user: User, removed: Model) -> bool:
    if not mfa_settings.PASSKEY_LOGIN_ENABLED:
        return False
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return any(row != removed and row.wrap().is_passwordless for row in rows)
