// A prediction card: the guess can be moved until it is committed, and changed only on purpose.

function render({ model, el }) {
  const control = drawControl(model.get("control"), () => { said.textContent = ""; });
  const said = make("div", { class: "tbh-verdict", role: "status", "aria-live": "polite" });
  const button = make("button", { type: "button", ...ownKeys }, "Commit prediction");
  let changing = false;
  const locked = () => Boolean(model.get("committed")) && !changing && !model.get("wrong");

  function show() {
    const committed = locked() ? model.get("committed") : "";
    control.complain(model.get("wrong"));
    control.inputs.forEach((input) => { input.disabled = Boolean(committed); });
    button.textContent = committed ? "Change prediction" : "Commit prediction";
    said.textContent = committed ? `Your prediction: ${committed}. You will meet it again beside the result.` : "";
  }

  button.addEventListener("click", () => {
    if (locked()) {
      changing = true;
      show();
      control.inputs[0].focus();
      return;
    }
    if (!sent(model, { commit: control.change() })) {
      said.textContent = LOST;
      return;
    }
    changing = false;
    show(); // the same guess again changes nothing on the model, so nothing else would show it
  });

  const root = make(
    "div", { class: "tbh tbh-card", role: "group", "aria-label": "Prediction" },
    make("div", { class: "tbh-title" }, ...prose(model.get("question"))),
    control.node, make("div", { class: "tbh-buttons" }, button), said,
  );
  keepKeys(root);
  el.append(root);
  const showValue = () => control.show(model.get("value"));
  model.on("change:value", showValue);
  model.on("change:committed", show);
  model.on("change:wrong", show);
  showValue();
  show();
  const endTheme = followTheme(root, () => {});
  return () => {
    endTheme();
    model.off("change:value", showValue);
    model.off("change:committed", show);
    model.off("change:wrong", show);
  };
}

export default { render };
