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
    each of those holds its unit, and no other answer holds one but empty ones. Answers that were
    deleted since would be missing.
    """
    is_charged = Q(status__in=CHARGED) | Q(status=Status.FAILED, error_code=OWN_FAULT)
    held = Reply.objects.filter(charged_day__isnull=False)
    may_be_charged = is_charged | Q(status=Status.FAILED, error_code=EMPTY)
    assert not held.exclude(may_be_charged).exclude(status=Status.STREAMING).exists()
    assert not Reply.objects.filter(is_charged, charged_day__isnull=True).exists()
    used = {(row.user_id, row.day): row.used for row in DailyUsage.objects.exclude(used=0)}
    assert used == Counter(held.values_list("user_id", "charged_day"))
    by_token = Counter(held.values_list("personal_token_id", flat=True))
    by_token_today = Counter(
        held.filter(charged_day=timezone.localdate()).values_list("personal_token_id", flat=True)
    )
    for token in PersonalToken.objects.all():
        counted = (token.used, token.todays_use)
        assert counted == (by_token[token.pk], by_token_today[token.pk])
