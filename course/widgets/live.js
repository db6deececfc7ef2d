// An explorer that trains: Play, Step and Start over, how fast it goes, and a word to Python for every
// frame that was drawn, so that it never sends more than the page can show.

const PACES = [0, 1, 5, 20, 100, 1000]; // updates a second; 0 for as many as possible

const ACKNOWLEDGED_EVERY = 250; // ms

function drawLive({ model, queue }) {
  const scene = drawScene({ model, queue });
  const button = (text) => make("button", { type: "button", ...ownKeys }, text);
  const [play, step, restart] = [button("Play"), button("Step"), button("Start over")];
  const speed = make("span", { class: "tbh-busy" });
  const notice = make("span", { class: "tbh-wrong", role: "status" });
  const given = model.get("pace");
  const unit = model.get("unit") || "update";
  const said = (value) => (value
    ? `${value.toLocaleString("en")} ${unit}${value === 1 ? "" : "s"} a second` : "as fast as possible");
  const paces = PACES.includes(given) ? PACES : [...PACES, given];
  const pace = make(
    "select", { "aria-label": "Speed", class: "tbh-pace", ...ownKeys },
    ...paces.map((value) => make("option", { value }, said(value))),
  );
  play.addEventListener("click", () => queue({ kind: model.get("playing") ? "pause" : "play" }));
  step.addEventListener("click", () => queue({ kind: "step" }));
  restart.addEventListener("click", () => queue({ kind: "restart" }));
  pace.addEventListener("change", () => queue({ kind: "pace", pace: Number(pace.value) }));

  function show() {
    const [playing, done] = [model.get("playing"), model.get("done")];
    play.textContent = playing ? "Pause" : "Play";
    play.disabled = done && !playing;
    step.disabled = done;
    pace.value = String(model.get("pace"));
    notice.textContent = model.get("notice");
    const [steps, rate] = [model.get("steps"), model.get("speed")];
    const shown = rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
    const more = playing && rate ? `, ${shown} a second` : done ? ", done" : "";
    speed.textContent = `${steps.toLocaleString("en")} ${unit}s${more}`;
  }

  let newest = 0; // frame
  let told = -Infinity; // when it was acknowledged
  let telling = 0;
  // Straight to Python and not through the queue: an acknowledgement waits for nothing. And seldom, because
  // every message makes the kernel busy and idle, which costs Jupyter more than the picture.
  function acknowledge() {
    const wait = told + ACKNOWLEDGED_EVERY - performance.now();
    if (telling) return;
    telling = setTimeout(() => {
      telling = 0;
      told = performance.now();
      sent(model, { kind: "ack", frame: newest });
    }, Math.max(wait, 0));
  }

  function showFrame(message, buffers) {
    if (message.kind !== "frame") return;
    if (message.base === model.get("base")) {
      scene.overlay(message.panels, buffers[0]);
    }
    scene.later(() => {
      newest = Math.max(newest, message.frame);
      acknowledge();
    });
  }

  const shows = { ...scene.shows };
  for (const trait of ["playing", "done", "steps", "speed", "pace", "notice"]) shows[trait] = show;
  const end = () => {
    clearTimeout(telling);
    scene.end();
  };
  return {
    ...scene, shows, end, events: { "msg:custom": showFrame }, buttons: [play, step, restart, pace, speed, notice],
  };
}

export default { render: (place) => drawFront(place, drawLive) };
