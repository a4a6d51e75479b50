"use strict";
// Everything that comes from a repository reaches the page as text of a text node, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);
const picture = $("picture"), world = $("world"), details = $("details"), results = $("results"), search = $("search");
const shown = { external: !data.large, stage: true, consumer: true };
const ALL_AT_ONCE = 300; // so many boxes are drawn at once; of more, those that are in sight, as they come into it
const FEW = 40; // so many boxes are better seen whole, a little smaller, than in part
let view = null, chosen = -1, current = -1, scale = 1, left = 0, top_ = 0, troubled = false;

function svg(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  return element;
}
function html(name, text, cssClass) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (cssClass) element.className = cssClass;
  return element;
}

// A view: the whole graph, or one box for each repository.

const EMPTY = { names: [], notes: [], drift: [], registry: [], list: [], runs: [], set: [], boot: [], worst: "", path: "" };
function open(next) {
  view = next;
  chosen = current = -1;
  if (!view.up) {
    view.nodes = view.nodes.map((node) => ({ ...EMPTY, ...node }));
    view.up = view.nodes.map(() => []);
    view.down = view.nodes.map(() => []);
    view.edges.forEach((edge, index) => { view.up[edge.t].push(index); view.down[edge.s].push(index); });
  }
  view.boxes = view.nodes.map(() => null);
  view.lines = view.edges.map(() => null);
  view.lit = view.litUp = view.litDown = new Set();
  view.found = new Set();
  lines.replaceChildren();
  boxes.replaceChildren();
  arrange();
  filter();
  choose(-1, true);
  begin();
}
const lines = svg("g"), boxes = svg("g");
world.append(lines, boxes);
function drawBox(index) {
  const node = view.nodes[index];
  const box = svg("g", { class: `node ${node.kind} ${node.worst}`, transform: `translate(${node.x} ${node.y})`,
    role: "button", tabindex: index === current ? 0 : -1, "aria-label": `${node.name}, ${node.kind}`, "data-index": index });
  const note = svg("text", { class: "note", x: 12, y: 30 });
  node.notes.forEach(([text, kind], at) => note.append(svg("tspan", { class: kind, dx: at ? 8 : 0 }, text)));
  box.append(svg("title", {}, node.id), svg("rect", { width: node.w, height: data.height, rx: 6 }),
    svg("text", { x: 12, y: 16 }, node.short), note);
  view.boxes[index] = box;
  dress(index);
  boxes.append(box);
  return box;
}
function drawLine(index) {
  const edge = view.edges[index], [d, x, y] = !shown.external && edge.f ? edge.f : [edge.d, edge.x, edge.y];
  const path = svg("path", { class: `line ${edge.k}`, d });
  const tag = svg("text", { class: "note tag", x, y, "text-anchor": "end" }, edge.g);
  view.lines[index] = [path, tag];
  dressLine(index);
  lines.append(path, tag);
}
const box = (index) => view.boxes[index] || drawBox(index);
// How a box and a line look follows from what is hidden, chosen and found.
function dress(index) {
  const element = view.boxes[index];
  if (!element) return;
  element.classList.toggle("off", !visible(index));
  element.classList.toggle("dull", troubled && !trouble(view.nodes[index]));
  element.classList.toggle("lit", view.lit.has(index));
  element.classList.toggle("chosen", index === chosen);
  element.classList.toggle("found", view.found.has(index));
  element.setAttribute("aria-pressed", index === chosen);
}
function dressLine(index) {
  const parts = view.lines[index];
  if (!parts) return;
  const edge = view.edges[index], up = view.litUp.has(index), down = view.litDown.has(index);
  for (const part of parts) {
    part.classList.toggle("off", !visible(edge.s) || !visible(edge.t));
    part.classList.toggle("dull", troubled);
    part.classList.toggle("lit", up || down);
    part.classList.toggle("up", up);
    part.classList.toggle("down", down);
  }
}
function dressAll() {
  view.boxes.forEach((_, index) => dress(index));
  view.lines.forEach((_, index) => dressLine(index));
}
// Draws what is in sight and not drawn yet.
function look() {
  const size = picture.getBoundingClientRect(), all = view.nodes.length <= ALL_AT_ONCE;
  const [a, b] = [(-left - 200) / scale, (-top_ - 200) / scale];
  const [c, d] = [(size.width - left + 200) / scale, (size.height - top_ + 200) / scale];
  const seen = (node, wide) => all || (node.x + node.w >= a - wide && node.x <= c + wide && node.y + data.height >= b && node.y <= d);
  view.nodes.forEach((node, index) => { if (!view.boxes[index] && visible(index) && seen(node, 0)) drawBox(index); });
  view.edges.forEach((edge, index) => {
    if (view.lines[index] || !visible(edge.s) || !visible(edge.t)) return;
    const [from, to] = [view.nodes[edge.s], view.nodes[edge.t]];
    const across = from.x <= c && to.x + to.w >= a && Math.min(from.y, to.y) <= d && Math.max(from.y, to.y) + data.height >= b;
    if (all || across) drawLine(index);
  });
}
// While the external images are hidden, the others of a large graph stand closer.
function arrange() {
  view.nodes.forEach((node, index) => {
    node.o = node.o || [node.x, node.y];
    [node.x, node.y] = !shown.external && node.f ? node.f : node.o;
    if (view.boxes[index]) view.boxes[index].setAttribute("transform", `translate(${node.x} ${node.y})`);
  });
  view.edges.forEach((edge, index) => {
    if (!edge.f || !view.lines[index]) return;
    const [path, tag] = view.lines[index], [d, x, y] = shown.external ? [edge.d, edge.x, edge.y] : edge.f;
    path.setAttribute("d", d);
    tag.setAttribute("x", x);
    tag.setAttribute("y", y);
  });
}
const visible = (index) => shown[view.nodes[index].kind] !== false;
const trouble = (node) => Boolean(node.worst);
function filter() {
  dressAll();
  rove(current >= 0 && visible(current) ? current : root());
  say();
}
// The image to begin at: that with most built on it, of those on top of all that is shown.
function root() {
  let best = -1;
  view.nodes.forEach((_, index) => {
    if (!visible(index) || view.up[index].some((edge) => visible(view.edges[edge].s))) return;
    if (best < 0 || view.down[index].length > view.down[best].length) best = index;
  });
  return best >= 0 ? best : view.nodes.findIndex((_, index) => visible(index));
}
function say(text) {
  const seen = view.nodes.filter((_, index) => visible(index)).length;
  const with_ = troubled ? `, ${view.nodes.filter((node, index) => visible(index) && trouble(node)).length} with findings` : "";
  $("status").textContent = text || `${seen} of ${view.nodes.length} shown${with_}`;
}

