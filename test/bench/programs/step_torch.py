"""Measures the training steps of step.ts with PyTorch: `python3 step_torch.py THREADS`; a line of JSON for a line of JSON."""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def stepper(layers, features, batch, window):
    first = layers[0]
    units, cell = first["units"], {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[first["cell"]]
    model = cell(features, units, num_layers=first.get("repeat", len(layers)), bidirectional=first.get("bidirectional", False))
    if first["cell"] == "lstm":
        with torch.no_grad():
            model.bias_ih_l0[units : 2 * units] += first.get("forgetBias", 1)
    output = nn.Linear(units * (2 if model.bidirectional else 1), 2)
    parameters = [*model.parameters(), *output.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=1e-3)
    inputs, targets = torch.randn(window, batch, features), torch.arange(batch) % 2

    def step():
        optimizer.zero_grad(set_to_none=True)
        hidden, _ = model(inputs)
        nn.functional.cross_entropy(output(hidden[-1]), targets).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0, **clipping)
        optimizer.step()

    return step


def timed(work, milliseconds):
    repetitions, start, elapsed = 0, time.perf_counter(), 0.0
    while repetitions == 0 or elapsed < milliseconds / 1000:
        work()
        repetitions, elapsed = repetitions + 1, time.perf_counter() - start
    return elapsed / repetitions


# Older versions clip one tensor after the other and know no choice.
clipping = {"foreach": True} if "foreach" in nn.utils.clip_grad_norm_.__code__.co_varnames else {}
held = (None, None)
for line in sys.stdin:
    before = time.process_time()
    request = json.loads(line)
    milliseconds = request.pop("milliseconds")
    if held[0] != request:
        held = (request, stepper(**request))
        timed(held[1], milliseconds / 2)
    seconds = timed(held[1], milliseconds)
    print(json.dumps({"seconds": seconds, "computed": time.process_time() - before}), flush=True)
