"""A Chromium for the tests: the system's, or else the one in the npm package @sparticuz/chromium."""

import os
import platform
import shutil
import sys
import tarfile
import time
from pathlib import Path

from app.refusal import Refusal
from app.setup import bundle, environment, messages
from app.setup.environment import CACHE, digest, run, tell

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOLDER = CACHE / "chromium"
UNPACK = """
const [, from, to] = process.argv, fs = require("fs"), zlib = require("zlib"), path = require("path");
for (const name of fs.readdirSync(from)) {
  const file = fs.createWriteStream(path.join(to, name.replace(/\\.br$/, "")));
  fs.createReadStream(path.join(from, name)).pipe(zlib.createBrotliDecompress()).pipe(file);
}
"""
LAUNCHER = """#!/bin/sh
# The package holds the libraries and fonts that a minimal system lacks.
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_PATH="$here/fonts"
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/chromium" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<!-- The fonts.conf of the package names folders of another system. Without fonts, Chromium exits. -->
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


def find_chromium() -> Path:
    """The path in DAYBOOK_CHROMIUM, one on the PATH, or the packaged Chromium, which is unpacked on first use."""
    named = os.environ.get("DAYBOOK_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else packaged()


def packaged() -> Path:
    if not _is_unpacked():
        with environment.alone():
            if not _is_unpacked():
                _unpack()
    return FOLDER / "launch"


def _is_unpacked() -> bool:
    try:
        return (FOLDER / "stamp").read_text() == _stamp()
    except OSError:
        return False


def _stamp() -> str:
    return digest(*bundle.PACKAGES, Path(__file__))


def _unpack() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Refusal(messages.NO_CHROMIUM)
    began = time.monotonic()
    tell("unpacking a Chromium for the tests")
    work = CACHE / "browser"
    bundle.install(work, "--include=dev")
    unpacked = work / "unpacked"
    unpacked.mkdir()
    packed = work / "node_modules" / "@sparticuz" / "chromium" / "bin"
    run([bundle.find_npm().node, "-e", UNPACK, packed, unpacked], messages.UNPACKING_CHROMIUM)
    for archive in unpacked.glob("*.tar"):
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked / "fonts" if archive.stem == "fonts" else unpacked, filter="data")
        archive.unlink()
    (unpacked / "fonts" / "fonts.conf").write_text(FONTS)
    (unpacked / "launch").write_text(LAUNCHER)
    for program in ("launch", "chromium"):
        (unpacked / program).chmod(0o755)
    (unpacked / "stamp").write_text(_stamp())
    shutil.rmtree(FOLDER, ignore_errors=True)
    unpacked.rename(FOLDER)
    shutil.rmtree(work)
    tell(f"unpacked Chromium in {time.monotonic() - began:.0f} s")
