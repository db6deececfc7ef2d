# %% [markdown]
# # 05 · Accelerators: CPU, GPU, TPU, NPU
#
# {{ launch_links }}
#
# **55 minutes**, in five parts. You need Python, matrix products (lesson 02), and the training loop (lesson 03).
#
# You will be able to
#
# - say when many slow threads beat a few fast ones;
# - count an operation's arithmetic and its bytes, and tell which of the two bounds it on a given chip;
# - measure your own machine's roofline, and find your training step on it;
# - say what tiles and systolic arrays save, what narrow numbers cost, and how training copes.
#
# Training is arithmetic, mostly products of matrices.
#
# ## Part 1 · Many slow threads (4 minutes)
#
# A *processor* (or *chip*) fetches numbers from memory, computes, and writes results back. A [[thread]] is one sequence
# of instructions that a processor carries out. Memory is far away: after a thread has asked for a number, hundreds of
# [[cycles|cycle]] (ticks of the chip's clock) may pass until the number is there. A [[CPU]], the processor of every computer,
# has a few fast threads, and a [[cache]], or several: small fast memory on the chip that keeps what may soon be needed
# again. A [[GPU]], a processor once made for pictures, bets on many slow threads instead. How many does it take?

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course.accelerators import engines, exercises, explorers, measuring, predicted, questions
from course.accelerators.reached import reached
from course.facts.chips import chip

threads_guess = questions.threads_guess()
threads_guess

# %%
display(explorers.latency_hiding(), threads_guess.compare(questions.threads_needed()))

# %% [markdown]
# While one thread waits, another computes. No thread gets faster, but the processor keeps busy, if there is work for so
# many, as in a product of matrices. [[Little's law]] says how many requests to memory that takes:
#
# $$\text{requests on their way} = \text{requests begun in a cycle} \times \text{cycles that each takes}$$
#
# Set the explorer to the prediction's numbers: $1/10 \times 390 = 39$ requests, and one more thread that computes. The
# green triangle is the other design, a few fast threads: they wait as long. (On NVIDIA's GPUs a [[warp]], a group of
# threads that share each instruction, is one "thread" of this picture.)
#
# ## Part 2 · The roofline (7 minutes)
#
# A [[TPU]], made by Google, or an [[NPU]], in phones and laptops, goes further than a GPU: it is made for neural
# networks alone, around units for products of matrices (GPUs have some, too). A chip's [[peak]] is
# the number of additions and multiplications that it could do in a second if its arithmetic never had to wait; its
# [[bandwidth]] is the number of bytes that its main memory can deliver in a second. BF16, [[FP32]] and [[INT8]] are ways to
# write a number in 16, 32 and 8 bits, or 2, 4 and 1 bytes (part 5).
#
# Of such figures ask two things. *In which precision?* Fewer bits usually mean more operations. And is the peak
# *dense*? Makers like to print the [[sparse|sparse peak]] one, often twice as high, for matrices in which half of the
# numbers are zero in a fixed pattern. All peaks here are dense, and published or (the two CPUs' peaks, the Raspberry
# Pi's bandwidth) calculated from published clocks; `course/facts/chips.csv` has the sources.
#
# The last column below is the point of this lesson: how many operations the chip can do while one byte arrives. Will a
# language model do that many for each byte? Commit yourself:

# %%
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
token_guess = questions.token_guess()
token_guess

# %%
display(explorers.roofline(), token_guess.compare(questions.token_reached()))

# %% [markdown]
# An operation's [[arithmetic intensity]] is the number of its additions and multiplications, divided by the bytes that
# must move. A chip computes and moves at the same time, so the slower of the two decides. The [[roofline]] shows the most
# that a chip can attain at each intensity, with a slope where memory bounds and a flat part where arithmetic does:
#
# $$\text{attainable} = \min(\text{peak},\ \text{intensity} \times \text{bandwidth})$$
#
# Slope and flat part meet at the [[ridge]], the intensity that equals peak / bandwidth. It is the last column above. With one
# row, each number of the matrix is fetched for one multiplication and one addition, and the chip waits. Raise the
# batch, and a number fetched once serves every row. Then try *Layer normalisation*, which gives the numbers of each row
# mean 0 and spread 1: no batch helps. It does help to [[fuse]] operations, that is, to do several in one go, so that
# nothing goes to memory and back between them. Switch *Fused* off to see the price.
#
# The roof is an upper bound, for arrays that come from main memory, each once. On a GPU only products of matrices can
# reach it; other arithmetic has a lower one. (*Attention* comes in lesson 07.)
#
# **Exercise 1** ●○○ (3 minutes). Count the arithmetic intensity of `(m, k) @ (k, n)`. Every number of both matrices and
# of the result moves once and takes `itemsize` bytes; each multiplication comes with an addition, two operations.


