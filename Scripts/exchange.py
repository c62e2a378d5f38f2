"""Writes files with NumPy and safetensors for Swoop to read, and checks those Swoop wrote.

    exchange.py write DIR    files in DIR/python, and DIR/manifest with what is in them
    exchange.py check DIR    the files in DIR/swift, which hold the same tensors, and DIR/own
"""

import pathlib
import sys
import zlib

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

KINDS = {
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "int32": np.dtype(np.int32),
    "uint8": np.dtype(np.uint8),
    "bool": np.dtype(np.bool_),
}
SHAPES = [(), (0,), (1,), (7,), (2, 3), (0, 7), (7, 0, 2), (2, 1, 3), (3, 2, 2, 2, 2), (517, 1021)]
METADATA = {"text": 'é漢😀 "\\/\b\f\n\r\t\x01\x7f'}


def tensors():
    """Random bits: every value there is, NaNs with payloads and all."""
    random = np.random.default_rng(2026)
    for kind, dtype in KINDS.items():
        for shape in SHAPES:
            count = int(np.prod(shape, dtype=np.int64))
            raw = random.integers(0, 2 if kind == "bool" else 256, count * dtype.itemsize, np.uint8)
            yield f"{kind}-{'x'.join(map(str, shape))}", kind, raw.view(dtype).reshape(shape)


def write_npy(path, array, version=None):
    with open(path, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def write(directory):
    python = directory / "python"
    python.mkdir(parents=True)
    lines = []

    def add(file, tensor, kind, array):
        raw = np.ascontiguousarray(array).tobytes()
        shape = ",".join(map(str, array.shape))
        lines.append(f"{file}\t{tensor}\t{kind}\t{shape}\t{zlib.crc32(raw)}\n")

    every = list(tensors())
    plain = {name: array for name, kind, array in every if kind != "bfloat16"}
    for name, kind, array in every:
        if kind == "bfloat16":
            continue
        np.save(python / f"{name}.npy", array)
        variants = {
            "fortran": (np.array(array, order="F"), None),
            "big": (array.astype(array.dtype.newbyteorder(">")), None),
            "fortran-big": (np.array(array.astype(array.dtype.newbyteorder(">")), order="F"), None),
            "v2": (array, (2, 0)),
            "v3": (np.array(array, order="F"), (3, 0)),
        }
        add(f"{name}.npy", "", kind, array)
        for variant, (other, version) in variants.items():
            write_npy(python / f"{name}.{variant}.npy", other, version)
            add(f"{name}.{variant}.npy", "", kind, array)
    # Types that are converted on request.
    for name, array in [
        ("float64", np.array([[0.1, -1e-300], [np.inf, 3e38]])),
        ("int64", np.array([-(2**31), 2**31 - 1, 0], dtype=np.int64)),
        ("int8", np.arange(-128, 128, dtype=np.int8)),
        ("uint16", np.array(65535, dtype=np.uint16)),
    ]:
        kind = "float32" if name == "float64" else "int32"
        np.save(python / f"converted-{name}.npy", array)
        with np.errstate(under="ignore"):
            add(f"converted-{name}.npy", "", kind, array.astype(KINDS[kind]))
    np.savez(python / "stored.npz", **plain)
    np.savez_compressed(python / "deflated.npz", **plain)
    safetensors.numpy.save_file(
        {name: array for name, _, array in every}, python / "all.safetensors", metadata=METADATA
    )
    for name, kind, array in every:
        add("all.safetensors", name, kind, array)
        if kind != "bfloat16":
            add("stored.npz", name, kind, array)
            add("deflated.npz", name, kind, array)
    (directory / "manifest").write_text("".join(lines))
    print(f"exchange: {len(lines)} tensors in {len(list(python.iterdir()))} files for Swoop to read")


checks = 0


def same(what, got, expected):
    global checks
    checks += 1
    if got.dtype != expected.dtype or got.shape != expected.shape:
        sys.exit(f"exchange: {what} is {got.dtype} {got.shape}, not {expected.dtype} {expected.shape}")
    if np.ascontiguousarray(got).tobytes() != np.ascontiguousarray(expected).tobytes():
        sys.exit(f"exchange: {what} has other elements")


def same_file(path, expected):
    global checks
    checks += 1
    if path.read_bytes() != expected.read_bytes():
        sys.exit(f"exchange: {path} differs from {expected}")


def check(directory):
    python, swift, own = (directory / name for name in ("python", "swift", "own"))
    every = list(tensors())
    for name, kind, array in every:
        if kind == "bfloat16":
            continue
        for path in sorted(swift.glob(f"{name}.*npy")):
            same(path, np.load(path), array)
        # Row-major, the little end first, version 1: byte for byte what numpy.save writes.
        for variant in ["", ".fortran", ".big", ".fortran-big", ".v2", ".v3"]:
            same_file(swift / f"{name}{variant}.npy", python / f"{name}.npy")
    for archive in ["stored.npz", "deflated.npz"]:
        with np.load(swift / archive) as arrays:
            names = {name for name, kind, _ in every if kind != "bfloat16"}
            if set(arrays.files) != names:
                sys.exit(f"exchange: {archive} has other names")
            for name, kind, array in every:
                if kind != "bfloat16":
                    same(f"{archive}: {name}", arrays[name], array)
    loaded = safetensors.numpy.load_file(swift / "all.safetensors")
    for name, _, array in every:
        same(f"all.safetensors: {name}", loaded.pop(name), array)
    if loaded:
        sys.exit(f"exchange: all.safetensors has also {list(loaded)}")
    same_file(swift / "all.safetensors", python / "all.safetensors")
    with safetensors.safe_open(swift / "all.safetensors", "numpy") as file:
        if file.metadata() != METADATA:
            sys.exit(f"exchange: the metadata became {file.metadata()}")

    # What Swoop made by itself: element i of each is i, cast; of the bools, i is odd.
    loaded = safetensors.numpy.load_file(own / "own.safetensors")
    if set(loaded) != set(KINDS):
        sys.exit(f"exchange: own.safetensors has {sorted(loaded)}")
    for kind, dtype in KINDS.items():
        numbers = np.arange(24).reshape(2, 3, 4)
        expected = (numbers % 2 if kind == "bool" else numbers).astype(dtype)
        same(f"own.safetensors: {kind}", loaded[kind], expected)
        if kind == "bfloat16":
            continue
        same(f"{kind}.npy", np.load(own / f"{kind}.npy"), expected)
        for archive in ["own.npz", "own64.npz"]:
            with np.load(own / archive) as file:
                same(f"{archive}: {kind}", file[kind], expected)
    print(f"exchange: {checks} comparisons hold")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
