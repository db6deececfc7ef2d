# %% [markdown]
# # 02 · Autograd by hand
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need lesson 01, or to have trained a network before, and Python with NumPy arrays.
#
# You will be able to
#
# - say what a gradient is, and follow one back through any expression by the chain rule;
# - write the rules of a product, of tanh and of a matrix product, and the walk that ties them together;
# - find two bugs that raise no error and that such an engine easily has;
# - check a gradient by finite differences, and know when not to believe the check;
# - train a network on real images with an engine of your own, whose gradients equal PyTorch's.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote. A `NameError` says that a cell above has
# not been run since the kernel started: choose *Run*, then *Run All Above Selected Cell*.
#
# ## Part 1 · Nudges (12 minutes)
#
# Training asks one question of every number in a model: *if I nudge it a little, how does the loss change?* The
# [[derivative]] of a result `y` for a number `a`, written dy/da, is the change of the result divided by a tiny nudge of the number.
# All derivatives together are the gradient. One can simply try:

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course import datasets
from course.backpropagation import engine, exercises, explorers, network, questions
from course.backpropagation.walks import first_come_order


def f(a, b, c):
    return a * b + c


nudge = 0.001
here = f(2.0, -3.0, 10.0)
print(f"a: {(f(2.0 + nudge, -3.0, 10.0) - here) / nudge:.3f}")
print(f"b: {(f(2.0, -3.0 + nudge, 10.0) - here) / nudge:.3f}")
print(f"c: {(f(2.0, -3.0, 10.0 + nudge) - here) / nudge:.3f}")

# %% [markdown]
# That takes one more evaluation of `f` for every number, and a model may have billions. [[Autograd|autograd]] (automatic
# differentiation) finds the derivatives for all numbers in one walk. Its idea: a program is a chain of small steps, and the derivative of
# each small step, its [[local derivative]], is known. The [[chain rule]] puts local derivatives together: along a way they
# *multiply*, and where several ways lead from `a` to the result `y`, what comes along them is *added*. (If `p` changes 3 times as fast as
# `a`, and `y` 2 times as fast as `p`, then `y` changes 6 times as fast as `a`.)
#
# Below, an expression is drawn as a [[graph]]: each box is a [[node]], a value, and lines lead to it from its [[parents|parent]], the
# values that it is computed from. Press *Step*: values go forward; then gradients go back. Before each step of the way back,
# say the next number yourself. Then try the expression with `x·x`, and the neuron.

# %%
explorers.graph_stepper()

# %% [markdown]
# You saw it: on the way back, a gradient `g` arrives at each node, and the node's [[rule]] hands each parent `g` times the local
# derivative for that parent. This `g` says how fast the end result changes with the node. Two rules are yours to write.
#
# **Exercise 1** ●○○ (4 minutes). The product `y = a * b`. Given `g`, the gradient that arrived at `y`, and `a` and `b`, return the gradient
# of `a` and the gradient of `b`. The same line serves numbers and arrays, since `*` works element by element.


# %% exercise="mul_backward"
def mul_backward(g, a, b):
    """Return (gradient of a, gradient of b) for y = a * b."""
    ### BEGIN SOLUTION
    return g * b, g * a
    ### END SOLUTION


# %% check="mul_backward" points=1
exercises.mul_backward.check()

# %% [markdown]
# **Exercise 2** ●○○ (3 minutes). `y = tanh(x)` squeezes any number into the range from -1 to 1. Its slope is
# $1 - \tanh^2 x$. Given `g`, and `y`, which was computed on the way there so that nothing need be computed twice, return the
# gradient of `x`.


# %% exercise="tanh_backward"
def tanh_backward(g, y):
    """Return the gradient of x for y = tanh(x)."""
    ### BEGIN SOLUTION
    return g * (1 - y * y)
    ### END SOLUTION


# %% check="tanh_backward" points=1
exercises.tanh_backward.check()

# %% [markdown]
# ## Part 2 · The walk back (12 minutes)
#
# A program can do what you did by hand, if values remember where they came from. `engine.Tensor` does: it holds
# an array (`data`), its gradient (`grad`, zero at first), its `parents`, and its `rule`. `h = 2 * x` makes a `Tensor`
# whose parents are `x` and 2 and whose rule is the one of a product. Then a walk starts at the result and *sends back* every
# node once: the node's rule hands its gradient on, and what arrives at a parent is added to what it has.
#
# In which order? The nearest first seems natural. Commit yourself before you run it:

# %%
order_guess = questions.order_guess()
order_guess

# %%
x = engine.Tensor(1.0)
h = 2 * x
y = h + 3 * h

engine.send_back(first_come_order(y))
print("y =", y.data, "and the walk says dy/dx =", x.grad)
order_guess.compare(f"{x.grad:g}")

