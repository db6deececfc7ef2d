# %% [markdown]
# # 09 · Energy and carbon
#
# {{ launch_links }}
#
# **44 minutes**, in four parts. You need Python; lessons 03, 05 and 08 help.
#
# You will be able to
#
# - turn chips, hours and watts into kilowatt-hours and kilograms of CO2, and say how far off the result can be;
# - say what place and hour change, and by which of two accounts;
# - recompute a published figure from its own inputs, and find the input on which it hangs;
# - measure a run of your own, and write beside the figure how you know it.
#
# Published figures come with their source, what we calculate is called calculated, and what is simulated is called simulated.

# %%
# {{ get_ready }}

# %%
from IPython.display import display

from course.energy import engines, exercises, explorers, meters, published, questions
from course.energy.footprint import Run, account, bloom_run
from course.energy.grids import grid
from course.facts.grids import energy_source, pue
from course.facts.training_energy import bloom_figure, lives, model_cards, patterson_run

print(f"Counted in the chips: {account(bloom_run()).chips_kwh:,.0f} kWh for training BLOOM")

# %% [markdown]
# ## Part 1 · From watts to kilograms (13 minutes)
#
# [[Power|power]] is energy a second: a chip that draws 400 *watts* uses 400 joules each second. A [[kilowatt-hour]] (kWh) is the energy
# of 1,000 watts for an hour, 3.6 million joules. In an hour our chip uses 0.4 of it. That is the whole secret of the number above: the
# hours of all chips, times their watts. BLOOM is a large language model whose authors published such an account, part by part (Luccioni
# et al., 2022). [[CO2 equivalent]] (CO2e) counts other greenhouse gases too, each as the CO2 that would warm as much in a hundred
# years. Guess first:

# %%
bloom_guess = questions.bloom_guess()
bloom_guess

# %%
display(explorers.flow(thousand_hours=1082.99, tdp=400, pue=1.0, grid="FRA"))
for part, (kwh, kg) in account(bloom_run()).parts().items():
    print(f"{part:26} {kwh:>10,.0f} kWh {kg / 1000:6.2f} t of CO2e")
bloom_guess.compare(questions.bloom_share())

# %% [markdown]
# The lines above are the authors' account; the picture is set to its hours. What flows in it:
#
# - *Chips that compute*, that is chip-hours times power. A chip's [[TDP]] (thermal design power) is the heat for which its cooling is
#   built; most accounts take it for its power. A chip alone mostly draws less; with its share of the server around it, it can draw more.
# - *Hardware that waits*: what servers and their network draw for being switched on, even without a job.
# - *Cooling and power supply*. [[PUE]] (power usage effectiveness) is a whole site's energy divided by that of its computers.
#   It cannot be below 1. Raise it from 1, as BLOOM's own account has it, to the 1.2 of Jean Zay, the computer that trained BLOOM.
# - *Making the hardware*. A chip's [[embodied emissions]] are those of its making, spread over the hours for which it is used.
# - *The grid*, which delivers the electricity. The [[carbon intensity]] of a grid is the grams of CO2e that were emitted for a kWh from
#   it, by its mix of power stations.
#
# **How sure?** Two answers stand below the flow. For the *fan* each input is drawn at random within its range, most often near its
# value; dark is the middle half of the results, pale the middle 90 %. It believes that inputs err independently. The *dashed lines*
# believe only the ranges: every input at its low end, then every one at its high end. *Show as table* says where each range comes from;
# some are published, some are our judgement. The line *as set* need not be in the middle: with TDP as power there is more room below
# than above. (The authors took 57 g/kWh, the picture France's mean of a later year, so its total is a little lower than their 50.5 t.)
#
# **Exercise 1** ●○○ (3 minutes). Write the account of the site's electricity. `hours` is the run's time by the clock, `watts` the mean
# power of one chip.


# %% exercise="footprint"
def footprint(chips, hours, watts, pue, g_per_kwh):
    """Return (kilowatt-hours, kilograms of CO2e)."""
    ### BEGIN SOLUTION
    kwh = chips * hours * watts / 1000 * pue
    return kwh, kwh * g_per_kwh / 1000
    ### END SOLUTION


# %% check="footprint" points=2
exercises.footprint.check()

