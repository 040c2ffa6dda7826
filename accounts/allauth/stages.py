"""What stands between a right password (or provider) and the session."""

from typing import Any

from allauth.account.stages import EmailVerificationStage


class AddressStage(EmailVerificationStage):  # type: ignore[misc]
    """allauth's, which would keep out people without an address where addresses must be confirmed:
    there is nothing to confirm.
    """

    def handle(self) -> tuple[Any, bool]:
        if not self.login.user.email:
            return None, True
        response, goes_on = super().handle()
        return response, bool(goes_on)
