# %% [markdown]
# # 11 · Edge AI
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need NumPy, and what training is (lessons 01 to 03).
#
# You will be able to
#
# - store a network's numbers in 8 bits or fewer, and say what that costs;
# - leave out weights so that the network really becomes faster, and pass a large network's knowledge to a small one;
# - export a model, and measure its answers so that the figures mean something;
# - choose a model for a device, a deadline and a battery, and defend the choice.
#
# The [[edge]] is where data arises: a phone, a camera, a heart monitor, a car. A model that runs there answers without the internet, keeps
# what it sees to itself, and must make do with what the device has.

# %%
# {{ get_ready }}

# %% [markdown]
# ## Part 1 · Fewer bits (14 minutes)
#
# Our network names the 8 by 8 digits: 64 pixels in, then layers of 64, 32 and 10 neurons, trained by the engine you know in 32-bit
# floating-point numbers. Do weights need 32 bits? [[Quantization|quantization]] stores each number as a small whole number, its
# [[code|code (of a number)]], and many numbers share one *scale*: value ≈ scale · code. At a scale of 0.02, the code 35 stands for 0.7.
# Commit yourself first:

# %%
import numpy as np
from IPython.display import display

from course.edge import bit_width, engines, exercises, explorers, networks, questions
from course.edge.integer import integer_network

digits, network = networks.digits(), networks.reference()
right = networks.accuracy(network, digits.held_images, digits.held_labels)
print(
    f"The network of this lesson: {network.parameters:,} numbers, {right:.1%} of the held-out digits"
)
bits_guess = questions.bits_guess()
bits_guess

# %%
display(explorers.bit_width(), bits_guess.compare(questions.bits_needed()))

# %% [markdown]
# Go down to 2 bits. Accuracy does not fade, it falls off a cliff. One scale for a whole layer must reach the largest of its weights, and
# where codes are few the small ones then all become 0. A [[channel]] holds the weights of one neuron, a row of the layer's matrix. A scale
# for each channel fits closer, one for each group of 16 weights closer still, at the price of more scales to store. (*Range set by* can let
# the codes reach less far: finer steps for most weights, and the few largest are clipped.) *Trained for it* is quantization-aware training:
# the last 12 epochs were computed with rounded weights. A [[straight-through estimator]] passes the gradient through a rounding as if
# nothing had been rounded, for the slope of a step is zero nearly everywhere. The network without rounding got the same epochs, so nobody
# trained longer.
#
# **Exercise 1** ●●○ (5 minutes). Write the quantizer of an array `values`. After ReLU all values are 0 or more, and a range around 0, as far
# down as up, would waste half of the codes. An *affine* quantizer therefore has a [[zero point]] too, the code of the value 0:
# value ≈ scale · (code - zero).
#
# 1. Codes run from `low = -2**(bits-1)` to `high = 2**(bits-1) - 1`.
# 2. The range goes from the smallest to the largest value, widened to hold 0. `scale` = range / (high - low).
# 3. `zero` is `low - smallest / scale`, rounded (`np.rint`); codes are `values / scale`, rounded, plus `zero`, clipped to `low`…`high`.


# %% exercise="quantize_affine"
def quantize_affine(values, bits):
    """Return (codes, scale, zero): an integer array, a float, an int. Not all values are 0."""
    ### BEGIN SOLUTION
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    smallest, largest = min(values.min(), 0), max(values.max(), 0)
    scale = (largest - smallest) / (high - low)
    zero = int(np.rint(low - smallest / scale))
    codes = np.clip(np.rint(values / scale) + zero, low, high).astype(int)
    return codes, scale, zero
    ### END SOLUTION


# %% check="quantize_affine" points=2
exercises.quantize_affine.check()

# %% [markdown]
# A microcontroller, a whole computer on one small chip, may lack arithmetic for floating-point numbers. It multiplies codes, sums them in
# 32-bit integers, and scales at the end. For that, what one layer hands to the next (its *activations*) needs codes, too. Their quantizer
# is *calibrated*: the range of those values is found on a few typical images.
#
# **Exercise 2** ●●○ (4 minutes). Repair. A colleague's layer runs on the device without an error, and answers nonsense. `codes` (N, K) and
# `weights` (M, K) are int8 arrays, `zero` is the zero point of `codes` (that of `weights` is 0), `bias` (M,) is int32, in the unit of the
# sums. Two things are wrong.
#
# ```python
# def integer_layer(codes, zero, weights, bias):
#     return codes @ weights.T + bias
# ```


