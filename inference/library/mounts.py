"""Which drives are network shares: SQLite's write-ahead log does not work on those.

The log needs memory shared between all programs that use the file, which two machines do not
have (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path, PurePosixPath

_NETWORK_TYPES = frozenset(
    (
        "9p",
        "afpfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "orangefs",
        "prl_fs",
        "smb2",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
        "webdav",
    )
)
_NETWORK_FUSE = ("sshfs", "rclone", "davfs", "glusterfs", "ceph", "s3fs", "vmhgfs", "gvfs", "smb")
_DRIVE_REMOTE = 4
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def is_network_share(folder: Path) -> bool:
    """Say whether ``folder`` lies on a drive of another machine; False when that is unknown."""
    resolved = folder.resolve()
    if sys.platform == "win32":
        return _is_remote_drive(resolved)
    if sys.platform == "darwin":
        return is_network_type(file_system_type(resolved, _mounts_of_mac()))
    return is_network_type(file_system_type(resolved, _mounts_of_linux()))


def is_network_type(name: str) -> bool:
    """Say whether a file system of this name reaches over a network."""
    if name.startswith("fuse."):
        return any(word in name for word in _NETWORK_FUSE)
    return name in _NETWORK_TYPES


def file_system_type(folder: Path, mounts: list[tuple[str, str]]) -> str:
    """Return the type of the innermost mount that holds ``folder``; "" when none does.

    Args:
        folder: an absolute path.
        mounts: (mount point, file system type); of two on one point, the later hides the earlier.
    """
    place = PurePosixPath(folder)
    best, found = -1, ""
    for point, name in mounts:
        depth = len(PurePosixPath(point).parts)
        if depth >= best and place.is_relative_to(point):
            best, found = depth, name
    return found


def _mounts_of_linux() -> list[tuple[str, str]]:
    try:
        table = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    mounts = []
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1]
        for code, character in _ESCAPES.items():
            point = point.replace(code, character)
        mounts.append((point, fields[2]))
    return mounts


def _mounts_of_mac() -> list[tuple[str, str]]:
    """Read lines such as ``//me@host/x on /Volumes/x (smbfs, nodev, nosuid)``."""
    try:
        table = subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    mounts = []
    for line in table.splitlines():
        before, _, kinds = line.rpartition(" (")
        _, _, point = before.partition(" on ")
        mounts.append((point, kinds.partition(",")[0].rstrip(")")))
    return mounts


if sys.platform == "win32":

    def _is_remote_drive(folder: Path) -> bool:
        drive = folder.drive
        if drive.startswith("\\\\"):
            return True
        return bool(ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE)
