"""allauth's forms for sessions, changed at start-up: they would strip passwords, validate addresses
before normalizing them, and crash on some password-reset keys.
"""

from allauth.account.forms import UserTokenForm
from allauth.headless.account import inputs
from django import forms

from accounts.form_fields import AddressField
from accounts.models import User

_PASSWORDS = ("password", "current_password", "new_password")


class ResetKeyForm(UserTokenForm):  # type: ignore[misc]
    """Checks the key of a password-reset mail: the user's id, a hyphen and a signature. Refuses a
    key without an id, such as `-x`, on which allauth's form crashes.
    """

    def _get_user(self, uidb36: str | None) -> User | None:
        found: User | None = super()._get_user(uidb36 or "")
        return found


def session_forms() -> list[type[forms.Form]]:
    return [
        form
        for form in vars(inputs).values()
        if isinstance(form, type) and issubclass(form, forms.Form)
    ]


def patch_session_forms() -> None:
    """For `AppConfig.ready`."""
    inputs.UserTokenForm = ResetKeyForm  # no setting names this form
    for form in session_forms():
        fields = form.base_fields
        for name in _PASSWORDS:
            if isinstance(password := fields.get(name), forms.CharField):
                password.strip = False
        if "email" in fields:
            fields["email"] = AddressField(required=fields["email"].required)
