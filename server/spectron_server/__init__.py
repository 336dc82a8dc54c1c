"""The Spectron server: turns in, memory out."""

import os

# NumPy and FAISS would split each product over all processors. Ours are small, and several threads
# make them at once: those of the libraries would wait for each other by spinning, which took more
# of the processors than the products. Both read this when they are imported, which is after this.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
