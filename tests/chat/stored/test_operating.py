"""What operators see and do: settings, metrics, the administration, pruning, the ledger."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from environs import EnvError
from prometheus_client import REGISTRY

from chat.models import Reply, StoredAnswer
from chat.turns.prune import prune
from config import environment
from config.backup.tables import LEFT_OUT
from tests.chat.asking import ask

pytestmark = pytest.mark.django_db

MODELS = ["fake", "o3"]


def read(*entries, embedding_model=""):
    return environment.answer_cache([*entries], offered=MODELS, embedding_model=embedding_model)


def test_for_all_models_and_for_some():
    assert read("off") == {}
    assert read("exact") == {"fake": "exact", "o3": "exact"}
    assert read("exact", "o3=off") == {"fake": "exact"}
    assert read("o3=exact") == {"o3": "exact"}
    assert read("near", "o3=exact", embedding_model="e") == {"fake": "near", "o3": "exact"}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["on"], "must be off, exact or near"),
        (["exact", "gpt-9=off"], "some of CHAT_MODELS"),
        (["near"], "EMBEDDING_MODEL"),
        (["exact", "o3=near"], "EMBEDDING_MODEL"),
    ],
)
def test_a_wrong_value_stops_the_start(entries, says):
    with pytest.raises(EnvError, match=says):
        read(*entries)


def sample(name, **labels):
    return REGISTRY.get_sample_value(f"daesa_{name}", labels) or 0


def test_metrics(as_alice):
    found = {"same": 0.0, "none": 0.0}
    before = {kind: sample("stored_answers_total", found=kind, model="fake") for kind in found}
    saved = sample("stored_answer_tokens_saved_total", model="fake")
    given = sample("stored_answer_age_seconds_count")
    usage = ask(as_alice).json()["chat_reply"]["usage"]
    ask(as_alice)
    for kind, count in before.items():
        assert sample("stored_answers_total", found=kind, model="fake") == count + 1
    assert sample("stored_answer_age_seconds_count") == given + 1
    now = sample("stored_answer_tokens_saved_total", model="fake")
    assert now == saved + usage["total_tokens"]


def test_the_administration_lists_and_deletes_them(as_alice, client, staff):
    ask(as_alice, "What does my doctor say?")
    [row] = StoredAnswer.objects.all()
    client.force_login(staff)
    shown = client.get("/admin/chat/storedanswer/").content.decode()
    assert f">{row.pk}<" in shown
    assert "fake" in shown
    assert "doctor" not in shown
    assert "alice" not in shown
    assert client.get("/admin/chat/storedanswer/add/").status_code == 403
    changed = client.post(f"/admin/chat/storedanswer/{row.pk}/change/", {"key": "mine"})
    assert changed.status_code == 403
    path = f"/admin/chat/storedanswer/{row.pk}/delete/"
    assert "doctor" not in client.get(path).content.decode()
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert not StoredAnswer.objects.exists()
    assert Reply.objects.exists()


def test_old_ones_are_pruned(as_alice, settings):
    ask(as_alice)
    ask(as_alice, "Another")
    old = StoredAnswer.objects.order_by("pk")[:1].values("pk")
    StoredAnswer.objects.filter(pk__in=old).update(
        created_at=timezone.now() - timedelta(days=settings.ANSWER_CACHE_DAYS, hours=1)
    )
    assert prune()["stored answers"] == 1
    settings.ANSWER_CACHE = {}
    assert prune()["stored answers"] == 1
    assert Reply.objects.count() == 2


def test_they_are_in_no_backup():
    assert StoredAnswer._meta.db_table in LEFT_OUT


def test_the_ledger_knows_them(as_alice, capsys):
    for _ in range(2):
        ask(as_alice)
    call_command("check_ledger", "--nothing-deleted")
    assert "exact" in capsys.readouterr().out
