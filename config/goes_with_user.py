"""Rows that are deleted together with the account of their user."""


class GoesWithUser:
    """A mark for admin classes whose rows belong to a user and are deleted only together with that
    user. Staff who may delete users then need no permission to delete these rows.
    """
