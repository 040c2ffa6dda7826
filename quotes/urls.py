from django.urls import path

import config.api.converters  # noqa: F401 - registers <id:…>
from quotes.views.board import QuoteDetail, Quotes
from quotes.views.export import ExportQuotes
from quotes.views.likes import Like
from quotes.views.picks import RandomQuote, TodaysQuote
from quotes.views.similar import SimilarQuotes

app_name = "quotes"

urlpatterns = [
    path("quote", Quotes.as_view(), name="quotes"),
    path("quote/similar", SimilarQuotes.as_view(), name="similar"),
    path("quote/random", RandomQuote.as_view(), name="random"),
    path("quote/today", TodaysQuote.as_view(), name="today"),
    path("quote/export", ExportQuotes.as_view(), name="export"),
    path("quote/<id:pk>", QuoteDetail.as_view(), name="quote"),
    path("quote/<id:pk>/like", Like.as_view(), name="like"),
]
