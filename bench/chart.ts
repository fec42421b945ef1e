import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Text and axes follow the reader's light or dark mode, also where the file stands in an `<img>`. */
const STYLE = `
  svg { color: #24292f; }
  @media (prefers-color-scheme: dark) { svg { color: #e6edf3; } }
`;

/** Told apart in both modes, and by who sees few colours; ours is the first. */
export const COLOURS: readonly string[] = ["#f6821f", "#4c8eda", "#3aa675", "#b07aa1", "#9c9c9c", "#c9a227"];

/** Draws a plot as an SVG file. */
export function draw(title: string, options: Plot.PlotOptions): string {
  // Its own type names the window of a browser, which the types of Node do not have.
  const { document } = parseHTML("<html><body></body></html>") as unknown as { readonly document: any };
  // Titles would make a figure of HTML around the SVG.
  const svg = Plot.plot({ width: 760, style: { fontSize: "13px" }, ...options, document });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  const style = document.createElement("style");
  style.textContent = STYLE;
  svg.prepend(style);
  return `${svg.outerHTML}\n`;
}

/** Bars on a logarithmic scale, each with its figure beside it. */
export function bars(
  title: string,
  unit: string,
  rows: readonly { name: string; figure: number; label: string }[],
): string {
  const ours = rows.map(({ name }) => name.startsWith("@kvplug"));
  const longest = Math.max(...rows.map(({ figure }) => figure));
  return draw(title, {
    marginLeft: 190,
    marginRight: 130,
    marginBottom: 45,
    height: 75 + 30 * rows.length,
    x: { type: "log", domain: [1, longest], label: unit, grid: true, ticks: 5, tickFormat: "~s" },
    y: { label: null, domain: rows.map(({ name }) => name) },
    marks: [
      // A logarithm has no zero to begin at.
      Plot.barX(rows, {
        x1: 1,
        x2: "figure",
        y: "name",
        fill: (_, i: number) => (ours[i] ? COLOURS[0] : COLOURS[4]),
        rx: 2,
      }),
      Plot.text(rows, { x: "figure", y: "name", text: "label", textAnchor: "start", dx: 6 }),
    ],
  });
}

/** Lines on two logarithmic scales, each named at its end. */
export function lines(
  title: string,
  xLabel: string,
  yLabel: string,
  points: readonly { x: number; y: number; name: string }[],
): string {
  const names = [...new Set(points.map(({ name }) => name))];
  return draw(title, {
    height: 380,
    marginBottom: 45,
    marginRight: 230,
    marginLeft: 60,
    x: { type: "log", label: xLabel, grid: true, tickFormat: "~s" },
    y: { type: "log", label: yLabel, grid: true, tickFormat: "~s" },
    color: { domain: names, range: COLOURS.slice(0, names.length) },
    marks: [
      Plot.line(points, { x: "x", y: "y", stroke: "name", strokeWidth: 2 }),
      Plot.dot(points, { x: "x", y: "y", fill: "name", r: 3 }),
      Plot.text(
        points,
        Plot.selectLast({ x: "x", y: "y", z: "name", text: "name", fill: "name", textAnchor: "start", dx: 8 }),
      ),
    ],
  });
}
