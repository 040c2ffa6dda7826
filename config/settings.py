"""Every setting of Daesa. Each one that a site may change is an environment variable (or a line of
`.env`), read through the one `env` below and listed in `.env.example`; the rest is fixed here.

A wrong value stops the start with one clear line on standard error.
"""

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError, ValidationError, validate

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(os.environ.get("DAESA_DOTENV", str(BASE_DIR / ".env")) or os.devnull, recurse=False)

try:
    # --- The server -------------------------------------------------------------------------
    DEBUG = env.bool("DEBUG", False)
    DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var").expanduser()
    if not DATA_DIR.is_absolute():
        DATA_DIR = BASE_DIR / DATA_DIR
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = (
        env.str("SECRET_KEY", "") or environment.development_secret(DATA_DIR / "secret_key")
        if DEBUG
        else environment.production_secret(env.str("SECRET_KEY"))
    )
    HOST = env.str("HOST", "127.0.0.1")
    PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    CSRF_TRUSTED_ORIGINS: list[str] = env.list(
        "CSRF_TRUSTED_ORIGINS", [], validate=environment.origins
    )
    CORS_ALLOWED_ORIGINS: list[str] = env.list(
        "CORS_ALLOWED_ORIGINS", [], validate=environment.origins
    )
    TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0, validate=validate.Range(min=0))
    WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", 1, validate=validate.Range(min=1))
    GRACEFUL_TIMEOUT = env.int("GRACEFUL_TIMEOUT", 30, validate=validate.Range(min=10))
    TIME_ZONE = env.str("TIME_ZONE", "Asia/Seoul", validate=environment.time_zone)
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
    LOG_FORMAT = env.str(
        "LOG_FORMAT", "text" if DEBUG else "json", validate=environment.one_of("text", "json")
    )
    METRICS_TOKEN = env.str("METRICS_TOKEN", "")
    METRICS_ALLOWED: list[str] = env.list(
        "METRICS_ALLOWED", ["127.0.0.0/8", "::1"], validate=environment.networks
    )

    # --- Where things are kept --------------------------------------------------------------
    DATABASES = {
        "default": environment.database(
            env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'daesa.sqlite3'}",
            data_dir=DATA_DIR,
            pool=env.int("DATABASE_POOL", 20, validate=validate.Range(min=1)),
        )
    }
    REDIS_URL = env.str(
        "REDIS_URL", "", validate=environment.url_of("redis://", "rediss://", "unix://")
    )
    environment.check_processes(WEB_CONCURRENCY, REDIS_URL)

    # --- The upstream -----------------------------------------------------------------------
    OPENAI_API_KEY = env.str("OPENAI_API_KEY", "")
    OPENAI_BASE_URL = env.str(
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1" if OPENAI_API_KEY else "",
        validate=environment.web_url,
    ).rstrip("/")
    DEFAULT_MODEL = env.str("DEFAULT_MODEL", "gpt-4o-mini" if OPENAI_BASE_URL else "board")
    CHAT_MODELS = env.list("CHAT_MODELS", []) or [DEFAULT_MODEL]
    if DEFAULT_MODEL not in CHAT_MODELS:
        CHAT_MODELS = [DEFAULT_MODEL, *CHAT_MODELS]
    MAX_TOKENS_LIMIT = env.int("MAX_TOKENS_LIMIT", 4096, validate=validate.Range(min=1))
    CONTEXT_TOKENS = env.int("CONTEXT_TOKENS", 8000, validate=validate.Range(min=256))
    QUOTE_LINES = env.int("QUOTE_LINES", 5, validate=validate.Range(0, 50))
    QUOTE_TOKENS = env.int("QUOTE_TOKENS", 1500, validate=validate.Range(min=0))
    DEFAULT_TEMPERATURE = env.float("DEFAULT_TEMPERATURE", 0.7, validate=validate.Range(0, 2))
    DEFAULT_MAX_TOKENS = env.int(
        "DEFAULT_MAX_TOKENS", 1024, validate=validate.Range(1, MAX_TOKENS_LIMIT)
    )
    SYSTEM_PROMPT = env.str("SYSTEM_PROMPT", "")
    EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "")
    EMBEDDING_LEAST = env.float("EMBEDDING_LEAST", 0.4, validate=validate.Range(0, 1))
    _seconds = validate.Range(min=0, min_inclusive=False)
    UPSTREAM_CONNECT_TIMEOUT = env.float("UPSTREAM_CONNECT_TIMEOUT", 5.0, validate=_seconds)
    UPSTREAM_FIRST_BYTE_TIMEOUT = env.float("UPSTREAM_FIRST_BYTE_TIMEOUT", 30.0, validate=_seconds)
    UPSTREAM_CHUNK_TIMEOUT = env.float("UPSTREAM_CHUNK_TIMEOUT", 30.0, validate=_seconds)

    # --- Limits and policies ----------------------------------------------------------------
    DAILY_CHAT_LIMIT = env.int("DAILY_CHAT_LIMIT", 5, validate=validate.Range(min=0))
    MAX_STREAMS_PER_USER = env.int("MAX_STREAMS_PER_USER", 3, validate=validate.Range(min=1))
    MAX_STREAMS_PER_PROCESS = env.int(
        "MAX_STREAMS_PER_PROCESS", 5000, validate=validate.Range(min=1)
    )
    FALLBACK_TO_BOARD = env.bool("FALLBACK_TO_BOARD", False)
    QUOTE_POLICY = env.str(
        "QUOTE_POLICY", "mark", validate=environment.one_of("mark", "repair", "strict")
    )

    # --- Mail and other ways to sign in -----------------------------------------------------
    _mail = environment.email(env.str("EMAIL_URL", "") or "console:")
    REVIEW_EMAILS = env.bool("REVIEW_EMAILS", False)
    environment.check_review_emails(REVIEW_EMAILS, env.str("EMAIL_URL", ""))
    EMAIL_VERIFICATION = env.str(
        "EMAIL_VERIFICATION", "none", validate=environment.one_of("none", "optional", "mandatory")
    )