// Moving and zooming.

let looking = false;
function place() {
  world.setAttribute("transform", `translate(${left} ${top_}) scale(${scale})`);
  if (looking) return;
  looking = true;
  requestAnimationFrame(() => { looking = false; look(); });
}
function zoom(factor, x, y) {
  const size = picture.getBoundingClientRect();
  const at = [x === undefined ? size.width / 2 : x, y === undefined ? size.height / 2 : y];
  const next = Math.min(4, Math.max(0.02, scale * factor));
  left = at[0] - (at[0] - left) * next / scale;
  top_ = at[1] - (at[1] - top_) * next / scale;
  scale = next;
  place();
}
function extent() {
  const seen = view.nodes.filter((_, index) => visible(index));
  if (!seen.length) return [0, 0, view.width, view.height];
  return [Math.min(...seen.map((n) => n.x)), Math.min(...seen.map((n) => n.y)),
    Math.max(...seen.map((n) => n.x + n.w)), Math.max(...seen.map((n) => n.y + data.height))];
}
function fit(least) {
  const size = picture.getBoundingClientRect(), [a, b, c, d] = extent(), margin = 24;
  const whole = Math.min((size.width - 2 * margin) / (c - a), (size.height - 2 * margin) / (d - b), 1.4);
  scale = Math.max(whole, least || 0.02);
  left = whole < scale ? margin - a * scale : (size.width - (c - a) * scale) / 2 - a * scale;
  top_ = whole < scale ? margin - b * scale : (size.height - (d - b) * scale) / 2 - b * scale;
  place();
}
function begin() {
  fit();
  const few = view.nodes.filter((_, index) => visible(index)).length <= FEW;
  const least = innerWidth < 700 ? 0.9 : few ? 0.5 : 0.7; // a box must be readable
  if (scale < least) {
    fit(least);
    const at = root(), size = picture.getBoundingClientRect();
    if (at >= 0 && top_ + (view.nodes[at].y + data.height) * scale > size.height) top_ = size.height / 2 - view.nodes[at].y * scale;
  }
  place();
  look();
}
function reveal(index) {
  const size = picture.getBoundingClientRect(), node = view.nodes[index];
  const x = left + (node.x + node.w / 2) * scale, y = top_ + (node.y + data.height / 2) * scale;
  if (x < 60 || y < 40 || x > size.width - 60 || y > size.height - 40) {
    if (scale < 0.5) scale = 0.8;
    left = size.width / 2 - (node.x + node.w / 2) * scale;
    top_ = size.height / 2 - (node.y + data.height / 2) * scale;
    place();
  }
}
const pointers = new Map();
let dragged = 0, apart = 0;
picture.addEventListener("pointerdown", (event) => { pointers.set(event.pointerId, [event.clientX, event.clientY]); dragged = 0; });
picture.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  dragged += Math.abs(dx) + Math.abs(dy);
  if (pointers.size === 2) {
    const [[a, b], [c, d]] = [...pointers.values()], size = picture.getBoundingClientRect();
    const now = Math.hypot(a - c, b - d);
    if (apart) zoom(now / apart, (a + c) / 2 - size.left, (b + d) / 2 - size.top);
    apart = now;
  } else if (dragged > 4) {
    picture.classList.add("dragged");
    picture.setPointerCapture(event.pointerId);
    left += dx; top_ += dy;
    place();
  }
});
for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, (event) => {
  pointers.delete(event.pointerId);
  apart = 0;
  picture.classList.remove("dragged");
});
picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  const size = picture.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - size.left, event.clientY - size.top);
}, { passive: false });