# %% exercise="arithmetic_intensity"
def arithmetic_intensity(m, k, n, itemsize):
    """Return operations for each byte that moves."""
    ### BEGIN SOLUTION
    return 2 * m * k * n / (itemsize * (m * k + k * n + m * n))
    ### END SOLUTION


# %% check="arithmetic_intensity" points=1
exercises.arithmetic_intensity.check()

# %% [markdown]
# ## Part 3 · Does it hold? (10 minutes)
#
# In 2017 Google published what its first TPU, a chip for INT8 products, did with six applications: two
# multilayer perceptrons (MLP), two networks that read their input piece by piece (LSTM), and two convolutional ones
# (CNN). Only weights count as bytes here: all else stays on the chip. Give it faster memory, and see who would gain.
# The table shows how much of their peak later chips reached in the best product of matrices that others found.

# %%
display(explorers.first_tpu(), reached())

# %% [markdown]
# Four of six reach at least 80 % of the roof, three of these at less than a sixth of the peak. LSTM1 and CNN1 stay far
# below, and *the roofline does not explain that*. The chip's counters say that its multipliers then wait for weights
# (in CNN1, for those of four layers, whose low intensity the mean hides) or have nothing useful to multiply. The
# flat part is too kind, too: large products lie far right of every ridge, so memory is no excuse. A chip that
# draws too much power lowers its clock, and shapes and software matter; the roofline knows none of them. When you plan,
# take what a chip *reaches*, not its peak.
#
# **Exercise 2** ●○○ (3 minutes). Predict what bounds `flops` operations on `moved` bytes, `"compute"` or `"memory"`,
# and the least time in seconds, at `peak` operations and `bandwidth` bytes a second. Exactly at the ridge, call it
# `"compute"`.
#
# The cell after the check measures this notebook's machine for some seconds: `c = a + b` on arrays of growing size, and
# products of matrices. It then predicts and times four operations: the sum of two large arrays, the sum of each row,
# one row times a matrix, a product of two matrices. What will bound each? Last, it puts the training step of lesson 03
# under that roof, by batch size.


# %% exercise="predict_time"
def predict_time(flops, moved, peak, bandwidth):
    """Return ("compute" or "memory", seconds at least)."""
    ### BEGIN SOLUTION
    computing, moving = flops / peak, moved / bandwidth
    return "compute" if computing >= moving else "memory", max(computing, moving)
    ### END SOLUTION


# %% check="predict_time" points=1
exercises.predict_time.check()

# %%
machine = measuring.measure_roofline()
display(predicted.predict_and_time(machine), explorers.this_machine())

# %% [markdown]
# A factor of 1 means: as fast as the roof allows. The second and third row may come out below 1: they only read, but
# the bandwidth was measured with writing. If all are far from 1, another program was running; measure again. Only the
# last of the four is bound by arithmetic.
#
# On the right, large arrays are slow, for they outgrow one cache after the other; the smallest may be, too, for the
# call itself takes time. On the left, the training step with a small batch stays below both roofs for that reason.
# Such [[overhead]], time that goes into starting the work, is a third bound, which the roofline does not draw. It is
# one reason why a bigger batch costs almost nothing at first (weights that move once for all rows are another), and why
# a GPU, whose calls cost more, sits idle with a small network.
#
# ## Part 4 · Moving less (11 minutes)
#
# Each number of a product of matrices is used many times. Keep it near, and the intensity rises. But fast memory is
# small. So the matrices are cut into [[tiles|tile]], blocks of which fast memory holds one of each matrix at a time. Step
# through it; then move the side of a tile, and watch the traffic.
#
# A TPU goes further: its [[systolic array]] is a grid of multipliers, in which each cell keeps one weight and hands
# values and sums on to its neighbours, once a cycle, as a heart pumps blood (hence the name); nothing is fetched twice
# while a tile is at work. Guess first how well one row uses a large array; then watch a small one.

# %%
row_guess = questions.row_guess()
display(explorers.tiled_product(), row_guess)

# %%
display(explorers.systolic_array(), row_guess.compare(questions.row_used()))

