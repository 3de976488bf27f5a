"""Visitors of 4096 shops, each process with its own weeks of counts, and with its own half of the parameters.

    torchrun --standalone --nproc-per-node 2 examples/distributed/train.py [FOLDER]

FOLDER, `checkpoints` unless told, gets a distributed checkpoint for each part of the training, from which any number of processes
goes on when this is run again, and the whole model at the end, as `shops.safetensors`.
"""

import sys
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.fsdp import fully_shard

import cdsl

STEPS, PART = 60, 30
Shops = cdsl.load(Path(__file__).with_name("shops.cdsl")).Shops


def counts(seed: int, weeks: int = 20) -> torch.Tensor:
    """Visitors by week, shop and weekday; the rates are the same for all seeds."""
    rate = torch.linspace(1, 5, 4096)
    day = torch.tensor([1.0, 1, 1, 1, 1, 4, 5]) / 14
    return torch.poisson(7 * rate[:, None] * day.expand(weeks, 1, 7), torch.Generator().manual_seed(seed))


def main(folder: Path) -> None:
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    visitors = counts(seed=rank)

    model = fully_shard(Shops())  # each process keeps a piece of every raw parameter, and of what Adam knows of it
    optimizer = torch.optim.Adam(model.param_groups(), lr=0.1)

    def state() -> dict:
        return {"model": model.state_dict(), "optimizer": get_optimizer_state_dict(model, optimizer)}

    done = max((int(one.name.removeprefix("step-")) for one in folder.glob("step-*")), default=0)
    if done:
        found = state()
        dcp.load(found, checkpoint_id=folder / f"step-{done}")
        model.load_state_dict(found["model"])
        set_optimizer_state_dict(model, optimizer, found["optimizer"])

    for step in range(done + 1, STEPS + 1):
        optimizer.zero_grad()
        values = model()  # whole values, gathered; the gradient is averaged over the processes on its way back
        expected = 7 * values.rate[:, None] * values.day
        loss = (expected - visitors * expected.log()).mean()
        loss.backward()
        optimizer.step()
        if step % PART == 0:
            dcp.save(state(), checkpoint_id=folder / f"step-{step}")  # a new folder each time
            day = model.day  # read on every process, because that gathers; printed by one
            if rank == 0:
                print(f"step {step}: loss {loss:.3f}, Sunday has {day[6]:.3f} of a week")

    whole = get_model_state_dict(model, options=StateDictOptions(full_state_dict=True))
    if rank == 0:
        alone = Shops()
        alone.load_state_dict(whole)
        alone.save(folder / "shops.safetensors")
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "checkpoints"))