// Choosing an image.

function reach(index, lists, end) {
  const nodes = new Set(), edges = new Set(), waiting = [index];
  while (waiting.length) for (const edge of lists[waiting.pop()]) {
    edges.add(edge);
    const next = view.edges[edge][end];
    if (!nodes.has(next)) { nodes.add(next); waiting.push(next); }
  }
  return [nodes, edges];
}
function choose(index, quiet) {
  chosen = index;
  const [up, upEdges] = index < 0 ? [new Set(), new Set()] : reach(index, view.up, "s");
  const [down, downEdges] = index < 0 ? [new Set(), new Set()] : reach(index, view.down, "t");
  view.lit = new Set([index, ...up, ...down]);
  [view.litUp, view.litDown] = [upEdges, downEdges];
  world.classList.toggle("focused", index >= 0);
  dressAll();
  details.hidden = index < 0;
  if (!quiet) remember(index);
  if (index < 0) { say(); return; }
  describe(index);
  details.scrollTop = 0;
  rove(index);
  reveal(index);
  say(`${view.nodes[index].name}: ${up.size} above, ${down.size} below`);
}
function describe(index) {
  const node = view.nodes[index], about = $("about"), list = html("dl");
  const row = (name, text, cssClass) => { if (text) list.append(html("dt", name), html("dd", text, cssClass)); };
  row("kind", node.kind);
  row("names", node.names.join(", "));
  row("repository", node.repo);
  row("Dockerfile", node.path);
  row("target", node.target);
  row("s6-overlay", node.s6);
  row("findings", node.findings, node.worst);
  row("inherited", node.inherited);
  about.replaceChildren(html("h2", node.name), list);
  section("Findings", node.list.map(finding));
  section("Adrift", node.drift.map((text) => html("li", text)));
  const [told, ...images] = node.registry;
  const answer = html("li", told);
  answer.append(...images.map((text) => html("small", text)));
  section("In the registry", told ? [answer] : []);
  section(node.kind === "consumer" ? "Uses" : "Built on", view.up[index].map((edge) => relation(edge, "s")));
  const uses = (edge) => view.edges[edge].k === "consumes";
  section("Built on it", view.down[index].filter((edge) => !uses(edge)).map((edge) => relation(edge, "t")));
  section("Used by", view.down[index].filter(uses).map((edge) => relation(edge, "t")));
  section("Deployed by", node.runs.map(([written, ...at]) => { const item = html("li"); item.append(where(at), html("small", written)); return item; }));
  const inside = view === data.repositories ? data.all.nodes.map((other, at) => [other, at])
    .filter(([other]) => node.members && node.members.includes(other.id)) : [];
  section("Images", inside.map(([other, at]) => link(other.name, other.path, () => { uncollapse(); choose(at); })));
  section("When it starts", node.boot.map(startStep), "ol", "timeline");
  section("What it is run with", node.set.map(([name, value, image, ...at]) => {
    const item = html("li"), small = html("small", image === node.name ? "" : `${image} · `);
    small.append(where(at));
    item.append(html("b", name), " ", html("code", value), small);
    return item;
  }));
}
function finding([rule, severity, name, message, help, ...at]) {
  const item = html("li", undefined, "finding"), small = html("small");
  small.append(where(at));
  item.append(html("b", `${severity} ${rule}`, severity), html("small", name), html("div", message), html("div", help, "help"), small);
  return item;
}
function startStep({ kind, name, user, image, does, at }) {
  const item = html("li"), small = html("small", `${kind} · ${image} · `);
  small.append(where(at));
  item.append(html("b", name), html("span", ` as ${user}`), small, ...does.map((text) => html("small", `→ ${text}`, "does")));
  return item;
}
// A place in a file: a link where the forge shows it.
function where([text, address]) {
  if (!address || !address.startsWith("https://")) return html("span", text);
  const found = html("a", text);
  found.href = address;
  found.target = "_blank";
  found.rel = "noopener noreferrer";
  return found;
}
function section(title, items, kind, cssClass) {
  if (!items.length) return;
  const list = html(kind || "ul", undefined, cssClass);
  list.append(...items);
  $("about").append(html("h3", `${title} (${items.length})`), list);
}
function relation(at, end) {
  const edge = view.edges[at], words = { from: "FROM", "copy-from": "COPY --from", consumes: "uses" }[edge.k];
  const item = link(view.nodes[edge[end]].name, "", () => { if (!visible(edge[end])) show(view.nodes[edge[end]].kind); choose(edge[end]); });
  for (const [where, reference] of edge.lines) item.append(html("small", `${words} ${reference} · ${where}`));
  return item;
}
function link(name, note, act) {
  const item = html("li"), button = html("button", name);
  button.type = "button";
  button.addEventListener("click", act);
  item.append(button);
  if (note) item.append(html("small", note));
  return item;
}
world.addEventListener("click", (event) => {
  const clicked = event.target.closest(".node");
  if (clicked && dragged <= 4) choose(Number(clicked.dataset.index));
});
picture.addEventListener("click", (event) => { if (!event.target.closest(".node") && dragged <= 4) choose(-1); });
function leave() { const was = chosen; choose(-1); rove(was); box(was).focus({ preventScroll: true }); }
$("close").addEventListener("click", leave);

