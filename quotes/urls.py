from django.urls import path

import config.api.converters  # noqa: F401 - registers <id:…>
from quotes.views import QuoteDetail, Quotes

app_name = "quotes"

urlpatterns = [
    path("quote", Quotes.as_view(), name="quotes"),
    path("quote/<id:pk>", QuoteDetail.as_view(), name="quote"),
]
