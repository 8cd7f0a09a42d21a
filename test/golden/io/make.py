"""Arrays as NumPy saves them, for test/unit/io-npy.test.ts. Run: python3 test/golden/io/make.py (NumPy 2.4.6)."""
import os

import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
for dtype in "b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8".split():
    values = np.array([[0, 1, 2], [3, 100, 5]]).astype(dtype)
    np.save(f"{dtype}.npy", values)
fortran = np.asfortranarray(np.arange(12, dtype=">f8").reshape(4, 3))
np.save("fortran-big-endian.npy", fortran)
np.save("flat.npy", np.arange(5, dtype="f4"))
np.save("cube.npy", np.arange(24, dtype="u2").reshape(2, 3, 4))
np.save("empty.npy", np.empty((0, 3), dtype="f4"))
np.save("text.npy", np.array(["a", "bc"]))
np.save("records.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
np.save("objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)
points = np.arange(60, dtype="f4").reshape(20, 3)
arrays = {"X": points, "y": np.arange(20) % 2, "note": np.array("hello"), "other": np.arange(3.0)}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **{**arrays, "X": np.asfortranarray(points)})
