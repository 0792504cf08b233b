// Shows what each key does on this screen: ? or the button Keys opens it, ? or Esc closes it.
//
// It is read off the buttons that listen at this moment, so it can't say anything else than what they do.
const ID = "workbench-keymap";
const LISTENS = "button:enabled [aria-label^='Shortcut ']";
const IN_TABLES = [
  ["Arrows", "Walk a table"],
  ["Enter", "Open the row that the arrows went to"],
];
const ALWAYS = [
  ["Tab", "Go from one thing to the next"],
  ["?", "This list"],
];

export default function () {
  if (window.workbenchKeyMap) return;
  window.workbenchKeyMap = true;
  window.addEventListener("keydown", pressed, true);
  window.addEventListener("click", clicked, true);
}

function pressed(event) {
  const shown = document.getElementById(ID);
  if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey && !types(event.composedPath()[0])) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (shown) shown.close();
    else show();
  } else if (shown) {
    event.stopImmediatePropagation(); // the page's keys are off; Esc, Tab and Enter are the dialog's
  }
}

function clicked(event) {
  if (!event.target.closest?.(".st-key-show_keys button")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  show();
}

function types(element) {
  return ["INPUT", "TEXTAREA", "SELECT"].includes(element?.tagName) || element?.isContentEditable;
}

function show() {
  const dialog = document.createElement("dialog");
  dialog.id = ID;
  dialog.setAttribute("aria-label", "Keys of this screen");
  const list = document.createElement("dl");
  for (const [key, does] of rows()) list.append(made("dt", key), made("dd", does));
  const close = made("button", "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(made("h2", "Keys of this screen"), list, close);
  document.querySelector("[data-testid=stApp]").append(dialog);
  dialog.showModal();
}

function rows() {
  const keys = [...document.querySelectorAll(LISTENS)].map((shortcut) => {
    const button = shortcut.closest("button").cloneNode(true);
    button.querySelector("[aria-label^='Shortcut ']").remove();
    return [shortcut.textContent, button.textContent.trim()];
  });
  const once = [...new Map(keys.map((row) => [row.join(), row])).values()]; // a tooltip holds a button a second time
  return [...once, ...(document.querySelector("[data-testid=stDataFrame]") ? IN_TABLES : []), ...ALWAYS];
}

function made(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
