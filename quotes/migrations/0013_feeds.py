from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("quotes", "0012_line_of_day"),
    ]

    operations = [
        AddIndexBesideWrites(
            "quote",
            models.Index(
                models.F("applied_at").desc(),
                models.F("id").desc(),
                condition=models.Q(is_apply=True),
                name="quote_last_applied",
            ),
        ),
        AddIndexBesideWrites(
            "quote",
            models.Index(
                models.F("language"),
                models.F("applied_at").desc(),
                models.F("id").desc(),
                condition=models.Q(is_apply=True),
                name="quote_last_applied_in",
            ),
        ),
    ]
