"""Draws cost against size: plot.py RESULTS SVG."""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

RESULTS, TARGET = Path(sys.argv[1]), Path(sys.argv[2])
# Readable on light and on dark pages.
GREY = "#808080"
COLOURS = {"Dateline, SQLite": "#0a7d55", "Dateline, PostgreSQL": "#2a6fdb",
           "sitemap.js": "#c8791b", "Django": "#b0413e"}
MARKS = {"Dateline, SQLite": "o", "Dateline, PostgreSQL": "s", "sitemap.js": "^", "Django": "D"}

plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "dateline", "font.size": 10,
                     "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY,
                     "xtick.color": GREY, "ytick.color": GREY})
results = json.loads(RESULTS.read_text())
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for plot, key, label in zip(axes, ("seconds", "peak"), ("seconds", "peak memory, MiB")):
    for name, colour in COLOURS.items():
        points = sorted((r["size"], r[key]) for r in results if r["name"] == name)
        if points:
            plot.plot(*zip(*points), marker=MARKS[name], color=colour, label=name)
    plot.set(xscale="log", yscale="log", xlabel="articles", ylabel=label)
    plot.grid(color=GREY, alpha=0.25, linewidth=0.5)
    plot.spines[["top", "right"]].set_visible(False)
axes[0].legend(frameon=False, labelcolor=GREY)
figure.savefig(TARGET, transparent=True, metadata={"Date": None, "Creator": None})
