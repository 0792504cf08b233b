// Takes the presses of keys one at a time and in their order, and none while the page redraws.
//
// A key means what the page says once the press before it is answered. Until then the buttons of before still listen
// and those to come don't yet, so a press would be lost or mean something else: it waits here. The page answers by a
// new number of its run; that Streamlit runs nothing is no answer, for between a run and the one that it asks for
// (st.rerun) nothing runs either. Streamlit also ignores a key that goes down before the last one is up, as in quick
// typing; therefore each press is handed on as one stroke, down and up.
const QUIET = 80; // ms for which a page must stand until the next press: what it drew last has to begin to listen
const ANSWER = 5000; // ms after which a press counts as answered that led to no run of the whole page
const TYPING = ["INPUT", "TEXTAREA", "SELECT"];

const waiting = [];
let changed = 0; // when the page last began or ended to redraw
let taken = 0; // when it took a press that it has not yet answered; 0 where there is none
let run; // the number of the last run that came to its end
let timer = 0;

export default function ({ data }) {
  if (data.run !== run) {
    run = data.run;
    taken = 0;
    changed = performance.now();
  }
  if (window.workbenchKeys) return;
  window.workbenchKeys = true;
  const state = { attributes: true, subtree: true, attributeFilter: ["data-test-script-state"] };
  new MutationObserver(() => (changed = performance.now())).observe(document.documentElement, state);
  window.addEventListener("keydown", take, true);
  window.addEventListener("keydown", noteTaken);
}

function redraws() {
  return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
}

// Milliseconds until the page may be ready, 0 where it is.
function rest() {
  const now = performance.now();
  if (redraws() || document.documentElement.dataset.cursor === "coming") return 30;
  if (taken && now - taken < ANSWER) return 30;
  return Math.max(0, QUIET - (now - changed));
}

// Streamlit prevents the default of the keys that it takes; a download is one that runs nothing.
function noteTaken(event) {
  const downloads = `[data-testid=stDownloadButton] [aria-label="Shortcut ${event.key.toUpperCase()}"]`;
  if (event.defaultPrevented && !document.querySelector(downloads)) taken = performance.now();
}

function types(element) {
  return TYPING.includes(element?.tagName) || element?.isContentEditable;
}

// Whether a press may be handed on as a stroke of ours: what the browser itself does with the others is not ours to do.
function ours(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (event.key === "?" && !waiting.length) return false; // keymap.js
  if (event.key.length === 1 && event.key !== " ") return true;
  if (waiting.length && [" ", "Enter", "Backspace"].includes(event.key)) return true; // part of what is typed ahead
  return rest() > 0 && (event.key === "Escape" || event.key.startsWith("Arrow"));
}

function take(event) {
  if (!event.isTrusted || document.querySelector("dialog[open]") || !ours(event)) return;
  if (types(event.composedPath()[0]) && !waiting.length) return; // into the field that it was meant for
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.repeat && rest() > 0) return; // held down, not pressed
  waiting.push({ key: event.key, code: event.code, keyCode: event.keyCode, shiftKey: event.shiftKey });
  if (!timer) handOn();
}

function handOn() {
  timer = 0;
  while (waiting.length) {
    const wait = rest();
    if (wait) {
      timer = setTimeout(handOn, wait);
      return;
    }
    stroke(waiting.shift());
  }
}

function stroke(press) {
  const target = document.activeElement ?? document.body;
  if (types(target) && press.key.length === 1) return document.execCommand("insertText", false, press.key);
  if (types(target) && press.key === "Backspace") return document.execCommand("delete");
  const event = { ...press, which: press.keyCode, bubbles: true, cancelable: true, composed: true };
  target.dispatchEvent(new KeyboardEvent("keydown", event));
  target.dispatchEvent(new KeyboardEvent("keyup", event));
}
