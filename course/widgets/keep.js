// Downloads the learner's work: at the press of a button, and once the page was left alone for a while.

function render({ model, el }) {
  const said = make("div", { class: "tbh-verdict", role: "status", "aria-live": "polite" });
  const button = make("button", { type: "button", ...ownKeys }, "Download my work");
  const ask = (why) => {
    if (!sent(model, { pack: why })) said.textContent = LOST;
  };
  button.addEventListener("click", () => ask("button"));

  const take = (message, buffers) => {
    if (!message.file || !buffers?.length) return;
    const address = URL.createObjectURL(new Blob([buffers[0]], { type: "application/zip" }));
    const link = make("a", { href: address, download: message.file });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  };
  model.on("msg:custom", take);

  const patience = model.get("minutes") * 60000;
  let timer = 0;
  const touched = () => {
    clearTimeout(timer);
    if (patience > 0) timer = setTimeout(() => ask("idle"), patience);
  };
  const touches = ["keydown", "pointerdown", "wheel"];
  touches.forEach((kind) => window.addEventListener(kind, touched, { capture: true, passive: true }));
  touched();

  const show = () => { said.textContent = model.get("said"); };
  model.on("change:said", show);
  show();
  const buttons = make("div", { class: "tbh-buttons" }, button);
  const root = make("div", { class: "tbh tbh-card", role: "group", "aria-label": "Keep your work" },
    make("div", {}, ...prose(model.get("note"))), buttons, said);
  keepKeys(root);
  el.append(root);
  const endTheme = followTheme(root, () => {});
  return () => {
    endTheme();
    clearTimeout(timer);
    model.off("msg:custom", take);
    model.off("change:said", show);
    touches.forEach((kind) => window.removeEventListener(kind, touched, { capture: true }));
  };
}

export default { render };
