// Says how a cell of a table was reached last: by the pointer or by the keys that walk the table; and Enter on it.
//
// Streamlit tells of a selected cell, not of what selected it. A click opens what a row stands for; the arrows only go there.
const WALKS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", "Tab"];

let how = "pointer";
let component; // the latest of what Streamlit gave, through which the page hears
let presses = 0;

export default function (given) {
  component = given;
  if (window.workbenchGrids) return;
  window.workbenchGrids = true;
  window.addEventListener("keydown", walk, true); // before the table hears of it, so that the two are told at once
  window.addEventListener("pointerdown", (event) => inTable(event.target) && tell("pointer"), true);
}

function walk(event) {
  if (!inTable(document.activeElement)) return;
  if (WALKS.includes(event.key)) tell("keys");
  if (event.key === "Enter" && how === "keys") {
    event.preventDefault();
    event.stopImmediatePropagation();
    component.setTriggerValue("enter", ++presses);
  }
}

function tell(now) {
  if (now === how) return;
  how = now;
  component.setStateValue("how", now);
}

function inTable(element) {
  return element?.closest?.("[data-testid=stDataFrame]") != null;
}
