from django.urls import path

import config.api.converters  # noqa: F401 - registers <id:…>
from accounts.api.authorize import Authorize
from accounts.api.email import Email, EmailConfirm, EmailResend
from accounts.api.events import Events
from accounts.api.export import Export, ExportFile
from accounts.api.join import InvitationView, Join
from accounts.api.join_confirmation import JoinConfirm, JoinResend
from accounts.api.oauth import OAuthToken
from accounts.api.personal_tokens import OnePersonalToken, PersonalTokens
from accounts.api.profile import Profile
from accounts.api.second_factor import SecondFactor
from accounts.api.sessions import OneSession, Sessions
from accounts.api.tokens import Login, Logout, TokenPairs, TokenRefresh, TokenVerify

app_name = "accounts"

urlpatterns = [
    path("join", Join.as_view(), name="join"),
    path("join/invitation", InvitationView.as_view(), name="invitation"),
    path("join/confirm", JoinConfirm.as_view(), name="join-confirm"),
    path("join/resend", JoinResend.as_view(), name="join-resend"),
    path("email", Email.as_view(), name="email"),
    path("email/confirm", EmailConfirm.as_view(), name="email-confirm"),
    path("email/resend", EmailResend.as_view(), name="email-resend"),
    path("login", Login.as_view(), name="login"),
    path("login/second-factor", SecondFactor.as_view(), name="second-factor"),
    path("logout", Logout.as_view(), name="logout"),
    path("token", TokenPairs.as_view(), name="token"),
    path("token/refresh", TokenRefresh.as_view(), name="token-refresh"),
    path("token/verify", TokenVerify.as_view(), name="token-verify"),
    path("authorize", Authorize.as_view(), name="authorize"),
    path("oauth/token", OAuthToken.as_view(), name="oauth-token"),
    path("events", Events.as_view(), name="events"),
    path("export", Export.as_view(), name="export"),
    path("export/file", ExportFile.as_view(), name="export-file"),
    path("tokens", PersonalTokens.as_view(), name="personal-tokens"),
    path("tokens/<id:pk>", OnePersonalToken.as_view(), name="personal-token"),
    path("sessions", Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>", OneSession.as_view(), name="session"),
    path("profile", Profile.as_view(), name="profile"),
]
