"""How long and how much: every bound of the upstream client that is no setting.

The timeouts are Django settings: UPSTREAM_CONNECT_TIMEOUT, UPSTREAM_FIRST_BYTE_TIMEOUT and
UPSTREAM_CHUNK_TIMEOUT, in seconds. Seconds here too.
"""

RETRIES = 2
BACKOFF_BASE = 0.5
BACKOFF_CAP = 8.0
LONGEST_RETRY_AFTER = 10.0
LONGEST_WAIT_SHOWN = 24 * 3600.0

BREAKER_FAILURES = 5
BREAKER_SECONDS = 15.0

# After finish_reason only usage and [DONE] are due; after [DONE], only the end of the body. Neither
# is worth more than a moment, since the answer is whole.
USAGE_TIMEOUT = 2.0
TAIL_TIMEOUT = 0.25

REST_SECONDS = 0.05
SHORT_REST_SECONDS = 0.25  # a stop may wait for so long a rest

HEALTH_SECONDS = 10.0
HEALTH_TIMEOUT = 2.0

KEPT_CONNECTIONS = 256
READ_BYTES = 64 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_EVENT_BYTES = 4 * 1024 * 1024
MAX_TEXT = 2 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
