from django.db import IntegrityError, migrations, transaction

AT_ONCE = 500
BOARD_EMAIL = "board@daesa.invalid"  # the owner of the site's own lines


def bring_into_form(apps, schema_editor):
    """Normalizes stored nicknames and addresses, in batches. Reserved names are emptied. An address
    whose canonical form another account has is kept (system check accounts.W001).
    """
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    last = 0
    while batch := list(
        people.filter(pk__gt=last).order_by("pk").only("email", "nickname", "is_staff")[:AT_ONCE]
    ):
        for person in batch:
            _rename(people, person)
            _readdress(apps, people, person)
        last = batch[-1].pk


def _rename(people, person):
    from accounts.nicknames import LONGEST, is_reserved
    from config.text import one_line

    name = one_line(person.nickname)[:LONGEST].strip()
    if is_reserved(name) and not person.is_staff and person.email != BOARD_EMAIL:
        name = ""
    if name != person.nickname:
        people.filter(pk=person.pk).update(nickname=name)


def _readdress(apps, people, person):
    from accounts.addresses.canonical_form import canonical

    email = canonical(person.email)
    if email == person.email or not email.isascii():
        return
    addresses = apps.get_model("account", "EmailAddress").objects.using(people.db)
    try:
        with transaction.atomic(using=people.db):
            if people.filter(email__iexact=email).exclude(pk=person.pk).exists():
                return
            people.filter(pk=person.pk).update(email=email)
            addresses.filter(user_id=person.pk, email=person.email).update(email=email)
    except IntegrityError:  # another user has verified the address
        return


class Migration(migrations.Migration):

    atomic = False  # each change is independent; a second run continues

    dependencies = [
        ('accounts', '0006_refresh_tokens_have_a_row'),
        ('account', '0009_emailaddress_unique_primary_email'),
    ]

    operations = [
        migrations.RunPython(bring_into_form, migrations.RunPython.noop, elidable=True),
    ]
