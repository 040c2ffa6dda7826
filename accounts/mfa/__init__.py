"""Second factors and passkeys, on the models of allauth.mfa: what allauth leaves open (encryption,
codes that work once, limits, passkeys' counters and origins) and what it has not (sign-in of
programs, staff).
"""

MOST_PASSKEYS = 10  # of a user
