from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("chat", "0011_idempotency_key_of_reply"),
    ]

    operations = [
        AddIndexBesideWrites(
            "conversation",
            models.Index(
                models.F("created_at").desc(), models.F("id").desc(), name="conversation_newest"
            ),
        ),
        AddIndexBesideWrites(
            "dailyusage",
            models.Index(models.F("day").desc(), models.F("id").desc(), name="dailyusage_by_day"),
        ),
    ]
