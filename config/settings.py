"""All settings. Those that a site may change are environment variables (or lines of `.env`), read
through `env` below and listed in `.env.example`. The others are fixed here.

A wrong value stops the start with one line on standard error.
"""

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers
from django.utils.translation import gettext_lazy as _
from environs import EnvError, ValidationError, validate

from config import attachments, csp, environment, signing_keys, telemetry_settings, upstreams
from config.log_format import django_logging
from config.providers import OIDC, Registration, providers

BASE_DIR = Path(__file__).resolve().parent.parent

env = environment.variables()
env.read_env(os.environ.get("DAESA_DOTENV", str(BASE_DIR / ".env")) or os.devnull, recurse=False)

_positive = validate.Range(min=1)
_not_negative = validate.Range(min=0)
_seconds = validate.Range(min=0, min_inclusive=False)

try:
    # --- The server -------------------------------------------------------------------------
    DEBUG = env.bool("DEBUG", False)
    DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var").expanduser()
    if not DATA_DIR.is_absolute():
        DATA_DIR = BASE_DIR / DATA_DIR
    environment.make_private(DATA_DIR)
    STATIC_DIR = env.str("STATIC_DIR", "")
    SECRET_KEY = (
        env.secret("SECRET_KEY") or environment.development_secret(DATA_DIR / "secret_key")
        if DEBUG
        else environment.production_secret(env.secret("SECRET_KEY", None))
    )
    SECRET_KEY_FALLBACKS = environment.fallback_secrets(
        environment.names(env.secret("SECRET_KEY_FALLBACKS")),
        current=SECRET_KEY,
        is_checked=not DEBUG,
    )
    JWT_SIGNING_KEYS = signing_keys.read(
        environment.names(env.secret("JWT_SIGNING_KEYS", signing_keys.DERIVED)),
        secrets=[SECRET_KEY, *SECRET_KEY_FALLBACKS],
    )
    HOST = env.str("HOST", "127.0.0.1")
    PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
    ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", [], check=environment.origins)
    CORS_ALLOWED_ORIGINS = env.names("CORS_ALLOWED_ORIGINS", [], check=environment.origins)
    TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0, validate=_not_negative)
    HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
    HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
    environment.check_preload(HSTS_PRELOAD, HSTS_INCLUDE_SUBDOMAINS)
    WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", 1, validate=_positive)
    GRACEFUL_TIMEOUT = env.int("GRACEFUL_TIMEOUT", 30, validate=validate.Range(min=10))
    TIME_ZONE = env.str("TIME_ZONE", "Asia/Seoul", validate=environment.time_zone)
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
    LOG_FORMAT = env.str(
        "LOG_FORMAT", "text" if DEBUG else "json", validate=environment.one_of("text", "json")
    )
    ACCESS_LOG = env.bool("ACCESS_LOG", False)
    METRICS_TOKEN = env.secret("METRICS_TOKEN")
    METRICS_ALLOWED: list[str] = env.names(
        "METRICS_ALLOWED", ["127.0.0.0/8", "::1"], check=environment.networks
    )

    OTEL_EXPORTER_OTLP_ENDPOINT = env.str(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "", validate=telemetry_settings.collector
    )
    OTEL_TRACES_SAMPLER_ARG = env.float(
        "OTEL_TRACES_SAMPLER_ARG", 1.0, validate=validate.Range(0, 1)
    )
    SENTRY_DSN = env.secret("SENTRY_DSN", validate=telemetry_settings.sentry_dsn)
    SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", "production")
    telemetry_settings.check_installed("OTEL_EXPORTER_OTLP_ENDPOINT", OTEL_EXPORTER_OTLP_ENDPOINT)
    telemetry_settings.check_installed("SENTRY_DSN", SENTRY_DSN)

    # --- Database and Redis -----------------------------------------------------------------
    DATABASE_PGBOUNCER = env.bool("DATABASE_PGBOUNCER", False)
    DATABASE_TIME_LIMITS = environment.time_limits(
        lock=env.float("DATABASE_LOCK_TIMEOUT", 5.0, validate=_not_negative),
        statement=env.float("DATABASE_STATEMENT_TIMEOUT", 30.0, validate=_not_negative),
        idle=env.float("DATABASE_IDLE_TIMEOUT", 60.0, validate=_not_negative),
    )
    DATABASES = {
        "default": environment.database(
            env.secret("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'daesa.sqlite3'}",
            data_dir=DATA_DIR,
            pool=env.int(
                "DATABASE_POOL", environment.pool_share(WEB_CONCURRENCY), validate=_positive
            ),
            # Behind PgBouncer a session is not ours: its limits are those of the role.
            limits="" if DATABASE_PGBOUNCER else environment.as_options(DATABASE_TIME_LIMITS),
        )
    }
    environment.check_pgbouncer(DATABASE_PGBOUNCER, DATABASES["default"])
    MIGRATION_LOCK_TIMEOUT = env.float("MIGRATION_LOCK_TIMEOUT", 5.0, validate=_not_negative)
    MIGRATION_STATEMENT_TIMEOUT = env.float(
        "MIGRATION_STATEMENT_TIMEOUT", 3600.0, validate=_not_negative
    )
    REDIS_URL = env.secret("REDIS_URL", validate=environment.redis)
    REDIS_CA_FILE = env.str("REDIS_CA_FILE", "", validate=environment.readable_file)
    environment.check_processes(WEB_CONCURRENCY, REDIS_URL)

    # --- The upstream -----------------------------------------------------------------------
    UPSTREAMS, _BOARD_IS_LAST = upstreams.read(
        env.secret("UPSTREAMS"), base=BASE_DIR, secret=env.secret
    )
    OPENAI_API_KEY = env.secret("OPENAI_API_KEY")
    OPENAI_BASE_URL = env.str(
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1" if OPENAI_API_KEY and not UPSTREAMS else "",
        validate=environment.base_url,
    ).rstrip("/")
    upstreams.check_alone(UPSTREAMS, OPENAI_BASE_URL)
    environment.check_proxy(OPENAI_BASE_URL)
    DEFAULT_MODEL = env.str(
        "DEFAULT_MODEL",
        "gpt-4o-mini" if OPENAI_BASE_URL else upstreams.default_model(UPSTREAMS),
    ).strip()
    CHAT_MODELS = environment.offered(
        env.names("CHAT_MODELS", upstreams.names_of(UPSTREAMS)), DEFAULT_MODEL
    )
    MODEL_GROUPS = upstreams.groups_of(UPSTREAMS)
    PLAN_MODELS: list[str] = environment.plan_models(
        env.names("PLAN_MODELS", []), offered=CHAT_MODELS, default=DEFAULT_MODEL
    )
    MAX_TOKENS_LIMIT = env.int("MAX_TOKENS_LIMIT", 4096, validate=_positive)
    CONTEXT_TOKENS = env.int("CONTEXT_TOKENS", 8000, validate=validate.Range(min=256))
    QUOTE_LINES = env.int("QUOTE_LINES", 5, validate=validate.Range(0, 50))
    QUOTE_TOKENS = env.int("QUOTE_TOKENS", 1500, validate=_not_negative)
    QUOTE_BY_ID = env.bool("QUOTE_BY_ID", True)
    QUOTE_BY_ID_EXCEPT: list[str] = environment.quote_by_id_except(
        env.names("QUOTE_BY_ID_EXCEPT", []), offered=CHAT_MODELS
    )
    DEFAULT_TEMPERATURE = env.float("DEFAULT_TEMPERATURE", 0.7, validate=validate.Range(0, 2))
    DEFAULT_MAX_TOKENS = env.int(
        "DEFAULT_MAX_TOKENS", 1024, validate=validate.Range(1, MAX_TOKENS_LIMIT)
    )
    SYSTEM_PROMPT = env.str("SYSTEM_PROMPT", "")
    EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "").strip()
    EMBEDDING_QUERY_PREFIX = env.str("EMBEDDING_QUERY_PREFIX", "")
    EMBEDDING_PASSAGE_PREFIX = env.str("EMBEDDING_PASSAGE_PREFIX", "")
    EMBEDDING_LEAST = env.cosine("EMBEDDING_LEAST", "")
    GLOSS_MODEL = env.str("GLOSS_MODEL", "").strip()
    TITLE_MODEL = env.str("TITLE_MODEL", "").strip()
    FOLLOW_UPS = environment.follow_ups(env.bool("FOLLOW_UPS", False), title_model=TITLE_MODEL)
    upstreams.check_models(
        UPSTREAMS,
        DEFAULT_MODEL=DEFAULT_MODEL,
        CHAT_MODELS=CHAT_MODELS,
        GLOSS_MODEL=GLOSS_MODEL,
        TITLE_MODEL=TITLE_MODEL,
        EMBEDDING_MODEL=EMBEDDING_MODEL,
    )
    ANSWER_CACHE: dict[str, str] = environment.answer_cache(
        env.names("ANSWER_CACHE", ["off"]), offered=CHAT_MODELS, embedding_model=EMBEDDING_MODEL
    )
    ANSWER_CACHE_SHARED = env.bool("ANSWER_CACHE_SHARED", False)
    ANSWER_CACHE_UNITS = env.int("ANSWER_CACHE_UNITS", 0, validate=validate.Range(0, 1))
    ANSWER_CACHE_DAYS = env.int("ANSWER_CACHE_DAYS", 30, validate=validate.Range(1, 3650))
    ANSWER_CACHE_LEAST = env.cosine("ANSWER_CACHE_LEAST", "0.95")
    UPSTREAM_CONNECT_TIMEOUT = env.float("UPSTREAM_CONNECT_TIMEOUT", 5.0, validate=_seconds)
    UPSTREAM_FIRST_BYTE_TIMEOUT = env.float("UPSTREAM_FIRST_BYTE_TIMEOUT", 120.0, validate=_seconds)
    UPSTREAM_CHUNK_TIMEOUT = env.float("UPSTREAM_CHUNK_TIMEOUT", 30.0, validate=_seconds)
    UPSTREAM_UNSUPPORTED_PARAMETERS = environment.unsupported_parameters(
        env.names("UPSTREAM_UNSUPPORTED_PARAMETERS", []), models=CHAT_MODELS
    )

    # --- Limits and policies ----------------------------------------------------------------
    DAILY_CHAT_LIMIT = env.int("DAILY_CHAT_LIMIT", 5, validate=_not_negative)
    DAILY_REFUND_LIMIT = env.int("DAILY_REFUND_LIMIT", 20, validate=_not_negative)
    SITE_DAILY_LIMIT = env.int("SITE_DAILY_LIMIT", 0, validate=validate.Range(0, 2**31 - 1))
    CONTINUATION_UNITS = env.int("CONTINUATION_UNITS", 0, validate=validate.Range(0, 1))
    WRITES_PER_MINUTE = env.int("WRITES_PER_MINUTE", 60, validate=_not_negative)
    CHAT_RETENTION_DAYS = env.int("CHAT_RETENTION_DAYS", 0, validate=validate.Range(0, 36_500))
    MAX_CONVERSATIONS = env.int("MAX_CONVERSATIONS", 1000, validate=_positive)
    MAX_STREAMS_PER_USER = env.int("MAX_STREAMS_PER_USER", 3, validate=_positive)
    MAX_STREAMS_PER_PROCESS = env.int("MAX_STREAMS_PER_PROCESS", 5000, validate=_positive)
    FALLBACK_TO_BOARD = env.bool("FALLBACK_TO_BOARD", False) or _BOARD_IS_LAST
    QUOTE_POLICY = env.str(
        "QUOTE_POLICY", "mark", validate=environment.one_of("mark", "repair", "strict")
    )

    PUBLIC_BOARD = env.bool("PUBLIC_BOARD", True)

    # --- Files of questions -----------------------------------------------------------------
    VISION_MODELS: list[str] = attachments.vision_models(
        env.names("VISION_MODELS", []), offered=CHAT_MODELS, upstreams=UPSTREAMS
    )
    ATTACHMENT_MAX_SIZE = 1024**2 * env.int(
        "ATTACHMENT_MAX_MB", 10, validate=validate.Range(1, 100)
    )
    ATTACHMENT_STORAGE = 1024**2 * env.int("ATTACHMENT_STORAGE_MB", 100, validate=_not_negative)
    _attachment_storage = attachments.storage(
        DATA_DIR / "attachments",
        bucket=env.str("ATTACHMENT_BUCKET", "").strip(),
        endpoint=env.str("ATTACHMENT_ENDPOINT", "", validate=attachments.endpoint),
        region=env.str("ATTACHMENT_REGION", "").strip(),
        access_key=env.secret("ATTACHMENT_ACCESS_KEY"),
        secret_key=env.secret("ATTACHMENT_SECRET_KEY"),
    )

    # --- Mail and other ways to sign in -----------------------------------------------------
    REQUIRE_STAFF_MFA = env.bool("REQUIRE_STAFF_MFA", False)
    ADMIN_IDLE_MINUTES = env.int("ADMIN_IDLE_MINUTES", 30, validate=_positive)
    _mail = environment.email(env.secret("EMAIL_URL") or "console:")
    REVIEW_EMAILS = env.bool("REVIEW_EMAILS", False)
    environment.check_review_emails(REVIEW_EMAILS, env.secret("EMAIL_URL"))
    EMAIL_VERIFICATION = env.str(
        "EMAIL_VERIFICATION", "none", validate=environment.one_of("none", "optional", "mandatory")
    )

    # --- Who may join -----------------------------------------------------------------------
    SIGNUP = env.str(
        "SIGNUP", "open", validate=environment.one_of("open", "approval", "invite", "closed")
    )
    SIGNUP_DOMAINS: list[str] = environment.signup_domains(
        env.names("SIGNUP_DOMAINS", []), verification=EMAIL_VERIFICATION
    )
    SIGNUP_NOTIFY: list[str] = env.names("SIGNUP_NOTIFY", [], check=environment.addresses)
    PROVIDER_TIMEOUT = env.float("PROVIDER_TIMEOUT", 5.0, validate=_seconds)
    SOCIALACCOUNT_PROVIDERS = providers(  # in the order in which they are listed
        Registration(
            id="kakao",
            name="Kakao",
            client_id=env.str("KAKAO_CLIENT_ID", ""),
            secret=env.secret("KAKAO_CLIENT_SECRET"),
            base_url=env.str("KAKAO_BASE_URL", "").rstrip("/"),
        ),
        Registration(
            id="naver",
            name="Naver",
            client_id=env.str("NAVER_CLIENT_ID", ""),
            secret=env.secret("NAVER_CLIENT_SECRET"),
            base_url=env.str("NAVER_BASE_URL", "").rstrip("/"),
        ),
        Registration(
            id="google",
            name="Google",
            client_id=env.str("GOOGLE_CLIENT_ID", ""),
            secret=env.secret("GOOGLE_CLIENT_SECRET"),
            base_url=env.str("GOOGLE_BASE_URL", "").rstrip("/"),
        ),
        Registration(
            id="github",
            name="GitHub",
            client_id=env.str("GITHUB_CLIENT_ID", ""),
            secret=env.secret("GITHUB_CLIENT_SECRET"),
            base_url=env.str("GITHUB_BASE_URL", "").rstrip("/"),
        ),
        Registration(
            id=OIDC,
            name=env.str("OIDC_NAME", "").strip() or "OpenID Connect",
            client_id=env.str("OIDC_CLIENT_ID", ""),
            secret=env.secret("OIDC_CLIENT_SECRET"),
            base_url=env.str("OIDC_ISSUER", ""),
        ),
    )
