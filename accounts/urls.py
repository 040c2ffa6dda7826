from django.urls import path

from accounts.api.email import Email, EmailConfirm, EmailResend
from accounts.api.join import Join
from accounts.api.join_confirmation import JoinConfirm, JoinResend
from accounts.api.profile import Profile
from accounts.api.tokens import Login, Logout, TokenRefresh, TokenVerify

app_name = "accounts"

urlpatterns = [
    path("join", Join.as_view(), name="join"),
    path("join/confirm", JoinConfirm.as_view(), name="join-confirm"),
    path("join/resend", JoinResend.as_view(), name="join-resend"),
    path("email", Email.as_view(), name="email"),
    path("email/confirm", EmailConfirm.as_view(), name="email-confirm"),
    path("email/resend", EmailResend.as_view(), name="email-resend"),
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
    path("token/refresh", TokenRefresh.as_view(), name="token-refresh"),
    path("token/verify", TokenVerify.as_view(), name="token-verify"),
    path("profile", Profile.as_view(), name="profile"),
]
