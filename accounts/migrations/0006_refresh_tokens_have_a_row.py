"""A refresh token is valid while it has a row. Until now only spent tokens had rows, and these must not
become valid again. Unspent ones end too, so programs have to sign in once more.
"""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("token_blacklist", "BlacklistedToken").objects.all().delete()
    apps.get_model("token_blacklist", "OutstandingToken").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_sign_in_source"),
        ("token_blacklist", "0013_alter_blacklistedtoken_options_and_more"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