// The keyboard: one image can be reached with Tab, the arrow keys go on from there.

function rove(index) {
  if (current >= 0 && view.boxes[current]) view.boxes[current].setAttribute("tabindex", -1);
  current = index;
  if (index >= 0) box(index).setAttribute("tabindex", 0);
}
function step(key) {
  const here = view.nodes[current];
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const [lists, end] = key === "ArrowLeft" ? [view.up, "s"] : [view.down, "t"];
    const edge = lists[current].find((at) => visible(view.edges[at][end]));
    return edge === undefined ? -1 : view.edges[edge][end];
  }
  const sign = key === "ArrowDown" ? 1 : -1;
  let best = -1, least = Infinity;
  view.nodes.forEach((node, index) => {
    const away = (node.y - here.y) * sign;
    if (away > 0 && visible(index) && away + 3 * Math.abs(node.x - here.x) < least) {
      best = index; least = away + 3 * Math.abs(node.x - here.x);
    }
  });
  return best;
}
world.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(current); return; }
  if (!event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const next = step(event.key);
  if (next >= 0) { rove(next); box(next).focus({ preventScroll: true }); reveal(next); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { if (!results.hidden) closeResults(); else if (chosen >= 0) leave(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) return;
  if (event.key === "/") { event.preventDefault(); search.focus(); }
  else if (event.key === "+" || event.key === "=") zoom(1.25);
  else if (event.key === "-") zoom(0.8);
  else if (event.key === "0") fit();
});

// Search.

let found = [], marked = 0;
function closeResults() { results.hidden = true; search.setAttribute("aria-expanded", "false"); search.removeAttribute("aria-activedescendant"); }
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  found = words.length ? view.nodes.map((node, index) => index).filter((index) => {
    const text = textOf(view.nodes[index]);
    return words.every((word) => text.includes(word));
  }) : [];
  const byName = (node) => words.every((word) => [node.name, node.id, ...node.names].join(" ").toLowerCase().includes(word));
  const rank = (node) => (byName(node) ? 0 : 2000) + (node.kind === "image" ? 0 : 1000) + node.name.length;
  found.sort((a, b) => rank(view.nodes[a]) - rank(view.nodes[b]) || a - b);
  view.found = new Set(found);
  dressAll();
  results.replaceChildren(...found.slice(0, 50).map((index, at) => {
    const item = html("li", view.nodes[index].name);
    item.id = `result-${at}`;
    item.setAttribute("role", "option");
    const node = view.nodes[index], said = node.list.find((each) => words.some((word) => each.slice(0, 5).join(" ").toLowerCase().includes(word)));
    item.append(html("small", said && !byName(node) ? `${said[0]} ${said[3]}` : node.path || node.kind));
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(at); });
    return item;
  }));
  results.hidden = !found.length;
  search.setAttribute("aria-expanded", String(!results.hidden));
  mark(0);
  say(words.length ? `${found.length} found` : "");
});
// What is searched: names and paths, and the rules and messages of findings.
function textOf(node) {
  node.text = node.text || [node.name, node.id, ...node.names, ...node.list.map((each) => each.slice(0, 5).join(" "))].join(" ").toLowerCase();
  return node.text;
}
function mark(at) {
  marked = at;
  [...results.children].forEach((item, index) => item.setAttribute("aria-selected", index === at));
  if (found.length) search.setAttribute("aria-activedescendant", `result-${at}`);
  if (results.children[at]) results.children[at].scrollIntoView({ block: "nearest" });
}
function take(at) {
  const index = found[at];
  closeResults();
  view.found = new Set();
  if (!visible(index)) show(view.nodes[index].kind);
  choose(index);
  box(index).focus({ preventScroll: true });
}
search.addEventListener("keydown", (event) => {
  const last = results.children.length - 1;
  if (event.key === "Enter" && found.length) take(marked);
  else if (event.key === "ArrowDown" && last >= 0) { event.preventDefault(); mark(Math.min(marked + 1, last)); }
  else if (event.key === "ArrowUp" && last >= 0) { event.preventDefault(); mark(Math.max(marked - 1, 0)); }
});
search.addEventListener("blur", closeResults);

