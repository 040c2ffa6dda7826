"""GitHub, or a GitHub Enterprise Server (https://docs.github.com/en/apps/oauth-apps).

The address is the primary one of the list of addresses: the one of the profile is whatever the
person shows.
"""

from allauth.socialaccount.providers.github.provider import GitHubProvider

from accounts.providers import wire
from accounts.providers.errors import ProviderFailed
from accounts.providers.identity import Identity, identity, member, subject
from accounts.providers.oauth import Adapter, Provider, State, Tokens

_OURS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_NO_ADDRESSES = {403, 404}  # the person or the app has no permission for them


class GitHubAdapter(Adapter):
    @property
    def authorize_url(self) -> str:
        return f"{self.base_url or 'https://github.com'}/login/oauth/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{self.base_url or 'https://github.com'}/login/oauth/access_token"

    def identify(self, tokens: Tokens, state: State) -> Identity:  # noqa: ARG002
        api = f"{self.base_url}/api/v3" if self.base_url else "https://api.github.com"
        token = tokens["access_token"]
        person = wire.get(f"{api}/user", token=token, headers=_OURS).object()
        primary = self._primary(wire.get(f"{api}/user/emails", token=token, headers=_OURS))
        return identity(
            self.provider_id,
            subject(person.get("id"), base_url=self.base_url),
            email=member(primary, "email"),
            flags=(member(primary, "verified"),),
            nickname=person.get("name") or person.get("login"),
        )

    def _primary(self, answer: wire.Answer) -> object:
        """The primary address; None without one."""
        if answer.status in _NO_ADDRESSES:
            return None
        if answer.status != 200 or not isinstance(answer.value, list):  # noqa: PLR2004
            raise ProviderFailed(f"addresses: status {answer.status}")
        return next((one for one in answer.value if member(one, "primary") is True), None)


class GitHub(Provider, GitHubProvider):  # type: ignore[misc]
    adapter_class = GitHubAdapter

    def get_default_scope(self) -> list[str]:
        return ["user:email"]
