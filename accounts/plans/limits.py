"""What a user may use: the own daily limit, else the best of the groups', else the default; the
models that everybody may use, and those of the groups.

Reads only the user's row, which requests have loaded.
"""

from django.conf import settings

from accounts.models import User


def daily_limit_of(user: User) -> int:
    """Units that a user has a day."""
    own_or_plan = user.plan_daily_limit if user.daily_limit is None else user.daily_limit
    return settings.DAILY_CHAT_LIMIT if own_or_plan is None else own_or_plan


def models_of(user: User) -> list[str]:
    """Those of `CHAT_MODELS` that the user may ask, in their order."""
    return [name for name in settings.CHAT_MODELS if may_use(user, name)]


def may_use(user: User, model: str) -> bool:
    """Whether the user may ask this model of `CHAT_MODELS`."""
    return model not in settings.PLAN_MODELS or model in user.plan_models.split("\n")