# %% [markdown]
# `y` is 8x, so the derivative is 8. The walk met `h` early, on the short way, and sent it back when only the 1 of that way
# had arrived. The 3 that came along the other way was added to `h` too late, and never went on. To watch it happen,
# choose *h + 3·h* in the graph stepper, and the order *first met, first served*.
#
# So a node may be sent back only when everything computed from it has been. Nodes are in [[topological order]] when
# each stands *after* all its parents in the list; walk from that list's end.
#
# **Exercise 3** ●●○ (6 minutes). Return all nodes that `root` was computed from, and `root` itself, in topological order:
# each once, parents before what is computed from them, `root` last. A node's parents are `node.parents`.


# %% exercise="topological_order"
def topological_order(root):
    """Return the nodes below root, parents first, root last."""
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order
    ### END SOLUTION


# %% check="topological_order" points=2
exercises.topological_order.check()

# %% [markdown]
# **Exercise 4** ●●○ (4 minutes). Here is a colleague's walk, given the nodes in topological order. It is right for
# `a * b + c`. For `x * x` at 3 it says 3 instead of 6. Write the repaired function below.
#
# ```python
# def send_back(order):
#     order[-1].grad = np.ones_like(order[-1].data)
#     for node in reversed(order):
#         if node.rule is not None:
#             for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
#                 parent.grad = g
# ```


# %% exercise="send_back" shown=["order[-1].grad = np.ones_like(order[-1].data)", "for node in reversed(order):", "if node.rule is not None:", "for parent, g in zip(node.parents, node.rule(node.grad), strict=True):"]
def send_back(order):
    """Send gradients from the last node of order back to all others."""
    ### BEGIN SOLUTION
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = parent.grad + g
    ### END SOLUTION


# %% check="send_back" points=2
exercises.send_back.check()

# %% [markdown]
# ## Part 3 · Arrays (8 minutes)
#
# Networks compute with arrays, and two things are new, broadcasting and the matrix product. [[Broadcasting|broadcasting]] combines arrays of
# two shapes, aligned at the right: each is repeated along the axes that it lacks, or in which it has length 1. So NumPy adds a bias of shape `(4,)` to a batch of shape `(3, 4)`. A number that was repeated acts in several places, and
# by the chain rule what comes back from those places is added: *the reverse of repeating is a sum*.
#
# Before you look: which of the shapes `(3,)`, `(3, 1)`, `(1, 4)` can be added to `(3, 4)`, and over which axis is each
# one's gradient summed?

# %%
explorers.broadcasting()

# %% [markdown]
# In the engine, this is the function `unbroadcast`: it sums over the axes that were added, then over those stretched from 1.
#
# In the [[matrix product]] `a @ b` each element is a row of `a` times a column of `b`, element by
# element, added up. So its rule follows from those you know; but it is easier to find by shapes. A gradient always has the shape of what it belongs to. With `a`
# of shape `(n, k)` and `b` of shape `(k, m)`, the result and so `g` have shape `(n, m)`. With `n`, `k` and `m` all different, there is only one way to
# multiply `g` and one of the two, turned where needed, so that the shape comes out right.
#
# **Exercise 5** ●●○ (5 minutes). Write it: given `g`, `a` and `b`, return the gradients of `a` and of `b`. `x.T` is `x` with rows and
# columns exchanged.


# %% exercise="matmul_backward"
def matmul_backward(g, a, b):
    """Return (gradient of a, gradient of b) for y = a @ b."""
    ### BEGIN SOLUTION
    return g @ b.T, a.T @ g
    ### END SOLUTION


# %% check="matmul_backward" points=2
exercises.matmul_backward.check()

# %% [markdown]
# ## Part 4 · Your engine (10 minutes)
#
# That was everything. The next cell puts the five functions, as far as they pass their checks, into a frame: the class
# `Tensor`, and a few lines for each operation. Open *Read it whole*: there should be hardly a line that you could not explain.
# Two rules you have not met. `total`, a sum, gives its gradient to every element. `cross_entropy` is the loss of lesson 03: its gradient is the
# probabilities that the network gave less those that would have been right, divided by the number of images.

# %%
mine = exercises.assemble_engine(globals())
mine

# %% [markdown]
# Is it right? The oldest test is the one that we began with. A [[finite difference]] is a derivative found by a nudge: the *forward*
# difference is $(f(x + ε) - f(x)) / ε$; the *central* one, $(f(x + ε) - f(x - ε)) / 2ε$, nudges both ways. A smaller step ε
# gets closer to the true slope. Or does it? (NumPy counts in [[float64]], numbers of about 16 digits; networks are trained in
# [[float32]], numbers of about 7 digits and half the size, or in shorter ones still, as lesson 05 shows.)

