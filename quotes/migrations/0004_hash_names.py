from django.db import migrations

from quotes.text.search_columns import name_hash

AT_ONCE = 1000


def hash_names(apps, schema_editor):
    quotes = apps.get_model("quotes", "Quote").objects.order_by("pk")
    named = quotes.exclude(speaker="", source="").only("pk", "speaker", "source")
    last = 0
    while lot := list(named.filter(pk__gt=last)[:AT_ONCE]):
        for quote in lot:
            quote.speaker_hash = name_hash(quote.speaker)
            quote.source_hash = name_hash(quote.source)
        quotes.bulk_update(lot, ["speaker_hash", "source_hash"])
        last = lot[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ("quotes", "0003_likes_filters_and_daily_lines"),
    ]

    operations = [
        migrations.RunPython(hash_names, migrations.RunPython.noop),
    ]
