// What every widget of the kit shares: making elements, and knowing whether the page is light or dark.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

let serial = 0;
const salt = Math.random().toString(36).slice(2, 8);
function freshId() {
  serial += 1;
  return `tbh-${salt}-${serial}`;
}

// JupyterLab acts on keys that a native control needs (the arrows of a slider) unless told not to, on the
// control itself; and its notebook prevents what Enter does to a field or a button, so these keys stop here.
const ownKeys = { "data-lm-suppress-shortcuts": "true" };
const NATIVE_KEYS = [
  "Enter", " ", "Escape", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown",
];
function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const shortcut = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (!shortcut && NATIVE_KEYS.includes(event.key)) event.stopPropagation();
  });
}

function pageTheme() {
  const { body, documentElement: root } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false" ? "dark" : "light";
  if (body.classList.contains("vscode-dark")) return "dark";
  if (body.classList.contains("vscode-light")) return "light";
  const said = root.getAttribute("theme") || root.dataset.theme;
  if (said === "dark" || said === "light") return said;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

const LOST = "The kernel of this was restarted or shut down. Run this cell again.";

// Whether the message left: Jupyter throws once the kernel that made the widget is gone.
function sent(model, message) {
  try {
    model.send(message);
  } catch {
    return false;
  }
  return true;
}

// Calls act(theme) now and at every change; returns a function that ends it.
function followTheme(root, act) {
  let now = "";
  const look = () => {
    const theme = pageTheme();
    if (theme === now) return;
    now = theme;
    root.dataset.theme = theme;
    act(theme);
  };
  const observer = new MutationObserver(look);
  const attributeFilter = ["data-jp-theme-light", "data-jp-theme-name", "class", "theme", "data-theme"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", look);
  look();
  return () => {
    observer.disconnect();
    media.removeEventListener("change", look);
  };
}

// Text in which `code` is set as code.
function prose(text) {
  const pieces = text.split("`");
  if (pieces.length % 2 === 0) return [text];
  return pieces.map((piece, n) => (n % 2 ? make("code", {}, piece) : piece));
}
