# %% [markdown]
# # 06 · Clusters
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need Python, NumPy, the training loop (lesson 03), and lesson 05's idea that moving numbers
# costs time.
#
# You will be able to
#
# - add up gradients over many processes with messages between neighbours, and say what every link carries;
# - run a training on several processes, on this computer, and give the command for many computers;
# - split a model by columns, rows and layers, and a batch into parts, and get the same result;
# - choose a plan for a given model and cluster, and say how often it should be saved.
#
# The largest models are trained on many thousand chips. Nearly all that these do, a few processes on your computer can show, so
# that is what you will do; the rest is calculated.
#
# ## Part 1 · One sum, many ranks (14 minutes)
#
# [[Data parallel|data parallel]] is the simplest way to use many chips: each has the whole model, and each gets its own part of the
# batch. After the backward pass every chip has the gradients of its own part. Were each to step on its own, the models would drift
# apart. So the gradients are averaged first, and all take the same step.
#
# A process that takes part, usually one for each chip, is called a [[rank]]; ranks are numbered from 0. The operation that leaves the
# sum of everyone's arrays with everyone is called [[all-reduce]]; divided by the number of ranks, the sum is the average. Gradients
# are as many as weights, often billions, so it matters how this is done. In a [[ring]] every rank talks to its neighbours only: it
# sends to the next one and receives from the one before. The array is cut into as many pieces as there are ranks. What does that
# cost in a large ring? Commit yourself, then walk through a small one step by step, and set *Way* to *tree*, where pairs add up whole
# arrays until one rank has the sum, which goes back the same way.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course.clusters import collectives, exercises, explorers, launch, questions, ring
from course.facts.interruptions import interruptions
from course.facts.links import link
from course.scratch.nn import functional as F

print(f"This computer lets us use {launch.cores()} core(s).")
print(launch.nothing_to_run_on() or "PyTorch can start several processes here.")
traffic_guess = questions.traffic_guess()
traffic_guess

# %%
for ranks in (2, 4, 16, 1000):
    cost = collectives.closed_form("ring all-reduce", ranks, 1.0)
    print(f"{ranks:5} ranks: {cost.sent:.3f} times the array from each rank, in {cost.steps} steps")
display(explorers.all_reduce(), traffic_guess.compare(questions.traffic_found()))

# %% [markdown]
# With $n$ ranks, the sums travel round in $n - 1$ steps; this is a [[reduce-scatter]], which leaves each rank with the whole sum of one
# piece. An [[all-gather]], $n - 1$ steps more, gives every rank the pieces of all others. A piece is $1/n$ of the array, so each link
# carries $2 (n-1)/n$ times the array. That never reaches 2, and all links work at once. What does grow is the number of steps, each of
# which costs some microseconds; over many ranks real libraries therefore use trees, too. Theirs cut the array up and
# use two trees at once, so that no rank sends more than about twice the array.
#
# **Exercise 1** ●●● (9 minutes). Write the ring. Your function runs in *every* rank, each a real process of its own on this
# computer; nothing is shared. `pieces` is the rank's own array, cut into as many pieces as there are ranks; afterwards each piece
# must be its sum over all ranks. `send(array)` hands an array to the next rank and returns at once; `receive()` waits for an array from
# the rank before and returns it. Your function returns nothing. The picture above shows which piece travels when. (The first check
# takes some seconds: it starts the processes for known wrong answers, too.)


# %% exercise="ring_all_reduce"
def ring_all_reduce(pieces, rank, send, receive):
    """Replace every piece by its sum over all ranks, in place. There are len(pieces) ranks."""
    ### BEGIN SOLUTION
    n = len(pieces)
    for step in range(n - 1):
        send(pieces[(rank - 1 - step) % n])
        pieces[(rank - 2 - step) % n] += receive()
    for step in range(n - 1):
        send(pieces[(rank - step) % n])
        pieces[(rank - 1 - step) % n] = receive()
    ### END SOLUTION


# %% check="ring_all_reduce" points=2
exercises.ring_all_reduce.check()

# %% [markdown]
# **The same in PyTorch.** `torch.distributed` does this with `dist.all_reduce`. [[torchrun]], PyTorch's own launcher, starts the
# processes and gives each its rank: here four, with a million numbers each. They sum once with the hand-built ring, which sends
# with `dist.isend` and receives with `dist.recv`, and once with `dist.all_reduce`. Interrupt the cell if you like: no process
# stays behind. When your check is content, put your own function in: `function=ring_all_reduce`.

