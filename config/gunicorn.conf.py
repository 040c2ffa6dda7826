# ruff: noqa: N999 - gunicorn's usual name
"""How gunicorn serves the application: `gunicorn -c config/gunicorn.conf.py config.wsgi`.

Values that a site may change come from `config.settings`. A child process reads them, because in
the workers gevent has to patch the standard library before Django is imported.
"""

import errno
import fcntl
import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import gevent

from config.log_format import formatters

_NAMES = """HOST PORT DEBUG DATA_DIR WEB_CONCURRENCY GRACEFUL_TIMEOUT MAX_STREAMS_PER_PROCESS
LOG_FORMAT TIME_ZONE DATABASES REDIS_URL"""
_READ = f"""
import json
from config import settings
print(json.dumps({{name: getattr(settings, name) for name in {_NAMES.split()}}}, default=str))
"""

_child = subprocess.run(  # noqa: S603 - no outside input  # nosec B603
    [sys.executable, "-c", _READ], stdout=subprocess.PIPE, text=True, check=False
)
if _child.returncode:  # settings.py has printed the reason
    sys.exit(_child.returncode)
_settings = json.loads(_child.stdout)

# Several workers keep their metrics in files, so that each can show those of all. prometheus_client
# reads this variable when it is imported.
_metrics = Path(_settings["DATA_DIR"], "metrics")
os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
if _settings["WEB_CONCURRENCY"] > 1:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)

GC_THRESHOLD = 20_000  # allocations less deallocations between collections; Python's is 700

wsgi_app = "config.wsgi"
_host = _settings["HOST"]
bind = f"[{_host}]:{_settings['PORT']}" if ":" in _host else f"{_host}:{_settings['PORT']}"
workers = _settings["WEB_CONCURRENCY"]
worker_class = "config.worker.Worker"
preload_app = False
# Each stream holds a connection; 1000 more are for other requests.
worker_connections = _settings["MAX_STREAMS_PER_PROCESS"] + 1000
graceful_timeout = _settings["GRACEFUL_TIMEOUT"]
timeout = graceful_timeout + 30  # a worker that drains is not stuck
limit_request_line = 8190  # gunicorn's maximum; longer ones get 414
keepalive = 75  # longer than the proxy's, so that the proxy closes idle connections

# Django reads X-Forwarded-* itself, and only behind TRUSTED_PROXY_COUNT proxies.
forwarded_allow_ips = ""
control_socket_disable = True  # would be written outside of DATA_DIR
# A worker's heartbeat file must not wait for a disk.
_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn uses mkstemp  # nosec B108
worker_tmp_dir = _MEMORY if os.access(_MEMORY, os.W_OK) else _settings["DATA_DIR"]

# Paths and client addresses are personal data; use the proxy's request log if one is needed.
accesslog = None
logger_class = "config.worker.Log"
loglevel = "warning" if _settings["DEBUG"] else "info"
logconfig_dict = {
    "formatters": formatters(zone=_settings["TIME_ZONE"]),
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": _settings["LOG_FORMAT"]},
        "error_console": {"class": "logging.StreamHandler", "formatter": _settings["LOG_FORMAT"]},
    },
    "loggers": {
        "gunicorn.error": {
            "level": loglevel.upper(),
            "handlers": ["error_console"],
            "propagate": False,
            "qualname": "gunicorn.error",
        }
    },
    "root": {"level": "WARNING", "handlers": ["console"]},
}

_WELCOME = """
Daesa is at {address}      the API: {address}/docs

A first chat, from another terminal (jq takes the token out; the README has it without):

  curl -s {address}/accounts/join -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "a long pass phrase"}}'
  TOKEN=$(curl -s {address}/accounts/login -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "a long pass phrase"}}' | jq -r .access)
  curl -s {address}/chat -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"content": "To be, or not to be"}}'

To review what people submit: `make admin`, then {address}/admin/
Everything is kept in {data_dir}. Ctrl-C stops the server.
"""


LISTEN_SECONDS = 5.0  # workers of a master that was killed stop listening within one


