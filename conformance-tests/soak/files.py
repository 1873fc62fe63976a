# SPDX-License-Identifier: MIT OR Apache-2.0
"""Pictures of the synthetic camera and forger, no two alike, and files that are none any more."""

import struct
import subprocess
from pathlib import Path

SEEDS = Path("fuzz/seeds")


class Files:
    def __init__(self, folder, programs, seed):
        command = [str(programs / "assay-conformance"), "synth", str(folder), "--seed", str(seed % 1000)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.sound = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
        self.sound += [path.read_bytes() for path in Path("conformance-tests/data").glob("*.heic")]
        self.small = [path.read_bytes() for path in sorted(SEEDS.glob("decode_*/*")) + sorted(SEEDS.glob("metadata_file/*"))]

    def picture(self, chance):
        """One that is new to the server by what stands behind its end."""
        file, more = chance.choice(self.sound), chance.randbytes(16)
        # Behind a HEIC's boxes only boxes may stand.
        is_heic = file[4:8] == b"ftyp"
        return file + struct.pack(">I4s", 8 + len(more), b"free") + more if is_heic else file + more

    def broken(self, chance):
        """A file cut off or with bytes changed, which may still be a picture."""
        file = bytearray(chance.choice(self.small if chance.random() < 0.5 else self.sound))
        if chance.random() < 0.3:
            del file[chance.randrange(len(file)) :]
        for _ in range(chance.randint(1, 20)):
            if file:
                file[chance.randrange(len(file))] = chance.randrange(256)
        return bytes(file)