# %% [markdown]
# **Exercise 2** ●●○ (5 minutes). Repair a report. A colleague's tonnes are more than a million times too many, and nobody noticed,
# because nobody has a feeling for tonnes. `jobs` is a list of dictionaries. There are three mistakes.
#
# ```python
# def monthly_report(jobs, pue, g_per_kwh):
#     kwh = 0.0
#     for job in jobs:
#         kwh += job["chips"] * job["hours"] * job["watts"] * pue
#     tonnes = kwh * pue * g_per_kwh / 1000
#     return {"kwh": kwh, "tonnes": tonnes}
# ```


# %% exercise="monthly_report" shown=["kwh = 0.0", "for job in jobs:"]
def monthly_report(jobs, pue, g_per_kwh):
    """Return {"kwh": the site's electricity, "tonnes": of CO2e} of all jobs together."""
    ### BEGIN SOLUTION
    kwh = 0.0
    for job in jobs:
        kwh += job["chips"] * job["hours"] * job["watts"] / 1000 * pue
    return {"kwh": kwh, "tonnes": kwh * g_per_kwh / 1e6}
    ### END SOLUTION


# %% check="monthly_report" points=2
exercises.monthly_report.check()

# %% [markdown]
# ## Part 2 · Where and when (6 minutes)
#
# Electricity looks the same at every socket. What it emitted does not.

# %%
grid_guess = questions.grid_guess()
grid_guess

# %%
display(explorers.where(mwh=433))
for place in ("Norway", "France", "United States", "Poland", "northamerica-northeast1"):
    print(f"{grid(place).label:42} {grid(place).g_per_kwh:6.1f} g/kWh")
print(f"{'Hydropower, life cycle':42} {energy_source('hydroelectricity').g_per_kwh:6.1f} g/kWh\n")
average, good = pue("World average (survey)").pue, pue("Google fleet, trailing 12 months").pue
for place, site in (("Poland", average), ("Poland", good), ("France", average)):
    run = Run(chips=8, hours=100, watts=400, pue=site, g_per_kwh=grid(place).g_per_kwh)
    kwh, kg = account(run).kwh, account(run).kg
    print(f"{place:8} PUE {site:.2f}: {kwh:4.0f} kWh, {kg:4.0f} kg of CO2e")
grid_guess.compare(questions.grid_ratio())

# %% [markdown]
# The grids are *yearly means*, published; below them is a run of 8 accelerators for 100 hours at three sites, calculated. The
# grid outweighs the better building.
#
# The cloud region in Montreal is a warning. A [[life-cycle|life cycle]] account of a grid counts the building of its dams and panels
# too. The countries' table does; the cloud regions' counts only what *running* the power stations emits, and so falls below
# hydropower's life cycle. Never mix two tables: neither is wrong, they answer different questions. Nor two kinds of account: one *by
# location* takes the grid that delivers, one *by market* takes what the operator has bought, even elsewhere. Our sums in this part are
# by location.
#
# **When?** No hour is published in our tables, so the next picture is a *simulated* day of no country: a demand that peaks in the
# evening, a steady clean base, some sun, and natural gas for the rest. Only what each source emits a kWh is published.

# %%
explorers.when()

# %% [markdown]
# The solid line is the average of an hour's mix. The dashed one is the margin. The [[marginal intensity]] of an hour is what one kWh
# *more* would emit, from the station that would be turned up for it. Move *Start* to 9 o'clock. The average falls a lot, the marginal
# does not: the sun's electricity was going to be used anyway, and your job is met by more gas. Now let the sun supply 40 %: at noon
# there is more than anyone needs, and by both accounts the run is cleaner there. A report that shifts jobs in time should say which it
# counts.
#
# ## Part 3 · What is published, and how to doubt it (8 minutes)
#
# A published figure is an account like yours, and can be recomputed from the inputs printed beside it. We do so wherever five tables
# have the inputs (Strubell's grid alone is inferred, from the table's largest row), and look at three more finds:

# %%
rows = published.every()
near = sum(abs(row.distance) < 0.015 for row in rows)
print(f"{near} of {len(rows)} figures come out within 1.5 % of what is printed. The others:")
print(*(row for row in rows if abs(row.distance) >= 0.015), sep="\n")
cards = {card.model: card for card in model_cards()}
theirs, own = cards["BLOOM-175B (LLaMA paper)"], bloom_figure("total emissions")
print(f"\nBLOOM: {own.value:g} t by its authors, {theirs.tco2e:g} t by the LLaMA paper")
print("\nTonnes over hours and TDP, in g/kWh:")
for name in ("LLaMA-65B (LLaMA paper)", "Llama-2-70B", "Llama-3.1-405B"):
    print(f"{name:25} {published.implied_g_per_kwh(cards[name]):.1f}")
