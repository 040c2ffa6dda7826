"""How often somebody may ask for what costs more than a page of the board. Soft limits, counted in
the cache; nothing is charged.
"""

from rest_framework.throttling import UserRateThrottle


class SimilarThrottle(UserRateThrottle):
    """Somebody who types asks about twice a second at most."""

    scope = "similar"
    rate = "120/min"


class LikeThrottle(UserRateThrottle):
    scope = "like"
    rate = "60/min"
