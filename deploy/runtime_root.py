"""Copies what Python needs at run time out of a base image, for the root of the image that runs:
`python3 runtime_root.py DIRECTORY PACKAGES`. The interpreter, its standard library, the shared
libraries that these and the packages load, certificates and time zones: no shell, no package
manager, and nothing else that an intruder could use. Only the standard library is needed.

`/var/lib/dpkg/status.d` names the Debian packages that the files are of, as distroless images do:
scanners for known faults read it.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

USER = 10001
# Parts of the standard library for developers and for windows.
_UNNEEDED = {
    *("test", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "pydoc_data"),
    *("site-packages", "dist-packages", "turtle.py"),
}
_CONFIG = re.compile(r"config-\d.*")  # for compilers, with a copy of the whole interpreter
_DATA = [
    *("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/openssl.cnf", "/usr/lib/ssl"),
    *("/usr/share/zoneinfo", "/etc/nsswitch.conf", "/etc/debian_version", "/usr/lib/os-release"),
    "/etc/ld.so.cache",  # names directories of libraries that the loader does not know itself
]
_LOADED_LATER = ["libgcc_s.so.1"]  # by glibc, when a thread ends
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x[0-9a-f]+\)")


def main() -> None:
    root, packages = Path(sys.argv[1]), Path(sys.argv[2])
    make_directories(root)
    copy_standard_library(root)
    interpreter = Path(os.path.realpath(sys.executable))
    loading = [interpreter, *shared_objects(packages), *shared_objects(stdlib())]
    found = [path for path in libraries(loading) if not path.is_relative_to(packages)]
    copied = [interpreter, *found, *(Path(path) for path in _DATA if os.path.lexists(path))]
    for path in copied:
        copy(path, root)
    for name in ("python", "python3"):
        make_link(root, interpreter.with_name(name), interpreter)
    list_packages(root, [*copied, stdlib() / "os.py"])


def make_directories(root: Path) -> None:
    for name in ("bin", "lib", "lib64", "sbin"):  # Debian's own links into /usr
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "etc", "home", "proc", "root", "run", "srv", "sys", "var/lib"):
        (root / name).mkdir(parents=True)
    for name in ("tmp", "var/tmp"):
        (root / name).mkdir()
        (root / name).chmod(0o1777)
    people = f"root:x:0:0:root:/root:/nologin\ndaesa:x:{USER}:{USER}:Daesa:/tmp:/nologin\n"
    (root / "etc" / "passwd").write_text(people)
    (root / "etc" / "group").write_text(f"root:x:0:\ndaesa:x:{USER}:\n")


def stdlib() -> Path:
    return Path(sysconfig.get_path("stdlib")).resolve()


def copy_standard_library(root: Path) -> None:
    def left_out(_: str, names: list[str]) -> set[str]:
        return {name for name in names if name in _UNNEEDED or _CONFIG.fullmatch(name)}

    shutil.copytree(stdlib(), inside(root, stdlib()), symlinks=True, ignore=left_out)


def shared_objects(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*.so*") if path.is_file()]


def libraries(loading: list[Path]) -> set[Path]:
    """The files that `loading` are linked with, the loader of programs among them."""
    ldd = subprocess.run(["ldd", *map(str, loading)], check=False, capture_output=True, text=True)
    found = {Path(path) for path in _LIBRARY.findall(ldd.stdout)}
    beside = next(path.parent for path in found if path.name.startswith("libc.so"))
    return found | {beside / name for name in _LOADED_LATER}


def inside(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def copy(source: Path, root: Path) -> None:
    """Copies a file, what a link leads to, or a directory with its links, to the same place."""
    place = inside(root, source)
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy2(source, place)


def make_link(root: Path, link: Path, target: Path) -> None:
    if not inside(root, link).exists():
        inside(root, link).symlink_to(target)


def list_packages(root: Path, copied: list[Path]) -> None:
    """Files are owned under the path before or after the links into /usr."""
    paths = {str(path) for path in copied} | {str(path.resolve()) for path in copied}
    paths |= {path.removeprefix("/usr") for path in paths}
    owners = subprocess.run(
        ["dpkg-query", "--search", *sorted(paths)], check=False, capture_output=True, text=True
    )
    status = root / "var" / "lib" / "dpkg" / "status.d"
    status.mkdir(parents=True)
    for package in {line.split(": ")[0].split(",")[0] for line in owners.stdout.splitlines()}:
        told = subprocess.run(
            ["dpkg-query", "--status", package], check=True, capture_output=True, text=True
        )
        (status / package.partition(":")[0]).write_text(told.stdout)
        licence = Path("/usr/share/doc", package.partition(":")[0], "copyright")
        if licence.exists():
            copy(licence, root)


if __name__ == "__main__":
    main()
