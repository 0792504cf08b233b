// Puts the cursor into a field, once for every new `again`. The field may be drawn after this.
// Enter in a field with a list takes what is found and leaves it, so that the page's keys count again.
let done = "";

export default function ({ data }) {
  if (data.again === done) return;
  let tries = 0;
  document.documentElement.dataset.cursor = "coming"; // keys.js holds what is pressed until it is there
  const look = () => {
    const field = document.querySelector(`.st-key-${data.field} input, .st-key-${data.field} textarea`);
    if (field && !field.disabled) {
      done = data.again;
      field.focus();
      delete document.documentElement.dataset.cursor;
      if (field.getAttribute("role") === "combobox") {
        field.onkeydown = (event) => {
          if (event.key === "Enter") setTimeout(() => field.blur(), 50);
        };
      }
    } else if (tries++ < 60) {
      requestAnimationFrame(look);
    } else {
      delete document.documentElement.dataset.cursor;
    }
  };
  look();
}
