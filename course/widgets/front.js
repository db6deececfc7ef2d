// The front of every explorer. Python computes everything; this draws the controls, sends the moves and shows
// the answers. One message is under way at a time; moves made meanwhile are gathered, so that the last
// position is always the one shown.
//
// makeBody({ model, queue }) draws the picture: { node, shows: { trait: show }, buttons, follow(theme), end() },
// and may hear the model's other `events`: { name: act }.

const BUSY_AFTER = 150; // ms until "Working" is said
const DOUBT_AFTER = 12000; // ms until a silent kernel is named
const QUIET_BEFORE_SPEECH = 700; // ms without a new sentence before a screen reader hears it

// On a narrow page it is scrolled sideways, for which a keyboard needs the focus on it.
const scrolled = (name) => ({ tabindex: 0, role: "region", "aria-label": name });

function drawFront({ model, el }, makeBody) {
  const title = make("div", { class: "tbh-title", role: "heading", "aria-level": "3" }, model.get("title"));
  const sentence = make("p", { class: "tbh-sentence" });
  const spoken = make("div", { class: "tbh-unseen", role: "status", "aria-live": "polite" });
  const error = make("div", { class: "tbh-error", role: "alert" });
  const busy = make("span", { class: "tbh-busy", role: "status" });
  const tableId = freshId();
  const holder = make("div", { id: tableId, class: "tbh-table", hidden: true, ...scrolled("Table") });
  const resetButton = make("button", { type: "button", ...ownKeys }, "Reset");
  const tableButton = make(
    "button", { type: "button", "aria-expanded": "false", "aria-controls": tableId, ...ownKeys }, "Show as table",
  );

  const codeId = freshId();
  const codeLine = make("code", {});
  const copied = make("span", { role: "status" });
  const codeHolder = make("div", { id: codeId, class: "tbh-code", hidden: true, ...scrolled("Code") }, codeLine, copied);
  const shareButton = make(
    "button", { type: "button", "aria-expanded": "false", "aria-controls": codeId, ...ownKeys }, "Share",
  );

  let number = model.get("answered") || 0;
  let waitingFor = 0; // the number of the message under way, 0 for none
  let waiting = []; // what to send next, in order
  let timers = [];
  let speech = 0;

  const controls = new Map();
  for (const spec of model.get("controls")) {
    controls.set(spec.name, drawControl(spec, (name, change) => queue({ kind: "set", changes: { [name]: change } })));
  }

  // Moves join the last message that waits, if it is one of moves too; of several drags of one handle the
  // last counts, and of several spots that are only passed over.
  function queue(message) {
    const last = waiting.at(-1);
    if (message.kind !== "set" || !last || last.kind !== "set") waiting.push(message);
    else {
      const acts = [...(last.acts || [])];
      for (const act of message.acts || []) {
        if (act.drag && acts.at(-1)?.drag && acts.at(-1).name === act.name) acts.pop();
        if (act.passing && acts.at(-1)?.passing) acts.pop();
        acts.push(act);
      }
      waiting[waiting.length - 1] = { ...last, changes: { ...last.changes, ...message.changes }, acts };
    }
    if (!waitingFor) send();
  }

  function send() {
    if (!waiting.length) return;
    number = Math.max(number, model.get("answered") || 0) + 1;
    waitingFor = number;
    if (sent(model, { ...waiting.shift(), number })) wait();
    else lost();
  }

  function lost() {
    [waitingFor, waiting] = [0, []];
    timers.forEach(clearTimeout);
    root.removeAttribute("aria-busy");
    busy.textContent = LOST;
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
    if (waiting.length) send();
    else showControls();
  }

  function showControls() {
    // Not while moves are under way: an old answer must not pull the slider from under the finger.
    if (waitingFor || waiting.length) return;
    const values = model.get("values");
    const wrong = model.get("wrong");
    for (const [name, control] of controls) {
      control.complain(wrong[name]);
      if (values[name]) control.show(values[name]);
    }
  }

  function showWords() {
    sentence.replaceChildren(...prose(model.get("sentence")));
    clearTimeout(speech);
    speech = setTimeout(() => { spoken.textContent = model.get("sentence"); }, QUIET_BEFORE_SPEECH);
  }

  // Made when it is to be seen: hundreds of rows at every move would take as long as the picture.
  function showTable() {
    if (holder.hidden) return;
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
    body.node.classList.toggle("tbh-stale", Boolean(model.get("error")));
  }

  resetButton.addEventListener("click", () => {
    controls.forEach((control) => control.complain(""));
    queue({ kind: "reset" });
  });
  tableButton.addEventListener("click", () => {
    holder.hidden = !holder.hidden;
    showTable();
    tableButton.setAttribute("aria-expanded", String(!holder.hidden));
    tableButton.textContent = holder.hidden ? "Show as table" : "Hide table";
  });

  shareButton.addEventListener("click", () => {
    codeHolder.hidden = !codeHolder.hidden;
    shareButton.setAttribute("aria-expanded", String(!codeHolder.hidden));
    copied.textContent = "";
    if (codeHolder.hidden) return;
    // Where the page may not write to the clipboard, the line is there to be copied by hand.
    const done = navigator.clipboard?.writeText(model.get("code"));
    done?.then(() => { copied.textContent = " Copied."; }, () => {});
  });

  const body = makeBody({ model, queue });
  const root = make(
    "div", { class: "tbh", role: "group", "aria-label": model.get("title") },
    title,
    make("div", { class: "tbh-controls" }, ...[...controls.values()].map((control) => control.node)),
    make("div", { class: "tbh-buttons" }, ...(body.buttons || []), resetButton, tableButton, shareButton, busy),
    codeHolder, error, body.node, sentence, spoken, holder,
  );
  keepKeys(root);
  el.append(root);

  const shows = {
    sentence: showWords, table: showTable, error: showError, values: showControls, wrong: showControls, answered,
    code: () => { codeLine.textContent = model.get("code"); }, ...body.shows,
  };
  for (const [trait, show] of Object.entries(shows)) {
    model.on(`change:${trait}`, show);
    show();
  }
  // The first is a restart, said before anything is touched.
  const events = { comm_live_update: lost, ...body.events };
  for (const [name, act] of Object.entries(events)) model.on(name, act);
  const endTheme = followTheme(root, body.follow);

  return () => {
    endTheme();
    body.end();
    timers.forEach(clearTimeout);
    clearTimeout(speech);
    for (const [name, act] of Object.entries(events)) model.off(name, act);
    for (const [trait, show] of Object.entries(shows)) model.off(`change:${trait}`, show);
  };
}
