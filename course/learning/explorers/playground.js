// The playground: a live explorer whose many controls are folded into groups, and whose setup can be read as
// a program. Bundled after the kit's own scripts.

function drawPlayground({ model, queue }) {
  const live = drawLive({ model, queue });
  const id = freshId();
  const text = make("code", {});
  const copied = make("span", { role: "status" });
  const holder = make("div", { id, hidden: true }, make("pre", { class: "tbh-code", tabindex: 0 }, text), copied);
  const button = make(
    "button", { type: "button", "aria-expanded": "false", "aria-controls": id, ...ownKeys }, "Show as program",
  );
  button.addEventListener("click", () => {
    holder.hidden = !holder.hidden;
    button.setAttribute("aria-expanded", String(!holder.hidden));
    button.textContent = holder.hidden ? "Show as program" : "Hide program";
    copied.textContent = "";
    if (holder.hidden) return;
    // Where the page may not write to the clipboard, the program is there to be copied by hand.
    const done = navigator.clipboard?.writeText(model.get("listing"));
    done?.then(() => { copied.textContent = "Copied."; }, () => {});
  });
  const shows = { ...live.shows, listing: () => { text.textContent = model.get("listing"); } };
  return {
    ...live, shows, buttons: [...live.buttons, button], node: make("div", {}, holder, live.node),
  };
}

// The front draws all controls in one row, in the order of their declaration.
function foldControls({ model, el }) {
  const row = el.querySelector(".tbh-controls");
  const nodes = new Map(model.get("controls").map((spec, n) => [spec.name, row.children[n]]));
  for (const [title, names] of model.get("groups")) {
    const inside = make("div", { class: "tbh-controls" }, ...names.map((name) => nodes.get(name)));
    row.append(make("details", { class: "tbh-control tbh-wide" }, make("summary", {}, title), inside));
  }
}

export default {
  render: (place) => {
    const end = drawFront(place, drawPlayground);
    foldControls(place);
    return end;
  },
};
