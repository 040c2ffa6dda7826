from django.urls import path, re_path

import config.api.converters  # noqa: F401 - registers <id:…>
from quotes.api.board import QuoteDetail, Quotes
from quotes.api.duplicates import SimilarQuotes
from quotes.api.export import ExportQuotes
from quotes.api.featured import RandomQuote, TodaysQuote
from quotes.api.likes import Like
from quotes.public.feeds import atom, rss
from quotes.public.pages import board_page, line_page
from quotes.public.robots import robots
from quotes.public.sitemaps import index, sitemap

app_name = "quotes"

urlpatterns = [
    path("quote", Quotes.as_view(), name="quotes"),
    path("quote/similar", SimilarQuotes.as_view(), name="similar"),
    path("quote/random", RandomQuote.as_view(), name="random"),
    path("quote/today", TodaysQuote.as_view(), name="today"),
    path("quote/export", ExportQuotes.as_view(), name="export"),
    path("quote/<id:pk>", QuoteDetail.as_view(), name="quote"),
    path("quote/<id:pk>/like", Like.as_view(), name="like"),
    # The board for people without an account.
    re_path("^quotes/?$", board_page, name="board-page"),
    path("quotes/<id:pk>", line_page, name="line-page"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", index, name="sitemaps"),
    path("sitemap-board.xml", sitemap, {"section": "board"}, name="sitemap"),
    path("sitemap-lines.xml", sitemap, {"section": "lines"}, name="sitemap"),
    path("feeds/rss", rss, name="rss"),
    path("feeds/atom", atom, name="atom"),
    path("feeds/<language:language>/rss", rss, name="rss-of-language"),
    path("feeds/<language:language>/atom", atom, name="atom-of-language"),
]
