"""An account has one address, its login. Deletes allauth's records of other addresses, which would
allow resetting the password of another user's account. If the login was never confirmed but another
address was, that one becomes the login: the unconfirmed one may belong to another user.
"""

from django.db import migrations
from django.db.models import F


def keep_only_own_addresses(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    others = EmailAddress.objects.exclude(email__iexact=F("user__email"))
    for address in others.filter(verified=True).order_by("-primary", "pk"):
        login = User.objects.values_list("email", flat=True).get(pk=address.user_id)
        own = EmailAddress.objects.filter(user_id=address.user_id, email__iexact=login)
        is_taken = User.objects.filter(email__iexact=address.email).exists()
        if not own.filter(verified=True).exists() and not is_taken:
            User.objects.filter(pk=address.user_id).update(email=address.email.lower())
    others.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_pending_joins_and_kept_stamps"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(keep_only_own_addresses, migrations.RunPython.noop)]
