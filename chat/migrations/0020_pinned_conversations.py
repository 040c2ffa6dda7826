from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0019_reported_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="model",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="conversation",
            name="pinned",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
