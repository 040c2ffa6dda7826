from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):
    """The old index is removed last: the release before orders a user's conversations by it, and
    finds them by the new one, too.
    """

    atomic = False

    dependencies = [
        ("chat", "0015_imported_conversations"),
    ]

    operations = [
        AddIndexBesideWrites(
            "conversation",
            models.Index(
                models.F("user"),
                models.F("updated_at").desc(),
                models.F("id").desc(),
                name="conversation_by_activity",
            ),
        ),
        migrations.RemoveIndex("conversation", "conversation_by_owner"),
    ]