# %%
by_hand = launch.launch("course.clusters.runs.ring", processes=4, function=ring.ring_all_reduce)

# %% [markdown]
# The sums differ in the last digits, for the order of adding differs. Between CPUs the messages are carried by [[gloo]], a
# library inside PyTorch; between NVIDIA's GPUs by [[NCCL]], NVIDIA's own library.
#
# ## Part 2 · Data parallel, for real (7 minutes)
#
# Two processes train on the digits, each on half of every batch. First the gradients are averaged by hand. Then PyTorch's
# `DistributedDataParallel` ([[DDP]]) averages the gradients, and sends some while others are still being computed. Last, one
# process trains alone on the whole batches, and the weights are compared.
#
# The program, `course/clusters/runs/data_parallel.py`, does not know how many computers it runs on. The last lines say what is typed
# for two processes here, and what on *every* one of 16 machines (*nodes*) with 8 GPUs each; where every process has a GPU, the
# program takes NCCL in place of gloo. The [[rendezvous]], here on the machine called `node0`, is where the processes find one
# another and are given their ranks.

# %%
module = "course.clusters.runs.data_parallel"
parallel = launch.launch(module, "--steps", 40, processes=2)
seconds = parallel.result["seconds"]
print(", ".join(f"{name}: {time:.2f} s" for name, time in seconds.items()), end="\n\n")
print(launch.command_line(module, processes=2))
print(launch.command_line(module, processes=8, nodes=16, first="node0"))
print(launch.typed_by_hand())

# %% [markdown]
# The same weights, up to rounding. And no faster: in so small a model the messages take longer than halving the batch saves. Of every
# model that is the question: *does a chip compute long enough between two messages?*
#
# And with a single chip? [[Gradient accumulation|gradient accumulation]] gets the step of a large batch from one chip: compute the
# gradients part by part, let them add up, step once. It takes more time instead of more chips.
#
# **Exercise 2** ●●○ (5 minutes). The code below is meant to make the very step that the whole batch would make, with
# at most `size` images in the model at once. No error is raised, yet training goes differently. Repair it; mind that the last part
# may be smaller than the others.
#
# ```python
# def big_batch_step(model, optimizer, images, labels, size):
#     for start in range(0, len(images), size):
#         optimizer.zero_grad()
#         x, y = images[start : start + size], labels[start : start + size]
#         loss = F.cross_entropy(model(x), y)
#         loss.backward()
#     optimizer.step()
# ```


# %% exercise="big_batch_step" shown=["optimizer.zero_grad()", "for start in range(0, len(images), size):", "x, y = images[start : start + size], labels[start : start + size]", "loss = F.cross_entropy(model(x), y)", "optimizer.step()"]
def big_batch_step(model, optimizer, images, labels, size):
    """Step as the whole batch would, with at most `size` images at once; `model` is of course.scratch."""
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    for start in range(0, len(images), size):
        x, y = images[start : start + size], labels[start : start + size]
        loss = F.cross_entropy(model(x), y)
        (loss * (len(x) / len(images))).backward()
    optimizer.step()
    ### END SOLUTION


# %% check="big_batch_step" points=2
exercises.big_batch_step.check()

# %% [markdown]
# ## Part 3 · When the model does not fit (13 minutes)
#
# With whole copies, each chip must hold every weight, its gradient and the optimizer's state: with Adam, which keeps two averages,
# four numbers of four bytes each, 16 bytes a weight. To these come the *activations*: what the forward pass has computed and the
# backward pass will need. [[Fully sharded|fully sharded data parallel]] data parallel (FSDP; also called ZeRO, stage 3) cuts weights,
# gradients and the optimizer's state into shares: a rank keeps its own share of every layer, and gathers the other weights just
# while it computes that layer. Two real processes, memory measured in each:

# %%
sharded = launch.launch("course.clusters.runs.sharded", "--steps", 2, processes=2)