def on_starting(server):  # noqa: ANN001, ANN201
    """Fails with one line if the port stays taken, where gunicorn would print a traceback, and
    deletes metrics of earlier runs, whose process ids may repeat.
    """
    # With GUNICORN_FD, workers of the former release still write there.
    if "GUNICORN_FD" not in os.environ and not _is_shared(server.log):
        shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(exist_ok=True)
    _log_connection_limit(server.log)
    _log_other_settings(server.log)
    if not {"GUNICORN_FD", "LISTEN_FDS"} & set(os.environ):  # a socket that was passed on is open
        _wait_for_port()


def _wait_for_port():  # noqa: ANN202
    family = socket.AF_INET6 if ":" in _host else socket.AF_INET
    end = time.monotonic() + LISTEN_SECONDS
    while True:
        try:
            socket.create_server((_host, _settings["PORT"]), family=family).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                sys.exit(f"daesa: cannot listen on {bind}: {error.strerror}")
            time.sleep(0.1)
        else:
            return


_lock = []  # the open file; the lock ends with this process, and its workers do not inherit it


def _is_shared(log):  # noqa: ANN001, ANN202
    """Whether another server runs on this DATA_DIR. Both may write to one SQLite file, and what is
    stored stays exact; what a process keeps in its memory is not shared.
    """
    file = Path(_settings["DATA_DIR"], "server.lock").open("a+")  # noqa: SIM115
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        file.seek(0)
        log.warning(
            "another server (process %s) runs on DATA_DIR=%s. Nothing stored is lost, but without "
            "REDIS_URL each of the two has its own limits of sign-ins, writes and running answers, "
            "a stop takes up to 3 s, and /metrics shows one of them. Run one server, or give each "
            "its own DATA_DIR",
            file.read().strip() or "unknown",
            _settings["DATA_DIR"],
        )
        return True
    except OSError as error:  # a network disk without locks
        log.info("DATA_DIR cannot be locked: %s", error.strerror)
        return False
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    _lock.append(file)
    return False


def _log_other_settings(log):  # noqa: ANN001, ANN202
    if _settings["REDIS_URL"]:
        for warning in _printed_by("config.same_settings") or ():
            log.warning(warning)


def _log_connection_limit(log):  # noqa: ANN001, ANN202
    if not _settings["DATABASES"]["default"]["ENGINE"].endswith("postgresql"):
        return
    if printed := _printed_by("config.db.postgresql.capacity"):
        fits, message = printed
        (log.info if fits else log.warning)(message)


def _printed_by(module):  # noqa: ANN001, ANN202
    """The JSON that a module prints in a child process; None where it fails. The workers' parent
    must not import Django or open a connection.
    """
    command = [sys.executable, "-m", module]
    child = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603  # nosec B603 - our own modules
    return json.loads(child.stdout) if child.returncode == 0 else None


def worker_int(worker):  # noqa: ANN001, ANN201, ARG001
    """After Ctrl-C a worker ends its answers and exits. gunicorn's own handler would exit inside a
    greenlet, for which gevent prints a traceback.
    """
    from chat.turns.shutdown import drain  # noqa: PLC0415

    drain(seconds=0)
    os._exit(0)


def post_worker_init(worker):  # noqa: ANN001, ANN201, ARG001
    """The garbage collector would repeatedly traverse everything loaded so far, which never becomes
    garbage, and requests create few cycles. Figures are in bench/README.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def post_request(worker, req, environ, resp):  # noqa: ANN001, ANN201, ARG001
    """Lets other connections run before this one's next pipelined request."""
    gevent.sleep(0)


def when_ready(server):  # noqa: ANN001, ANN201, ARG001
    if _settings["DEBUG"]:
        every = "0.0.0.0"  # noqa: S104 - read, not listened on  # nosec B104
        address = "http://" + bind.replace(every, "127.0.0.1").replace("[::]", "[::1]")
        sys.stdout.write(_WELCOME.format(address=address, data_dir=_settings["DATA_DIR"]))
        sys.stdout.flush()


def child_exit(server, worker):  # noqa: ANN001, ANN201, ARG001
    """Removes the gauges of the exited worker."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        mark_process_dead(worker.pid)


def post_fork(server, worker):  # noqa: ANN001, ANN201, ARG001
    """Lets other greenlets run while one waits for PostgreSQL."""
    if _settings["DATABASES"]["default"]["ENGINE"].endswith("postgresql"):
        from psycogreen.gevent import patch_psycopg  # noqa: PLC0415

        patch_psycopg()
