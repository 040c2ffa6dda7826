"""Django's PostgreSQL backend with a bounded pool of connections per process."""
