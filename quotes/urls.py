from django.urls import path

from quotes.views import QuoteDetail, Quotes

app_name = "quotes"

urlpatterns = [
    path("quote", Quotes.as_view(), name="quotes"),
    path("quote/<int:pk>", QuoteDetail.as_view(), name="quote"),
]