paper = cards["LLaMA-65B (LLaMA paper)"]
print(f"that paper's grid times its PUE: {1000 * paper.kg_per_kwh * paper.pue:.1f}\n")
for name in ("coal", "petroleum", "natural_gas", "fossil"):
    print(f"{name:12} {energy_source(name).g_per_kwh:4.0f} g/kWh ({energy_source(name).cite})")

# %% [markdown]
# - *BLOOM's comparison with others.* GPT-3's 1,287 MWh contain PUE already, as Patterson et al. (2021) count them; "without PUE"
#   divides by it, and the energy beside it does not. OPT's row misses its own inputs by 7 %.
# - *BLOOM, twice*, from nearly the same GPU-hours. The LLaMA paper puts every model on one grid (385 g/kWh) at one PUE (1.1), to
#   compare models and not places; the authors count their own grid, and hardware that waits and was made. Either can be quoted,
#   never side by side.
# - *The Llama 2 card* has no number for grid or PUE, but its tonnes are what the earlier paper's grid and PUE give. One may infer
#   that both are in it. Llama 3.1's fit less well, and its card names no grid either.
# - *Energy sources*, from a tool in wide use. A mean of coal, oil and gas cannot be cleaner than the cleanest of them: these four
#   cannot all count the same thing. (The gas of our simulated day is one of them.)
#
# **Two accounts of one search.** In 2019 Strubell et al. estimated a search for a network architecture from its paper. In 2021
# Patterson et al., most of them from Google, where it ran, accounted for it again.

# %%
first, second = published.nas_accounts()
for name in first:
    print(f"{name:11} Strubell {first[name]:>12,.1f}   Patterson {second[name]:>10,.1f}")

# %% [markdown]
# **Exercise 3** ●●○ (5 minutes). Which input makes the difference? Each account is a product of four inputs, so the *ratios* of the
# inputs multiply to the ratio of the results. `one` and `other` are dictionaries with the four names above. Return the four ratios
# (`one` over `other`) under their names, their product as `"total"`, and as `"largest"` the name of the ratio furthest from 1, where
# 1/10 is as far as 10.


# %% exercise="why_they_differ"
def why_they_differ(one, other):
    """Return {"chip_hours": ..., "watts": ..., "pue": ..., "g_per_kwh": ..., "total": ..., "largest": name}."""
    ### BEGIN SOLUTION
    ratios = {name: one[name] / other[name] for name in ("chip_hours", "watts", "pue", "g_per_kwh")}
    total = 1.0
    for ratio in ratios.values():
        total *= ratio
    largest = max(ratios, key=lambda name: max(ratios[name], 1 / ratios[name]))
    return {**ratios, "total": total, "largest": largest}
    ### END SOLUTION


# %% check="why_they_differ" points=2
exercises.why_they_differ.check()

# %%
for name, ratio in published.ratios(first, second).items():
    print(f"{name:11} {ratio:6.2f} times")
gpt3, person = patterson_run("GPT-3"), lives()[0]
years = 1000 * gpt3.gross_tco2e / (person.co2_lbs * published.KG_A_POUND)
print(f"GPT-3's {gpt3.gross_tco2e:g} t: {years:.0f} x '{person.name}' ({person.cite})")

# %% [markdown]
# The grid is the same, PUE makes a factor of 1.4; nearly all lies in the chip-hours. The outsiders scaled up the
# training of the full model; the search itself, Patterson et al. write, tried its candidates on a small stand-in, and on other
# chips. Everybody multiplied correctly. *The input that had to be guessed decided the result.* So ask of each figure: which input is
# counted, which is assumed? Comparisons with everyday life are accounts too; the last line is a magnitude, not a measurement.
#
# ## Part 4 · Serving, and a run of your own (9 minutes)
#
# A model is trained once and answers for years. Training takes about 6 operations a parameter and token (lesson 08), answering
# 2. But answering reaches less of a chip's peak arithmetic, a lower *utilisation*: it computes token by token, and waits for memory
# (lesson 05). When does answering overtake training? Commit yourself:

# %%
serving_guess = questions.serving_guess()
serving_guess

# %%
display(explorers.training_and_serving())
serving_guess.compare(questions.serving_answer())

