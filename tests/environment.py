"""The environment of a test run, set before Django reads its settings (`-p tests.environment`).

`TEST_DATABASE_URL` and `TEST_REDIS_URL` choose the services; without them: SQLite, no Redis.
Nothing of a developer's own `.env` or shell gets in.
"""

import os
import tempfile
import zlib
from pathlib import Path

# Runs side by side on one machine, and workers of one run, must not share a directory.
CHECKOUT = zlib.crc32(str(Path(__file__).resolve()).encode())
SUFFIX = os.environ.get("DAESA_TEST_SUFFIX", "") + os.environ.get("PYTEST_XDIST_WORKER", "")


def redis_url() -> str:
    """One Redis database per worker of pytest-xdist: clearing the cache empties all of it."""
    base, _, number = os.environ.get("TEST_REDIS_URL", "").rpartition("/")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"{base}/{int(number) + int(worker)}" if base else ""


SETTINGS = {
    "DEBUG": "true",
    "SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "DATA_DIR": str(Path(tempfile.gettempdir()) / f"daesa-tests-{os.getuid()}-{CHECKOUT}{SUFFIX}"),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
    "REDIS_URL": redis_url(),
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "TIME_ZONE": "Asia/Seoul",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "text",
    "EMAIL_URL": "memory:",
}
OWN = (
    "CSRF_TRUSTED_ORIGINS CORS_ALLOWED_ORIGINS TRUSTED_PROXY_COUNT WEB_CONCURRENCY METRICS_TOKEN "
    "METRICS_ALLOWED OPENAI_API_KEY OPENAI_BASE_URL DEFAULT_MODEL CHAT_MODELS MAX_TOKENS_LIMIT "
    "UPSTREAMS CONTEXT_TOKENS QUOTE_LINES QUOTE_TOKENS QUOTE_BY_ID QUOTE_BY_ID_EXCEPT "
    "DEFAULT_TEMPERATURE DEFAULT_MAX_TOKENS SYSTEM_PROMPT EMBEDDING_MODEL EMBEDDING_LEAST "
    "EMBEDDING_QUERY_PREFIX EMBEDDING_PASSAGE_PREFIX "
    "DAILY_CHAT_LIMIT DAILY_REFUND_LIMIT SITE_DAILY_LIMIT CONTINUATION_UNITS MAX_STREAMS_PER_USER "
    "WRITES_PER_MINUTE MAX_CONVERSATIONS MAX_STREAMS_PER_PROCESS FALLBACK_TO_BOARD QUOTE_POLICY "
    "HSTS_INCLUDE_SUBDOMAINS HSTS_PRELOAD "
    "EMAIL_VERIFICATION REVIEW_EMAILS HOST PORT DATABASE_POOL DATABASE_LOCK_TIMEOUT "
    "DATABASE_STATEMENT_TIMEOUT DATABASE_IDLE_TIMEOUT UPSTREAM_CONNECT_TIMEOUT "
    "UPSTREAM_FIRST_BYTE_TIMEOUT UPSTREAM_CHUNK_TIMEOUT UPSTREAM_UNSUPPORTED_PARAMETERS "
    "GRACEFUL_TIMEOUT SIGNUP SIGNUP_DOMAINS SIGNUP_NOTIFY PLAN_MODELS "
    "SECRET_KEY_FALLBACKS JWT_SIGNING_KEYS PROVIDER_TIMEOUT "
    "KAKAO_CLIENT_ID KAKAO_CLIENT_SECRET KAKAO_BASE_URL NAVER_CLIENT_ID NAVER_CLIENT_SECRET "
    "NAVER_BASE_URL GOOGLE_CLIENT_ID GOOGLE_CLIENT_SECRET GOOGLE_BASE_URL GITHUB_CLIENT_ID "
    "GITHUB_CLIENT_SECRET GITHUB_BASE_URL OIDC_NAME OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET "
    "REQUIRE_STAFF_MFA ADMIN_IDLE_MINUTES GLOSS_MODEL "
    "DATABASE_PGBOUNCER REDIS_CA_FILE ACCESS_LOG SENTRY_DSN SENTRY_ENVIRONMENT "
    "OTEL_EXPORTER_OTLP_ENDPOINT OTEL_TRACES_SAMPLER_ARG "
    "MIGRATION_LOCK_TIMEOUT MIGRATION_STATEMENT_TIMEOUT CHAT_RETENTION_DAYS STATIC_DIR "
    "PUBLIC_BOARD ANSWER_CACHE ANSWER_CACHE_SHARED ANSWER_CACHE_UNITS ANSWER_CACHE_DAYS "
    "ANSWER_CACHE_LEAST TITLE_MODEL FOLLOW_UPS VISION_MODELS ATTACHMENT_MAX_MB "
    "ATTACHMENT_STORAGE_MB ATTACHMENT_BUCKET ATTACHMENT_ENDPOINT ATTACHMENT_REGION "
    "ATTACHMENT_ACCESS_KEY ATTACHMENT_SECRET_KEY"
)
PROXIES = [
    spelling
    for kind in ("http", "https", "all", "no")
    for spelling in (f"{kind}_proxy", f"{kind}_PROXY".upper())
]

for name in (*OWN.split(), *PROXIES):
    os.environ.pop(name, None)
for name in (*SETTINGS, *OWN.split()):
    os.environ.pop(f"{name}_FILE", None)
os.environ["DAESA_DOTENV"] = ""
os.environ.update(SETTINGS)
(Path(SETTINGS["DATA_DIR"]) / "static").mkdir(parents=True, exist_ok=True)
