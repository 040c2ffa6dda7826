from django.urls import path

from accounts.api.join import Join
from accounts.api.profile import Profile
from accounts.api.tokens import Login, Logout, TokenRefresh, TokenVerify

app_name = "accounts"

urlpatterns = [
    path("join", Join.as_view(), name="join"),
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
    path("token/refresh", TokenRefresh.as_view(), name="token-refresh"),
    path("token/verify", TokenVerify.as_view(), name="token-verify"),
    path("profile", Profile.as_view(), name="profile"),
]
