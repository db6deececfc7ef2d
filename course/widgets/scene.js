// A scene on a canvas, under native buttons that stand for its handles and spots: these can be focused,
// dragged, pressed, and moved with the arrow keys. What a move means is Python's to say.

function drawScene({ model, queue }) {
  const canvas = make("canvas", { class: "tbh-canvas", role: "img" });
  const holder = make("div", { class: "tbh-scene" }, canvas);
  const knobs = new Map(); // name: { node, mark, panel }
  let colours = null;
  let due = 0;
  let base = null; // the scene's panels as Python last sent them whole; each mark with its numbers
  let panels = []; // those to draw: the base, and over it what a frame said is new
  const drawn = []; // called once, after the next drawing

  // Copied, because a view of numbers needs a start at a multiple of four bytes.
  const copied = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

  function adopt() {
    if (base) return;
    const numbers = copied(model.get("numbers"));
    base = (model.get("scene").panels || []).map((panel) => (
      { ...panel, marks: panel.marks.map((mark) => ({ ...mark, numbers })) }));
    panels = [...base];
  }

  // What is new: panels by number, whose marks are new ones or numbers of the base's.
  function overlay(changes, bytes) {
    adopt();
    const numbers = copied(bytes);
    panels = base.map((panel) => ({ ...panel, still: runsOf(panel.marks, () => true) }));
    for (const [n, panel] of Object.entries(changes)) {
      const marks = panel.marks.map((mark) => (typeof mark === "number" ? base[n].marks[mark] : { ...mark, numbers }));
      panels[n] = { ...panel, marks, still: runsOf(panel.marks, (mark) => typeof mark === "number") };
    }
  }

  function draw() {
    due = 0;
    const scene = model.get("scene");
    if (!colours || !scene.panels) return;
    adopt();
    const wide = holder.clientWidth || scene.width;
    const scale = Math.min(wide / scene.width, 1);
    const dense = window.devicePixelRatio || 1;
    const [width, height] = [scene.width * scale, scene.height * scale];
    const size = [Math.round(width * dense), Math.round(height * dense)];
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.setTransform(scale * dense, 0, 0, scale * dense, 0, 0);
    pen.least = 9.5 / scale;
    pen.fillStyle = colours.ground;
    pen.fillRect(0, 0, scene.width, scene.height);
    const look = [scale, dense, ...size, colours.ground].join();
    for (const panel of panels) drawPanel(pen, panel, colours, look);
    placeKnobs(scale);
    drawn.splice(0).forEach((act) => act());
  }

  // Once a screen refresh, however many changes arrive; a page out of sight is not refreshed at all.
  function later(after) {
    if (after) drawn.push(after);
    if (document.hidden) drawn.splice(0).forEach((act) => act());
    if (!due) due = requestAnimationFrame(draw);
  }

  function placeKnobs(scale) {
    const present = new Set();
    for (const panel of panels) {
      const axes = JSON.stringify(axesOf(panel));
      for (const mark of panel.marks) {
        if (mark.kind !== "Handle" && mark.kind !== "Spot") continue;
        present.add(mark.name);
        if (!knobs.has(mark.name)) addKnob(mark);
        const knob = knobs.get(mark.name);
        const before = [knob.mark, knob.axes, knob.scale, knob.colours];
        Object.assign(knob, { mark, panel, axes, scale, colours });
        if ([mark, axes, scale, colours].every((now, n) => now === before[n])) continue;
        (mark.kind === "Handle" ? showHandle : showSpot)(knob);
      }
    }
    for (const [name, { node }] of knobs) {
      if (present.has(name)) continue;
      node.remove();
      knobs.delete(name);
    }
  }

  function addKnob(mark) {
    const handle = mark.kind === "Handle";
    const attributes = handle ? { role: "slider", tabindex: 0, class: "tbh-handle" } : { type: "button", class: "tbh-spot" };
    const node = make(handle ? "div" : "button", { ...attributes, ...ownKeys });
    const knob = { node };
    knobs.set(mark.name, knob);
    if (handle) {
      node.addEventListener("pointerdown", (event) => startDrag(event, knob));
      node.addEventListener("keydown", (event) => nudge(event, knob));
    } else {
      const press = (passing) => {
        const { name, x, y, width, height } = knob.mark;
        tell(name, x + width / 2, y + height / 2, false, passing);
      };
      node.addEventListener("click", () => press(false));
      for (const kind of ["pointerenter", "focus"]) {
        node.addEventListener(kind, () => { if (knob.mark.hover && !knob.mark.pressed) press(true); });
      }
    }
    holder.append(node);
  }

  function showHandle({ node, mark, panel, scale }) {
    const at = placer(panel);
    const size = Math.max(mark.size * scale, 14);
    Object.assign(node.style, {
      left: `${at.x(mark.x) * scale}px`, top: `${at.y(mark.y) * scale}px`, width: `${size}px`, height: `${size}px`,
      background: colours[mark.color],
    });
    const [low, high] = mark.axis === "y" ? panel.y : panel.x;
    const said = {
      "aria-label": mark.label, "aria-valuetext": mark.text, "aria-valuenow": mark.axis === "y" ? mark.y : mark.x,
      "aria-valuemin": Math.min(low, high), "aria-valuemax": Math.max(low, high),
      "aria-orientation": mark.axis === "y" ? "vertical" : "horizontal",
    };
    for (const [name, value] of Object.entries(said)) node.setAttribute(name, value);
  }

  function showSpot({ node, mark, panel, scale }) {
    const at = placer(panel);
    const [xs, ys] = [[at.x(mark.x), at.x(mark.x + mark.width)], [at.y(mark.y), at.y(mark.y + mark.height)]];
    Object.assign(node.style, {
      left: `${Math.min(...xs) * scale}px`, top: `${Math.min(...ys) * scale}px`,
      width: `${Math.abs(xs[1] - xs[0]) * scale}px`, height: `${Math.abs(ys[1] - ys[0]) * scale}px`,
    });
    node.setAttribute("aria-label", mark.label);
    if (mark.pressed === null) node.removeAttribute("aria-pressed");
    else node.setAttribute("aria-pressed", String(mark.pressed));
  }

  const tell = (name, x, y, drag, passing = false) =>
    queue({ kind: "set", changes: {}, acts: [{ name, x, y, drag, passing }] });

  function moveTo(event, { mark, panel, scale }) {
    const edge = canvas.getBoundingClientRect();
    const [left, top, width, height] = panel.inner;
    const px = Math.min(Math.max((event.clientX - edge.left) / scale, left), left + width);
    const py = Math.min(Math.max((event.clientY - edge.top) / scale, top), top + height);
    const [x, y] = placer(panel).value(px, py);
    tell(mark.name, mark.axis === "y" ? mark.x : x, mark.axis === "x" ? mark.y : y, true);
  }

  function startDrag(event, knob) {
    if (event.button) return;
    event.preventDefault();
    knob.node.focus({ preventScroll: true });
    const move = (step) => moveTo(step, knob);
    const stop = () => {
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, stop);
      window.removeEventListener("pointermove", move);
    };
    window.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, stop);
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  function nudge(event, { mark, panel }) {
    let [right, up] = ARROWS[event.key] || [0, 0];
    if (mark.axis === "y") up = right || up; // one number: either pair of keys moves it
    if (mark.axis === "x") right = right || up;
    if ((!right && !up) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const finer = event.shiftKey ? 0.1 : 1;
    const go = (value, towards, step, [low, high]) => {
      const next = value + Math.sign(high - low) * towards * finer * step;
      return Math.min(Math.max(next, Math.min(low, high)), Math.max(low, high));
    };
    const x = mark.axis === "y" ? mark.x : go(mark.x, right, mark.step[0], panel.x);
    const y = mark.axis === "x" ? mark.y : go(mark.y, up, mark.step[1], panel.y);
    tell(mark.name, x, y, false);
  }

  canvas.addEventListener("pointerdown", (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    for (const { panel, scale, mark, node } of knobs.values()) {
      const [x, y] = [(event.clientX - left) / scale, (event.clientY - top) / scale];
      const [a, b, width, height] = panel.inner;
      if (panel.click !== mark.name || x < a || x > a + width || y < b || y > b + height) continue;
      moveTo(event, { panel, scale, mark });
      startDrag(event, { panel, scale, mark, node });
      return;
    }
  });

  const observer = new ResizeObserver(() => later());
  observer.observe(holder);
  const whole = () => {
    base = null;
    later();
  };
  const shows = {
    numbers: whole, scene: whole, base: whole,
    alt: () => canvas.setAttribute("aria-label", model.get("alt")),
  };
  const follow = (theme) => {
    colours = model.get("colours")[theme];
    later();
  };
  const end = () => {
    observer.disconnect();
    cancelAnimationFrame(due);
  };
  return { node: holder, shows, follow, end, later, overlay };
}