# %% [markdown]
# Half the bytes on each rank, the same weights up to rounding, and more traffic. What the process really grew by (where the system
# tells) is more: gathered layers, activations and buffers take room, too. [[Tensor parallel|tensor parallel]] goes further: it
# splits the computing within a layer as well, each rank having some rows or columns of the layer's matrices.
#
# **Exercise 3** ●●○ (5 minutes). Split `relu(x @ a) @ b` over the ranks. Cut `a` by *columns*: each rank then computes its columns
# of the hidden layer in full, ReLU included. Cut `b` by *rows*: what a rank has of the hidden layer meets the rows that
# belong to it. The results of all ranks, added by one all-reduce, are the whole; return this rank's. Rank 0 has the first columns;
# all shares are equal.


# %% exercise="my_part"
def my_part(x, a, b, rank, ranks):
    """This rank's summand of relu(x @ a) @ b, from its share of a and b alone."""
    ### BEGIN SOLUTION
    each = a.shape[1] // ranks
    mine = slice(rank * each, (rank + 1) * each)
    hidden = np.maximum(x @ a[:, mine], 0)
    return hidden @ b[mine]
    ### END SOLUTION


# %% check="my_part"
exercises.my_part.check()

# %% [markdown]
# (`course.clusters.runs.tensor_parallel` does this in real processes, backward pass included, and
# `course.clusters.runs.stages` the pipeline that follows; start them as above.)
#
# [[Pipeline parallel|pipeline parallel]] cuts the model between layers into [[stages|stage]], one a chip. To keep all busy, the batch is cut into
# [[micro-batches|micro-batch]], small parts that follow one another through the stages. At the beginning and the end of a step some stages have
# nothing to do: this waiting is the pipeline's [[bubble]].

# %%
bubble_guess = questions.bubble_guess()
bubble_guess

# %%
display(explorers.pipeline_schedule(), bubble_guess.compare(questions.bubble_found()))

# %% [markdown]
# [[GPipe]] sends all micro-batches forward, then all back. [[1F1B]] does one forward, one backward, in turn: the bubble is the same, but
# a stage keeps the activations of no more micro-batches than there are stages. In an [[interleaved|interleaved schedule]] schedule
# each stage has several stretches of layers that are not neighbours, its [[chunks|chunk]]: the bubble becomes as many times smaller,
# for more messages and more activations than in 1F1B. With $p$ stages, $m$ micro-batches and $v$ chunks a stage waits
# $(p-1)/(v m)$ of its *working* time. Compare the three in the picture. (Newer schedules, zero bubble and DualPipe among them, cut
# the backward pass in two and fill most of the bubble.)
#
# **Exercise 4** ●●○ (4 minutes). How many micro-batches are enough? Return the smallest number with which a stage waits at most
# `share` of the *whole* time, work and waiting together. With more than one chunk it must be a multiple of the stages (so
# Megatron-LM's schedule wants it; Llama 3's does without).


# %% exercise="enough_micro_batches"
def enough_micro_batches(stages, chunks, share):
    """The smallest number of micro-batches with which at most `share` (above 0, up to 1) of the time is waited."""
    ### BEGIN SOLUTION
    step = stages if chunks > 1 else 1
    micro_batches = step
    while (stages - 1) / (chunks * micro_batches + stages - 1) > share:
        micro_batches += step
    return micro_batches
    ### END SOLUTION


# %% check="enough_micro_batches"
exercises.enough_micro_batches.check()

# %% [markdown]
# ## Part 4 · A plan, and what breaks (8 minutes)
#
# Real plans combine all of these: tensor parallel over the fast links inside a machine, a pipeline between machines, and data
# parallel over all of it. Two things go wrong: chips are *out of memory*, or mostly wait, for links or in the bubble. The cell prints
# how unlike links are.
#
# The designer begins with a plan that fails twice: too much memory, and chips that wait in the bubble. *Load the published plan*, and see
# what it does differently. Then set *Tensor ranks* to 32, which is four machines: it fits easily, and waits for links. Go back to 8,
# set *Pipeline stages* to 1, and see what overflows. At last let it *Find the best plan*, and compare that with what
# was really run. *Sharded* is what the data ranks share out instead of all keeping it. *Computed again* throws activations away and
# computes them once more in the backward pass: memory bought with time. (*Context* ranks share the tokens of a
# long text; experts come in lesson 08.)
#
# All of it is calculated, with a few constants for each generation of chips, some fitted to published runs, these among them; what
# was published stands beside it. [[MFU]], model FLOPs utilisation, is the share of the chips' peak that goes into the model's own
# arithmetic (a FLOP is one addition or multiplication; what is computed again does not count).

