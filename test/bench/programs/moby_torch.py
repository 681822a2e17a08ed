"""The training of moby.ts in PyTorch: `python3 moby_torch.py THREADS`; a line of JSON for a line of JSON."""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def trainer(folder, file, embedding, units, batch, window):
    text = open(f"{folder}/{file}", encoding="utf-8").read()
    text = text[: len(text) * 9 // 10]
    kinds = {letter: index for index, letter in enumerate(sorted(set(text)))}
    tokens = torch.tensor([kinds[letter] for letter in text])
    length = (len(tokens) - 1) // batch
    streams = tokens[: batch * length + 1]
    inputs = streams[:-1].view(batch, length).t().contiguous()
    targets = streams[1:].view(batch, length).t().contiguous()
    table, model, output = nn.Embedding(len(kinds), embedding), nn.LSTM(embedding, units), nn.Linear(units, len(kinds))
    parameters = [*table.parameters(), *model.parameters(), *output.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.002)
    state, start = None, 0

    def step():
        nonlocal state, start
        if start + window > length:
            state, start = None, 0
        optimizer.zero_grad(set_to_none=True)
        hidden, state = model(table(inputs[start : start + window]), state)
        state = tuple(part.detach() for part in state)
        nn.functional.cross_entropy(output(hidden).flatten(0, 1), targets[start : start + window].flatten()).backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        start += window

    return step


def timed(work, milliseconds):
    repetitions, start, elapsed = 0, time.perf_counter(), 0.0
    while repetitions == 0 or elapsed < milliseconds / 1000:
        work()
        repetitions, elapsed = repetitions + 1, time.perf_counter() - start
    return elapsed / repetitions


train = None
for line in sys.stdin:
    before = time.process_time()
    request = json.loads(line)
    milliseconds = request.pop("milliseconds")
    if train is None:
        train = trainer(**request)
        timed(train, milliseconds / 2)
    seconds = timed(train, milliseconds)
    print(json.dumps({"seconds": seconds, "computed": time.process_time() - before}), flush=True)
