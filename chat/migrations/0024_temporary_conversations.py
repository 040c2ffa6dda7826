from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):
    """The new index has no rows at first."""

    atomic = False

    dependencies = [
        ("chat", "0023_stored_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="temporary",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="temporary"
            ),
        ),
        AddIndexBesideWrites(
            "conversation",
            models.Index(
                fields=["user", "updated_at"],
                condition=models.Q(temporary=True),
                name="conversation_temporary",
            ),
        ),
    ]
