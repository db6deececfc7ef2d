# %% [markdown]
# # 05 · Accelerators: CPU, GPU, TPU, NPU
#
# {{ launch_links }}
#
# **60 minutes**, in four parts. You need Python, matrix products, and the training loop (lesson 03).
#
# You will be able to
#
# - say why thousands of slow threads beat a few fast ones;
# - count an operation's arithmetic and its bytes, and tell which of the two bounds it on a given chip;
# - measure your own machine's roofline, and find your training step on it;
# - say what tiles and systolic arrays save, and what narrow numbers cost, and how training copes.
#
# Training is arithmetic, nearly all of it in products of matrices. This lesson is about the machines that do it, and
# about why they are so often busy waiting.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course.accelerators import engines, exercises, explorers, measuring, predicted, questions
from course.accelerators.reached import reached
from course.facts.chips import chip

# %% [markdown]
# ## Part 1 · Many slow threads (7 minutes)
#
# A *processor* (or *chip*) fetches numbers from memory, computes, and writes results back. A *thread* is one sequence
# of instructions. Memory is far away: after a thread has asked for a number, hundreds of *cycles* (ticks of the
# chip's clock) may pass until the number is there. A *CPU*, the processor of every computer, has a few fast threads,
# and *caches*: small fast memories on the chip that keep what may soon be needed again. A *GPU*, once made for
# pictures, bets on something else. How many threads would you give it?

# %%
threads_guess = questions.threads_guess()
threads_guess

# %%
explorers.latency_hiding()

# %% [markdown]
# While one thread waits, another computes. No thread gets faster, yet the processor stands still no longer. *Little's
# law* counts it:
#
# $$\text{requests on their way} = \text{requests begun in a cycle} \times \text{cycles that each takes}$$
#
# To begin one every few cycles while each takes hundreds, many must be on their way at once. The green triangle is
# the other design, four threads that compute eight times as fast: most of their time is the wait, which that does not
# shorten. (On a real GPU a "thread" of this picture is a whole group that shares each instruction; NVIDIA calls it a
# warp.)
#
# That is why GPUs keep thousands of threads; and a *TPU* or *NPU*, a chip made for neural networks alone, goes
# further and drops nearly all that is not a matrix product. Here is one of each. A *peak* is the most operations a
# second that the chip could do if all its parts were always busy; *bandwidth* is how many bytes its main memory
# delivers a second. BF16, FP32 and INT8 are ways to write a number in 16, 32 and 8 bits, the subject of part 4.

# %%
display(threads_guess.compare(questions.threads_needed()))
for name in (
    "AMD EPYC 9654",
    "NVIDIA H100 SXM",
    "Google TPU v5p",
    "Qualcomm Hexagon (Snapdragon X Elite)",
    "Raspberry Pi 5 (4x Cortex-A76 2.4 GHz)",
):
    c = chip(name)
    best = "bf16" if "bf16" in c.peaks else next(iter(c.peaks))
    peak = f"{c.peaks[best] / 1e12:7,.1f} · 10¹²/s in {best.upper():5}"
    ratio = f"{c.peaks[best] / c.bandwidth:5.0f} operations a byte"
    print(f"{c.kind:9} {c.name:39} {peak} {c.bandwidth / 1e9:7,.0f} GB/s {ratio}")

# %% [markdown]
# All are published or (the two CPUs' peaks and the Raspberry Pi's bandwidth) calculated from published clocks;
# sources stand in `course/facts/chips.csv`. (The NPU shares its memory with the CPU beside it.) Two habits when you
# read such figures. Ask *in which precision*: fewer bits, more operations. And ask whether the peak is *dense*:
# makers like to print the *sparse* one, twice as high, for matrices in which half of the numbers are zero in a fixed
# pattern. Here every peak is dense unless it says otherwise.
#
# The last column is the point of this lesson. It says how many operations a chip can do in the time in which one byte
# arrives.
#
# ## Part 2 · The roofline (18 minutes)
#
# Does your operation do that many operations for each byte? Commit yourself:

# %%
token_guess = questions.token_guess()
token_guess

# %%
explorers.roofline()

# %%
token_guess.compare(questions.token_reached())

