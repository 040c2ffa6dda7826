from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0025_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="title_by",
            field=models.CharField(
                blank=True,
                choices=[("words", "Words"), ("model", "Model"), ("user", "User")],
                db_default="",
                default="",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="follow_ups",
            field=models.JSONField(null=True),
        ),
    ]
