"""Computes losses of learning from a teacher, and their gradients in the student's logits, in PyTorch.

    python make.py losses.json

It needs torch==2.13.0. With soft labels (Hinton et al., 2015, sec. 2) the loss is (1 - alpha) * CE(student, labels) +
alpha * T^2 * KL(softmax(teacher / T) || softmax(student / T)), a mean over the rows. With hard labels (Touvron et al.,
ICML 2021, sec. 4) it is (1 - alpha) * CE(student, labels) + alpha * CE(student, argmax teacher).
"""
import json
import sys

import torch
from torch.nn import functional as F

N, CLASSES = 6, 5
CASES = [
    {'kind': 'soft', 'alpha': 0.1, 'temperature': 3},
    {'kind': 'soft', 'alpha': 1, 'temperature': 1},
    {'kind': 'soft', 'alpha': 0.7, 'temperature': 0.5},
    {'kind': 'hard', 'alpha': 0.5, 'temperature': 3},
    {'kind': 'hard', 'alpha': 1, 'temperature': 1},
    {'kind': 'hard', 'alpha': 0, 'temperature': 1},
]


def loss(student, teacher, labels, kind, alpha, temperature):
    own = F.cross_entropy(student, labels)
    if kind == 'hard':
        other = F.cross_entropy(student, teacher.argmax(-1))
    else:
        given, wanted = F.log_softmax(student / temperature, -1), F.log_softmax(teacher / temperature, -1)
        other = temperature**2 * F.kl_div(given, wanted, reduction='batchmean', log_target=True)
    return (1 - alpha) * own + alpha * other


def main():
    torch.manual_seed(7)
    student, teacher = 3 * torch.randn(N, CLASSES), 4 * torch.randn(N, CLASSES)
    # The labels are soft, like those of label smoothing and mixing.
    labels = F.softmax(2 * torch.randn(N, CLASSES), -1)
    cases = []
    for case in CASES:
        at = student.clone().requires_grad_()
        value = loss(at, teacher, labels, **case)
        value.backward()
        cases.append({**case, 'loss': value.item(), 'gradient': at.grad.flatten().tolist()})
    inputs = {name: value.flatten().tolist() for name, value in (('student', student), ('teacher', teacher), ('labels', labels))}
    with open(sys.argv[1], 'w') as file:
        json.dump({'shape': [N, CLASSES], **inputs, 'cases': cases}, file)


main()