# %% [markdown]
# An operation's *arithmetic intensity* is its operations divided by the bytes that must move. A chip computes and
# moves at the same time, so the slower one decides:
#
# $$\text{attainable} = \min(\text{peak},\ \text{intensity} \times \text{bandwidth})$$
#
# Drawn over the intensity, that is a *roofline*: a slope, where memory bounds, and a flat part, where arithmetic
# does. They meet at the *ridge*, peak / bandwidth: the last column above. With one row, each number of the matrix is
# fetched for one multiplication and one addition, and the chip waits. Now raise the batch, and the same fetched
# number serves every row. Then try *Layer normalisation*, which gives the numbers of each row mean 0 and spread 1: no
# batch helps. Switch *Fused* off: work that is done in several steps, each of which writes to memory what the next
# one reads, is slower, and not because it computes more.
#
# The roof is an upper bound. It assumes that each array comes from main memory, once; one that still lies in a cache
# from the step before is faster. And it lets all arithmetic run at the peak, which on a GPU belongs to the units for
# products of matrices; sums and exponentials are slower. Far left of the ridge that hardly matters; near it, be
# careful. (*Attention* is the subject of lesson 07. Here it is only something that computes and moves.)
#
# **Exercise 1** ●○○ (4 minutes). Count the arithmetic intensity of `(m, k) @ (k, n)`: operations (a multiplication
# and an addition are two) for each byte, where every number of both matrices and of the result moves once and takes
# `itemsize` bytes.


# %% exercise="arithmetic_intensity"
def arithmetic_intensity(m, k, n, itemsize):
    """Return operations for each byte that moves."""
    ### BEGIN SOLUTION
    return 2 * m * k * n / (itemsize * (m * k + k * n + m * n))
    ### END SOLUTION


# %% check="arithmetic_intensity" points=1
exercises.arithmetic_intensity.check()

# %% [markdown]
# **Does it hold?** In 2017 Google published what its first TPU, a chip for INT8 products, really did with six
# applications: two perceptrons (MLP), two recurrent networks, which read a text word by word (LSTM), two
# convolutional ones (CNN). Squares are what the paper measured; the open diamonds are ours, computed from the
# published peak, bandwidth and intensities. Then give the chip faster memory, and see who would gain.

# %%
explorers.first_tpu()

# %% [markdown]
# Four of six reach at least 80 % of the roof, most of them at less than a sixth of the peak. LSTM1 and CNN1 stay far
# below, and *the roofline does not explain that*. The paper's own counters say that the array then waits for weights,
# or computes with cells that hold nothing useful; and for three applications two rows of its tables contradict each
# other. *Show as table* has it row by row.
#
# At the flat part the roof is too kind as well. Others searched for the product of matrices that comes nearest to
# each chip's peak:

# %%
reached()

# %% [markdown]
# Such products lie far right of every ridge, so memory is no excuse. Heat and clock (a chip lowers its clock when it
# draws too much power), the shape of the product and the maturity of the software are; the roofline knows none of
# them. Take what a chip *reaches*, not its peak, when you plan.
#
# **Exercise 2** ●○○ (4 minutes). Given an operation's operations and bytes, and a chip's peak and bandwidth, return
# two things: what bounds it, `"compute"` or `"memory"`, and the least time. Exactly at the ridge, call it
# `"compute"`.


# %% exercise="predict_time"
def predict_time(flops, moved, peak, bandwidth):
    """Return ("compute" or "memory", seconds at least)."""
    ### BEGIN SOLUTION
    computing, moving = flops / peak, moved / bandwidth
    return "compute" if computing >= moving else "memory", max(computing, moving)
    ### END SOLUTION


# %% check="predict_time" points=1
exercises.predict_time.check()

# %% [markdown]
# **Predict, then time it, here.** The next cell measures the machine on which this notebook runs, for some seconds:
# how fast `c = a + b` goes on arrays of growing size, how fast products of matrices go, in one thread and in all.
# Three arrays move and are counted once each; many processors also read what they are about to overwrite, so that
# their memory does up to a third more than is shown. (On Binder or Colab that is a machine in a data centre, which
# you may share.) Then it puts four operations under that roof, and times them. Say first what will bound each: the
# sum of two large arrays, the sum of each row, one row times a matrix, and a product of two matrices.

# %%
machine = measuring.measure_roofline()
display(machine, predicted.predict_and_time(machine))

