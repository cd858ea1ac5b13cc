"""Draws the training log. Usage: curve.py log.csv curve.svg"""

import csv
import sys

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 50, 40
LINES = (("loss", "#888888", "training loss"),
         ("held_soft_dice", "#1f6fb4", "held-back soft Dice"),
         ("held_average_precision", "#c0392b", "held-back average precision"))


def main():
    rows = list(csv.DictReader(open(sys.argv[1])))
    last = max(int(row["step"]) for row in rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']

    def place(step, value):
        return (LEFT + (WIDTH - LEFT - 20) * step / last,
                HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 20) * min(value, 1))

    for tick in range(6):
        x, y = place(0, tick / 5)
        out.append(f'<path d="M{x} {y:.1f}H{WIDTH - 20}" stroke="#dddddd"/>'
                   f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">{tick / 5:.1f}</text>')
        x, y = place(last * tick / 5, 0)
        out.append(f'<text x="{x:.1f}" y="{y + 18}" text-anchor="middle">{last * tick // 5}</text>')
    for number, (name, colour, words) in enumerate(LINES):
        points = " ".join("%.1f,%.1f" % place(int(r["step"]), float(r[name])) for r in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{LEFT + 10 + 190 * number}" y="14" fill="{colour}">{words}</text>')
    out.append(f'<text x="{WIDTH - 20}" y="{HEIGHT - 5}" text-anchor="end">steps</text></svg>')
    open(sys.argv[2], "w").write("\n".join(out) + "\n")


main()
