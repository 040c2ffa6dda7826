from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0016_data_exports"),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name="user",
            index=models.Index(
                condition=models.Q(("approval", ""), _negated=True),
                fields=["created_at", "id"],
                name="user_not_approved",
            ),
        ),
    ]
