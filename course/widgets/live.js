// An explorer that trains: Play, Step and Start over, how fast it goes, and a word to Python for every
// frame that was drawn, so that it never sends more than the page can show.

const PACES = [[0, "as fast as possible"], [1, "1 update a second"], [5, "5 updates a second"],
  [20, "20 updates a second"], [100, "100 updates a second"], [1000, "1,000 updates a second"]];

function drawLive({ model, queue }) {
  const scene = drawScene({ model, queue });
  const button = (text) => make("button", { type: "button", ...ownKeys }, text);
  const [play, step, restart] = [button("Play"), button("Step"), button("Start over")];
  const speed = make("span", { class: "tbh-busy" });
  const notice = make("span", { class: "tbh-wrong", role: "status" });
  const given = model.get("pace");
  const paces = PACES.some(([value]) => value === given) ? PACES : [...PACES, [given, `${given} updates a second`]];
  const pace = make(
    "select", { "aria-label": "Speed", class: "tbh-pace", ...ownKeys },
    ...paces.map(([value, text]) => make("option", { value }, text)),
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
    const steps = model.get("steps").toLocaleString("en");
    const rate = model.get("speed");
    const shown = rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
    speed.textContent = `${steps} updates${playing && rate ? `, ${shown} a second` : done ? ", done" : ""}`;
    notice.textContent = model.get("notice");
  }

  // Straight to Python and not through the queue: an acknowledgement waits for nothing.
  const acknowledge = () => scene.later(() => sent(model, { kind: "ack", frame: model.get("frame") }));
  const shows = { ...scene.shows, frame: acknowledge };
  for (const trait of ["playing", "done", "steps", "speed", "pace", "notice"]) shows[trait] = show;
  return { ...scene, shows, buttons: [play, step, restart, pace, speed, notice] };
}

export default { render: (place) => drawFront(place, drawLive) };
