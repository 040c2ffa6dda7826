"""GitHub's OAuth apps, after https://docs.github.com/en/apps/oauth-apps, with the paths of a GitHub
Enterprise Server.
"""

from tests.providers.server import Asked, Provider, Reply


class GitHub(Provider):
    AUTHORIZE, TOKEN = "/login/oauth/authorize", "/login/oauth/access_token"
    ME, EMAILS = "/api/v3/user", "/api/v3/user/emails"

    def __init__(self) -> None:
        super().__init__()
        self.person = {
            "id": 583231,
            "login": "octocat",
            "name": "The Octocat",
            # What the person shows on the profile: any text of theirs.
            "email": "shown@example.com",
            "emails": [
                {"email": "old@example.com", "primary": False, "verified": True},
                {"email": "octocat@example.com", "primary": True, "verified": True},
            ],
        }

    def refusal(self, error: str) -> Reply:
        """GitHub says every error with 200, and a wrong code in a word of its own."""
        words = {"invalid_grant": "bad_verification_code"}
        said = {"error": words.get(error, "incorrect_client_credentials"), "error_uri": "https://"}
        return Reply(200, said)

    def resource(self, asked: Asked) -> Reply:
        person = self.person_of(asked)
        if person is None:
            return Reply(401, {"message": "Bad credentials"})
        if asked.path == self.EMAILS:
            if person.get("emails") is None:
                return Reply(404, {"message": "Not Found"})
            return Reply(200, person["emails"])
        if asked.path == self.ME:
            return Reply(200, {name: person[name] for name in person if name != "emails"})
        return Reply(404, {"message": "Not Found"})
