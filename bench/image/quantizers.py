"""Python's side of the comparison of quantizers: reads a task (JSON) from standard input, quantizes the
image with scikit-learn's k-means or one of Pillow's methods, leaves what came out as raw RGBA, and
prints an answer (JSON). Only the quantizing is in the times: RGBA in memory in, palette and indices out;
and, for Pillow, beside it PNG file in, PNG file out.
"""

import json
import os
import platform
import statistics
import sys
import time
import warnings

import numpy

warnings.filterwarnings("ignore")  # "converged early" and the like are no news here


def main():
    task = json.load(sys.stdin)
    shape = (task["height"], task["width"], 4)
    rgba = numpy.fromfile(task["image"], numpy.uint8).reshape(shape)
    answer = (k_means if task["method"] == "k-means" else pillow)(task, rgba)
    json.dump(answer, sys.stdout)


def k_means(task, rgba):
    """All pixels, as many seeds as asked for; each is a timed fit."""
    import sklearn
    from sklearn.cluster import KMeans

    def quantize(seed):
        since = time.perf_counter()
        pixels = rgba[:, :, :3].reshape(-1, 3).astype(numpy.float64)
        model = KMeans(n_clusters=task["colors"], n_init=1, random_state=seed).fit(pixels)
        palette = numpy.rint(model.cluster_centers_).clip(0, 255).astype(numpy.uint8)
        return palette[model.labels_], 1000 * (time.perf_counter() - since)

    first = quantize(0)[1]
    times = []
    outputs = []
    for seed in task["seeds"]:
        colors, spent = quantize(seed)
        times.append(spent)
        outputs.append(leave(task, rgba, colors, seed))
    version = "scikit-learn %s, NumPy %s" % (sklearn.__version__, numpy.__version__)
    return {"memory": clocked(first, times), "file": None, "outputs": outputs, "description": version}


def pillow(task, rgba):
    from PIL import Image, features
    import PIL

    method = getattr(Image.Quantize, task["method"])
    if task["method"] == "LIBIMAGEQUANT" and not features.check("libimagequant"):
        return {"missing": "this Pillow was built without libimagequant"}
    buffer = rgba.tobytes()
    size = (task["width"], task["height"])

    def reduce(image):
        return image.quantize(task["colors"], method=method, dither=Image.Dither.NONE)

    def in_memory():
        since = time.perf_counter()
        image = Image.frombuffer("RGBA", size, buffer, "raw", "RGBA", 0, 1).convert("RGB")
        reduced = reduce(image)
        return reduced, 1000 * (time.perf_counter() - since)

    def in_files():
        out = task["image"] + ".pillow.png"
        since = time.perf_counter()
        reduce(Image.open(task["png"]).convert("RGB")).save(out)
        spent = 1000 * (time.perf_counter() - since)
        return os.path.getsize(out), spent

    reduced, memory = repeat(in_memory, task)
    own, file = repeat(in_files, task)
    output = leave(task, rgba, numpy.asarray(reduced.convert("RGB")), None)
    output["ownBytes"] = own
    version = "Pillow %s, Python %s" % (PIL.__version__, platform.python_version())
    if task["method"] == "LIBIMAGEQUANT":
        version += ", libimagequant %s" % features.version("libimagequant")
    return {"memory": memory, "file": file, "outputs": [output], "description": version}


def leave(task, rgba, colors, seed):
    """Writes what came out, and says how far off it is by NumPy: the judge's own sum is held to it."""
    out = rgba.copy()
    out[:, :, :3] = colors.reshape(task["height"], task["width"], 3)
    path = "%s.%s.%s.rgba" % (task["image"], task["method"], seed)
    out.tofile(path)
    error = numpy.mean((out[:, :, :3].astype(numpy.float64) - rgba[:, :, :3]) ** 2)
    psnr = float(10 * numpy.log10(255**2 / error)) if error > 0 else None
    return {"path": path, "seed": seed, "psnr": psnr, "ownBytes": None}


def repeat(work, task):
    """The same rule as clock.ts."""
    result, first = work()
    spent = 0.0
    while first < task["warmBelow"] and spent < task["warmFor"]:
        spent += work()[1]
    times = []
    while not enough(times, task):
        result, milliseconds = work()
        times.append(milliseconds)
    return result, clocked(first, times)


def enough(times, task):
    if len(times) >= task["most"]:
        return True
    return len(times) >= task["repeats"] and sum(times) >= task["timeFor"]


def clocked(first, times):
    return {"first": first, "times": times, "median": statistics.median(times)}


main()