# %% exercise="integer_layer" shown=["return codes @ weights.T + bias"]
def integer_layer(codes, zero, weights, bias):
    """Return the sums (N, M) of (code - zero) times weight, plus bias, in int32."""
    ### BEGIN SOLUTION
    wide = codes.astype(np.int32) - zero
    return wide @ weights.astype(np.int32).T + bias
    ### END SOLUTION


# %% check="integer_layer" points=2
exercises.integer_layer.check()

# %% [markdown]
# Now the whole network in integers, and what others published for networks that classify photographs in 1,000 kinds: the least, the middle
# and the greatest loss of one collection, and two networks of an older table, for which training for int8 won most of the loss back.
#
# **The same in PyTorch.** The codes of a layer, an integer product, and a whole int8 layer; then the network in both engines, written as
# ONNX files by the course's own exporter and run by ONNX Runtime (both come in part 3). In the whole layer a difference of one
# code may remain: PyTorch rounds the last scaling in 32 bits, we in 64. (NumPy has fast products for floats only; hence the time by hand.)

# %%
from course.facts.small_models import mobile_quantization, quantized_models

in_integers = integer_network(network, digits.images[:100])
scores = networks.accuracy(in_integers, digits.held_images, digits.held_labels)
size = bit_width.stored_bytes(network, 8, "channel")
print(f"whole numbers alone, int8: {scores:.1%} right (32-bit floats: {right:.1%})", end="")
print(f", {size:,} bytes instead of {4 * network.parameters:,}")
ordered = sorted(quantized_models(), key=lambda m: m.drop)
for m in (ordered[0], ordered[len(ordered) // 2], ordered[-1]):
    print(f"{m.name}: {m.fp32_top1:.1f} % in floats, {m.int8_top1:.1f} % in int8 ({m.cite})")
for m in mobile_quantization()[:2]:
    print(f"{m.name}: {m.top1_float:.1f} % in floats, {m.top1_after:.1f} % rounded after training,")
    print(f"    {m.top1_aware:.1f} % trained for int8 ({m.cite})")
engines.in_both()

# %% [markdown]
# ## Part 2 · Fewer weights (11 minutes)
#
# The greatest losses above are those of small networks, which have less to spare. What else can go? [[Pruning|pruning]] leaves out what
# seems to matter least: the smallest weights, or whole neurons. What does that buy?

# %%
zeros_guess = questions.zeros_guess()
zeros_guess

# %%
display(explorers.pruning(), zeros_guess.compare(questions.zeros_speedup()))

# %% [markdown]
# On the left the digit network, right after pruning (dotted) and after ten more epochs. On the right a single layer, timed on your computer
# a moment ago. An ordinary, *dense* matrix holds all its numbers, and its zeros are multiplied like the others. A [[sparse matrix]] stores
# only what is not zero, but must look up where each number stands; it pays only when very little is left. Leave out whole *neurons*, and
# the matrix itself becomes smaller: this comes nearest to what theory promises, and mostly costs more accuracy, for a neuron takes its row
# *and* its column with it. (There are chips and programs made for zeros in fixed patterns.)
#
# **Exercise 3** ●●○ (5 minutes). Leave out neurons. `first` (hidden, inputs) and `bias` (hidden,) make the hidden layer, `second` (outputs,
# hidden) the next. A neuron's strength is the norm (root of the sum of squares) of its row of `first` times that of its column of `second`.
# Return the three arrays of the network in which the `count` strongest neurons stay.


# %% exercise="drop_neurons"
def drop_neurons(first, bias, second, count):
    """Return (first, bias, second), smaller: only the `count` strongest neurons stay."""
    ### BEGIN SOLUTION
    strength = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=0)
    keep = np.argsort(-strength)[:count]
    return first[keep], bias[keep], second[:, keep]
    ### END SOLUTION


# %% check="drop_neurons" points=2
exercises.drop_neurons.check()

# %% [markdown]
# Or start small. In [[distillation]] a small network learns from the answers of a large one, its teacher. They say more than labels: this 8
# looks a little like a 5. The *softmax* makes probabilities of the teacher's scores: e to the power of each, divided by the sum of all. If
# the scores are first divided by a *temperature*, the second and third guesses show better.

# %%
explorers.distillation()

# %% [markdown]
# Read both lines. On the *same* few images, what softened answers add depends on the student and the temperature: at 50 images a gain for
# 16 hidden units, little beside the spread of the seeds (the bars) for 8, nothing for 4. The large gain comes from *more* images: the
# teacher can label what nobody has labelled. (Here it was trained on these very images; on new ones it would err more often. A third way, a
# matrix as the product of two thin ones, is lesson 10's; `course.edge.low_rank` tries it here.)
#
# ## Part 3 · The file and the clock (7 minutes)
#
# To leave Python, a model becomes a file. [[ONNX]] is a common format for models: a list of operations with their weights, which the
# program [[ONNX Runtime]] and many others run. Below, the digit network as such a file, in floats, and in int8 with the activations' scales
# found at each call (*dynamic*) or beforehand (*static*); then a wider network, untrained, for its times alone. *Latency* is the time of
# one answer. A [[warm-up]] is a few calls before the clock starts, for the first ones are slow. Then every call counts, alone on one
# thread. The [[p95]] of a model is the time that 95 of 100 calls did not exceed.
#
# Last, a model that is used in earnest: *Magika* names the type of a file from its first and last bytes, and comes as an ONNX file in
# its Python package. We store its weights in int8 and let both forms judge files on *your* computer (nothing leaves it; put another
# folder for `".."`). First your guess:

# %%
int8_guess = questions.int8_guess()
int8_guess

# %%
from course.edge import file_types, runtime

magika = file_types.examine(file_types.own_files(".."))
display(runtime.digit_forms(), runtime.wide_forms(1024), magika)
print(f"{magika.parameters:,} weights; operations: {magika.kinds}")
int8_guess.compare(questions.int8_outcome(magika))

# %% [markdown]
# Compare the columns. Where the weights are few, the calls themselves cost more than the arithmetic, and int8 gains no time; where
# many bytes must be fetched, a quarter of them is a gain. Magika's time goes into a convolution (`Conv`): whether that is faster in
# int8 depends on whether somebody wrote a fast one for *this* processor and this way of quantizing. Measure on the device you ship
# to. And look at *worst*: some call was interrupted by something else. It is no error of measurement. Your users' devices do other
# things, too.
#
# **Exercise 4** ●●○ (4 minutes). Write the percentile by *nearest rank*: sort the N times, take the one whose rank (from 1) is
# `percent / 100 * N`, rounded up. In floating-point numbers 99.9 / 100 · 1000 is a little more than 999: round to 9 digits before you round
# up.


# %% exercise="latency_percentile"
def latency_percentile(times, percent):
    """Return the time that `percent` % of the calls did not exceed, one of `times`; percent > 0."""
    ### BEGIN SOLUTION
    ordered = np.sort(times)
    rank = int(np.ceil(round(percent / 100 * len(ordered), 9)))
    return ordered[rank - 1]
    ### END SOLUTION


# %% check="latency_percentile" points=1
exercises.latency_percentile.check()

# %% [markdown]
# ## Part 4 · On the device (9 minutes)
#
# A [[deadline]] is the time by which an answer must be there. Choose a device, a deadline, and which share of its peak, the operations a
# second that its maker states, a model will reach (an assumption: try a fifth, then less). The models' accuracy, file sizes and numbers of
# multiplications are published; the times are simulated from those. By time and accuracy alone, no model that is both slower and less
# accurate than another is worth shipping. The [[Pareto front]] is what remains of a choice when everything is left out that something else
# beats in all respects.

# %%
explorers.pareto_front()

# %% [markdown]
# Choose a microcontroller: the smaller one holds none of these models, the larger a single one, which takes most of a second. Others are
# made for it, for example to see persons in 96 by 96 pixels. [[Flash|flash]] is the memory that holds a device's programs and weights when
# the power is off; [[RAM]] holds what is alive while the model computes, at least a layer's input and output at once. Below, a benchmark's
# models for microcontrollers may fill four fifths of the flash (an assumption).
#
# Or ask a server? The *round trip* there and back has a long *tail*: some answers take many times as long as most. Now and then a request
# is lost and sent again. The distributions here are assumptions, stated in the table. And what does a millisecond mean?

# %%
from course.edge import devices, heartbeats, personal
from course.edge.mobile_architectures import mobilenet_v1

for tiny in devices.tiny_fits(share=0.8):
    print(tiny)
person = mobilenet_v1(0.25, side=96, classes=2)
print(f"person detector: {person.macs / 1e6:.1f} million products", end=", ")
print(f"{person.peak_activations / 1024:.0f} KiB of RAM in int8, at least")
print(f"At {devices.CAR_KMH:g} km/h a car moves {100 * devices.metres(1):.1f} cm in a millisecond")
explorers.cloud_or_edge()

# %% [markdown]
# On fibre the cloud may win at the median. A deadline is a promise about the tail, though, and there the device has no network to
# wait for.
#
# At last a monitor in real time: a small network, trained here on three minutes of a real heart's signal, gets the next two minutes sample
# by sample. Press play; then make the device slower. The answer to a beat comes late even on the fastest chip: the network waits for half a
# window, to see the beat's end. That part of the latency was designed in. And beware of the score: the reference is another program, not a
# doctor, and one heart is not all hearts. Stop near second 194: the network reports a beat (an *alarm*) where the other program sees none.
# Look at the wave there. Who is wrong?
#
# The device may also *learn*. Someone writes slanted and turned (a made-up user; the data does not name its writers). Only the last layer is
# trained, on a few digits of theirs, which never leave the device:

# %%
print(heartbeats.DATASHEET)
display(explorers.heart_monitor())
learned = personal.personalize(slant=0.2, turn=15)
print(f"{learned.trained} numbers change on the device")
for count, own, others in zip(learned.counts, learned.own, learned.others, strict=True):
    print(f"{count:2} of each digit: {own:.1%} of the user's right", end="")
    print(f", {others:.1%} of everybody else's")

# %% [markdown]
# The user gains; what was known of others is partly forgotten. For a phone with one owner that may be right. For a shared device it is not.
#
# ## Reflect (9 minutes)
#
# - 8 bits take a quarter of the bytes and often cost almost nothing; small networks may lose points. With fewer bits comes a cliff, which
#   finer scales and training for it move.
# - Zeros save time only where something skips them. A smaller matrix needs no such help.
# - A teacher's best gift is labels for images that nobody labelled.
# - Report percentiles after a warm-up, with the outliers; a deadline is missed by the tail.
# - A choice for the edge is a point in accuracy, time, memory and energy, with its assumptions named.
#
# **Where this goes wrong in practice**: calibration on data unlike the field's; an average accuracy that hides a group's loss; times
# measured on a laptop, cold, or as a mean; a chip's advertised peak taken for its speed; a model that fits the flash but not the RAM; a
# sensor that comes loose, and a monitor that goes on answering.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.tails(), questions.sparse(), questions.aware())

# %% [markdown] answer="defend_a_point" points=2
# **Exercise 5** ●●○ (4 minutes). Defend a point on the Pareto front. Choose a product (a bird camera on a Raspberry Pi, a warning in a car, a phone's photo search).
# From the explorer of part 4 take one model for it, and write: *deadline, and why · the model, its accuracy, file and time · what
# you gave up · the assumption that worries you most · how you would test it before shipping*.
#
# <!-- BEGIN SOLUTION -->
# *Product*: a bird camera on a Raspberry Pi 5, two pictures a second. *Deadline*: 500 ms for the picture, of which 250 ms for the model,
# since the camera and saving take the rest; a bird stays for seconds, so a late answer is a nuisance and no danger. *Model*:
# EfficientNet_B2, the most accurate that the explorer shows within 250 ms at a fifth of the peak: 80.61 % and a file of 36.9 MB, both
# published; 71 ms, simulated. *Given up*: EfficientNet_B4, 83.38 %, takes 286 ms, four times the time and energy, and misses the deadline.
# *Worry*: the share of the peak is a guess, and a Pi in the sun lowers its clock when it gets hot; and ImageNet's accuracy is not accuracy
# on my birds at dusk. *Test*: p50, p95, p99 on a warm Pi over an hour with the camera running, energy by a meter at the plug, and 300
# labelled pictures from my own garden, some at dusk, some without a bird.
# <!-- END SOLUTION -->