// Switches.

for (const kind of ["external", "stage", "consumer"]) {
  const label = $(`show-${kind}`), tick = label.querySelector("input");
  label.hidden = !data.all.nodes.some((node) => node.kind === kind);
  tick.checked = shown[kind];
  tick.addEventListener("change", () => {
    shown[kind] = tick.checked;
    if (chosen >= 0 && !visible(chosen)) choose(-1);
    refilter(kind);
  });
}
function show(kind) { shown[kind] = true; $(`show-${kind}`).querySelector("input").checked = true; refilter(kind); }
$("show-findings").hidden = !data.linted;
$("troubled").addEventListener("change", (event) => { troubled = event.target.checked; filter(); });
for (const key of document.querySelectorAll("#legend [data-kind]")) {
  key.hidden = !data.all.nodes.some((node) => node.kind === key.dataset.kind) && !data.all.edges.some((edge) => edge.k === key.dataset.kind);
}
function refilter(kind) {
  filter();
  look();
  if (kind !== "external" || !view.nodes.some((node) => node.f)) return;
  arrange();
  if (chosen >= 0) reveal(chosen); else begin();
}
function uncollapse() { $("collapse").checked = false; open(data.all); }
$("collapse").addEventListener("change", (event) => open(event.target.checked ? data.repositories : data.all));
$("zoom-in").addEventListener("click", () => zoom(1.25));
$("zoom-out").addEventListener("click", () => zoom(0.8));
$("fit").addEventListener("click", () => fit());
$("theme").addEventListener("click", () => {
  const dark = document.body.classList.contains("dark") ||
    (!document.body.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("dark", !dark);
  document.body.classList.toggle("light", dark);
});
// The address says which image is chosen: it can be sent to others, and Back and reload lead there.

function remember(index) {
  const wanted = index < 0 ? "" : `#${encodeURIComponent(view.nodes[index].id)}`;
  if (wanted !== location.hash && view === data.all) history.pushState(null, "", wanted || location.pathname + location.search);
}
function linked() {
  let wanted = location.hash.slice(1);
  try { wanted = decodeURIComponent(wanted); } catch { return; }
  const index = wanted ? data.all.nodes.findIndex((node) => node.id === wanted || node.name === wanted || (node.names || []).includes(wanted)) : -1;
  if (index < 0) { if (chosen >= 0) choose(-1, true); return; }
  if (view !== data.all) uncollapse();
  if (!visible(index)) show(view.nodes[index].kind);
  if (index !== chosen) choose(index, true);
}
addEventListener("hashchange", linked);
addEventListener("popstate", linked);
addEventListener("resize", look);
open(data.all);
linked();
