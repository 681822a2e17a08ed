"""Writes clipping.json: what torch.nn.utils' clipping makes of a few gradients. Run with PyTorch 2."""

import json
import pathlib

import torch

torch.manual_seed(4)
gradients = {"weight": torch.randn(3, 4, dtype=torch.float64), "bias": 3 * torch.randn(5, dtype=torch.float64), "scale": torch.randn(2, dtype=torch.float64) / 50}
cases = []
for kind, threshold in [("norm", 2.0), ("norm", 100.0), ("value", 0.5), ("value", 0.01), ("value", 100.0)]:
    parameters = {name: torch.nn.Parameter(torch.zeros_like(g)) for name, g in gradients.items()}
    for name, parameter in parameters.items():
        parameter.grad = gradients[name].clone()
    flat = lambda: torch.cat([p.grad.flatten() for p in parameters.values()])
    before = flat()
    if kind == "norm":
        torch.nn.utils.clip_grad_norm_(parameters.values(), threshold)
    else:
        torch.nn.utils.clip_grad_value_(parameters.values(), threshold)
    after = flat()
    squares = {name: (g**2).sum() for name, g in gradients.items()}
    largest = max(squares, key=lambda name: squares[name])
    cosine = torch.nn.functional.cosine_similarity(before, after, dim=0).clamp(-1, 1)
    cases.append({
        "kind": kind,
        "threshold": threshold,
        "normBefore": before.norm().item(),
        "normAfter": after.norm().item(),
        "engaged": not torch.equal(before, after),
        "largest": {"parameter": largest, "share": (squares[largest] / sum(squares.values())).item()},
        "degrees": torch.rad2deg(torch.acos(cosine)).item(),
        "clipped": {name: parameter.grad.flatten().tolist() for name, parameter in parameters.items()},
    })

answers = {"gradients": {name: g.flatten().tolist() for name, g in gradients.items()}, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(answers, indent=1) + "\n")
