"""Kills, full disks, read-only places, odd targets, and others who read and write: a file is whole, the old one or the new.

What a failure inside of one write leaves is tested where the writer is, in `test_cli.py` and `test_checkpoint.py`.
"""

import errno
import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import cdsl
from cdsl import files
from cdsl.cli import cdsl as command
from cdsl.files import write_whole
from cdsl.migrate.files import read
from cdsl.migrate.state import MigrationError
from cdsl.runtime import CheckpointError
from cdsl.runtime.safetensors import read_safetensors, write_parts
from tests import killed
from tests.conftest import THOROUGH

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes that can be killed midway")

KILLS = 1000 if THOROUGH else 12
FORKED = multiprocessing.get_context("fork")
OURS = [name for name in killed.OPERATIONS if name != "in place"]
NOBODY = 65534


def names(folder):
    return sorted(one.name for one in folder.iterdir())


# -- kills -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kills():
    """What was found, by operation; in a process of its own: one with threads is better not forked."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.killed", "all", str(KILLS)],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=7200, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return {one.pop("operation"): one for one in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.untraced
@pytest.mark.parametrize("operation", OURS)
def test_a_kill_leaves_a_whole_file_and_what_else_it_leaves_goes_with_the_next_write(operation, kills):
    found = kills[operation]
    assert {one: found[one] for one in ("torn", "lost", "touched", "failed", "left")} == {
        "torn": 0, "lost": 0, "touched": 0, "failed": 0, "left": 0,
    }, found  # fmt: skip
    assert found["most_left"] == 1, found
    assert found["while_writing"] >= 1, "no kill was in time for what is tested"


@pytest.mark.untraced
def test_a_writer_that_fills_a_file_in_place_is_found_torn(kills):
    assert kills["in place"]["torn"] >= 1


def test_what_others_are_writing_is_no_leftover(tmp_path):
    temporary, handle = files.begin(tmp_path)
    write_whole(tmp_path / "other", "text")
    write_parts(tmp_path / "third", [b"data"])
    assert temporary.exists()
    os.close(handle)
    for name in (".cdsl-0123456789abcdef.tmp.keep", ".cdsl-0123.tmp", "cdsl-0123456789abcdef.tmp"):
        (tmp_path / name).write_text("no leftover of ours")
    write_parts(tmp_path / "third", [b"more"])
    assert not temporary.exists()
    assert len(names(tmp_path)) == 5


def test_a_pipe_or_a_link_of_such_a_name_is_neither_waited_for_nor_followed(tmp_path):
    folder, other = tmp_path / "shared", tmp_path / "other"
    folder.mkdir()
    other.write_text("of somebody else")
    pipe = folder / f".cdsl-{'0' * 16}.tmp"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # so that who opens it is not kept waiting
    (folder / f".cdsl-{'1' * 16}.tmp").symlink_to(other)
    write_whole(folder / "a", "text")
    write_parts(folder / "b", [b"data"])
    os.close(held)
    assert len(names(folder)) == 4
    assert other.read_text() == "of somebody else"


def test_a_pipe_is_no_checkpoint_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.pt")
    os.mkfifo(tmp_path / "pipe.safetensors")
    with pytest.raises(MigrationError, match=r"pipe\.pt`: it is no regular file"):
        read(tmp_path / "pipe.pt")
    with pytest.raises(CheckpointError, match=r"pipe\.safetensors: expected a file, found something else"):
        read_safetensors(tmp_path / "pipe.safetensors")


def test_a_file_that_is_taken_for_left_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    real, taken = files.lock, []

    def late(handle, *, wait=True):
        if not taken:
            taken.append(next(tmp_path.iterdir()))
            taken[0].unlink()
        return real(handle, wait=wait)

    monkeypatch.setattr(files, "lock", late)
    write_whole(tmp_path / "a", "text")
    assert (taken != [], names(tmp_path), (tmp_path / "a").read_text()) == (True, ["a"], "text")


def test_where_nothing_can_be_locked_files_are_written_and_leftovers_stay(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    left = tmp_path / f".cdsl-{'0' * 16}.tmp"
    left.write_text("left, or being written")
    write_whole(tmp_path / "a", "text")
    write_parts(tmp_path / "b", [b"data"])
    assert names(tmp_path) == [left.name, "a", "b"]


# -- fits that are killed ----------------------------------------------------------------------------------------------

FIT = """
import sys, torch, cdsl
SPEC = "data step: int = 0\\nw: simplex[5]\\ns: positive\\n"
model = cdsl.loads(SPEC).Model
place = sys.argv[1]
try:
    model = model.load(place)
except FileNotFoundError:
    model = model(dtype=torch.float64)
