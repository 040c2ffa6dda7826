from django.urls import path

from accounts.api.join import Join
from accounts.api.profile import Profile
from accounts.api.sessions import OneSession, Sessions
from accounts.api.tokens import Login, Logout, TokenPairs, TokenRefresh, TokenVerify

app_name = "accounts"

urlpatterns = [
    path("join", Join.as_view(), name="join"),
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
    path("token", TokenPairs.as_view(), name="token"),
    path("token/refresh", TokenRefresh.as_view(), name="token-refresh"),
    path("token/verify", TokenVerify.as_view(), name="token-verify"),
    path("sessions", Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>", OneSession.as_view(), name="session"),
    path("profile", Profile.as_view(), name="profile"),
]
