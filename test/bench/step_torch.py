"""Measures the same training steps with PyTorch, on one thread: reads {"shape", "steps"} a line, answers {"seconds"} a line."""
import json, sys, time
import torch

torch.set_num_threads(1)
VOCABULARY = 64
steppers = {}


def stepper(shape):
    units, batch, window = shape["units"], shape["batch"], shape["window"]
    embedding = torch.nn.Embedding(VOCABULARY, units)
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[shape["cell"]](units, units)
    output = torch.nn.Linear(units, 2)
    parameters = [*embedding.parameters(), *layer.parameters(), *output.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=1e-3)
    inputs = (torch.arange(window * batch) * 7919 % VOCABULARY).reshape(window, batch)
    targets = torch.arange(batch) % 2

    def step():
        optimizer.zero_grad()
        hidden, _ = layer(embedding(inputs))
        torch.nn.functional.cross_entropy(output(hidden[-1]), targets).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    return step


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps(request["shape"])
    if key not in steppers:
        steppers[key] = stepper(request["shape"])
        for _ in range(max(2, request["steps"] // 2)):
            steppers[key]()
    start = time.process_time()
    for _ in range(request["steps"]):
        steppers[key]()
    print(json.dumps({"seconds": (time.process_time() - start) / request["steps"]}), flush=True)