except (EnvError, ValidationError, OSError) as error:  # OSError: DATA_DIR cannot be written
    sys.exit(f"daesa: {error}")


# --- The house -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",  # first, for its templates take the place of others'
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "csp",
    "accounts",
    "quotes",
    "chat",
]

MIDDLEWARE = [
    "config.api.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

CACHES = {
    "default": (
        {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- Language and time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True

# --- Files ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# The built web page: its files are served from the root, its document by config.page.
PAGE_DIR = BASE_DIR / "frontend" / "dist"
WHITENOISE_ROOT = PAGE_DIR if PAGE_DIR.is_dir() else None
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
# What has a hash of its content in its name: the page's files, and collected static files.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/(assets/.+-[\w-]{8}\.\w+|static/.+\.[0-9a-f]{12}\.\w+)$"
MEDIA_ROOT = DATA_DIR / "media"

# --- Mail ----------------------------------------------------------------------------------
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL") or "daesa@localhost"

# --- People --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": _VALIDATION + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "nickname")},
    },
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
]

SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "ISSUER": "daesa",
    "AUDIENCE": "daesa-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends every token
    "AUTH_HEADER_TYPES": ("Bearer",),
    "UPDATE_LAST_LOGIN": False,
}

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_RATE_LIMITS = {
    # allauth would count these at the session's door alone; accounts.limits counts at every door.
    "login": None,
    "signup": None,
    "sign_in": "30/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "join": "20/m/ip",
    "join_account": "5/h/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/verify-email/{key}",
    "account_reset_password": "/reset",
    "account_reset_password_from_key": "/reset/{key}",
    "account_signup": "/join",
}

# --- The API -------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.LinkedPagination",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is no door beside Accept
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Daesa",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Ask within a daily allowance; answers quote the community's reviewed lines.",
    "LICENSE": {"name": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.schema.add_problem_responses",
    ],
}

# --- Security ------------------------------------------------------------------------------
# The page's own policy; the documentation pages and the admin loosen it view by view.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    },
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
}
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "last-event-id", "prefer"]
CORS_EXPOSE_HEADERS = [
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"  # the page reads this cookie, so it is not HttpOnly
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEBUG
# Probes and Prometheus speak plain HTTP to the process itself.
SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Logs: ids and codes, never a body, a password, a token or an address -------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "config.api.request_id.RequestIdFilter"},
        "rows": {"()": "config.logs.RowFilter"},
        "crashes": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        },
    },
    "formatters": {
        "text": {"format": "{asctime} {levelname:7} {name} [{request_id}] {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "{asctime}{levelname}{name}{message}{request_id}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id", "rows"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A refused request is the caller's affair and has its answer. Of our failures, the API has
        # logged its own with the cause when Django comes to tell of their status.
        "django.request": {"level": "ERROR", "filters": ["crashes"]},
    },
}
