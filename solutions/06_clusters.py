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
# The largest models are trained on many thousand chips. None of these does anything that two processes on your computer cannot
# show, so that is what you will do.
#
# ## Part 1 · One sum, many ranks (14 minutes)
#
# [[Data parallel|data parallel]] is the simplest way to use many chips: each has the whole model, and each gets its own part of the
# batch. After the backward pass every chip has gradients of its own images. Were each to step on its own, the models would drift
# apart. So the gradients are averaged first, and all take the same step.
#
# A process that takes part is called a [[rank]]; ranks are numbered from 0. The operation that leaves the sum of everyone's
# arrays with everyone is called [[all-reduce]]. Gradients are as many as weights, often thousands of millions, so it matters how this
# is done. In a [[ring]] every rank talks to its neighbours only: it sends to the next one and receives from the one before. The array
# is cut into as many pieces as there are ranks. What does that cost in a large ring? Commit yourself, then walk through a small one
# step by step, and set *Way* to *tree*, where pairs add up whole arrays and one rank ends with the sum.

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
# In $n - 1$ steps the sums travel round; this is a [[reduce-scatter]], which leaves each rank with the whole sum of one piece. In $n - 1$
# more an [[all-gather]] gives every rank the whole sums of all pieces. A piece is $1/n$ of the array, so each link carries $2 (n-1)/n$ times the
# array. That never reaches 2, and all links work at once. What does grow is the number of steps, each of which costs some
# microseconds; over thousands of ranks real libraries therefore use trees, too.
#
# **Exercise 1** ●●● (9 minutes). Write the ring. Your function runs in *every* rank, each a real process of its own on this
# computer; nothing is shared. `pieces` is a list of as many arrays as there are ranks; afterwards each must be the sum
# over all ranks. `send(array)` hands an array to the next rank and returns at once, `receive()` waits for one from the
# rank before. The picture above has the numbering. (The first check takes some seconds: it starts the processes for known wrong
# answers, too.)


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
# **The same in PyTorch.** `torch.distributed` does this with `dist.all_reduce`. Here are four processes with a million numbers
# each, started by [[torchrun]], PyTorch's own launcher of processes. They sum once with the hand-built ring over `dist.isend` and
# `dist.recv`, once with `dist.all_reduce`. Interrupt the cell if you like: no process stays behind. When your check is
# content, put your own function in: `function=ring_all_reduce`.

# %%
by_hand = launch.launch("course.clusters.runs.ring", processes=4, function=ring.ring_all_reduce)

# %% [markdown]
# The sums differ in the last digits, for the order of adding differs. Between processors the messages are carried by [[gloo]], a
# library inside PyTorch; between NVIDIA's GPUs it is [[NCCL]], NVIDIA's library, which has rings and trees as you have just seen.
#
# ## Part 2 · Data parallel, for real (7 minutes)
#
# Two processes train on the digits, each on half of every batch: once with the gradients averaged by hand, and once by
# PyTorch's `DistributedDataParallel` ([[DDP]]), which sends gradients while others are still being computed. Then one process
# trains alone on the whole batches, and the weights are compared.
#
# The program, `course/clusters/runs/data_parallel.py`, does not know how many computers it runs on. The last lines say what is typed
# for two processes here, and what on *every* one of 16 machines with 8 GPUs each; NCCL takes the place of gloo by itself where there
# are GPUs. `node0` is the [[rendezvous]], the place where the machines find one another and are given their ranks.

# %%
module = "course.clusters.runs.data_parallel"
parallel = launch.launch(module, "--steps", 40, processes=2)
seconds = parallel.result["seconds"]
print(", ".join(f"{name}: {time:.2f} s" for name, time in seconds.items()), end="\n\n")
print(launch.command_line(module, processes=2))
print(launch.command_line(module, processes=8, nodes=16, first="node0"))
print(launch.typed_by_hand())

# %% [markdown]
# The same weights, up to rounding. And no faster: so small a model computes for less time than its messages take. Of every model that is
# the question: *does a chip compute long enough between two messages?*
#
# And with a single chip? [[Gradient accumulation|gradient accumulation]] gets the step of a large batch from one chip: compute the
# gradients part by part, let them add up, step once. It is the poor man's cluster.
#
# **Exercise 2** ●●○ (5 minutes). The code below is meant to make the very step that the whole batch would make, with
# at most `size` images in memory. No error is raised, yet training goes differently. Repair it; mind that the last part may be
# smaller than the others.
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
# four numbers of four bytes each, 16 bytes a weight. [[Fully sharded|fully sharded data parallel]] data parallel (FSDP, also ZeRO
# stage 3) cuts weights, gradients and the optimizer's state into shares: a rank keeps its own share of every layer, and gathers the
# other weights just while it computes that layer. Two real processes, memory measured in each:

# %%
sharded = launch.launch("course.clusters.runs.sharded", "--steps", 2, processes=2)