except (EnvError, ValidationError, OSError) as error:  # OSError: DATA_DIR cannot be written
    sys.exit(f"daesa: {error}")


# --- Django --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",  # first, because its templates replace those of other apps
    "accounts.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",  # for its templates
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.kakao",
    "allauth.socialaccount.providers.naver",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "csp",
    "accounts",
    "quotes",
    "chat",
]

MIDDLEWARE = [
    "config.api.request_id.RequestIdMiddleware",
    *(["config.otel.TracingMiddleware"] if OTEL_EXPORTER_OTLP_ENDPOINT else []),
    *(["config.api.responses.AccessLogMiddleware"] if ACCESS_LOG else []),
    "config.api.responses.CountingMiddleware",
    "config.api.middleware.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.api.middleware.NoStoreMiddleware",  # below static files, which may be cached
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.AdminMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.devices.DeviceMiddleware",
    "config.api.problems.ProblemMiddleware",
    "config.api.middleware.InputMiddleware",
    "config.api.writes.WritesMiddleware",
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
        # With Django's default of 300 entries, attempts on invented addresses would evict the
        # counts of real ones. An entry takes less than 1 kB.
        else {
            "BACKEND": "config.cache.LocalCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
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
STATIC_ROOT = BASE_DIR / STATIC_DIR if STATIC_DIR else DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": _attachment_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# The default, but fixed here: tests turn DEBUG off later, and each of their clients would list all
# files again.
WHITENOISE_AUTOREFRESH = DEBUG
# The built web page: its files are served from the root, its document by config.page.
PAGE_DIR = BASE_DIR / "frontend" / "dist"
WHITENOISE_ROOT = PAGE_DIR if PAGE_DIR.is_dir() else None
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
# Files with a hash of their content in their names: the page's and collected static files.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/(assets/.+-[\w-]{8}\.\w+|static/.+\.[0-9a-f]{12}\.\w+)$"

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

# --- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "accounts.passwords.hashers.Argon2Hasher",
    "accounts.passwords.hashers.PBKDF2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "accounts.passwords.rules.PersonValidator",
        "OPTIONS": {"user_attributes": ("email", "nickname")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "accounts.passwords.rules.CommonValidator"},
    {"NAME": "accounts.passwords.rules.WalkValidator"},
    {"NAME": "accounts.passwords.rules.ProductValidator"},
]

SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    # Of the release before. Ours are JWT_SIGNING_KEYS (accounts.jwt_keys).
    "SIGNING_KEY": SECRET_KEY,
    "ISSUER": "daesa",
    "AUDIENCE": "daesa-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "LEEWAY": timedelta(seconds=60),  # the clocks of two servers may differ by this much
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends every token
    "AUTH_HEADER_TYPES": ("Bearer",),
    "UPDATE_LAST_LOGIN": False,
}

