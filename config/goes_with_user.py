"""Rows of a user that go with the account."""


class GoesWithUser:
    """Of an admin class whose rows are a user's own. They are deleted only with the user, so that
    staff who may delete users need no permission for these rows.
    """