# %%
for name in ("NVLink 4", "InfiniBand NDR"):
    found = link(name)
    print(f"{name}, {found.kind}: {found.gb_s_each_way:g} GB/s each way ({found.source})")
explorers.cluster_designer()

# %% [markdown]
# With so many parts something always breaks. When one rank dies, all must stop, for nobody's sum is complete without it. A
# [[checkpoint]] is the state of a run, saved now and then: weights, optimizer, and how far it has come. Everyone goes on from the last
# one. Save too seldom, and much work is lost; too often, and saving takes the time. How often does a large run fail? Guess; then see
# what Meta counted in its run of Llama 3.

# %%
failure_guess = questions.failure_guess()
failure_guess

# %%
rows = interruptions()
for row in rows[:3]:
    print(f"{row.component:24} {row.count:4.0f} times")
print(
    f"{sum(row.count for row in rows):.0f} unexpected stops in {rows[0].days:g} days, {rows[0].run}: {rows[0].source}"
)
display(failure_guess.compare(questions.failure_found()), explorers.checkpoint_interval())

# %% [markdown]
# A rule says where the top of the curve lies. Saving takes $s$ after each $t$ of work: a share of about $s/t$. A failure comes every $M$
# and undoes half an interval, both on average: about $t/(2M)$. Their sum is least where both are equal, at $t = \sqrt{2 s M}$, which is Young's rule
# (1974); Daly (2006) adds terms for saves that take long. Set *Save after* to it. (Large runs save in the background; $s$ is
# what they still wait.)
#
# Now for real: rank 1 is killed in the middle, without warning. `torchrun --max-restarts 1` notices, ends the others, starts all
# anew, and they go on from the checkpoint of step 20.

# %%
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:
    resumed = launch.launch("course.clusters.runs.resume", "--folder", folder, restarts=1)

# %% [markdown]
# Five steps were done twice, and the weights equal, up to rounding, those of a run that nothing disturbed: a checkpoint holds the
# optimizer's state too, and the order of the images does not depend on when the run was started.
#
# ## Reflect (8 minutes)
#
# - Data parallel is an average of gradients; in a ring each rank sends less than twice its array, however many ranks there are.
# - Sharding pays for memory with traffic, tensor parallel splits the computing and needs the fastest links, a pipeline waits in its
#   bubble, accumulation takes time instead of chips. None of them changes the step, rounding aside.
# - A plan fails by memory or by waiting. Large runs fail every few hours, so a restart must be as ordinary as a step.
#
# **Where this goes wrong in practice**: ranks that see the same images, because nobody split the data; a mean of means over unequal
# parts; a learning rate left as it was when the batch grew with the ranks; one slow chip for which all others wait; a rank that
# waits for a message nobody sends, without any error; a checkpoint without the optimizer, or one that was never loaded before it was
# needed.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.where_to_split(), questions.what_sharding_buys(), questions.more_replicas())

# %% [markdown] answer="cluster_decision" points=2
# **Exercise 5** ●●○ (4 minutes). Decide. A firm wants to train all 70 billion weights of an open language model further, on text of
# its own. It can rent 8 machines of 8 GPUs with 80 GB each (links as printed above), or buy a single such GPU.
# What do you advise for the 8 machines: which way of splitting goes where, and why does it fit? What changes with one GPU, and
# can gradient accumulation help there? Name the risk that worries you most.
#
# <!-- BEGIN SOLUTION -->
# *Does it fit?* With Adam 16 bytes a weight: 1.1 TB, of 64 times 80 GB = 5.1 TB. Not on one machine of
# 0.64 TB, so the state must be spread over several. *Plan*: fully sharded data parallel over all 64 GPUs is simplest: 18 GB a GPU for
# the state, the rest for activations. If the links between machines hold it up, tensor parallel over the 8 GPUs of a
# machine (all-reduce in every layer needs the fast links), and sharding or a pipeline between machines.
#
# *One GPU*: the weights alone take 140 GB in 16 bits. Accumulation saves memory for activations only, never for weights, gradients
# or the optimizer, so it does not help; a smaller model, or fine-tuning with most weights frozen and
# stored in fewer bits (lesson 10), would. *Risk*: a run without tested checkpoints: one failure costs everything since the last one.
# I would kill a rank on purpose in the first hour.
# <!-- END SOLUTION -->
