"""What a user may use: the own daily limit, else the best of the groups', else the default; the
models that everybody may use, and those of the groups.

Reads only the user's row, which requests have loaded; and the user's groups where `UPSTREAMS` gives
models to groups.
"""

from django.conf import settings

from accounts.models import User


def daily_limit_of(user: User) -> int:
    """Units that a user has a day."""
    own_or_plan = user.plan_daily_limit if user.daily_limit is None else user.daily_limit
    return settings.DAILY_CHAT_LIMIT if own_or_plan is None else own_or_plan


def models_of(user: User) -> list[str]:
    """Those of `CHAT_MODELS` that the user may ask, in their order."""
    offered = [name for name in settings.CHAT_MODELS if may_use(user, name)]
    if not settings.MODEL_GROUPS.keys() & set(offered):
        return offered
    groups = groups_of(user)
    return [name for name in offered if _is_for(name, groups)]


def exists_for(user: User, model: str) -> bool:
    """Whether the model exists for this user. `UPSTREAMS` may give a model to groups; to everybody
    else it is then like a model that the site does not have.
    """
    return model not in settings.MODEL_GROUPS or _is_for(model, groups_of(user))


def groups_of(user: User) -> frozenset[str]:
    """The names of the user's groups, by one query."""
    return frozenset(user.groups.values_list("name", flat=True))


def _is_for(model: str, groups: frozenset[str]) -> bool:
    limited: frozenset[str] | None = settings.MODEL_GROUPS.get(model)
    return limited is None or not limited.isdisjoint(groups)


def may_use(user: User, model: str) -> bool:
    """Whether the user may ask this model of `CHAT_MODELS`."""
    return model not in settings.PLAN_MODELS or model in user.plan_models.split("\n")
