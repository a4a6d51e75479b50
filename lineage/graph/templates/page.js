"use strict";
// Everything that comes from a repository reaches the page as text of a text node, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);
const picture = $("picture"), world = $("world"), details = $("details"), results = $("results"), search = $("search");
const shown = { external: data.images <= data.few, stage: true, consumer: true };
let view = null, chosen = -1, current = -1, scale = 1, left = 0, top_ = 0;

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

function open(next) {
  view = next;
  chosen = current = -1;
  if (!view.up) {
    view.up = view.nodes.map(() => []);
    view.down = view.nodes.map(() => []);
    view.edges.forEach((edge, index) => { view.up[edge.t].push(index); view.down[edge.s].push(index); });
  }
  world.replaceChildren();
  view.lines = view.edges.map((edge) => {
    const path = svg("path", { class: `line ${edge.k}`, d: edge.d });
    const tag = svg("text", { class: "note tag", x: edge.x, y: edge.y, "text-anchor": "end" }, edge.g);
    world.append(path, tag);
    return [path, tag];
  });
  view.boxes = view.nodes.map((node, index) => {
    const box = svg("g", { class: `node ${node.kind} ${node.worst}`, transform: `translate(${node.x} ${node.y})`,
      role: "button", tabindex: -1, "aria-label": `${node.name}, ${node.kind}`, "data-index": index });
    const note = svg("text", { class: "note", x: 12, y: 30 });
    node.notes.forEach(([text, kind], at) => note.append(svg("tspan", { class: kind, dx: at ? 8 : 0 }, text)));
    box.append(svg("title", {}, node.id), svg("rect", { width: node.w, height: data.height, rx: 6 }),
      svg("text", { x: 12, y: 16 }, node.short), note);
    world.append(box);
    return box;
  });
  arrange();
  filter();
  choose(-1);
  begin();
}
// While the external images are hidden, the others of a large graph stand closer.
function arrange() {
  view.nodes.forEach((node, index) => {
    node.o = node.o || [node.x, node.y];
    [node.x, node.y] = !shown.external && node.f ? node.f : node.o;
    view.boxes[index].setAttribute("transform", `translate(${node.x} ${node.y})`);
  });
  view.edges.forEach((edge, index) => {
    if (!edge.f) return;
    const [path, tag] = view.lines[index], [d, x, y] = shown.external ? [edge.d, edge.x, edge.y] : edge.f;
    path.setAttribute("d", d);
    tag.setAttribute("x", x);
    tag.setAttribute("y", y);
  });
}
const visible = (index) => shown[view.nodes[index].kind] !== false;
function filter() {
  view.boxes.forEach((box, index) => box.classList.toggle("off", !visible(index)));
  view.edges.forEach((edge, index) => {
    const off = !visible(edge.s) || !visible(edge.t);
    for (const part of view.lines[index]) part.classList.toggle("off", off);
  });
  const first = view.nodes.findIndex((_, index) => visible(index));
  rove(current >= 0 && visible(current) ? current : first);
  say();
}
function say(text) {
  const seen = view.nodes.filter((_, index) => visible(index)).length;
  $("status").textContent = text || `${seen} of ${view.nodes.length} shown`;
}

// Moving and zooming.

