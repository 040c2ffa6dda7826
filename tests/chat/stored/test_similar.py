"""Answers to similar questions, by the vectors of the fake server."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.answering.embedder import UpstreamEmbedder
from chat.models import StoredAnswer
from quotes.search import embeddings
from quotes.search.embeddings import provide_embedder
from tests.chat.asking import ask

pytestmark = pytest.mark.django_db

QUESTION = "Which harbour does the captain love most of all the harbours in the north?"
SIMILAR = "Which harbour does the captain love most of all harbours in the north?"
OTHER = "Who wrote the sonnet about an untrimmed summer?"


@pytest.fixture(autouse=True)
def _near(settings):
    settings.ANSWER_CACHE, settings.EMBEDDING_MODEL = {"fake": "near"}, "fake-embedding"
    settings.ANSWER_CACHE_LEAST = 0.8
    [product] = embeddings.embedders
    provide_embedder(UpstreamEmbedder(question_seconds=30.0))  # however slow the machine is
    embeddings.question_vectors.forget()
    yield
    embeddings.question_vectors.forget()
    provide_embedder(product)


def answered_from(client, question, **body):
    response = ask(client, question, **body)
    assert response.status_code == 201, response.content
    return response.json()["chat_reply"]["answered_from"]


def test_marked_as_similar(as_alice, upstream):
    ask(as_alice, QUESTION)
    assert answered_from(as_alice, SIMILAR)["alike"] is True
    assert answered_from(as_alice, QUESTION)["alike"] is False
    assert answered_from(as_alice, OTHER) is None
    assert len(upstream.requests()) == 2
    assert StoredAnswer.objects.count() == 2


def test_the_threshold_is_a_setting(as_alice, settings):
    ask(as_alice, QUESTION)
    settings.ANSWER_CACHE_LEAST = 0.9999
    assert answered_from(as_alice, SIMILAR) is None


def test_exact_takes_no_similar_one(as_alice, settings):
    ask(as_alice, QUESTION)
    settings.ANSWER_CACHE = {"fake": "exact"}
    assert answered_from(as_alice, SIMILAR) is None


def test_only_of_the_same_context(as_alice, as_bob):
    ask(as_alice, QUESTION)
    assert answered_from(as_bob, SIMILAR) is None
    assert answered_from(as_alice, SIMILAR, temperature=0.1) is None
    assert answered_from(as_alice, SIMILAR, system_prompt="Rhyme.") is None


def test_no_old_one(as_alice):
    ask(as_alice, QUESTION)
    StoredAnswer.objects.update(answered_at=timezone.now() - timedelta(days=31))
    assert answered_from(as_alice, SIMILAR) is None


def test_without_the_embedding_server(as_alice, settings):
    ask(as_alice, QUESTION)
    settings.EMBEDDING_MODEL = "fake-500"
    embeddings.question_vectors.forget()
    assert answered_from(as_alice, SIMILAR) is None
    assert answered_from(as_alice, SIMILAR)["alike"] is False
