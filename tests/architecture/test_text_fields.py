"""Whatever people write comes in by a field that knows `config.text`, or is on a list here with the
reason why not. A field that is added without it fails here.
"""

from collections.abc import Iterator

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework import serializers

from accounts.admin import NewUserForm, UserForm
from accounts.allauth.session_forms import session_forms
from accounts.allauth.signup_form import SignupForm
from accounts.api.fields import NicknameField, NormalizedEmailField, PasswordField
from accounts.form_fields import AddressField
from accounts.form_fields import NicknameField as FormNicknameField
from config.api.fields import FaithfulField, LineField, TextField
from config.forms import TextField as FormTextField
from quotes.review.decline_form import DeclineForm

APPS = ("accounts", "chat", "quotes")
OURS = (TextField, LineField, FaithfulField, NicknameField, NormalizedEmailField, PasswordField)
OUR_FORM_FIELDS = (FormTextField, FormNicknameField, AddressField)

# No text that is stored or compared: looked up whole among what the server itself has made.
NO_TEXT = {
    ("JoinSerializer", "invitation"): "a token",
    ("InvitationSerializer", "invitation"): "a token",
    ("LogoutSerializer", "refresh"): "a token",
    ("RefreshSerializer", "refresh"): "a token",
    ("VerifySerializer", "token"): "a token",
    ("ConfirmSerializer", "code"): "digits, compared with those of the mail",
    ("JoinConfirmSerializer", "code"): "digits, compared with those of the mail",
    ("JoinConfirmSerializer", "confirmation"): "signed by the server",
    ("JoinResendSerializer", "confirmation"): "signed by the server",
    ("SecondFactorSerializer", "challenge"): "signed by this server",
    ("SecondFactorSerializer", "code"): "compared with what the server expects",
    ("OptionsSerializer", "model"): "one of the names that the server offers",
    ("AskSerializer", "model"): "one of the names that the server offers",
    ("AuthorizationSerializer", "redirect_uri"): "a pattern of ASCII",
    ("AuthorizationSerializer", "state"): "a pattern of ASCII; goes back as it came",
    ("AuthorizationSerializer", "code_challenge"): "a pattern of ASCII",
    ("AuthorizationSerializer", "scope"): "always empty",
    ("CodeGrantSerializer", "code"): "a code of the server",
    ("CodeGrantSerializer", "redirect_uri"): "compared with that of the code",
    ("CodeGrantSerializer", "code_verifier"): "a pattern of ASCII",
    ("CodeGrantSerializer", "client_id"): "compared with that of the code",
    ("RefreshGrantSerializer", "refresh_token"): "a token",
    ("QuoteInput", "language"): "a pattern of ASCII",
    ("LoadedLine", "language"): "a pattern of ASCII",
    ("BoardFilters", "language"): "a pattern of ASCII",
    ("BoardFilters", "language_first"): "a pattern of ASCII",
    ("PageFilters", "language"): "a pattern of ASCII",
    ("ConversationSerializer", "model"): "one of the names that the server offers",
    ("ConversationWithChatsSerializer", "model"): "one of the names that the server offers",
}
# They make bodies, or describe them for the schema, and read none.
GIVEN = {
    "AttachmentSerializer",
    *("CitationSerializer", "ReplySerializer", "ChatSerializer", "QuoteSerializer"),
    *("DifferenceSerializer", "ProfileSerializer", "ProfileChangedSerializer"),
    *("TokenPairSerializer", "SignedInSerializer", "WaitingSerializer", "ModelSerializer"),
    *("FormFieldSerializer", "JoinFormSerializer", "LoginWaysSerializer", "SimilarSerializer"),
    *("PersonalTokenSerializer", "PersonalTokenMadeSerializer", "PersonalTokenUsageSerializer"),
    *("SignupSerializer", "InvitationShownSerializer"),
    *("SessionSerializer", "SessionListSerializer"),
    *("AddressSerializer", "PendingSerializer"),
    "ProviderSerializer",
    *("StartedSerializer", "UsageSerializer", "ContinuationSerializer", "ModelCountSerializer"),
    *("SimilarListSerializer", "QuotaSerializer"),
    *("SecurityEventSerializer", "ExportSerializer", "MarkReportSerializer"),
    *("ImportedSerializer", "ImportResultSerializer"),
    *("AuthorizationAskedSerializer", "AuthorizationGivenSerializer"),
    *("TokenGivenSerializer", "OAuthMetadataSerializer"),
}
# Keys of mails, and what signs in nobody here.
LOOKED_UP = {"key", "code", "uidb36", "username", "login", "phone", "invitation"}
PASSWORDS = {"password", "password1", "password2", "current_password", "new_password"}


def subclasses(kind: type) -> Iterator[type]:
    child: type
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def inputs() -> dict[str, type[serializers.Serializer]]:
    """The serializers that take something: one that is new counts as such."""
    assert get_resolver().url_patterns  # every view is imported now
    return {
        kind.__name__: kind
        for kind in subclasses(serializers.Serializer)
        if kind.__module__.split(".")[0] in APPS and kind.__name__ not in GIVEN
    }


def texts(kind: type[serializers.Serializer]) -> Iterator[tuple[str, serializers.CharField]]:
    for name, field in kind().fields.items():
        if isinstance(field, serializers.CharField) and not field.read_only:
            yield name, field


def test_every_text_of_the_api_has_a_field_of_ours():
    others = {
        (kind, name)
        for kind, serializer in inputs().items()
        for name, field in texts(serializer)
        if not isinstance(field, OURS)
    }
    assert others == set(NO_TEXT)


def test_the_walk_sees_what_people_write():
    found = {(kind, name) for kind, one in inputs().items() for name, _field in texts(one)}
    assert found >= {
        ("JoinSerializer", "nickname"),
        ("ProfileChangeSerializer", "nickname"),
        ("LoginSerializer", "password"),
        ("AskSerializer", "content"),
        ("AskSerializer", "system_prompt"),
        ("MessageSerializer", "content"),
        ("ChatFilterSerializer", "q"),
        ("ConversationSerializer", "title"),
        ("QuoteInput", "content"),
        ("BoardFilters", "q"),
    }


def admin_forms() -> list[type[forms.BaseForm]]:
    request = RequestFactory().get("/")
    request.user = type("Root", (), {"is_superuser": True, "has_perm": lambda *_: True})()
    found: list[type[forms.BaseForm]] = [DeclineForm, SignupForm]
    for model, page in admin.site._registry.items():
        if model.__module__.split(".")[0] not in APPS:
            continue
        if page.has_add_permission(request):
            found.append(page.get_form(request, None))
        if page.has_change_permission(request):
            found.append(page.get_form(request, model(), change=True))
    return found


def test_every_text_of_a_form_has_a_field_of_ours():
    others = {
        (form.__name__, name)
        for form in [*admin_forms(), *session_forms()]
        for name, field in form.base_fields.items()  # type: ignore[attr-defined]
        if isinstance(field, forms.CharField)
        and not isinstance(field, OUR_FORM_FIELDS)
        and name not in PASSWORDS
        and name not in LOOKED_UP
    }
    assert others == set()
    for ours in (UserForm, NewUserForm):
        assert any(issubclass(form, ours) for form in admin_forms())


@pytest.mark.parametrize("form", session_forms(), ids=lambda form: form.__name__)
def test_no_form_of_the_session_trims_a_password(form):
    for name in PASSWORDS & form.base_fields.keys():
        assert form.base_fields[name].strip is False