# %% [markdown]
# A factor of 1 means: as fast as the roof allows. The second and the third may come out below 1: they only read, and
# reading alone is faster than `c = a + b`, with whose writing the bandwidth was measured (or a large cache still held
# part of the data). Far above 1, something else takes the time, or another program was running. Only the last of the
# four is bound by arithmetic.
#
# Now the training step of lesson 03, `zero_grad` to `step`, on the same picture (orange, by batch size; operations
# and bytes are counted from shapes, the time is measured, on random images). *Start over* and *Play* measure again.
# Where there is a GPU, its roof is drawn too; with CuPy installed, the hand-built engine trains on it, and the table
# has its times.

# %%
explorers.this_machine()

# %% [markdown]
# On the right you see the *caches*: small fast memories on the chip, each larger and slower than the one before. What
# fits in one is served from it. On the left, a small batch stays below both roofs: hardly anything is computed or
# moved, and the time goes into calling NumPy at all. That *overhead* is the third bound, which the roofline does not
# draw. It is why a bigger batch costs almost nothing at first, and why a GPU, whose calls cost more, sits idle with a
# small network.
#
# ## Part 3 · Moving less (13 minutes)
#
# Each number of a product of matrices is used many times. Fetch it once and keep it, and the intensity rises. But
# fast memory is small. So cut the matrices into *tiles* that fit: one of A, one of B, one of C at a time. Step
# through it; then move the side of a tile, and see what it does to the traffic.

# %%
explorers.tiled_product()

# %% [markdown]
# The orange diamond is counted, by really moving numbers; the line is a formula. Twice the side halves the reading,
# but needs four times the room. And memories come in a chain: below fast memory are the *registers*, from which the
# arithmetic reads, with tiles of their own (in the table). Every fast product of matrices, on CPU or GPU, is built
# like that. FlashAttention does the same for attention: that is the *Fused* of the explorer above.
#
# **Exercise 3** ●●● (7 minutes). Write it. `a` and `b` lie in slow memory: `a.read(top, bottom, left, right)` returns
# a block (cut off at the edges) and counts what you read; `a.shape` is free. Fast memory has room for three blocks of
# at most `tile` by `tile`.


# %% exercise="tiled_matmul"
def tiled_matmul(a, b, tile):
    """Return a @ b as an array, reading no more than with tiles."""
    ### BEGIN SOLUTION
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n))
    for i in range(0, m, tile):
        for j in range(0, n, tile):
            for p in range(0, k, tile):
                left = a.read(i, i + tile, p, p + tile)
                right = b.read(p, p + tile, j, j + tile)
                c[i : i + tile, j : j + tile] += left @ right
    return c
    ### END SOLUTION


# %% check="tiled_matmul" points=2
exercises.tiled_matmul.check()

# %% [markdown]
# A TPU takes the idea to its end. In its *systolic array* nothing is fetched twice while a tile is at work: each cell
# keeps one weight, and hands values and sums on to its neighbours, once a cycle, as a heart pumps blood (hence the
# name). First a guess, about a large one:

# %%
row_guess = questions.row_guess()
row_guess

# %%
explorers.systolic_array()

# %%
row_guess.compare(questions.row_used())

# %% [markdown]
# The array must fill and drain, and weights must come in. A long stream of rows hides that; a single row does not.
# Give A more rows and watch *cells at work* rise. So what the roofline said of memory (a batch of one is a waste) the
# array says again, for another reason.
#
# ## Part 4 · Fewer bits (15 minutes)
#
# Half the bits are half the bytes, and the multiplier on the chip shrinks about with the square of the bits. So chips
# compute in ever shorter numbers. A *floating-point number* is a *sign*, an *exponent*, which sets the size, and a
# *mantissa*, which sets the steps. Press the bits; compare FP16 with BF16, which have the same number of them.

# %%
explorers.number_formats()

# %%
ones_guess = questions.ones_guess()
ones_guess

# %%
explorers.long_sum()

# %%
ones_guess.compare(questions.ones_counted())

# %% [markdown]
# The total stops where 1 is no more than half a step: the sum is rounded back to where it was. Adding in pairs helps,
# as does what chips really do: multiply narrow numbers, but keep the *sum* in FP32. The third way is odd: round up or
# down *by chance*, up with the probability of the way already gone. Each rounding is wrong, and their mean is right.
#
# **Exercise 4** ●●○ (5 minutes). Write *stochastic rounding* to multiples of `step`: an array of values between two
# multiples goes to the upper one with the probability of the way already gone. Draw with `rng.random(shape)`, which
# is uniform from 0 to 1.


