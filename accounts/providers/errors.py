"""A sign-in by a provider that came to no good end: what the page shows, and what the log has
beside it.

    Exception
    └── Ended               carries the code that the page shows
        └── ProviderFailed  the provider's doing; `reason` is for the log
"""


class Ended(Exception):  # noqa: N818 - says what happened
    """`code` is one of those in docs/providers.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderFailed(Ended):
    """`reason` says in a few words of our own what was wrong: never what the provider sent."""

    def __init__(self, reason: str, code: str = "unknown") -> None:
        super().__init__(code)
        self.reason = reason
