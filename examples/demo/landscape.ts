import { html } from "hono/html";

const WIDTH = 640;
const HEIGHT = 200;
const HILLS = 4;

type Markup = ReturnType<typeof html>;

/** Draws hills under a sun, other ones each time. The style sheet colours them. */
export function drawLandscape(): Markup {
  const sun = { x: between(0.15, 0.85) * WIDTH, y: between(0.2, 0.4) * HEIGHT };
  const hills = Array.from({ length: HILLS }, (_, i) => outline(HEIGHT * (0.42 + i * 0.14)));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Hills under a sun">
    <rect class="sky" width="${WIDTH}" height="${HEIGHT}" />
    <circle class="sun" cx="${sun.x.toFixed(1)}" cy="${sun.y.toFixed(1)}" r="22" />
    ${hills.map((d, i) => html`<path class="hill hill-${i + 1}" d="${d}" />`)}
  </svg>`;
}

/** A hill around a height: two waves on each other, down to the ground. */
function outline(height: number): string {
  const [long, short] = [wave(0.8, 1.6, 16), wave(2.2, 4, 6)];
  const points = Array.from({ length: WIDTH / 8 + 1 }, (_, i) => {
    const x = i * 8;
    return `${x},${(height + long(x) + short(x)).toFixed(1)}`;
  });
  return `M0,${HEIGHT} L${points.join(" L")} L${WIDTH},${HEIGHT} Z`;
}

/** A sine with so many turns over the width, and so high at most. */
function wave(fewest: number, most: number, height: number): (x: number) => number {
  const [turns, start, top] = [between(fewest, most), between(0, 2 * Math.PI), between(0.5, 1) * height];
  return (x) => top * Math.sin(start + (x / WIDTH) * turns * 2 * Math.PI);
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}
