#!/usr/bin/env python3
"""What is said of change where nothing changed, and where every stria became 10 % narrower.

usage: changes.py PROGRAM FOLDER [PAIRS [STRIAE]]

Renders PAIRS (default 24) pairs of either sort into FOLDER, unless they are there, with STRIAE
striae each (default: as many as usual), compares them, and prints of each total how far its change
is from the truth, how often its interval holds it, and the verdicts. Striae that overlap narrow by
less than each of them, and the view differs, so that 10 % is the truth of the second sort only
within some percent. Two pairs at a time.
"""
import collections
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import sys

SORTS = {"null": (["--null"], 0), "narrow": (["--width-factor", "0.9", "--colour-factor", "1"], -10)}


def render(program, folder, sort, pairs, striae):
    seed = 61000 + 1000 * list(SORTS).index(sort) + (2000 if striae else 0)
    if not folder.exists():
        subprocess.run([program, "phantom", "-o", folder, "--count", str(pairs), "--seed", str(seed),
                        "--hardness", "0.2" if striae else "0.3", "--quiet", *SORTS[sort][0],
                        *(["--striae", striae] if striae else [])], check=True)
    return sorted(path for path in folder.iterdir() if path.is_dir())


def change(program, pair):
    """The change of the pair's totals; None = refused."""
    scale = json.loads((pair / "truth.json").read_text())["px_per_mm"]
    run = subprocess.run([program, "compare", pair / "before.jpg", pair / "after.jpg", "--px-per-mm",
                          str(scale), "--json", "--quiet", "--threads", "1"], capture_output=True)
    found = json.loads(run.stdout)["changes"][0]
    return found["totals"] if found["alignment"]["status"] == "ok" else None


def tell(changes, metric, truth):
    """One line of the table; lengths and areas in % of the first value."""
    errors, held, verdicts = [], 0, collections.Counter()
    for total in changes:
        number = total[metric]
        verdicts[number["verdict"]] += 1
        if number["value"] is None:
            continue
        unit = 1
        if metric != "delta_a":
            unit = number["percent"] / number["value"] if number["value"] else 1
        errors.append(unit * number["value"] - truth)
        held += unit * number["low"] <= truth <= unit * number["high"]
    said = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    print(f"  {metric:8s} {len(errors):3d} {statistics.mean(errors):+7.2f} "
          f"{statistics.pstdev(errors):6.2f} {100 * held / len(errors):5.0f} %   {said}")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 24
    striae = sys.argv[4] if len(sys.argv) > 4 else ""
    folder.mkdir(parents=True, exist_ok=True)
    for sort, (_, truth) in SORTS.items():
        found = render(program, folder / (sort + striae), sort, pairs, striae)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            changes = list(pool.map(lambda pair: change(program, pair), found))
        aligned = [total for total in changes if total]
        print(f"{sort}: {len(aligned)} of {len(changes)} lined up; n, mean error, sd, held, verdicts")
        tell(aligned, "width", truth)
        tell(aligned, "area", truth)
        tell(aligned, "delta_a", 0)


if __name__ == "__main__":
    main()
