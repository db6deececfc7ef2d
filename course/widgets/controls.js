// Native HTML controls for the parameters that Python declared. Each is { node, show(state), complain(text) };
// onChange(name, change) hears every move.

function drawControl(spec, onChange) {
  const draw = { slider: drawSlider, choice: drawChoice, choices: drawChoices, switch: drawSwitch, text: drawText };
  return draw[spec.kind](spec, (change) => onChange(spec.name, change));
}

function drawSlider(spec, changed) {
  const [rangeId, errorId] = [freshId(), freshId()];
  const name = spec.unit ? `${spec.label} (${spec.unit})` : spec.label;
  const range = make("input", {
    type: "range", id: rangeId, min: 0, max: spec.texts.length - 1, step: 1, ...ownKeys,
  });
  const field = make("input", {
    type: "text", inputmode: "decimal", autocomplete: "off", class: "tbh-number",
    "aria-label": `${name}, exact value`, "aria-describedby": errorId, ...ownKeys,
  });
  const error = make("div", { class: "tbh-wrong", id: errorId, role: "alert" });
  let applied = "";
  const say = (text) => {
    field.value = text;
    range.setAttribute("aria-valuetext", spec.unit ? `${text} ${spec.unit}` : text);
  };
  const complain = (text) => {
    error.textContent = text || "";
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  range.addEventListener("input", () => {
    complain("");
    applied = spec.texts[Number(range.value)];
    say(applied);
    changed({ position: Number(range.value) });
  });
  field.addEventListener("change", () => changed({ text: field.value }));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    complain("");
    field.value = applied;
  });
  const node = make(
    "div", { class: "tbh-control" },
    make("label", { for: rangeId }, name),
    make("div", { class: "tbh-row" }, range, field),
    error,
  );
  const show = (state) => {
    range.value = state.position;
    applied = state.text;
    // What the reader typed stays to be corrected while it is complained of.
    if (error.textContent) range.setAttribute("aria-valuetext", applied);
    else say(applied);
  };
  return { node, show, complain, change: () => ({ text: field.value }), inputs: [range, field] };
}

function drawChoice(spec, changed) {
  const id = freshId();
  const options = spec.options.map(([value, text]) => make("option", { value }, text));
  const select = make("select", { id, ...ownKeys }, ...options);
  select.addEventListener("change", () => changed({ value: select.value }));
  const error = make("div", { class: "tbh-wrong", role: "alert" });
  const node = make("div", { class: "tbh-control" }, make("label", { for: id }, spec.label), select, error);
  return {
    node,
    show: (state) => { select.value = state.value; },
    complain: (text) => { error.textContent = text || ""; },
    change: () => ({ value: select.value }),
    inputs: [select],
  };
}

function drawChoices(spec, changed) {
  const boxes = spec.options.map(([value]) => make("input", { type: "checkbox", value, id: freshId(), ...ownKeys }));
  const error = make("div", { class: "tbh-wrong", role: "alert" });
  const rows = spec.options.map(([, text], n) =>
    make("span", { class: "tbh-check" }, boxes[n], make("label", { for: boxes[n].id }, text)));
  const picked = () => ({ value: boxes.filter((box) => box.checked).map((box) => box.value) });
  const node = make(
    "fieldset", { class: "tbh-control tbh-wide" },
    make("legend", {}, spec.label), make("div", { class: "tbh-checks" }, ...rows), error,
  );
  boxes.forEach((box) => box.addEventListener("change", () => changed(picked())));
  return {
    node,
    // While a complaint stands ("choose at least one"), the boxes stay as the reader left them.
    show: (state) => {
      if (!error.textContent) boxes.forEach((box) => { box.checked = state.value.includes(box.value); });
    },
    complain: (text) => { error.textContent = text || ""; },
    change: picked,
    inputs: boxes,
  };
}

function drawSwitch(spec, changed) {
  const box = make("input", { type: "checkbox", id: freshId(), ...ownKeys });
  box.addEventListener("change", () => changed({ value: box.checked }));
  const row = make("span", { class: "tbh-check" }, box, make("label", { for: box.id }, spec.label));
  return {
    node: make("div", { class: "tbh-control" }, row),
    show: (state) => { box.checked = state.value; },
    complain: () => {},
    change: () => ({ value: box.checked }),
    inputs: [box],
  };
}

function drawText(spec, changed) {
  const [id, errorId] = [freshId(), freshId()];
  const attributes = { id, class: "tbh-text", spellcheck: "false", "aria-describedby": errorId, ...ownKeys };
  const field = spec.lines > 1
    ? make("textarea", { ...attributes, rows: spec.lines })
    : make("input", { ...attributes, type: "text", autocomplete: "off" });
  const error = make("div", { class: "tbh-wrong", id: errorId, role: "alert" });
  field.addEventListener("input", () => changed({ text: field.value }));
  return {
    node: make("div", { class: "tbh-control tbh-wide" }, make("label", { for: id }, spec.label), field, error),
    // What is being typed stays, also while it is complained of.
    show: (state) => {
      if (!error.textContent && field.value !== state.value) field.value = state.value;
    },
    complain: (text) => {
      error.textContent = text || "";
      if (text) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    },
    change: () => ({ text: field.value }),
    inputs: [field],
  };
}
