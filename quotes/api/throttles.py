"""Limits of requests that cost more than a page of the board. They are approximate, counted in the
cache. Requests that change something have the general limit of `config.api.writes`.
"""

from rest_framework.throttling import UserRateThrottle


class SimilarThrottle(UserRateThrottle):
    """The page asks about twice a second at most while a user types."""

    scope = "similar"
    rate = "120/min"
