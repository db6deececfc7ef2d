// A multiple-choice question. It explains itself without the kernel; the kernel only learns what was chosen.

function render({ model, el }) {
  const group = freshId();
  const verdict = make("div", { class: "tbh-verdict", role: "status", "aria-live": "polite" });
  const options = model.get("options");
  const radios = options.map((option, n) =>
    make("input", { type: "radio", name: group, id: freshId(), value: n, ...ownKeys }));
  const rows = options.map((option, n) => make(
    "div", { class: "tbh-option" }, radios[n], make("label", { for: radios[n].id }, ...prose(option.text)),
  ));

  function show(n) {
    if (n < 0) return;
    radios[n].checked = true;
    const { right, why } = options[n];
    verdict.classList.toggle("tbh-right", right);
    verdict.classList.toggle("tbh-not-right", !right);
    verdict.replaceChildren(make("strong", {}, right ? "Right. " : "Not this one. "), ...prose(why));
  }

  radios.forEach((radio, n) => radio.addEventListener("change", () => {
    show(n);
    sent(model, { chosen: n }); // without a kernel the answer is explained all the same
  }));

  const root = make(
    "div", { class: "tbh tbh-card" },
    make("fieldset", {}, make("legend", {}, ...prose(model.get("prompt"))), ...rows), verdict,
  );
  keepKeys(root);
  el.append(root);
  const follow = () => show(model.get("chosen"));
  model.on("change:chosen", follow);
  follow();
  const endTheme = followTheme(root, () => {});
  return () => {
    endTheme();
    model.off("change:chosen", follow);
  };
}

export default { render };
