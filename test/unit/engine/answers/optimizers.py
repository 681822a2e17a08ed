#!/usr/bin/env python3
"""What PyTorch's optimizers do to one parameter over five steps with given gradients, in float64.

Only `torch` is needed.  Usage, from this folder:
  python3 optimizers.py > optimizers.json
"""
import json
import torch

torch.set_default_dtype(torch.float64)
gen = torch.Generator().manual_seed(1)
start = torch.randn(6, generator=gen)
gradients = torch.randn(5, 6, generator=gen)

# Settings as in a spec -> PyTorch's optimizer
O = torch.optim
CASES = [
    ({"kind": "sgd", "learningRate": 0.1}, lambda p: O.SGD(p, lr=0.1)),
    ({"kind": "sgd", "learningRate": 0.1, "weightDecay": 0.3}, lambda p: O.SGD(p, lr=0.1, weight_decay=0.3)),
    ({"kind": "sgd", "learningRate": 0.1, "momentum": 0.9}, lambda p: O.SGD(p, lr=0.1, momentum=0.9)),
    ({"kind": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": True, "weightDecay": 0.3},
     lambda p: O.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.3)),
    ({"kind": "adam", "learningRate": 0.1}, lambda p: O.Adam(p, lr=0.1)),
    ({"kind": "adam", "learningRate": 0.1, "betas": [0.7, 0.8], "epsilon": 0.01, "weightDecay": 0.3},
     lambda p: O.Adam(p, lr=0.1, betas=(0.7, 0.8), eps=0.01, weight_decay=0.3)),
    ({"kind": "adamw", "learningRate": 0.1}, lambda p: O.AdamW(p, lr=0.1)),
    ({"kind": "adamw", "learningRate": 0.1, "weightDecay": 0.3}, lambda p: O.AdamW(p, lr=0.1, weight_decay=0.3)),
    ({"kind": "rmsprop", "learningRate": 0.1}, lambda p: O.RMSprop(p, lr=0.1)),
    ({"kind": "rmsprop", "learningRate": 0.1, "decay": 0.8, "epsilon": 0.01, "momentum": 0.9, "weightDecay": 0.3},
     lambda p: O.RMSprop(p, lr=0.1, alpha=0.8, eps=0.01, momentum=0.9, weight_decay=0.3)),
    ({"kind": "adagrad", "learningRate": 0.1}, lambda p: O.Adagrad(p, lr=0.1)),
    ({"kind": "adagrad", "learningRate": 0.1, "epsilon": 0.01, "weightDecay": 0.3}, lambda p: O.Adagrad(p, lr=0.1, eps=0.01, weight_decay=0.3)),
]

cases = []
for settings, make in CASES:
    p = start.clone().requires_grad_(True)
    optimizer, path = make([p]), []
    for g in gradients:
        p.grad = g.clone()
        optimizer.step()
        path.append(p.detach().tolist())
    cases.append({"settings": settings, "path": path})
print(json.dumps({"torch": torch.__version__, "start": start.tolist(), "gradients": gradients.tolist(), "cases": cases}, indent=1))