# %% [markdown]
# Hours and tokens of the training are published; how much is served, and at which utilisation, is not: those are the sliders. Change
# the model and watch the *tokens* at which both are equal: chip, power and size of the model, taken as the same in both, cancel. What
# remains is three times the training tokens, times the utilisation of serving over that of training. A model in wide use can spend more
# on answers than on training.
#
# **This run.** A small network of `course.scratch` learns digits, and its energy is added up. [[RAPL]] (running average power limit) is
# the processor's own energy counter, which Linux shows to whoever may read it; NVIDIA's driver has one for the GPU. What a counter says
# is **measured**. Where there is none, processor time is multiplied by an assumed power: that is **modelled**, and has a range.
# `meters.measure` does so for any code of yours. **The same in PyTorch** follows: one training loop in both engines, with the same
# first weights and batches. On this machine:

# %%
for road, state in meters.available():
    print(f"{road:24} {state}")
_, reading = meters.measure(lambda: sum(number * number for number in range(10**6)))
print(f"\nA million squares:\n{reading}")
display(explorers.this_run())
engines.energy_in_both(steps=400, model="cnn")

# %% [markdown]
# Press *Play*, then *Show as table*. A [[method row]] says what ran, how its energy is known, what is counted and what is left out. A
# counter sees the whole processor with all that runs on it; the modelled figure sees your program alone; neither sees screen, disk or
# power supply.
#
# **Exercise 4** ●○○ (3 minutes). Write the method row of your own runs. `joules` is what a counter said, or `None` where there is
# none; then use `cpu_seconds` times `watts`. A kWh is 3.6 million joules.


# %% exercise="method_row"
def method_row(joules, cpu_seconds, watts, g_per_kwh):
    """Return {"kwh": ..., "grams": of CO2e, "method": "measured" or "modelled"}."""
    ### BEGIN SOLUTION
    method = "measured"
    if joules is None:
        joules, method = cpu_seconds * watts, "modelled"
    kwh = joules / 3.6e6
    return {"kwh": kwh, "grams": kwh * g_per_kwh, "method": method}
    ### END SOLUTION


# %% check="method_row" points=2
exercises.method_row.check()

# %% [markdown]
# ## Reflect (8 minutes)
#
# - Chips x hours x watts, x PUE, x grid: five inputs, each to be counted or assumed, and to be printed beside the result.
# - Place can change a run's CO2e tenfold and more; the hour can change it less than averages claim. Say which account you use, and
#   where its boundary runs.
# - Recompute before you believe. Errors come from inputs that were guessed, from units, and from two tables that count differently.
# - A model in wide use can spend more on answers than on training. Measured and modelled never share a label.
#
# **Where this goes wrong in practice**: kW read as kWh; PUE applied twice or never; TDP taken for a measurement; the final run counted
# and the failed ones forgotten; yearly means used for hours; bought certificates of clean electricity subtracted without a word; a figure in
# flights or cars whose own account is not shown; water, which no table here covers, left out in silence.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.reported(), questions.better_pue(), questions.moved_to_noon())

# %% [markdown] answer="challenge_and_decide" points=2
# **Exercise 5** ●●○ (5 minutes). Challenge and decide. First: choose one published figure from part 3 and the input of it that you
# trust least; say what you would put in its place, and what the result would become. Then: your team plans the run of part 2, 8
# accelerators for 100 hours. Decide at which of its sites and when it runs, and write the one line that you would publish with its
# figure.
#
# <!-- BEGIN SOLUTION -->
# *Challenge.* BLOOM's dynamic part takes 400 W, the TDP, for each of its 1,082,990 GPU-hours. In Patterson's table measured power was
# 0.54 to 1.10 of the TDP; at 0.54 the 24.7 t become about 13 t, at 1.10 about 27 t. PUE is left out of the total of 50.5 t; with Jean
# Zay's 1.2 the electricity's 39.3 t become 47 t. The waiting hardware is the more doubtful part: what the chips draw at rest may be in
# their TDP already.
#
# *Decide.* France, even at an average site: the grid is worth a factor of twelve, the better PUE in Poland less than a third. The hour
# matters less there, and by the marginal account perhaps not at all, so I would not wait for noon. I would publish: "8 accelerators x
# 100 h = 800 chip-hours, counted; 400 W each (TDP, not measured); PUE 1.54 (survey mean, not this site's); 56 g/kWh (France, yearly
# mean 2023, life cycle): 493 kWh, 28 kg of CO2e, 17 to 33 in 90 % of draws over the ranges of our inputs; without manufacture, waiting
# hardware and failed runs."
# <!-- END SOLUTION -->
