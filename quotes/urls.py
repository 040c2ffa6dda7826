from django.urls import path

import config.api.converters  # noqa: F401 - registers <id:…>
from quotes.api.board import QuoteDetail, Quotes
from quotes.api.duplicates import SimilarQuotes
from quotes.api.export import ExportQuotes
from quotes.api.featured import RandomQuote, TodaysQuote
from quotes.api.likes import Like

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
