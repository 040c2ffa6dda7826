"""Reports of crashes to Sentry or a server that speaks its protocol, where SENTRY_DSN names one.
Without it nothing of Sentry is imported.

A report has the exception's type, where in the code it happened, the logger's message before its
values are filled in, and ids. `_clean` builds the report from these alone, so that what a later
release of the library adds is not sent.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.api.request_id import current_request_id

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk")
_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app")


def start() -> None:
    """Call it once in a process, after gevent's patching and a fork."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk  # noqa: PLC0415 - an optional dependency
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        release=f"daesa@{settings.VERSION}",
        # Every crash is logged as an error with its traceback, also outside of requests.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None)],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=_clean,
    )


def _clean(event: "Event", hint: "Hint") -> "Event | None":
    record = hint.get("log_record")
    if record is not None and record.name.startswith("django.security"):
        return None  # a refused request, for which Django logs an error
    found: dict[str, Any] = dict(event)
    report = {name: found[name] for name in _KEPT if name in found}
    report["tags"] = {"request_id": current_request_id()}
    if message := (found.get("logentry") or {}).get("message"):
        report["logentry"] = {"message": message}  # the template, without its values
    if exceptions := (found.get("exception") or {}).get("values"):
        report["exception"] = {"values": [_clean_exception(one) for one in exceptions]}
    return report


def _clean_exception(found: dict[str, Any]) -> dict[str, Any]:
    frames = (found.get("stacktrace") or {}).get("frames", ())
    kept = [{name: frame[name] for name in _OF_FRAMES if name in frame} for frame in frames]
    return {
        "type": found.get("type"),
        "module": found.get("module"),
        "stacktrace": {"frames": kept},
    }
