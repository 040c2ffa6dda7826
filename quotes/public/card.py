"""The line of the day as a document that other sites can show in a frame: `GET /quote/today` where
HTML is preferred. It needs no script, no cookie and no other file.

Its parameters are `lang` (ko or en, otherwise by `Accept-Language`) and `theme` (light or dark,
otherwise as the reader's system has it).
"""

import base64
import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from accounts.limits.rate_limits import TooManyAttempts
from config.api.caching import publish
from config.api.links import base_url
from config.api.problems import Problem
from config.api.times import midnight_after
from config.csp import CARD
from quotes.board.featured import EmptyBoard, line_of_the_day
from quotes.models import Quote
from quotes.public.reading import count_read

THEMES = ("light", "dark")

# A constant, so that the policy can name its hash.
_STYLE = SafeString(
    ":root{color-scheme:light;--bg:#fff;--ink:#1d1c17;--mute:#5f5c50;--line:#e3dfd3;--accent:#0b5d57}"
    ":root[data-theme=dark]{color-scheme:dark;--bg:#1d1d17;--ink:#efede4;--mute:#aeab9c;"
    "--line:#33332a;--accent:#6cc7bd}"
    "@media(prefers-color-scheme:dark){:root[data-theme=auto]{color-scheme:dark;--bg:#1d1d17;"
    "--ink:#efede4;--mute:#aeab9c;--line:#33332a;--accent:#6cc7bd}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.65 system-ui,'Apple SD Gothic "
    "Neo','Malgun Gothic','Noto Sans KR',sans-serif;word-break:keep-all;overflow-wrap:anywhere}"
    "main{padding:16px 20px;border:1px solid var(--line);border-radius:16px;min-height:100vh}"
    "h1{margin:0 0 8px;font-size:13px;font-weight:600;color:var(--accent)}"
    "figure{margin:0}"
    "blockquote{margin:0;font-size:18px;font-weight:600;white-space:pre-line}"
    "figcaption,p{margin:8px 0 0;font-size:14px;color:var(--mute)}"
    "a{color:var(--accent)}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = CARD.format(style=f"'sha256-{_HASH}'")


def card(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("lang", "")
    known = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    language = known or settings.LANGUAGE_CODE
    with translation.override(language):
        response = _card(request, language)
    response["Content-Language"] = language
    response["Content-Security-Policy"] = POLICY
    response.xframe_options_exempt = True
    return response


def _card(request: HttpRequest, language: str) -> HttpResponse:
    try:
        count_read(request)
        line = line_of_the_day(language).shown_to(None).first()
    except (EmptyBoard, TooManyAttempts) as problem:
        return _without_line(request, language, problem)
    if line is None:  # it was taken down meanwhile
        return _without_line(request, language, EmptyBoard())
    response = HttpResponse(_html(request, language, line=line))
    rest_of_day = midnight_after(timezone.localdate()) - timezone.now()
    return publish(request, response, seconds=max(1, int(rest_of_day.total_seconds())))


def _without_line(request: HttpRequest, language: str, problem: Problem) -> HttpResponse:
    response = HttpResponse(
        _html(request, language, problem=str(problem.detail)), status=problem.status_code
    )
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _html(request: HttpRequest, language: str, **values: "Quote | str") -> str:
    theme, line = request.GET.get("theme", ""), values.get("line")
    return render_to_string(
        "quotes/public/card.html",
        {
            **values,
            "language": language,
            "theme": theme if theme in THEMES else "auto",
            "style": _STYLE,
            "url": f"{base_url(request)}/quotes/{line.pk}" if isinstance(line, Quote) else "",
        },
    )