function place() { world.setAttribute("transform", `translate(${left} ${top_}) scale(${scale})`); }
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
  if (scale < 0.5) fit(0.7);
  const size = picture.getBoundingClientRect();
  let root = -1;
  view.nodes.forEach((node, index) => {
    if (visible(index) && (root < 0 || view.down[index].length > view.down[root].length)) root = index;
  });
  if (root >= 0 && top_ + (view.nodes[root].y + data.height) * scale > size.height) {
    top_ = size.height / 2 - view.nodes[root].y * scale;
    place();
  }
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
function choose(index) {
  chosen = index;
  const [up, upEdges] = index < 0 ? [new Set(), new Set()] : reach(index, view.up, "s");
  const [down, downEdges] = index < 0 ? [new Set(), new Set()] : reach(index, view.down, "t");
  world.classList.toggle("focused", index >= 0);
  view.boxes.forEach((box, at) => {
    box.classList.toggle("lit", at === index || up.has(at) || down.has(at));
    box.classList.toggle("chosen", at === index);
    box.setAttribute("aria-pressed", at === index);
  });
  view.lines.forEach((parts, at) => { for (const part of parts) {
    part.classList.toggle("lit", upEdges.has(at) || downEdges.has(at));
    part.classList.toggle("up", upEdges.has(at));
    part.classList.toggle("down", downEdges.has(at));
  } });
  details.hidden = index < 0;
  if (index < 0) { say(); return; }
  describe(index);
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
  section("Adrift", node.drift.map((text) => html("li", text)));
  const [told, ...images] = node.registry;
  const answer = html("li", told);
  answer.append(...images.map((text) => html("small", text)));
  section("In the registry", told ? [answer] : []);
  section(node.kind === "consumer" ? "Uses" : "Built on", view.up[index].map((edge) => relation(edge, "s")));
  const uses = (edge) => view.edges[edge].k === "consumes";
  section("Built on it", view.down[index].filter((edge) => !uses(edge)).map((edge) => relation(edge, "t")));
  section("Used by", view.down[index].filter(uses).map((edge) => relation(edge, "t")));
  const inside = view === data.repositories ? data.all.nodes.map((other, at) => [other, at])
    .filter(([other]) => node.members && node.members.includes(other.id)) : [];
  section("Images", inside.map(([other, at]) => link(other.name, other.path, () => { uncollapse(); choose(at); })));
  section("When it starts", node.boot.map(([step, where]) => {
    const item = html("li", step);
    item.append(html("small", where));
    return item;
  }), "ol");
}
function section(title, items, kind) {
  if (!items.length) return;
  const list = html(kind || "ul");
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
  const box = event.target.closest(".node");
  if (box && dragged <= 4) choose(Number(box.dataset.index));
});
picture.addEventListener("click", (event) => { if (!event.target.closest(".node") && dragged <= 4) choose(-1); });
$("close").addEventListener("click", () => { const was = chosen; choose(-1); rove(was); view.boxes[was].focus(); });

// The keyboard: one image can be reached with Tab, the arrow keys go on from there.

function rove(index) {
  if (current >= 0 && view.boxes[current]) view.boxes[current].setAttribute("tabindex", -1);
  current = index;
  if (index >= 0) view.boxes[index].setAttribute("tabindex", 0);
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
  if (next >= 0) { rove(next); view.boxes[next].focus({ preventScroll: true }); reveal(next); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { if (!results.hidden) closeResults(); else if (chosen >= 0) choose(-1); return; }
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
    const node = view.nodes[index], text = [node.name, node.id, ...node.names].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  }) : [];
  const rank = (node) => (node.kind === "image" ? 0 : 1000) + node.name.length;
  found.sort((a, b) => rank(view.nodes[a]) - rank(view.nodes[b]) || a - b);
  view.boxes.forEach((box) => box.classList.remove("found"));
  for (const index of found) view.boxes[index].classList.add("found");
  results.replaceChildren(...found.slice(0, 50).map((index, at) => {
    const item = html("li", view.nodes[index].name);
    item.id = `result-${at}`;
    item.setAttribute("role", "option");
    item.append(html("small", view.nodes[index].path || view.nodes[index].kind));
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(at); });
    return item;
  }));
  results.hidden = !found.length;
  search.setAttribute("aria-expanded", String(!results.hidden));
  mark(0);
  say(words.length ? `${found.length} found` : "");
});
function mark(at) {
  marked = at;
  [...results.children].forEach((item, index) => item.setAttribute("aria-selected", index === at));
  if (found.length) search.setAttribute("aria-activedescendant", `result-${at}`);
  if (results.children[at]) results.children[at].scrollIntoView({ block: "nearest" });
}
function take(at) {
  const index = found[at];
  closeResults();
  view.boxes.forEach((box) => box.classList.remove("found"));
  if (!visible(index)) show(view.nodes[index].kind);
  choose(index);
  view.boxes[index].focus({ preventScroll: true });
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
  const label = $(`show-${kind}`), box = label.querySelector("input");
  label.hidden = !data.all.nodes.some((node) => node.kind === kind);
  box.checked = shown[kind];
  box.addEventListener("change", () => {
    shown[kind] = box.checked;
    if (chosen >= 0 && !visible(chosen)) choose(-1);
    refilter(kind);
  });
}
function show(kind) { shown[kind] = true; $(`show-${kind}`).querySelector("input").checked = true; refilter(kind); }
function refilter(kind) {
  filter();
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
open(data.all);

// An address that ends in # and an image's name or id opens the page at it.

function linked() {
  let wanted = location.hash.slice(1);
  try { wanted = decodeURIComponent(wanted); } catch { return; }
  const index = wanted ? data.all.nodes.findIndex((node) => node.id === wanted || node.name === wanted || node.names.includes(wanted)) : -1;
  if (index < 0) return;
  if (view !== data.all) uncollapse();
  if (!visible(index)) show(view.nodes[index].kind);
  choose(index);
}
addEventListener("hashchange", linked);
linked();