ACCOUNT_ADAPTER = "accounts.allauth.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
# Links in mails are valid for an hour; allauth counts in days.
EXPORT_MAX_SIZE = 1024**3  # bytes of a user's archive, which is kept in the database
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1 / 24
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.allauth.signup_form.SignupForm"
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_RATE_LIMITS = {
    # allauth would count these for sessions only; accounts.limits.rate_limits counts all.
    "login": None,
    "login_failed": None,
    "signup": None,
    "sign_in": "30/m/ip",
    "sign_in_device": "30/m/key",  # of a browser that has signed in before, from any address
    "wrong_password": "20/m/ip",
    "join": "20/m/ip",
    "join_account": "5/h/key,10/d/key",
    "export": "5/d/key",
    "invitation": "30/m/ip",
    "reset_password": "20/m/ip,3/h/key,10/d/key",
    "token": "10/h/key",  # pairs of tokens that a session asks for
    # Sign-ins by providers: those begun, and those that come back.
    "provider_redirect": "30/m/ip",
    "provider_callback": "60/m/ip",
    # Somebody's sign-in by a provider with the address of an account: what its owner is told.
    "provider_conflict": "3/h/key,10/d/key",
    "passkey": "30/m/ip",  # sign-ins without a password, and asking for their challenges
    "wrong_codes_mail": "1/h/key",
    # All mails to an address that others can cause, whatever they are for.
    "mail": "3/h/key,10/d/key",
    # Mails about what a signed-in user did: a flood of the others must not suppress them.
    "mail_notice": "10/h/key,30/d/key",
    # Requests that may cause a mail, whether or not they do.
    "mail_source": "60/h/ip,300/d/ip",
    "mail_again": "1/m/key,3/h/key,10/d/key",  # the same mail to an address once more
    "code": "30/m/ip",  # codes of mails that are typed; each is limited as well
    "address_change": "5/h/key,10/d/key",
    # Reads of the board without an account (quotes.public.reading).
    "board": "240/m/ip",
    "board_search": "30/m/ip",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # about changes of the account
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # addresses without an account get no mail
# How long a sign-in counts as fresh (accounts.fresh_sign_in), in seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Second factors: see accounts.mfa.
MFA_ADAPTER = "accounts.allauth.mfa_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a device's clock may be off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts.api.factors decides
SOCIALACCOUNT_ADAPTER = "accounts.allauth.social_adapter.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    # Keys are in the fragment, which browsers do not send, so no server or proxy can log them.
    "account_confirm_email": "/verify-email#{key}",
    "account_reset_password": "/reset",
    "account_reset_password_from_key": "/reset#{key}",
    "account_signup": "/join",
}