# %% exercise="stochastic_round"
def stochastic_round(values, step, rng):
    """Return the values rounded to multiples of step, by chance, right on average."""
    ### BEGIN SOLUTION
    scaled = values / step
    low = np.floor(scaled)
    up = rng.random(values.shape) < scaled - low
    return (low + up) * step
    ### END SOLUTION


# %% check="stochastic_round" points=2
exercises.stochastic_round.check()

# %% [markdown]
# **Training with few bits.** Gradients are small, and what is below a format's smallest number becomes zero. Press
# *Play*: the network learns nothing. Then multiply the loss, so that every gradient grows by the same factor, until
# the histogram moves into the green range; before the step the factor is divided out again. That is *loss scaling*.
# Too much of it overflows.

# %%
explorers.loss_scaling()

# %% [markdown]
# **Exercise 5** ●●○ (5 minutes). A colleague's step. Weights are FP32, gradients arrive in FP16, of a loss that was
# multiplied by `scale`. After an overflow (infinity or NaN) the step should be skipped and the scale halved. It has
# two bugs; small gradients vanish, and one day all weights are NaN. Repair it; return the new weights and the new
# scale.
#
# ```python
# def mixed_precision_step(weights, gradient, scale, lr):
#     gradient = gradient / scale
#     if np.isinf(gradient).any():
#         return weights, scale / 2
#     return weights - lr * gradient, scale
# ```


# %% exercise="mixed_precision_step" shown=["return weights, scale / 2", "return weights - lr * gradient, scale"]
def mixed_precision_step(weights, gradient, scale, lr):
    """Return (new weights, new scale)."""
    ### BEGIN SOLUTION
    gradient = gradient.astype(np.float32) / scale
    if not np.isfinite(gradient).all():
        return weights, scale / 2
    return weights - lr * gradient, scale
    ### END SOLUTION


# %% check="mixed_precision_step" points=2
exercises.mixed_precision_step.check()

# %% [markdown]
# **The same in PyTorch.** `course.accelerators.formats` rounds by the definition of each format. PyTorch has code of
# its own for it. Here are the same numbers, of all sizes that each format has, through both; and a product of BF16
# matrices with its sums in FP32:

# %%
engines.rounded_in_both()

# %% [markdown]
# ## Reflect (7 minutes)
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.twice_the_peak(), questions.batch_of_one(), questions.which_half())

# %% [markdown] answer="choose_a_chip" points=2
# **Exercise 6** ●●○ (5 minutes). You answer questions with a language model, one user at a time, and each new token
# multiplies one row with matrices that hold billions of weights. You may buy *one*: a chip with twice the peak, or
# one with twice the bandwidth, at the same price. Choose, and defend it with numbers from the roofline explorer
# (chip, batch, width, bound). Then name what would have to change for the other choice to be right, and one thing
# that the roofline does not tell you.
#
# <!-- BEGIN SOLUTION -->
# Bandwidth. On an H100 in BF16 one row times a matrix of 4,096 by 4,096 has an intensity of about 1 operation a byte,
# the ridge is near 300: it is bound by memory, at 0.3 % of the peak. Twice the peak moves the ridge further away and
# changes nothing; twice the bandwidth halves the time. Weights of half as many bits would halve it as well, if the
# answers stand it.
#
# With many users at once the rows of a batch share the weights that were fetched: at a few hundred rows the product
# reaches the ridge, and then peak decides. (The attention over each user's own text is not shared, and stays bound by
# memory.) The roofline does not tell what the chip really reaches, what calling it costs, whether the weights fit in
# its memory, nor how much power it draws.
# <!-- END SOLUTION -->

# %% [markdown]
# **What to take away**
#
# - Many threads hide the wait for memory; rate times wait = what must be on its way.
# - Intensity against ridge tells what bounds an operation, before anything is timed. Most operations of a network are
#   bound by memory.
# - Batches, tiles, fusing and systolic arrays are one idea: fetch once, use often.
# - Fewer bits are faster twice over. Sums stay wide, gradients are scaled, or rounding is left to chance.
#
# **Where this goes wrong in practice**: a sparse peak compared with a dense one, or FP8 with BF16; a chip bought for
# its peak and used at batch 1; a GPU blamed for being slow while it waits for Python; one timing, taken while another
# program ran; an FP16 run that learns nothing because its gradients are zero.
