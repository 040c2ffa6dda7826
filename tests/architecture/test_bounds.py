"""Of everything that is kept there is a bound on what one account can add."""

import pytest
from django.apps import apps

from accounts import authorization, mfa, sessions, social, tokens
from accounts.mfa import challenges
from accounts.models import User
from accounts.personal_tokens import lifecycle
from chat.reports import report

BY_UNIT = "one for a unit of the daily allowance or of the day's refunds"
STAFF = "only staff add them"
BOUNDS = {
    "accounts.User": "one is one account; accounts.limits.rate_limits counts attempts to join",
    "accounts.User_groups": STAFF,
    "accounts.User_user_permissions": STAFF,
    "accounts.PendingJoin": "accounts.limits.rate_limits counts joins; each is kept for an hour",
    "accounts.JoinRequest": "users of the table accounts.User",
    "accounts.Invitation": STAFF + ", at most invitations.MOST_OPEN open ones; unused ones go",
    "accounts.Invitation_groups": STAFF,
    "accounts.InvitationUse": "one for an account",
    "accounts.Plan": STAFF,
    "accounts.AddressConfirmation": "of a user one for the own address and one for a new one",
    "accounts.SignInSource": "password_attempts.MOST_KNOWN of a user, MOST_STRANGERS of all others",
    "accounts.PersonalToken": "lifecycle.MOST_TOKENS of a user",
    "accounts.DataExport": "one of a user",
    "accounts.DataExportPart": "EXPORT_MAX_SIZE in all parts of an export",
    "accounts.TokenFamily": "tokens.MAX_REFRESH_TOKENS of a user",
    "accounts.AuthorizationCode": "authorization.MOST_OPEN of a user",
    "accounts.RevokedToken": "of the release before; expired ones go when one is written",
    "accounts.SecurityEvent": "trail.MOST of a user; older ones go when one is written",
    "accounts.FactorCounter": "one for a second factor",
    "accounts.SecondFactorChallenge": "challenges.MOST_OPEN of a user",
    "account.EmailAddress": "ACCOUNT_MAX_EMAIL_ADDRESSES",
    "socialaccount.SocialAccount": "social.MOST_CONNECTED of a user",
    "mfa.Authenticator": "one TOTP, one set of recovery codes, mfa.MOST_PASSKEYS",
    "usersessions.UserSession": "sessions.MOST of a user; the oldest is ended",
    "admin.LogEntry": STAFF,
    "token_blacklist.OutstandingToken": "of the release before; none is added",
    "chat.Conversation": "MAX_CONVERSATIONS; of those that a question begins, " + BY_UNIT,
    "chat.Chat": BY_UNIT + ", or importing.MOST_CHARACTERS",
    "chat.Reply": BY_UNIT + ", or importing.MOST_CHARACTERS",
    "chat.Citation": "by the longest answer",
    "chat.MarkReport": "one for a citation, and reports.report.MOST_A_DAY of a user a day",
    "chat.StoredAnswer": "one for a reply",
    "chat.Attachment": "ATTACHMENT_STORAGE, in which each row counts",
    "chat.DiscardedFile": "one for an upload or a deleted attachment; pruning deletes it",
    "chat.Import": "one for an imported conversation: MAX_CONVERSATIONS, importing.MOST_CHARACTERS",
    "chat.IdempotencyKey": BY_UNIT + "; old ones go when another is asked for",
    "chat.DailyUsage": "one a day",
    "chat.SiteUsage": "one a day for all",
    "chat.FormerUsage": "one for each way in of an account that left today",
    "chat.Lease": "one for a task of the server",
    "quotes.Quote": "submissions.MAX_PENDING wait for review, and staff decide on the others",
    "quotes.Review": "one for a decision of staff, and one for all edits between two of them",
    "quotes.QuoteLike": "one for a line of the board",
    "quotes.StaffJob": STAFF,
    "quotes.DailyLine": "one a day for all",
    "quotes.LineOfDay": "one a day and language for all",
    "quotes.Meaning": "one for a line of the board",
}
OURS = {"accounts", "chat", "quotes"}


def kept():
    """Our models, and those of others that know whose a row is."""
    return {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS or names_a_user(model)
    }


def names_a_user(model):
    return any(field.related_model is User for field in model._meta.concrete_fields)


def test_every_kind_of_object_has_a_bound():
    assert kept() == set(BOUNDS)


@pytest.mark.parametrize(
    "name", ["MAX_CONVERSATIONS", "ACCOUNT_MAX_EMAIL_ADDRESSES", "EXPORT_MAX_SIZE"]
)
def test_the_named_settings_are_there(settings, name):
    assert getattr(settings, name) > 0


def test_the_named_constants_are_there():
    assert tokens.MAX_REFRESH_TOKENS > 0
    assert lifecycle.MOST_TOKENS > 0
    assert report.MOST_A_DAY > 0
    assert sessions.MOST > 0
    assert social.MOST_CONNECTED > 0
    assert mfa.MOST_PASSKEYS > 0
    assert challenges.MOST_OPEN > 0
    assert authorization.MOST_OPEN == 1