# %% [markdown]
# Half the bytes on each rank, the same weights, and more traffic. What the process really grew by (where the system
# tells) is more by the layer that is gathered at the moment. [[Tensor parallel|tensor parallel]] goes further: it splits the
# computing within a layer as well, each rank having some rows or columns of every matrix.
#
# **Exercise 3** ●●○ (5 minutes). Split `relu(x @ a) @ b` over the ranks. Cut `a` by *columns*: each rank then computes its columns
# of the hidden layer in full, ReLU included. Cut `b` by *rows*: what a rank has of the hidden layer meets the rows that
# belong to it. The results of all ranks, added by one all-reduce, are the whole. Rank 0 has the first columns; all shares
# are equal.


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
# (`course.clusters.runs.tensor_parallel` does this in real processes, backward pass included, and `runs.stages` the pipeline
# that follows; start them as above.)
#
# [[Pipeline parallel|pipeline parallel]] cuts the model between layers into [[stages|stage]], one a chip. To keep all busy, the batch is cut into
# [[micro-batches|micro-batch]], small parts that follow one another through the stages. At the beginning and the end some stages still have
# nothing to do: this waiting is the pipeline's [[bubble]].

# %%
bubble_guess = questions.bubble_guess()
bubble_guess

# %%
display(explorers.pipeline_schedule(), bubble_guess.compare(questions.bubble_found()))

# %% [markdown]
# [[GPipe]] sends all micro-batches forward, then all back. [[1F1B]] does one forward, one backward, in turn: the bubble is the same, but
# far fewer *activations* must be kept (what the forward pass has computed and the backward pass will need).
# [[Interleaved|interleaved schedule]], each stage has several stretches of layers that are not neighbours, its [[chunks|chunk]], which
# makes the bubble as many times smaller, for more messages. With $p$ stages, $m$ micro-batches and $v$ chunks a stage waits
# $(p-1)/(v m)$ of its *working* time. Compare the three in the picture.
#
# **Exercise 4** ●●○ (4 minutes). How many micro-batches are enough? Return the smallest number with which a stage waits at most
# `share` of the *whole* time, work and waiting together. With more than one chunk it must be a multiple of the stages.


# %% exercise="enough_micro_batches"
def enough_micro_batches(stages, chunks, share):
    """The smallest number of micro-batches with which at most `share` (0 to 1) of the time is waited."""
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
# Real plans combine all of these: tensor parallel over the fast links inside a machine, pipeline between machines, and data
# parallel over all of it. Two things go wrong: *out of memory*, or chips that mostly wait for links. The cell prints how unlike links are.
#
# The designer begins with a plan that fails twice: too much memory, and chips that wait in the bubble. *Load the published plan*, and read
# what it does otherwise. Then set *Tensor ranks* to 32, which is four machines: it fits easily, and waits for links. Go back to 8,
# set *Pipeline stages* to 1, and see what overflows. At last let it *Find the best plan*, and compare that with what
# was really run. All of it is calculated, with one set of constants for every plan, and beside it stands what was published.
# [[MFU]], model FLOPs utilisation, is the share of the chips' peak that goes into the model's own arithmetic.

# %%
for name in ("NVLink 4", "InfiniBand NDR"):
    found = link(name)
    print(f"{name}, {found.kind}: {found.gb_s_each_way:g} GB/s each way ({found.source})")
explorers.cluster_designer()

# %% [markdown]
# With so many parts something always breaks. When one rank dies, all must stop, for nobody's sum is complete without it. So the state
# is saved now and then; such a saved state is a [[checkpoint]], and everyone goes on from the last one. Save too seldom, and much work is
# lost; too often, and saving takes the time. How often does it happen? Guess; then see what Meta counted in its run of Llama 3.

# %%
failure_guess = questions.failure_guess()
failure_guess

# %%
rows = interruptions()
for row in rows[:3]:
    print(f"{row.component:24} {row.count:4.0f} times")
print(
    f"{sum(row.count for row in rows):.0f} in all in {rows[0].days:g} days, {rows[0].run}: {rows[0].source}"
)
display(failure_guess.compare(questions.failure_found()), explorers.checkpoint_interval())

# %% [markdown]
# Now for real: rank 1 is killed in the middle, as if its machine had lost power. `torchrun --max-restarts 1` notices, ends
# the others, starts all anew, and they go on from the checkpoint of step 20.

# %%
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:
    resumed = launch.launch("course.clusters.runs.resume", "--folder", folder, restarts=1)

# %% [markdown]
# Five steps were done twice, and the weights equal those of a run that nothing disturbed: a checkpoint holds the
# optimizer's state too, and the order of the images does not depend on when the run was started.
#
# ## Reflect (8 minutes)
#
# - Data parallel is an average of gradients; in a ring each rank sends at most twice its array, however many ranks there are.
# - Sharding saves memory for traffic, tensor parallel splits the computing and needs the fastest links, a pipeline waits in its
#   bubble, accumulation takes time instead of chips. None of them changes the result.
# - A plan fails by memory or by links. Large runs fail every few hours, so a restart must be as ordinary as a step.
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
# **Exercise 5** ●●○ (4 minutes). Decide. A firm wants to train a language model of 70 thousand million weights on text of its
# own. It can rent 8 machines of 8 GPUs with 80 GB each (links as printed above), or buy a single such GPU.
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
