"""Computes weighted k-nearest-neighbour votes by numpy in float64, on features from a formula, and writes knn.json.

    python test/golden/knn/knn.py
"""
import json
from pathlib import Path

import numpy as np

TEMPERATURE = 0.07


def features(rows: int, dim: int, phase: int) -> np.ndarray:
    """Returns values in -1..1 from an integer hash of their index, so that the test computes the same bits."""
    index = np.arange(rows * dim, dtype=np.uint64) + np.uint64(phase)
    mixed = (index * np.uint64(2654435761)) % np.uint64(2**32)
    mixed = ((mixed ^ (mixed >> np.uint64(15))) * np.uint64(2246822519)) % np.uint64(2**32)
    return (np.float32(mixed >> np.uint64(8)) / np.float32(2**23) - np.float32(1)).reshape(rows, dim)


def labels(rows: int, classes: int) -> np.ndarray:
    return (np.arange(rows) * 7 + np.arange(rows) // 5) % classes


def normalised(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return np.divide(x, norms, out=np.zeros_like(x), where=norms > 0)


def predictions(queries, bank, bank_labels, classes, k):
    similarity = normalised(queries) @ normalised(bank).T
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(similarity, order, axis=1)
    votes = np.zeros((len(queries), classes))
    for row in range(len(queries)):
        np.add.at(votes[row], bank_labels[order[row]], np.exp(near[row] / TEMPERATURE))
    ordered = np.sort(votes, axis=1)
    margin = 1.0 if classes == 1 else float(np.min((ordered[:, -1] - ordered[:, -2]) / ordered[:, -1]))
    return votes.argmax(axis=1), margin


CASES = {
    "random features": dict(queries=300, bank=2500, dim=24, classes=7, k=20),
    "one neighbour": dict(queries=60, bank=200, dim=16, classes=5, k=1),
    "more neighbours than images": dict(queries=20, bank=12, dim=16, classes=3, k=20),
    "one class": dict(queries=10, bank=30, dim=8, classes=1, k=5),
    # Every tenth image of both sets has a zero feature. All its similarities are 0, and earlier images count as nearer.
    "zero vectors": dict(queries=40, bank=100, dim=8, classes=4, k=9, zero_every=10),
}


def main() -> None:
    golden = {}
    for name, case in CASES.items():
        queries, bank = features(case["queries"], case["dim"], 1), features(case["bank"], case["dim"], 500_000)
        every = case.get("zero_every", 0)
        if every:
            queries[::every], bank[::every] = 0, 0
        bank_labels = labels(case["bank"], case["classes"])
        found, margin = predictions(queries, bank, bank_labels, case["classes"], case["k"])
        top1 = float(np.mean(found == labels(case["queries"], case["classes"])))
        golden[name] = {**case, "predictions": found.tolist(), "top1": top1, "margin": margin}
        print(name, top1, margin)
    path = Path(__file__).with_name("knn.json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