# --- The API -------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["config.api.throttles.WritesPerMinute"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.api.negotiation.ContentNegotiation",
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.LinkedPagination",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # only `Accept` chooses the format, not `?format=`
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# False: an answer is generated in its request's thread, for tests that must not start others.
GENERATE_IN_BACKGROUND = True

VERSION = "0.1.0"
SPECTACULAR_SETTINGS = {
    "TITLE": "Daesa",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Ask within a daily allowance; answers quote the community's reviewed lines.",
    "LICENSE": {"name": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "PersonalTokenStateEnum": "accounts.personal_tokens.models.State",
        "AttachmentKindEnum": "chat.attachments.models.Attachment.Kind",
        "CitationVerdictEnum": "chat.models.Verdict",
        "ReplyStatusEnum": "chat.models.Status",
    },
    # Operations name the scope that they need (config.api.scopes).
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "personalToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "daesa_pat_[0-9A-Za-z]{38}",
                "description": "A personal token with the scope that the operation names.",
            }
        }
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.problem_docs.add_problem_responses",
    ],
}

# --- Security ------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.PAGE}
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
DEVICE_COOKIE_NAME = "device" if DEBUG else "__Host-device"  # accounts.devices
if not DEBUG:
    # Browsers accept cookies with this prefix only over HTTPS, for this exact host and all paths,
    # so no other host of the domain can set one. frontend/src/api/client.ts knows both names.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEBUG
# Probes and Prometheus use plain HTTP to the process itself.
SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS_INCLUDE_SUBDOMAINS
SECURE_HSTS_PRELOAD = HSTS_PRELOAD
# Both concern hosts that Daesa does not control, and preloading cannot be undone for months.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Logs: ids and codes, never a body, a password, a token or an address -------------------
LOGGING = django_logging(level=LOG_LEVEL, form=LOG_FORMAT, zone=TIME_ZONE)
