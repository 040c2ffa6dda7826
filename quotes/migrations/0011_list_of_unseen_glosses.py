from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("quotes", "0010_gloss"),
    ]

    operations = [
        AddIndexBesideWrites(
            "quote",
            models.Index(
                models.F("created_at").desc(),
                models.F("id").desc(),
                condition=models.Q(gloss_reviewed_at__isnull=True, gloss_by__gt=""),
                name="quote_gloss_unseen",
            ),
        ),
    ]
