"""The invariant of the ledger, for every test that ends turns in an odd way."""

from collections import Counter

from django.db.models import Q
from django.utils import timezone

from accounts.personal_tokens.models import PersonalToken
from chat.models import DailyUsage, Reply, Status

CHARGED = (Status.DONE, Status.STOPPED)
# The one failure that is the asker's own, and so is charged (`chat.upstream.errors`).
OWN_FAULT = "upstream_content_filter"
# Charged where the model worked (ADR 0002), which the reply does not tell.
EMPTY = "upstream_empty"


def assert_ledger_is_exact() -> None:
    """Units used = answers done and stopped, for each person and day, and for each personal token;
    each of those holds its unit, and no other answer holds one but empty ones. A continuation may
    hold one more, and a stored answer none. Answers that were deleted since would be missing.
    """
    is_charged = Q(status__in=CHARGED) | Q(status=Status.FAILED, error_code=OWN_FAULT)
    held = Reply.objects.filter(charged_day__isnull=False)
    may_be_charged = is_charged | Q(status=Status.FAILED, error_code=EMPTY)
    assert not held.exclude(may_be_charged).exclude(status=Status.STREAMING).exists()
    free = Reply.objects.filter(is_charged, charged_day__isnull=True)
    assert not free.filter(answered_from=None).exists()
    used = {(row.user_id, row.day): row.used for row in DailyUsage.objects.exclude(used=0)}
    continued = Reply.objects.filter(continuation_day__isnull=False)
    units = [
        *held.values_list("user_id", "charged_day", "personal_token_id"),
        *continued.values_list("user_id", "continuation_day", "continuation_token_id"),
    ]
    assert used == Counter((user, day) for user, day, _ in units)
    by_token = Counter(token for *_, token in units)
    today = timezone.localdate()
    by_token_today = Counter(token for _, day, token in units if day == today)
    for token in PersonalToken.objects.all():
        counted = (token.used, token.todays_use)
        assert counted == (by_token[token.pk], by_token_today[token.pk])
