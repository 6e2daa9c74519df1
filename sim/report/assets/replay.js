"use strict";
// The replay of a run: a clock, and everything drawn where the log has it at that minute.
(() => {
  const el = (id) => document.getElementById(id);
  const data = JSON.parse(el("data").textContent);
  const canvas = el("map"), ctx = canvas.getContext("2d"), stage = el("stage");
  const base = document.createElement("canvas");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const LONGEST_QUEUE = 60, DAY = 1440;
  const MOVING = 0;

  // -- what the numbers of the file stand for
  function prepare(scene) {
    for (const line of scene.lines) {
      const xy = line[3], far = [0];
      for (let i = 2; i < xy.length; i += 2) far.push(far[far.length - 1] + Math.hypot(xy[i] - xy[i - 2], xy[i + 1] - xy[i - 1]));
      line.push(far);
    }
    const summed = (changes) => { let sum = 0; return changes.map((change) => (sum += change)); };
    scene.stacks = scene.stacks.map(([place, name, changes]) => ({ place, name, levels: summed(changes) }));
    scene.trucks.lines = scene.trucks.lines.map(([line, changes]) => ({ line, levels: summed(changes) }));
    scene.trucks.places = scene.trucks.places.map(([place, changes]) => ({ place, levels: summed(changes) }));
    scene.vehicles = scene.vehicles.map(([kind, name, rows]) => ({ kind, name, rows, count: rows.length / 6 }));
    const totals = scene.places.map(() => []);
    for (const stack of scene.stacks) stack.levels.forEach((level, i) => { totals[stack.place][i] = (totals[stack.place][i] || 0) + level; });
    scene.totals = totals;
    scene.most = Math.max(1, ...totals.flat());
    scene.used = new Set(scene.lines.flatMap((line) => [line[1], line[2]]).concat(scene.stacks.map((s) => s.place)));
    return scene;
  }
  const scenes = data.scenarios.map(prepare);
  const most = Math.max(...scenes.map((scene) => scene.most));
  let scene = scenes[0], minute = 0, playing = false, last = 0, hits = [], standing = [], shownAt = 0;

  // -- the sheet on the screen
  const view = { x: 0, y: 0, scale: 1 };
  let width = 1, height = 1, ratio = 1;
  const X = (x) => (x - view.x) * view.scale, Y = (y) => (y - view.y) * view.scale;

  function fit(points) {
    const xs = points.map((p) => p[3]), ys = points.map((p) => p[4]);
    const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), low = Math.max(...ys);
    const room = 34, above = 66;  // under the clock and the buttons
    view.scale = Math.min((width - 2 * room) / Math.max(right - left, 500), (height - room - above) / Math.max(low - top, 500));
    view.x = (left + right) / 2 - width / 2 / view.scale;
    view.y = (top + low) / 2 - (height + above - room) / 2 / view.scale;
    paintBase();
  }
  const usedPlaces = () => scene.places.filter((_, i) => scene.used.has(i));
  const whole = () => fit(usedPlaces().length ? usedPlaces() : scene.places);
  function sea() {
    const ends = new Set(scene.lines.filter((line) => line[0] === "sea").flatMap((line) => [line[1], line[2]]));
    const points = scene.places.filter((_, i) => ends.has(i));
    if (points.length) fit(points); else whole();
  }
  function zoom(factor, x = width / 2, y = height / 2) {
    const scale = Math.min(Math.max(view.scale * factor, 0.004), 2);
    view.x += x / view.scale - x / scale;
    view.y += y / view.scale - y / scale;
    view.scale = scale;
    paintBase();
  }
  function resize() {
    const box = stage.getBoundingClientRect();
    width = Math.max(box.width, 50); height = Math.max(box.height, 50);
    ratio = Math.min(window.devicePixelRatio || 1, 2);
    for (const sheet of [canvas, base]) { sheet.width = Math.round(width * ratio); sheet.height = Math.round(height * ratio); }
    whole();
  }

  // -- the ground: painted when the view changes
  function trace(pen, xy) {
    pen.beginPath();
    follow(pen, xy);
  }
  function follow(pen, xy) {
    pen.moveTo(X(xy[0]), Y(xy[1]));
    for (let i = 2; i < xy.length; i += 2) pen.lineTo(X(xy[i]), Y(xy[i + 1]));
  }
  const short = (i) => scene.places[i][1].replace(/ \(.*/, "");
  let named = [];
  function paintBase() {
    const pen = base.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    // Outside of what the base map covers there is only land of no detail.
    pen.fillStyle = scene.isMap ? "#f4f1ea" : "#ffffff";
    pen.fillRect(0, 0, width, height);
    pen.lineWidth = 0.6; pen.strokeStyle = "#a9b6bf";
    for (const [layer, fill] of [["frame", "#dfe9f1"], ["land", "#f4f1ea"], ["lake", "#dfe9f1"]]) {
      pen.fillStyle = fill;
      pen.beginPath();
      for (const ring of scene.ground[layer]) { follow(pen, ring); pen.closePath(); }
      pen.fill("evenodd");
      if (layer !== "frame") pen.stroke();
    }
    pen.strokeStyle = "#b3aca0"; pen.setLineDash([4, 3]);
    for (const ring of scene.ground.border) { trace(pen, ring); pen.stroke(); }
    for (const [mode, , , xy] of scene.lines) {
      pen.setLineDash(mode === "sea" ? [6, 4] : mode === "road" ? [2, 3] : []);
      pen.lineWidth = 1.6; pen.strokeStyle = "#5c5c5c";
      trace(pen, xy); pen.stroke();
    }
    pen.setLineDash([]);
    labels(pen);
    draw();
  }
  // Ports first, then what has most lines; a name that would cover another is left to the pointer.
  function labels(pen) {
    const lines = scene.places.map((_, i) => scene.lines.filter((line) => line[1] === i || line[2] === i).length);
    const order = [...scene.used].sort((a, b) => scene.places[b][2] - scene.places[a][2] || lines[b] - lines[a] || a - b);
    named = [];
    pen.font = "12px system-ui, sans-serif"; pen.textBaseline = "middle";
    for (const i of order) {
      const [, , , x, y] = scene.places[i];
      const text = short(i), w = pen.measureText(text).width;
      for (const [dx, dy, align] of [[9, 0, 0], [-9 - w, 0, 0], [-w / 2, 15, 0], [-w / 2, -15, 0]]) {
        const box = { l: X(x) + dx - 3, t: Y(y) + dy - 8, r: X(x) + dx + w + 3, b: Y(y) + dy + 8 };
        const out = box.l < 0 || box.r > width || box.t < 0 || box.b > height;
        if (out || named.some((o) => o.l < box.r && box.l < o.r && o.t < box.b && box.t < o.b)) continue;
        named.push({ ...box, text });
        break;
      }
    }
  }
  function drawLabels() {
    ctx.font = "12px system-ui, sans-serif"; ctx.textBaseline = "middle"; ctx.textAlign = "left";
    ctx.lineWidth = 3; ctx.strokeStyle = "rgba(255,255,255,.9)"; ctx.fillStyle = "#222";
    for (const box of named) { ctx.strokeText(box.text, box.l + 3, (box.t + box.b) / 2); ctx.fillText(box.text, box.l + 3, (box.t + box.b) / 2); }
  }

  // -- where everything is at a minute
  function rowAt(vehicle, t) {
    const rows = vehicle.rows;
    let low = 0, high = vehicle.count - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (rows[6 * middle + 3] <= t) low = middle; else high = middle - 1; }
    return rows[6 * low + 3] <= t && t < rows[6 * low + 4] ? 6 * low : -1;
  }
  function onLine(number, share) {
    const xy = scene.lines[number][3], far = scene.lines[number][4], at = share * far[far.length - 1];
    let i = 1;
    while (i < far.length - 1 && far[i] < at) i++;
    const span = far[i] - far[i - 1] || 1, part = (at - far[i - 1]) / span;
    const dx = xy[2 * i] - xy[2 * i - 2], dy = xy[2 * i + 1] - xy[2 * i - 1];
    return [xy[2 * i - 2] + part * dx, xy[2 * i - 1] + part * dy, Math.atan2(dy, dx)];
  }
  const sample = (t) => Math.min(Math.floor(t / data.step), Math.floor(data.minutes / data.step));
  function look(t) {
    const moving = [], queues = scene.places.map(() => []);
    for (const vehicle of scene.vehicles) {
      const at = rowAt(vehicle, t);
      if (at < 0) continue;
      const rows = vehicle.rows, where = rows[at + 2];
      const seen = { vehicle, activity: rows[at], carrier: rows[at + 1], since: rows[at + 3], until: rows[at + 4], units: rows[at + 5], where };
      if (where < 0) { queues[-1 - where].push(seen); continue; }
      const back = where & 1, share = (t - seen.since) / Math.max(seen.until - seen.since, 1);
      const [x, y, angle] = onLine(where >> 1, back ? 1 - share : share);
      moving.push(Object.assign(seen, { x, y, angle: back ? angle + Math.PI : angle }));
    }
    for (const queue of queues) queue.sort((a, b) => a.since - b.since);
    return { moving, queues };
  }
  const groupOf = (activity) => data.activities[activity][1];
  const color = (activity) => data.groups[groupOf(activity)][1];

  // -- marks: a train is a bar, a ship an arrow; what stands has an upright one
  function mark(x, y, kind, fill, angle, size) {
    ctx.fillStyle = fill; ctx.strokeStyle = "#222"; ctx.lineWidth = 0.8;
    const c = Math.cos(angle), s = Math.sin(angle);
    const points = kind === 0 ? [[-1.3, -.6], [1.3, -.6], [1.3, .6], [-1.3, .6]] : [[1.5, 0], [-1.1, -.95], [-.6, 0], [-1.1, .95]];
    ctx.beginPath();
    for (const [px, py] of points) ctx.lineTo(x + size * (px * c - py * s), y + size * (px * s + py * c));
    ctx.closePath(); ctx.fill(); ctx.stroke();
  }
  function storm(x, y, near) {
    ctx.strokeStyle = "#8a3f6e"; ctx.fillStyle = "rgba(204,121,167,.25)"; ctx.lineWidth = 2.5;
    ctx.beginPath(); ctx.arc(x, y, 17 * near, 0, 7); ctx.fill(); ctx.stroke();
    const arm = 8 * near;
    ctx.beginPath(); ctx.moveTo(x - arm, y - arm); ctx.lineTo(x + arm, y + arm); ctx.moveTo(x + arm, y - arm); ctx.lineTo(x - arm, y + arm); ctx.stroke();
  }
  // How many stand in a queue that is longer than its picture.
  function tally(i, queue, taken, near) {
    const x = X(scene.places[i][3]), y = Y(scene.places[i][4]);
    const trains = queue.filter((seen) => seen.vehicle.kind === 0).length, ships = queue.length - trains;
    const text = `${short(i)}: ${[trains && `${trains} trains`, ships && `${ships} ships`].filter(Boolean).join(", ")}`;
    const w = ctx.measureText(text).width + 8;
    let low = y + (9 + 5.2 * Math.sqrt(LONGEST_QUEUE)) * near + 10;
    while (taken.some((box) => Math.abs(box.x - x) < (box.w + w) / 2 && Math.abs(box.low - low) < 19)) low += 4;
    taken.push({ x, w, low });
    ctx.fillStyle = "#222"; ctx.fillRect(x - w / 2, low - 9, w, 18);
    ctx.fillStyle = "#fff"; ctx.fillText(text, x - w / 2 + 4, low);
  }
  const nearness = () => Math.min(Math.max(view.scale / 0.12, 0.5), 1);
  const radius = (units) => units > 0 ? Math.max(2.5, Math.sqrt(units / most) * Math.min(width, 900) * 0.075) : 0;
  const isOn = (row) => row[1] <= minute && minute < row[2];

  function draw() {
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(base, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { moving, queues } = look(minute), now = sample(minute), near = nearness();
    hits = []; standing = queues;
    scene.places.forEach((place, i) => {
      const units = scene.totals[i][now] || 0, x = X(place[3]), y = Y(place[4]), r = radius(units);
      if (r) {
        ctx.fillStyle = "rgba(230,159,0,.45)"; ctx.strokeStyle = "#7a5400"; ctx.lineWidth = 1;
        ctx.beginPath(); ctx.arc(x, y, r, 0, 7); ctx.fill(); ctx.stroke();
      }
      if (scene.used.has(i)) {
        ctx.fillStyle = "#fff"; ctx.strokeStyle = "#222"; ctx.lineWidth = 1.2;
        ctx.beginPath(); ctx.arc(x, y, place[2] ? 4 : 2.5, 0, 7); ctx.fill(); ctx.stroke();
        hits.push({ x, y, r: Math.max(r, 9), place: i });
      }
    });
    for (const row of scene.closures) if (isOn(row)) storm(X(scene.places[row[0]][3]), Y(scene.places[row[0]][4]), near);
    for (const { line, levels } of scene.trucks.lines) if (levels[now] > 0) {
      const [sx, sy] = onLine(line, 0.5), x = X(sx), y = Y(sy), r = 3 + Math.sqrt(levels[now]);
      ctx.fillStyle = data.groups[MOVING][1]; ctx.strokeStyle = "#222"; ctx.lineWidth = 0.8;
      ctx.beginPath(); ctx.arc(x, y, Math.min(r, 14), 0, 7); ctx.fill(); ctx.stroke();
      hits.push({ x, y, r: 12, trucks: line, count: levels[now] });
    }
    queues.forEach((queue, i) => queue.slice(0, LONGEST_QUEUE).forEach((seen, n) => {
      // A spiral of even density: a longer queue is a larger patch; what is beyond it stands as a number.
      const far = (9 + 5.2 * Math.sqrt(n)) * near, turn = n * 2.39996;
      const x = X(scene.places[i][3]) + far * Math.cos(turn), y = Y(scene.places[i][4]) + far * Math.sin(turn);
      mark(x, y, seen.vehicle.kind, color(seen.activity), -Math.PI / 2, (seen.vehicle.kind ? 3.4 : 2.6) * near);
      hits.push({ x, y, r: 4, seen });
    }));
    for (const seen of moving) {
      const x = X(seen.x), y = Y(seen.y);
      mark(x, y, seen.vehicle.kind, color(seen.activity), seen.angle, seen.vehicle.kind ? 5.2 : 3.8);
      hits.push({ x, y, r: 9, seen });
    }
    drawLabels();
    const taken = [];
    queues.forEach((queue, i) => { if (queue.length > LONGEST_QUEUE) tally(i, queue, taken, near); });
    el("clock").textContent = clock(minute);
    tell(moving);
    drawn++;
  }

  // -- in words
  const begin = Date.parse(data.begin + "T00:00:00Z");
  const clock = (t) => new Date(begin + Math.floor(t) * 60000).toISOString().slice(0, 16).replace("T", " ");
  const number = (n) => n.toLocaleString("en");
  const span = (t) => t < 120 ? `${Math.round(t)} min` : t < 2880 ? `${Math.round(t / 60)} h` : `${(t / DAY).toFixed(1)} d`;
  const place = (i) => scene.places[i][1];
  function words(seen) {
    const doing = data.activities[seen.activity][0], [kind] = [seen.vehicle.kind ? "ship" : "train"];
    const line = seen.where < 0 ? null : scene.lines[seen.where >> 1], back = seen.where & 1;
    const where = line ? `${place(line[back ? 2 : 1])} to ${place(line[back ? 1 : 2])}` : `at ${place(-1 - seen.where)}`;
    const load = seen.units ? `${number(seen.units)} units aboard` : "no cargo";
    return `${kind} ${seen.vehicle.name}, ${scene.carriers[seen.carrier]}\n${doing}, ${where}\nfor ${span(minute - seen.since)}, ${load}`;
  }
  function wordsOfPlace(i) {
    const now = sample(minute), facts = [place(i)];
    for (const row of scene.closures) if (row[0] === i && isOn(row)) facts.push(`shut by weather${row[3] ? ` for ${row[3]}` : ""}, ${span(minute - row[1])} so far`);
    const kinds = new Map();
    for (const seen of standing[i] || []) {
      const key = `${seen.vehicle.kind ? "ships" : "trains"}: ${data.activities[seen.activity][0]}`;
      kinds.set(key, (kinds.get(key) || 0) + 1);
    }
    for (const [what, count] of kinds) facts.push(`${number(count)} ${what}`);
    for (const row of scene.trucks.places) if (row.place === i && row.levels[now]) facts.push(`${number(row.levels[now])} trucks at the gates`);
    const stacks = scene.stacks.filter((s) => s.place === i && s.levels[now]).sort((a, b) => b.levels[now] - a.levels[now]);
    for (const stack of stacks.slice(0, 8)) facts.push(`${number(stack.levels[now])} units of cargo for ${stack.name}`);
    if (facts.length === 1) facts.push("nothing stands here");
    return facts.join("\n");
  }
  function table(id, rows) {
    const body = el(id);
    body.replaceChildren(...rows.map(([what, value]) => {
      const row = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
      head.scope = "row"; head.textContent = what; cell.textContent = value;
      row.append(head, cell);
      return row;
    }));
  }
  function tell(moving) {
    // Tables four times a second at most: nobody reads faster.
    const at = performance.now();
    if (playing && at - shownAt < 250) return;
    shownAt = at;
    el("scrub").value = minute;
    el("scrub").setAttribute("aria-valuetext", clock(minute));
    const now = sample(minute), all = standing.flat();
    const count = (kind, test) => all.filter((s) => s.vehicle.kind === kind && test(groupOf(s.activity))).length;
    const shut = scene.closures.filter(isOn).map((row) => place(row[0]).replace(/ \(.*/, "") + (row[3] ? ` (${row[3]})` : ""));
    const banned = scene.embargoes.filter(isOn).map((row) => row[0]);
    const sum = (rows) => rows.reduce((total, row) => total + (row.levels[now] || 0), 0);
    table("now", [
      ["Trains moving", number(moving.filter((s) => s.vehicle.kind === 0).length)],
      ["Trains at work or in formalities", number(count(0, (g) => g === 1))],
      ["Trains waiting", number(count(0, (g) => g > 1))],
      ["Ships at sea", number(moving.filter((s) => s.vehicle.kind === 1).length)],
      ["Ships at work", number(count(1, (g) => g === 1))],
      ["Ships waiting or laid up", number(count(1, (g) => g > 1))],
      ["Trucks on the road", number(sum(scene.trucks.lines))],
      ["Trucks at gates", number(sum(scene.trucks.places))],
      ["Cargo waiting, units", number(sum(scene.stacks))],
      ["Ports shut by weather", [...new Set(shut)].join(", ") || "none"],
      ["Loading bans", banned.join(", ") || "none"],
    ]);
    const full = scene.stacks.filter((s) => s.levels[now]).sort((a, b) => b.levels[now] - a.levels[now]).slice(0, 6);
    table("full", full.map((s) => [`${place(s.place)}, ${s.name}`, number(s.levels[now])]));
    const chosen = el("place").value;
    const facts = chosen === "" ? "" : wordsOfPlace(Number(chosen));
    if (el("here").textContent !== facts && !(playing && facts)) el("here").textContent = facts;
    else if (playing && facts) { el("here").setAttribute("aria-live", "off"); el("here").textContent = facts; }
  }

  // -- play
  let drawn = 0;
  function tick(at) {
    if (!playing) return;
    const passed = Math.min(at - last, 200);
    if (!calm.matches || at - last > 1000) {
      minute = Math.min(minute + (calm.matches ? 1 : passed / 1000) * Number(el("speed").value), data.minutes);
      last = at;
      draw();
      if (minute >= data.minutes) play(false);
    }
    requestAnimationFrame(tick);
  }
  function play(on) {
    if (on && minute >= data.minutes) minute = 0;
    playing = on;
    el("play").textContent = on ? "\u275A\u275A Pause" : "\u25B6 Play";
    el("play").setAttribute("aria-pressed", String(on));
    el("here").setAttribute("aria-live", on ? "off" : "polite");
    if (on) { last = performance.now(); requestAnimationFrame(tick); } else draw();
  }
  function go(t) { minute = Math.min(Math.max(t, 0), data.minutes); shownAt = 0; draw(); }

  // -- hover, tap, drag
  function hitAt(x, y) {
    let best = null, near = Infinity;
    hits.forEach((hit) => {
      const far = Math.hypot(hit.x - x, hit.y - y);
      // A vehicle before the place it stands at.
      if (far <= hit.r + 4 && far - (hit.seen ? 20 : 0) < near) { near = far - (hit.seen ? 20 : 0); best = hit; }
    });
    return best;
  }
  function point(x, y) {
    const hit = hitAt(x, y), tip = el("tip");
    tip.hidden = !hit;
    canvas.style.cursor = hit ? "pointer" : "grab";
    if (!hit) return;
    tip.textContent = hit.seen ? words(hit.seen) : hit.trucks !== undefined ? `${number(hit.count)} trucks under way\n${place(scene.lines[hit.trucks][1])} - ${place(scene.lines[hit.trucks][2])}` : wordsOfPlace(hit.place);
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 14, width - box.width - 4))}px`;
    tip.style.top = `${y + 18 + box.height > height ? Math.max(4, y - box.height - 12) : y + 18}px`;
  }
  const spot = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = { at: spot(event), x: view.x, y: view.y, moved: false }; });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = spot(event);
    if (held && event.buttons && event.pointerType === "mouse") {
      const dx = x - held.at[0], dy = y - held.at[1];
      if (held.moved || Math.hypot(dx, dy) > 4) { held.moved = true; view.x = held.x - dx / view.scale; view.y = held.y - dy / view.scale; paintBase(); }
    } else point(x, y);
  });
  canvas.addEventListener("pointerup", (event) => {
    const [x, y] = spot(event), hit = held && !held.moved ? hitAt(x, y) : null;
    held = null;
    point(x, y);
    if (hit && hit.place !== undefined) { el("place").value = String(hit.place); shownAt = 0; draw(); }
  });
  canvas.addEventListener("pointerleave", (event) => { held = null; if (event.pointerType === "mouse") el("tip").hidden = true; });
  canvas.addEventListener("wheel", (event) => { if (!event.ctrlKey && !event.shiftKey) return; event.preventDefault(); zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...spot(event)); }, { passive: false });

  // -- controls and keys
  el("play").addEventListener("click", () => play(!playing));
  el("scrub").addEventListener("input", () => go(Number(el("scrub").value)));
  el("whole").addEventListener("click", whole);
  el("sea").addEventListener("click", sea);
  el("in").addEventListener("click", () => zoom(1.5));
  el("out").addEventListener("click", () => zoom(1 / 1.5));
  el("place").addEventListener("change", () => { shownAt = 0; draw(); });
  el("scenario").addEventListener("change", () => choose(Number(el("scenario").value)));
  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? DAY : 60;
    const keys = { ArrowRight: () => go(minute + step), ArrowLeft: () => go(minute - step), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: whole };
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && !/^(BUTTON|SELECT|INPUT|A)$/.test(event.target.tagName)) { play(!playing); event.preventDefault(); }
    if (event.key === "Escape") el("tip").hidden = true;
  });

  function choose(i) {
    scene = scenes[i];
    el("title").textContent = scene.title;
    const kept = el("place").value, order = [...scene.used].sort((a, b) => place(a) < place(b) ? -1 : 1);
    const none = document.createElement("option");
    none.value = ""; none.textContent = "choose a place";
    el("place").replaceChildren(none, ...order.map((p) => { const o = document.createElement("option"); o.value = p; o.textContent = place(p); return o; }));
    el("place").value = [...el("place").options].some((o) => o.value === kept) ? kept : "";
    el("sea").hidden = !scene.lines.some((line) => line[0] === "sea") || !scene.isMap;
    el("tip").hidden = true;
    shownAt = 0;
    whole();
  }
  function legend() {
    const shape = (body) => `<svg viewBox="0 0 16 16" aria-hidden="true">${body}</svg>`;
    const items = [
      ["train", shape('<rect x="1" y="5" width="14" height="6" fill="#fff" stroke="#222"/>')],
      ["ship", shape('<path d="M15 8 2 2 5 8 2 14Z" fill="#fff" stroke="#222"/>')],
      ["trucks on a road", shape('<circle cx="8" cy="8" r="5" fill="#fff" stroke="#222"/>')],
      ["cargo waiting, by area", shape('<circle cx="8" cy="8" r="7" fill="#e69f0073" stroke="#7a5400"/>')],
      ["port shut by weather", shape('<circle cx="8" cy="8" r="7" fill="#cc79a740" stroke="#8a3f6e" stroke-width="2"/><path d="M5 5 11 11M11 5 5 11" stroke="#8a3f6e" stroke-width="2"/>')],
      ...data.groups.filter((_, g) => scenes.some((s) => s.vehicles.some((v) => v.rows.some((a, i) => i % 6 === 0 && groupOf(a) === g)))).map(([name, fill]) => [name, shape(`<rect x="1" y="1" width="14" height="14" fill="${fill}" stroke="#222"/>`)]),
    ];
    el("legend").innerHTML = items.map(([name, svg]) => `<li>${svg}${name}</li>`).join("");
  }
  legend();
  window.addEventListener("resize", resize);
  width = height = 100;
  choose(0);
  resize();
})();