goal = torch.tensor([0.1, 0.2, 0.3, 0.15, 0.25], dtype=torch.float64)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
while int(model.step) < int(sys.argv[2]):
    optimizer.zero_grad()
    values = model()
    ((values.w - goal).square().sum() + (values.s - 2).square()).backward()
    optimizer.step()
    model.step = int(model.step) + 1
    model.save(place)
print(int(model.step), model.to_flat().tolist())
"""


def test_a_fit_that_is_killed_goes_on_from_the_last_step_that_was_saved(python, tmp_path):
    """Children of one process, which has imported everything; the last one is left alone."""
    script = f"""
import os, random, signal, sys, time, warnings
warnings.simplefilter("ignore")
source = {FIT!r}
import cdsl, torch
cdsl.loads("data step: int = 0\\nw: simplex[5]\\ns: positive\\n")
def run(place, steps):
    sys.argv = ["fit", place, str(steps)]
    exec(source, {{}})
run("whole", 60)
draw, kills = random.Random(0), 0
while kills < {200 if THOROUGH else 6}:
    child = os.fork()
    if not child:
        try:
            run("killed", 60)
        finally:
            os._exit(1)
    time.sleep(draw.uniform(0.02, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kills += 1
    if os.path.exists("killed") and int(cdsl.loads("data step: int = 0\\nw: simplex[5]\\ns: positive\\n").Model.load("killed").step) > 40:
        break
run("killed", 60)
print(kills)
"""
    ran = python("-c", script, env={"OMP_NUM_THREADS": "1"})
    assert ran.rc == 0, ran.stderr
    whole, again, kills = ran.stdout.splitlines()
    assert whole == again
    assert whole.startswith("60 ")
    assert int(kills) >= 2


# -- others who read and write -----------------------------------------------------------------------------------------

READS = 2000 if not THOROUGH else 20_000


def write_for_ever(turns):
    while True:
        for turn in turns:
            turn()


def read_often(target, whole, told):
    """How often it was read; what was neither of the contents; how many contents there were."""
    torn, seen = 0, set()
    for _ in range(READS):
        content = target.read_bytes()
        torn += content not in whole
        seen.add(content)
    told.put((READS, torn, len(seen)))


def races(operation, writers, readers):
    """Writers that write for as long as readers read."""
    told = FORKED.Queue()
    writing = [FORKED.Process(target=write_for_ever, args=(operation.turns,), daemon=True) for _ in range(writers)]
    reading = [
        FORKED.Process(target=read_often, args=(operation.target, operation.whole, told)) for _ in range(readers)
    ]
    for one in (*writing, *reading):
        one.start()
    try:
        return [sum(column) for column in zip(*(told.get(timeout=300) for _ in reading), strict=True)]
    finally:
        for one in writing:
            one.kill()
        for one in (*writing, *reading):
            one.join()


@pytest.mark.parametrize("operation", ["compile", "save"])
def test_readers_see_one_of_the_files_that_four_writers_write(operation, tmp_path):
    """Four writers and three readers, the writers slowed; 12,000 reads of both together."""
    made = killed.OPERATIONS[operation](tmp_path)
    with killed.slowed():
        reads, torn, seen = races(made, 4, 3)
    assert (reads, torn) == (3 * READS, 0)
    assert seen > 3, "no reader saw more than one content"


def test_readers_of_a_file_that_is_filled_in_place_see_parts_of_it(tmp_path):
    with killed.slowed():
        _, torn, _ = races(killed.in_place(tmp_path), 4, 1)
    assert torn > 0


# -- full disks --------------------------------------------------------------------------------------------------------


def in_child(work):
    """What a function returns, or its error, in a process that comes after this one."""
    told = FORKED.Queue()

    def run():
        try:
            told.put(work())
        except BaseException as error:
            told.put(f"{type(error).__name__}: {error}")

    child = FORKED.Process(target=run)
    child.start()
    found = told.get(timeout=60)
    child.join()
    return found


def test_a_full_disk_leaves_every_file_that_a_command_would_replace(tmp_path, monkeypatch):
    """`RLIMIT_FSIZE`, which is how one process has a full disk: EFBIG after 64 bytes."""
    monkeypatch.chdir(tmp_path)
    Path("old.cdsl").write_text("p:real[100]\nq: postive  # " + "x" * 100 + "\n")
    Path("lay.cdsl").write_text("p:real[100]  # " + "x" * 100 + "\n")
    Path("new.cdsl").write_text("p: real[100]\n")
    torch.save({"p_raw": torch.zeros(100)}, "a.pt")
    for name in ("new.py", "b.pt", "page.html"):
        Path(name).write_text("# old\n")
    commands = (
        ["compile", "new.cdsl", "--force"], ["fmt", "lay.cdsl"], ["check", "--fix", "--unsafe-fixes", "old.cdsl"],
        ["migrate", "new.cdsl", "new.cdsl", "a.pt", "-o", "b.pt", "--force"],
    )  # fmt: skip
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    def work():
        resource = pytest.importorskip("resource")
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
        return [(ran.exit_code, ran.output) for ran in (CliRunner().invoke(command, one) for one in commands)]

    found = in_child(work)
    assert [code for code, _ in found] == [1] * len(commands), found
    assert all("E008" in said and "File too large" in said for _, said in found), found
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root mounts a file system")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_really_full_keeps_the_old_checkpoint_and_is_written_to_again(small_disk):
    cls = cdsl.loads("dim K\nx: real[K]").Model
    small, large, target = cls(K=10), cls(K=100_000), small_disk / "a"
    small.save(target)
    before = target.read_bytes()
    for write in (large.save, lambda path: write_whole(path, "x" * 100_000)):
        with pytest.raises(OSError, match="No space left"):
            write(target)
        assert (target.read_bytes(), names(small_disk)) == (before, ["a"])
    small.save(target)


# -- places that are not written to ------------------------------------------------------------------------------------


def as_nobody(work):
    """The same in a process that permissions bind, as they do not root."""

    def run():
        if not os.getuid():
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return in_child(run)


@pytest.fixture
def open_folder():
    """A folder that everybody reaches and writes into: pytest's own are its user's."""
    folder = Path(tempfile.mkdtemp(prefix="cdsl-faults-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


@pytest.mark.parametrize("write", ["text", "parts"])
def test_what_is_read_only_stays(write, open_folder):
    target = open_folder / "a"
    target.write_text("before")

    def attempt():
        return (write_whole if write == "text" else lambda path, data: write_parts(path, [data]))(target, b"after")

    target.chmod(0o444)
    assert "it is read-only" in as_nobody(attempt)
    target.chmod(0o666)
    open_folder.chmod(0o555)
    assert "Permission denied" in as_nobody(attempt)
    assert (target.read_text(), names(open_folder)) == ("before", ["a"])
    open_folder.chmod(0o777)
    assert as_nobody(attempt) is None
    assert target.read_text() == "after"


# -- odd targets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["folder", "pipe", "device", "loop"])
def test_what_is_no_file_is_refused_and_stays_what_it_is(place, tmp_path):
    target = tmp_path / place
    if place == "folder":
        target.mkdir()
    elif place == "pipe":
        os.mkfifo(target)
    elif place == "device":
        target.symlink_to(os.devnull)
    else:
        target.symlink_to(place)
    before = target.lstat()
    with pytest.raises(OSError, match=r"no regular file|symbolic links"):
        write_whole(target, "text")
    with pytest.raises(CheckpointError, match="expected a file or nothing there"):
        cdsl.loads("p: prob").Model().save(target)
    assert (target.lstat().st_mode, names(tmp_path)) == (before.st_mode, [place])
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("place", ["pipe", "device", "loop", "folder"])
def test_no_command_writes_to_what_is_no_file_even_by_force(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if place in ("pipe", "folder"):
        (os.mkfifo if place == "pipe" else os.mkdir)(place)
    else:
        Path(place).symlink_to(os.devnull if place == "device" else place)
    Path("a.cdsl").write_text("p: prob\n")
    torch.save({"p_raw": torch.zeros(1)}, "a.pt")
    for one in (["compile", "a.cdsl"], ["migrate", "a.cdsl", "a.cdsl", "a.pt"]):
        ran = CliRunner().invoke(command, [*one, "-o", place, "--force"])
        assert ran.exit_code in (1, 2), ran
        assert isinstance(ran.exception, SystemExit), ran.exception
    assert names(tmp_path) == sorted(["a.cdsl", "a.pt", place])


def test_a_link_is_followed_and_of_a_hard_link_the_other_name_keeps_the_old_file(tmp_path):
    for name in ("real", "first"):
        (tmp_path / name).write_text("before")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("made")
    os.link(tmp_path / "first", tmp_path / "second")
    for name in ("link", "dangling", "second"):
        write_whole(tmp_path / name, "after")
    found = {name: (tmp_path / name).read_text() for name in ("real", "made", "first", "second")}
    assert found == {"real": "after", "made": "after", "first": "before", "second": "after"}
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()


def test_a_name_as_long_as_a_file_system_takes_is_written(tmp_path):
    target = tmp_path / ("a" * 255)
    write_whole(target, "text")
    write_parts(target, [b"data"])
    assert target.read_bytes() == b"data"
