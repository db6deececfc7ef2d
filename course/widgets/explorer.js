// The front of an explorer. Python computes everything; this draws the controls, sends the moves and shows
// the answers. One message is under way at a time; moves made meanwhile are gathered, so that the last
// position is always the one shown.

const BUSY_AFTER = 250; // ms until "Working" is said
const DOUBT_AFTER = 12000; // ms until a silent kernel is named
const QUIET_BEFORE_SPEECH = 700; // ms without a new sentence before a screen reader hears it

function render({ model, el }) {
  const title = make("div", { class: "tbh-title", role: "heading", "aria-level": "3" }, model.get("title"));
  const image = make("img", { class: "tbh-picture", alt: "" });
  const sentence = make("p", { class: "tbh-sentence" });
  const spoken = make("div", { class: "tbh-unseen", role: "status", "aria-live": "polite" });
  const error = make("div", { class: "tbh-error", role: "alert" });
  const busy = make("span", { class: "tbh-busy", role: "status" });
  const tableId = freshId();
  const holder = make("div", { id: tableId, class: "tbh-table", hidden: true });
  const resetButton = make("button", { type: "button", ...ownKeys }, "Reset");
  const tableButton = make(
    "button", { type: "button", "aria-expanded": "false", "aria-controls": tableId, ...ownKeys }, "Show as table",
  );

  let number = model.get("answered") || 0;
  let waitingFor = 0; // the number of the message under way, 0 for none
  let gathered = null; // what to send next
  let timers = [];
  let speech = 0;

  const controls = new Map();
  for (const spec of model.get("controls")) {
    controls.set(spec.name, drawControl(spec, (name, change) => {
      const before = gathered && gathered.kind === "set" ? gathered.changes : {};
      queue({ kind: "set", changes: { ...before, [name]: change } });
    }));
  }

  function queue(message) {
    gathered = message;
    if (!waitingFor) send();
  }

  function send() {
    if (!gathered) return;
    number = Math.max(number, model.get("answered") || 0) + 1;
    waitingFor = number;
    model.send({ ...gathered, number });
    gathered = null;
    wait();
  }

  function wait() {
    timers.forEach(clearTimeout);
    timers = [
      setTimeout(() => { busy.textContent = "Working…"; root.setAttribute("aria-busy", "true"); }, BUSY_AFTER),
      setTimeout(() => {
        busy.textContent = "No answer yet. Is another cell running? If the kernel was restarted, run this cell again.";
        waitingFor = 0;
      }, DOUBT_AFTER),
    ];
  }

  function answered() {
    if (waitingFor && model.get("answered") < waitingFor) return;
    waitingFor = 0;
    timers.forEach(clearTimeout);
    busy.textContent = "";
    root.removeAttribute("aria-busy");
    if (gathered) send();
    else showControls();
  }

  function showControls() {
    // Not while moves are under way: an old answer must not pull the slider from under the finger.
    if (waitingFor || gathered) return;
    const values = model.get("values");
    const wrong = model.get("wrong");
    for (const [name, control] of controls) {
      control.complain(wrong[name]);
      if (values[name]) control.show(values[name]);
    }
  }

  async function showPicture() {
    const bytes = model.get("picture");
    if (!bytes || !bytes.byteLength) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const next = new Image();
    next.src = url;
    // Decoded first and then swapped, so that no frame is without a picture.
    try { await next.decode(); } catch { URL.revokeObjectURL(url); return; }
    if (model.get("picture") !== bytes) { URL.revokeObjectURL(url); return; }
    const old = image.src;
    image.src = url;
    if (old) URL.revokeObjectURL(old);
  }

  function showSize() {
    image.width = model.get("width");
    image.height = model.get("height");
  }

  function showWords() {
    image.alt = model.get("alt");
    sentence.replaceChildren(...prose(model.get("sentence")));
    clearTimeout(speech);
    speech = setTimeout(() => { spoken.textContent = model.get("sentence"); }, QUIET_BEFORE_SPEECH);
  }

  function showTable() {
    const { caption, columns, rows } = model.get("table");
    if (!columns) return;
    const head = columns.map((text) => make("th", { scope: "col" }, text));
    const body = rows.map((row) => make("tr", {}, ...row.map((text, n) =>
      (n ? make("td", {}, text) : make("th", { scope: "row" }, text)))));
    holder.replaceChildren(make(
      "table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body),
    ));
  }

  function showError() {
    error.textContent = model.get("error");
    image.classList.toggle("tbh-stale", Boolean(model.get("error")));
  }

  resetButton.addEventListener("click", () => {
    controls.forEach((control) => control.complain(""));
    queue({ kind: "reset" });
  });
  tableButton.addEventListener("click", () => {
    holder.hidden = !holder.hidden;
    tableButton.setAttribute("aria-expanded", String(!holder.hidden));
    tableButton.textContent = holder.hidden ? "Show as table" : "Hide table";
  });

  const root = make(
    "div", { class: "tbh", role: "group", "aria-label": model.get("title") },
    title,
    make("div", { class: "tbh-controls" }, ...[...controls.values()].map((control) => control.node)),
    make("div", { class: "tbh-buttons" }, resetButton, tableButton, busy),
    error, image, sentence, spoken, holder,
  );
  keepKeys(root);
  el.append(root);

  const shows = {
    picture: showPicture, sentence: showWords, table: showTable, error: showError, values: showControls,
    wrong: showControls, answered, width: showSize, height: showSize,
  };
  for (const [trait, show] of Object.entries(shows)) {
    model.on(`change:${trait}`, show);
    show();
  }
  // Python draws light and coarse until it is told of a dark or dense screen.
  let first = true;
  const endTheme = followTheme(root, (theme) => {
    const scale = window.devicePixelRatio || 1;
    if (!first || theme === "dark" || scale > 1) queueLook({ theme, scale });
    first = false;
  });

  function queueLook(look) {
    // A look must not displace moves that wait; it follows at the next chance.
    if (gathered) setTimeout(() => queueLook(look), 100);
    else queue({ kind: "look", ...look });
  }

  return () => {
    endTheme();
    timers.forEach(clearTimeout);
    clearTimeout(speech);
    for (const [trait, show] of Object.entries(shows)) model.off(`change:${trait}`, show);
    if (image.src) URL.revokeObjectURL(image.src);
  };
}

export default { render };
