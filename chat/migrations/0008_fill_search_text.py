from django.db import migrations

AT_ONCE = 100


def fill(apps, schema_editor):
    """What texts of before are found by, in batches. Most have nothing to be written."""
    from chat.search_text import search_text

    for name in ("Chat", "Reply"):
        rows = apps.get_model("chat", name).objects.using(schema_editor.connection.alias)
        last = 0
        while batch := list(
            rows.filter(pk__gt=last).order_by("pk").values_list("pk", "content")[:AT_ONCE]
        ):
            for pk, content in batch:
                if (form := search_text(content)) is not None:
                    # An answer that is being written meanwhile says itself what it is found by.
                    rows.filter(pk=pk, content=content).update(search_text=form)
            last = batch[-1][0]


class Migration(migrations.Migration):

    atomic = False  # each row stands by itself; a second run goes on

    dependencies = [
        ('chat', '0007_search_text'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