# %%
step_guess = questions.step_guess()
step_guess

# %%
display(explorers.gradient_check(), step_guess.compare(questions.best_step()))

# %% [markdown]
# The curve is a V. The V's right side is [[truncation]]: the step is so long that the bend of the function counts as slope.
# The V's left side is [[round-off]]: $f(x + ε)$ and $f(x - ε)$ agree in nearly all of their digits, so their difference is made of the
# last ones, which are rounded. Truncation grows like $ε$ in the forward difference and like $ε^2$ in the central one, round-off like
# $1 / ε$; the marks show where theory expects the least of both, at about the square root of the rounding error for the forward
# difference, at its cube root for the central one. Look at float32 too, in which
# the V is shallow, and at relu with `x` near 0, where a step that reaches past the kink is wrong in float64 too.
#
# So a finite difference can tell a wrong rule from a right one, but not see the last digits. For those
# we need an engine that is known to be right. Below, one loss over 100 images of handwritten digits goes back through a network of two
# layers, by `mine` and by PyTorch, in float64 (the check allows 1e-10, a ten-billionth); and then `mine` trains.

# %%
digits = datasets.load("digits")
beside = network.beside_torch(mine, digits)
assert beside.largest < 1e-10
beside

# %%
w1, b1, w2, b2 = parameters = [mine.Tensor(array) for array in network.first_weights(seed=0)]
for epoch in range(10):
    losses = []
    for images, labels in network.batches(digits, 32, seed=epoch):
        for p in parameters:
            p.grad = np.zeros_like(p.data)
        hidden = mine.tanh(mine.Tensor(images) @ w1 + b1)
        loss = mine.cross_entropy(hidden @ w2 + b2, labels)
        loss.backward()
        for p in parameters:
            p.data = p.data - 0.2 * p.grad
        losses.append(loss.data)
    print(f"epoch {epoch + 1:2d}: loss {np.mean(losses):.3f}")
print(f"{network.accuracy(digits, parameters):.1%} of the held-out digits are right. {mine.whose}")

# %% [markdown]
# It trains, on images of real handwriting, and is right on most of those that it has never seen. Lesson 03 is about that loop.
#
# You can now read `course.scratch`, the engine of the lessons that follow. It is yours, made complete and fast:
#
# | yours | in `course/scratch/` | what it adds |
# |---|---|---|
# | `Tensor(data, parents, rule)` | `record` in `autograd.py` | remembers only what will need a gradient |
# | `topological_order`, `send_back` | `walk` in `autograd.py` | no recursion, so a graph may be a million nodes deep; frees nodes as it passes |
# | `unbroadcast` | `unbroadcast` in `autograd.py` | the sum as one matrix product |
# | `mul_backward` | `mul` in `arithmetic.py` | skips what nobody wants |
# | `matmul_backward` | `matmul` in `products.py` | stacks of matrices |
#
# The file `course/scratch/README.md` of the course says in which order to read the files. To see a function without leaving the
# notebook, make a new cell with `from course.scratch import autograd`, run it, and then one with `autograd.walk??`.
#
# ## Reflect (8 minutes)
#
# - A gradient says, for each number, how the loss changes when it is nudged.
# - A rule multiplies the gradient that arrives by the local derivatives; the walk adds up where ways meet.
# - The walk needs a topological order; what was repeated must be summed; gradients must accumulate.
# - All derivatives cost about as much as two more evaluations. Differences cost one or two for each parameter.
#
# **Where this goes wrong in practice**: a gradient that overwrites another, and a node sent back too early, raise no
# error and are right on every expression that uses each value once, so test on those that do not; a bias whose gradient
# has the batch's shape; a gradient check in float32, or at a kink, that accuses a rule which is right.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.sharing(), questions.cost(), questions.disagreement())

# %% [markdown] answer="differences_or_backward" points=1
# **Exercise 6** ●●○ (4 minutes). Finite differences need no rules and no walk: a function that can be called is enough. A
# friend wants to train the network above with them. Decide, and defend it in three or four sentences: what would one
# step cost, how exact would it be, and is there a case in which you would advise them all the same?
#
# <!-- BEGIN SOLUTION -->
# The network has 64·32 + 32 + 32·10 + 10 = 2,410 parameters, so one gradient by central differences takes 4,820 losses, where
# the walk back costs about as much as two. It would be exact to about ten digits in float64, at the right step, which
# is enough to train; the cost is what rules it out, and it grows with every parameter added. I would use them to
# test a rule, on a few parameters, and for a program that I cannot look into and that has only a handful of knobs.
# <!-- END SOLUTION -->
