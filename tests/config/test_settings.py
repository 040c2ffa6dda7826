"""Valid environment variables, and wrong ones, which stop the start with one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.conftest import PRODUCTION, ROOT, complaint

WRONG = [
    ("ANSWER_CACHE", "on"),
    ("FOLLOW_UPS", "true"),
    ("ANSWER_CACHE", "near"),
    ("ANSWER_CACHE_UNITS", "2"),
    ("ANSWER_CACHE_DAYS", "0"),
    ("ANSWER_CACHE_LEAST", "1.5"),
    ("DEBUG", "maybe"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("PORT", ""),
    ("CSRF_TRUSTED_ORIGINS", "daesa.example"),
    ("CSRF_TRUSTED_ORIGINS", "https://daesa.example,https://other.example/path"),
    ("CORS_ALLOWED_ORIGINS", "*"),
    ("CORS_ALLOWED_ORIGINS", "https://"),
    ("TRUSTED_PROXY_COUNT", "-1"),
    ("METRICS_ALLOWED", "localhost"),
    ("METRICS_ALLOWED", "10.0.0.0/8,10.0.0.1/8"),
    ("WEB_CONCURRENCY", "0"),
    ("WEB_CONCURRENCY", "2"),
    ("TIME_ZONE", "Asia/Soul"),
    ("LOG_LEVEL", "LOUD"),
    ("LOG_FORMAT", "xml"),
    ("DATABASE_URL", "daesa.sqlite3"),
    ("DATABASE_URL", "mysql://localhost/daesa"),
    ("DATABASE_URL", "oracle://localhost/daesa"),
    ("DATABASE_URL", "nonsense://localhost/daesa"),
    ("DATABASE_URL", "postgres://localhost:port/daesa"),
    ("DATABASE_LOCK_TIMEOUT", "-1"),
    ("REDIS_URL", "127.0.0.1:6379"),
    ("REDIS_URL", "http://127.0.0.1:6379"),
    ("REDIS_URL", "redis://127.0.0.1:port/0"),
    ("REDIS_URL", "redis://127.0.0.1:6379/zero"),
    ("REDIS_URL", "redis:///0"),
    ("REDIS_URL", "redis://:pass[word@127.0.0.1/0"),
    ("REDIS_URL", "rediss://127.0.0.1:6380/0?ssl_cert_reqs=none"),
    ("REDIS_URL", "rediss://127.0.0.1:6380/0?ssl_check_hostname=false"),
    ("REDIS_URL", "redis+sentinel://127.0.0.1:26379"),
    ("REDIS_URL", "redis+sentinel:///daesa/0"),
    ("REDIS_URL", "redis+sentinel://127.0.0.1:26379/daesa/zero"),
    ("REDIS_CA_FILE", "/nowhere/ca.pem"),
    ("DATABASE_PGBOUNCER", "true"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:pw@127.0.0.1:4318"),
    ("OTEL_TRACES_SAMPLER_ARG", "1.1"),
    ("SENTRY_DSN", "https://sentry.example/1"),
    ("SENTRY_DSN", "https://key:secret@sentry.example/1"),
    ("OPENAI_BASE_URL", "localhost:11434/v1"),
    ("OPENAI_BASE_URL", "http://"),
    ("OPENAI_BASE_URL", "http://localhost:port/v1"),
    ("OPENAI_BASE_URL", "http://localhost/v1 "),
    ("OPENAI_BASE_URL", "http://local host/v1"),
    ("OPENAI_BASE_URL", "https://me.openai.azure.com/openai/v1?api-version=2024-06-01"),
    ("OPENAI_BASE_URL", "http://localhost/v1#chat"),
    ("OPENAI_BASE_URL", "http://me:pw@localhost/v1"),
    ("OPENAI_BASE_URL", "http://localhost/v1/chat/completions"),
    ("OPENAI_BASE_URL", "http://localhost/v1/models/"),
    ("MAX_TOKENS_LIMIT", "0"),
    ("CONTEXT_TOKENS", "10"),
    ("DEFAULT_TEMPERATURE", "2.1"),
    ("DEFAULT_TEMPERATURE", "warm"),
    ("DEFAULT_MAX_TOKENS", "4097"),
    ("UPSTREAM_CONNECT_TIMEOUT", "0"),
    ("UPSTREAM_FIRST_BYTE_TIMEOUT", "-1"),
    ("UPSTREAM_CHUNK_TIMEOUT", "soon"),
    ("PROVIDER_TIMEOUT", "0"),
    ("UPSTREAM_UNSUPPORTED_PARAMETERS", "max_token"),
    ("UPSTREAM_UNSUPPORTED_PARAMETERS", "o3=temperature"),
    ("DAILY_CHAT_LIMIT", "-1"),
    ("DAILY_CHAT_LIMIT", "5.5"),
    ("MAX_STREAMS_PER_USER", "0"),
    ("MAX_STREAMS_PER_PROCESS", "0"),
    ("FALLBACK_TO_BOARD", "perhaps"),
    ("QUOTE_POLICY", "ignore"),
    ("QUOTE_BY_ID", "some"),
    ("QUOTE_BY_ID_EXCEPT", "not-offered"),
    ("EMBEDDING_LEAST", "2"),
    ("EMBEDDING_LEAST", "near"),
    ("EMAIL_URL", "mail.example"),
    ("EMAIL_URL", "carrier-pigeon://roof"),
    ("EMAIL_URL", "smtp://mail.example:port"),
    ("EMAIL_VERIFICATION", "sometimes"),
    ("SIGNUP", "maybe"),
    ("SIGNUP", ""),
    ("SIGNUP_DOMAINS", "example.com"),  # without mandatory verification
    ("SIGNUP_NOTIFY", "staff"),
    ("PLAN_MODELS", "not-offered"),
    ("PLAN_MODELS", "board"),  # the default one
    ("VISION_MODELS", "not-offered"),
    ("ATTACHMENT_MAX_MB", "0"),
    ("ATTACHMENT_MAX_MB", "101"),
    ("ATTACHMENT_STORAGE_MB", "-1"),
    ("ATTACHMENT_ENDPOINT", "storage.example"),
    ("ATTACHMENT_ENDPOINT", "https://key:secret@storage.example"),
    ("REVIEW_EMAILS", "often"),
    ("HSTS_INCLUDE_SUBDOMAINS", "some"),
    ("HSTS_PRELOAD", "soon"),
]


@pytest.mark.parametrize("name", ["ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "http://proxy:port"])
def test_a_proxy_that_cannot_be_used_stops_the_start(start, name, value):
    upstream = {"DEBUG": "true", "OPENAI_BASE_URL": "http://model.example/v1"}
    message = complaint(start, **upstream, **{name: value})
    assert message.startswith(f'daesa: Environment variable "{name}" ')
    assert "\n" not in message
    assert start(**{**upstream, "no_proxy": "model.example"})
    assert start(DEBUG="true", OPENAI_BASE_URL="")


LISTS = {
    "ALLOWED_HOSTS": "a.example,b.example",
    "CSRF_TRUSTED_ORIGINS": "https://a.example,https://b.example",
    "CORS_ALLOWED_ORIGINS": "https://a.example,https://b.example",
    "METRICS_ALLOWED": "10.0.0.0/8,::1",
    "CHAT_MODELS": "board,b",
    "SIGNUP_NOTIFY": "a@example.com,b@example.com",
}


@pytest.mark.parametrize("name", LISTS)
def test_spaces_in_a_list_do_not_count(start, name):
    spaced = " " + LISTS[name].replace(",", " ,,  ") + ", "
    assert start(DEBUG="true", **{name: spaced})[name] == LISTS[name].split(",")


def test_these_are_all_lists():
    text = (ROOT / "config" / "settings.py").read_text("utf-8")
    # What is in these has tests of its own.
    others = {
        *("UPSTREAM_UNSUPPORTED_PARAMETERS", "SIGNUP_DOMAINS", "PLAN_MODELS"),
        *("QUOTE_BY_ID_EXCEPT", "ANSWER_CACHE", "VISION_MODELS"),
        *("SECRET_KEY_FALLBACKS", "JWT_SIGNING_KEYS"),
    }
    assert set(re.findall(r'env\.names\(\s*"(\w+)"', text)) - others == set(LISTS)
    assert "env.list(" not in text


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(start, name, value):
    message = complaint(start, **{"DEBUG": "true", name: value})
    assert message.startswith(f'daesa: Environment variable "{name}"')
    assert "\n" not in message
    assert len(message) < 200


def test_parameters_that_a_model_does_not_take(start):
    read = start(
        DEBUG="true",
        CHAT_MODELS="o3,local:3b=q4",
        UPSTREAM_UNSUPPORTED_PARAMETERS="stream_options, o3=temperature,local:3b=q4=max_tokens",
    )
    assert read["UPSTREAM_UNSUPPORTED_PARAMETERS"] == {
        ("", "stream_options"),
        ("o3", "temperature"),
        ("local:3b=q4", "max_tokens"),
    }


def test_models_that_quote_by_id(start):
    assert start(DEBUG="true")["QUOTE_BY_ID"] is True
    assert start(DEBUG="true", QUOTE_BY_ID="off")["QUOTE_BY_ID"] is False
    read = start(DEBUG="true", CHAT_MODELS="small,large", QUOTE_BY_ID_EXCEPT=" small, board")
    assert read["QUOTE_BY_ID_EXCEPT"] == ["small", "board"]


def test_the_first_byte_may_take_longer_than_the_next_ones(start):
    read = start(DEBUG="true")
    assert read["UPSTREAM_FIRST_BYTE_TIMEOUT"] >= 2 * read["UPSTREAM_CHUNK_TIMEOUT"]


def test_mails_of_reviews_need_a_mail_server(start):
    message = complaint(start, DEBUG="true", REVIEW_EMAILS="true")
    assert message == 'daesa: Environment variable "REVIEW_EMAILS" needs "EMAIL_URL"'


def test_a_wrong_size_of_the_pool(start):
    message = complaint(start, DEBUG="true", DATABASE_URL="postgres://db/daesa", DATABASE_POOL="0")
    assert message.startswith('daesa: Environment variable "DATABASE_POOL" invalid')


def test_a_data_directory_that_cannot_be(start, tmp_path):
    (tmp_path / "file").touch()
    message = complaint(start, DEBUG="true", DATA_DIR=str(tmp_path / "file" / "var"))
    assert message == f"daesa: [Errno 20] Not a directory: '{tmp_path}/file/var'"


def test_production(start):
    read = start(**PRODUCTION)
    assert read["DEBUG"] is False
    assert read["LOG_FORMAT"] == "json"
    assert read["SESSION_COOKIE_SECURE"] is read["CSRF_COOKIE_SECURE"] is True
    assert read["SECURE_SSL_REDIRECT"] is True
    assert read["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert read["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    assert read["SECURE_HSTS_SECONDS"] == 31_536_000
    assert read["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is read["SECURE_HSTS_PRELOAD"] is False
    assert "SECURE_PROXY_SSL_HEADER" not in read
    assert "SECURE_PROXY_SSL_HEADER" in start(TRUSTED_PROXY_COUNT="1")


def test_the_names_of_cookies_without_https_are_the_plain_ones(start):
    read = start(DEBUG="true")
    assert not {"SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"} & set(read)


def test_a_wider_hsts_is_asked_for(start):
    read = start(**PRODUCTION, HSTS_INCLUDE_SUBDOMAINS="true")
    assert (read["SECURE_HSTS_INCLUDE_SUBDOMAINS"], read["SECURE_HSTS_PRELOAD"]) == (True, False)
    assert start(HSTS_PRELOAD="true")["SECURE_HSTS_PRELOAD"] is True


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("example.com", ["example.com"]),
        (" Example.COM ,, .Example.org.", ["example.com", ".example.org"]),
        ("학교.example,xn--9d0b527e.example", ["xn--9d0b527e.example"]),
        ("ｅｘａｍｐｌｅ.com,example.com", ["example.com"]),
    ],
)
def test_domains_are_in_the_form_of_stored_addresses(start, given, read):
    verified = {"DEBUG": "true", "EMAIL_VERIFICATION": "mandatory"}
    assert start(**verified, SIGNUP_DOMAINS=given)["SIGNUP_DOMAINS"] == read


@pytest.mark.parametrize(
    "given",
    ["example", "@example.com", "*.example.com", "a b.com", "..com", "-a.com", "a..com", "a@b.com"],
)
def test_what_is_no_domain(start, given):
    verified = {"DEBUG": "true", "EMAIL_VERIFICATION": "mandatory"}
    message = complaint(start, **verified, SIGNUP_DOMAINS=given)
    assert message.startswith('daesa: Environment variable "SIGNUP_DOMAINS"')


def test_models_of_plans(start):
    read = start(DEBUG="true", CHAT_MODELS="a,b", PLAN_MODELS="b")
    assert (read["PLAN_MODELS"], read["CHAT_MODELS"]) == (["b"], ["board", "a", "b"])


def test_a_preload_needs_the_subdomains(start):
    message = complaint(start, **PRODUCTION, HSTS_PRELOAD="true")
    assert message == 'daesa: Environment variable "HSTS_PRELOAD" needs "HSTS_INCLUDE_SUBDOMAINS"'


def test_without_a_key_the_board_answers(start):
    read = start(DEBUG="true")
    assert (read["DEFAULT_MODEL"], read["CHAT_MODELS"]) == ("board", ["board"])
    assert read["OPENAI_BASE_URL"] == ""


def test_a_key_alone_means_openai(start):
    read = start(DEBUG="true", OPENAI_API_KEY="sk-1")
    assert read["OPENAI_BASE_URL"] == "https://api.openai.com/v1"
    assert read["CHAT_MODELS"] == ["gpt-4o-mini"]


def test_the_default_model_is_always_offered(start):
    read = start(
        DEBUG="true",
        OPENAI_BASE_URL="http://127.0.0.1:11434/v1/",
        DEFAULT_MODEL="b",
        CHAT_MODELS="a,c",
    )
    assert read["CHAT_MODELS"] == ["b", "a", "c"]
    assert read["OPENAI_BASE_URL"] == "http://127.0.0.1:11434/v1"


def test_data_lies_below_the_project_or_where_it_is_said(start):
    assert start(DEBUG="true", DATA_DIR="var/check")["DATA_DIR"] == ROOT / "var" / "check"
    home = start(DEBUG="true", DATA_DIR="~")
    assert home["DATA_DIR"] == Path.home()


def test_services_take_over_by_their_urls_alone(start):
    read = start(
        DEBUG="true",
        DATABASE_URL="postgres://me:pw@db:5433/daesa?sslmode=require&keepalives_idle=60",
        DATABASE_POOL="7",
        DATABASE_STATEMENT_TIMEOUT="0",
        REDIS_URL="redis://cache/3",
        WEB_CONCURRENCY="4",
    )
    database = read["DATABASES"]["default"]
    assert database["ENGINE"] == "config.db.postgresql"
    assert (database["HOST"], database["PORT"]) == ("db", 5433)
    assert database["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": 10,
        "keepalives_idle": 60,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        "POOL_SIZE": 7,
        "POOL_PATIENCE": 30.0,
        "TIME_LIMITS": "-c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000",
    }
    assert read["CACHES"]["default"] == {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": "redis://cache/3",
    }
    assert read["WEB_CONCURRENCY"] == 4


def test_mail(start):
    read = start(
        DEBUG="true",
        EMAIL_URL="submission://me%40x:pw@mail.example:587?_default_from_email=daesa@x.example",
    )
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_USE_TLS"]) == (
        "mail.example",
        587,
        True,
    )
    assert read["DEFAULT_FROM_EMAIL"] == "daesa@x.example"


def test_a_dotenv_file_is_read_and_the_environment_wins(start, tmp_path):
    (tmp_path / "own.env").write_text("DEBUG=true\nDAILY_CHAT_LIMIT=7\nPORT=9000\n")
    read = start(DAESA_DOTENV=str(tmp_path / "own.env"), PORT="9001")
    assert (read["DAILY_CHAT_LIMIT"], read["PORT"]) == (7, 9001)


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DAESA_DOTENV": "", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_failed_start_prints_one_line(tmp_path):
    done = manage("check", DATA_DIR=str(tmp_path), DEBUG="true", TIME_ZONE="Mars")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        'daesa: Environment variable "TIME_ZONE" invalid: '
        "['Must be the name of a time zone, such as Asia/Seoul.']\n"
    )


def test_a_deployment_has_no_warning(tmp_path):
    done = manage("check", "--deploy", "--fail-level=WARNING", DATA_DIR=str(tmp_path), **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
