"""scikit-learn's side of the comparison: reads a task (JSON) from standard input, fits, and prints an
answer (JSON). Points and first centroids come as raw float32 files, labels and centroids go back as
raw files, so that both sides have the same bits and nothing of the exchange is in a time.

The number of threads is the caller's: OMP_NUM_THREADS is set before this process starts.
"""

import json
import os
import platform
import statistics
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans

warnings.filterwarnings("ignore")  # "converged early" and the like are no news here


def main():
    task = json.load(sys.stdin)
    folder, k, columns = task["folder"], task["k"], task["columns"]
    points = numpy.fromfile(os.path.join(folder, "points.f32"), "<f4").reshape(-1, columns)
    start = numpy.fromfile(os.path.join(folder, "init.f32"), "<f4").reshape(k, columns)

    def fit(iterations=task["iterations"]):
        model = KMeans(
            n_clusters=k,
            init=start,
            n_init=1,
            tol=0,
            max_iter=iterations,
            algorithm="lloyd",
        )
        since = time.perf_counter()
        model.fit(points)
        return model, 1000 * (time.perf_counter() - since)

    model, first = fit()
    warm_ups = 0
    spent = 0.0
    # the same rules as clock.ts
    while first < task["warmBelow"] and spent < task["warmFor"]:
        spent += fit()[1]
        warm_ups += 1
    times = []
    while not enough(times, task):
        times.append(fit()[1])

    write(model, os.path.join(folder, "sklearn"))
    write(fit(task["early"])[0], os.path.join(folder, "sklearn-early"))
    json.dump(
        {
            "iterations": int(model.n_iter_),
            "first": first,
            "warmUps": warm_ups,
            "times": times,
            "median": statistics.median(times),
            "inertia": float(model.inertia_),
            "description": "scikit-learn %s, NumPy %s, Python %s"
            % (sklearn.__version__, numpy.__version__, platform.python_version()),
        },
        sys.stdout,
    )


def write(model, path):
    model.labels_.astype("<u4").tofile(path + ".labels.u32")
    model.cluster_centers_.astype("<f8").tofile(path + ".centroids.f64")


def enough(times, task):
    spent = sum(times)
    if len(times) >= task["most"]:
        return True
    if len(times) >= task["repeats"] and spent >= task["timeFor"]:
        return True
    return len(times) >= task["atLeast"] and spent >= 1000 * task["maxSeconds"]


main()
