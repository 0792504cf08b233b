// Puts the cursor into a field, once for every new `again`. The field may be drawn after this.
let done = "";

export default function ({ data }) {
  if (data.again === done) return;
  let tries = 0;
  const look = () => {
    const field = document.querySelector(`.st-key-${data.field} input, .st-key-${data.field} textarea`);
    if (field && !field.disabled) {
      done = data.again;
      field.focus();
    } else if (tries++ < 60) {
      requestAnimationFrame(look);
    }
  };
  look();
}
