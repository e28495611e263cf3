// The last five minutes as a picture: how long answers took, which failed, which started
// cold.
import {counted, el, put, took} from "./dom.js";

const steps = 60, width = 600, height = 66, floor = 60, top = 6;

export function plot(into, points) {
  const most = Math.max(1, ...points.map(p => p.p95));
  // Durations differ by orders of magnitude: the height is their logarithm.
  const y = ms => floor - (floor - top) * Math.log1p(ms) / Math.log1p(most);
  const column = width / steps;
  const bar = (kind, x, from, to) => el("rect", {class: kind, x: x + 1, y: to, width: column - 2, height: Math.max(1, from - to), rx: 1.5});
  const shapes = points.flatMap(p => {
    const x = (steps - 1 - p.ago) * column;
    const group = el("g", {}, el("title", {}, `${p.count} in 5 s, p50 ${took(p.p50)}, p95 ${took(p.p95)}, ${counted(p.errors, "error")}, ${counted(p.cold, "cold start")}`));
    if (p.count) group.append(bar("p95", x, floor, y(p.p95)), bar("p50", x, floor, y(p.p50)));
    if (p.errors) group.append(el("rect", {class: "err", x: x + 1, y: floor + 2, width: column - 2, height: 3, rx: 1}));
    if (p.cold) group.append(el("rect", {class: "cold", x: x + 1, y: 0, width: column - 2, height: 3, rx: 1}));
    return [group];
  });
  const count = points.reduce((n, p) => n + p.count, 0), errors = points.reduce((n, p) => n + p.errors, 0), cold = points.reduce((n, p) => n + p.cold, 0);
  const last = points.at(-1);
  const said = count ? `5 min: ${counted(count, "request")}, ${counted(errors, "error")}, ${counted(cold, "cold start")}. Last: p50 ${took(last.p50)}, p95 ${took(last.p95)}` : "5 min: nothing yet";
  put(into, el("svg", {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": said},
    el("line", {x1: 0, y1: floor + 0.5, x2: width, y2: floor + 0.5}), ...shapes));
  into.append(el("p", {class: "legend sub", "aria-hidden": "true"}, said));
}
