"""A backup restored into an empty database of either kind is what it was."""

import hashlib
import json

import pytest
from django.db import connection

from chat.models import Conversation, DailyUsage, Reply, Status
from config.backup.errors import BadTarget
from config.backup.restore import ledger_difference
from config.db.migration_state import difference
from quotes.models import Quote
from quotes.search.index import has_terms
from tests.config.backup.databases import (
    ENGINES,
    backup,
    contents,
    empty_database,
    opened,
    restored,
    rewritten,
)
from tests.config.backup.sample import fill

LEFT_OUT = {
    *("chat_lease", "chat_storedanswer"),
    *("accounts_dataexport", "accounts_dataexportpart"),
}
OF_LOST_ANSWERS = {"chat_reply", "chat_dailyusage"}


@pytest.mark.django_db(transaction=True)
@ENGINES
def test_a_restored_database_has_the_same_rows(engine, tmp_path):
    fill()
    gone = Conversation.objects.order_by("-pk")[0].pk + 1
    before, made = contents(), backup()
    writing = Reply.objects.get(status=Status.STREAMING).pk
    with empty_database(engine, tmp_path):
        manifest = restored(made)
        after = contents()
        assert difference(connection) == ""
        assert {name for name in before if before[name] != after[name]} == OF_LOST_ANSWERS
        assert without(after["chat_reply"], writing) == without(before["chat_reply"], writing)
        # The answer that was being written is lost, and its unit given back.
        reply = Reply.objects.get(pk=writing)
        ended = (reply.status, reply.content, reply.charged_day)
        assert ended == (Status.INTERRUPTED, "half", None)
        assert DailyUsage.objects.values_list("used", "refunded").get() == (1, 1)
        assert ledger_difference() == ""
        # Keys of rows that are gone are not given again.
        assert Conversation.objects.create(user=reply.user).pk == gone + 1
        line = Quote.objects.applied().get()
        found = Quote.objects.filter(has_terms({line.search_text.split()[0]: False}))
        assert found.get() == line
        with pytest.raises(BadTarget, match="not empty"):
            restored(made)
    empty = {name for name, found in before.items() if not found}
    assert empty == NOT_IN_THE_SAMPLE
    assert manifest.left_out == sorted(LEFT_OUT)


NOT_IN_THE_SAMPLE = {
    "accounts_addressconfirmation",
    "accounts_authorizationcode",
    "accounts_factorcounter",
    "accounts_revokedtoken",
    "accounts_secondfactorchallenge",
    "accounts_user_user_permissions",
    "auth_group_permissions",
    "account_emailconfirmation",
    "mfa_authenticator",
    "quotes_dailyline",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "token_blacklist_blacklistedtoken",
    "token_blacklist_outstandingtoken",
    "usersessions_usersession",
}


def without(lines: list[bytes], key: int) -> list[bytes]:
    return [line for line in lines if json.loads(line)[0] != key]


def to_nobody(made: bytes) -> bytes:
    """Conversations of a user who is not there; the manifest says so, too."""
    with opened(made) as found:
        table = json.loads(found.read("manifest.json"))["tables"]["chat_conversation"]
    owner = table["columns"].index("user_id")

    def change(name: str, content: bytes) -> bytes:
        if name == "tables/chat_conversation.jsonl":
            return b"".join(with_owner(line, owner) for line in content.splitlines(keepends=True))
        return content

    return with_digests_of(rewritten(made, change))


def with_owner(line: bytes, column: int) -> bytes:
    values = json.loads(line)
    values[column] = 999_999
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def with_digests_of(made: bytes) -> bytes:
    """The manifest names the digests of the changed files."""
    digests: dict[str, str] = {}

    def change(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            digests[name] = hashlib.sha256(content).hexdigest()
            return content
        manifest = json.loads(content)
        for table, entry in manifest["tables"].items():
            entry["sha256"] = digests[f"tables/{table}.jsonl"]
        return json.dumps(manifest).encode()

    return rewritten(made, change)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_restored_leaves_nothing_behind(tmp_path):
    fill()
    engine = connection.vendor
    made = to_nobody(backup())
    with empty_database(engine, tmp_path):
        with pytest.raises(BadTarget, match="The database refuses the backup"):
            restored(made)
        assert connection.introspection.table_names() == []
        if engine == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'daesa%'")
                assert cursor.fetchall() == []
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