# %% [markdown]
# Twice a tile's side halves the reading, but needs four times the room. Fast products of matrices, on CPU or GPU, are
# built like that, with smaller tiles for the [[registers|register]], the smallest memory, from which the arithmetic
# reads. FlashAttention does the same for attention: *Fused*, in the roofline explorer.
#
# A systolic array must fill and drain, and weights must come in. A long stream of rows hides that: give A more rows and
# watch *cells at work* rise. A batch of one is a waste here, too, for another reason.
#
# **Exercise 3** ●●● (6 minutes). Write the tiled product. `a` and `b` lie in slow memory: `a.read(top, bottom, left,
# right)` returns the block `[top:bottom, left:right]` (cut off at the edges) and counts what you read; `a.shape` is
# free. Fast memory has room for three blocks of at most `tile` by `tile`. Collect the result in an ordinary array.


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
# ## Part 5 · Fewer bits (15 minutes)
#
# Half the bits are half the bytes, and a multiplier of half the digits is about a quarter as large, for each digit
# meets each. A [[floating-point number]] is a sign, an [[exponent]], which says between which two powers of two it
# lies, and a [[mantissa]], which says where between them, in equal steps. The exponent is stored with a fixed number
# added, 15 in FP16. Of 16 bits, [[FP16]] gives 5 to the exponent and 10 to the mantissa, [[BF16]] 8 and 7. (TF32 has 8
# and 10; FP8 4 and 3, called E4M3, or 5 and 2, E5M2.) Press the bits, and compare the two. Then commit yourself to a
# sum.

# %%
ones_guess = questions.ones_guess()
display(explorers.number_formats(), ones_guess)

# %%
display(explorers.long_sum(), ones_guess.compare(questions.ones_counted()))

# %% [markdown]
# The total stops where 1 is no more than half a step: the sum is rounded back to where it was. Adding in pairs helps,
# as does what most chips do: multiply narrow numbers, but keep the *sum* in FP32.
# [[Stochastic rounding|stochastic rounding]] goes up or down by chance, up the more often the nearer the upper
# neighbour is: in whole numbers, 0.3 becomes 1 three times in ten. Each rounding is wrong, and their mean is right.
#
# **Exercise 4** ●●○ (4 minutes). Write it, to multiples of `step`, for an array of values. Draw with
# `rng.random(shape)`, which is uniform from 0 to 1.


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
# **The same in PyTorch.** The course rounds by each format's definition, PyTorch by code of its own. The table puts the
# same numbers through both, and a product of BF16 matrices with its sums in FP32.
#
# And training with few bits? Gradients are small, and what is too small for a format becomes zero. Here each
# step is the share of 64 examples in a batch of a million, so gradients are tiny. Press *Play*: the network learns
# nothing. [[Loss scaling|loss scaling]] multiplies the loss, and so every gradient, by a factor that is divided out
# again before the step. Raise it until the histogram lies in the green range. Too much overflows.

# %%
display(engines.rounded_in_both(), explorers.loss_scaling())

# %% [markdown]
# **Exercise 5** ●●○ (4 minutes). A colleague's step. Weights are FP32; gradients arrive in FP16, of a loss that was
# multiplied by `scale`. After an overflow (infinity, or [[NaN]], "not a number", such as infinity minus infinity) the
# step should be skipped and the scale halved. But small gradients vanish, and one day all weights are NaN. Repair it.
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
# ## Reflect (8 minutes)
#
# - Many threads hide the wait for memory.
# - Intensity against ridge tells what bounds an operation, before anything is timed.
# - Batches, tiles, fusing and systolic arrays are one idea: fetch once, use often.
# - Fewer bits are faster twice over. Sums stay wide, gradients are scaled, or rounding is left to chance.
#
# **Where this goes wrong in practice**: a sparse peak compared with a dense one, or FP8 with BF16; a chip bought for its
# peak and used at batch 1; a GPU blamed for being slow while it waits for Python; an FP16 run that learns nothing because
# its gradients are zero.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.twice_the_peak(), questions.batch_of_one(), questions.which_half())

# %% [markdown] answer="choose_a_chip" points=2
# **Exercise 6** ●●○ (4 minutes). You run a language model for one user at a time: each new token multiplies one row
# with matrices that hold billions of weights. You may buy a chip with twice the peak, or one with twice the bandwidth.
# Choose, and defend it with numbers from the roofline explorer. Then name what would make the other choice right, and
# one thing that the roofline does not tell you.
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
