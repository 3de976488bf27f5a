"""The tests. One thread each, and whatever they start: they run two at a time, on small tensors, whose threads wait for each
other most of the time. It takes a third of the seconds that torch's default takes."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by torch when it is imported, from here on
