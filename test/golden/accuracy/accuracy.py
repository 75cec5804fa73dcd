"""Computes top-1, top-5, loss and confusion of random scores with ties, by numpy.

    python accuracy.py accuracy.json

It needs numpy. Classes are ordered by a stable sort of the negated scores, so the lower class comes first among equal
scores, as with argmax.
"""
import json
import sys

import numpy as np

ROWS, CLASSES = 48, 7
rng = np.random.default_rng(14)
# Scores are multiples of a half between -2 and 2. In about every second row, another class ties with the label.
scores = (np.round(rng.normal(size=(ROWS, CLASSES)) * 2) / 2).clip(-2, 2)
scores[:4] = 0.5
labels = rng.integers(0, CLASSES, ROWS)
labels[:4] = [0, 1, 4, 6]
order = np.argsort(-scores, axis=1, kind='stable')
rank = (order == labels[:, None]).argmax(axis=1)
losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(ROWS), labels]
confusion = np.zeros((CLASSES, CLASSES), int)
np.add.at(confusion, (labels, scores.argmax(axis=1)), 1)

with open(sys.argv[1], 'w') as file:
    json.dump({
        'scores': scores.ravel().tolist(),
        'labels': labels.tolist(),
        'losses': losses.tolist(),
        'top1': float((rank == 0).mean()),
        'top5': float((rank < 5).mean()),
        'loss': float(losses.mean()),
        'confusion': confusion.ravel().tolist(),
    }, file)
    file.write('\n')
