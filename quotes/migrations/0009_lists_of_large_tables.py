from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("quotes", "0008_defaults_in_the_database"),
    ]

    operations = [
        AddIndexBesideWrites(
            "review",
            models.Index(
                models.F("created_at").desc(), models.F("id").desc(), name="review_newest"
            ),
        ),
        AddIndexBesideWrites(
            "quote",
            models.Index(
                "language",
                condition=models.Q(("is_apply", True)),
                name="quote_applied_language",
            ),
        ),
    ]
