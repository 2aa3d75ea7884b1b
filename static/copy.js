// A button beside each line that is made to be copied. Without this script the line can be
// selected as any other.
"use strict";

(() => {
  const SHOWN = 2000; // milliseconds that the button says what it did

  function selected(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  async function copied(element) {
    // The modern way is there only over https and on this very machine.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    }
    selected(element);
    return document.execCommand("copy");
  }

  for (const place of document.querySelectorAll("[data-copy]")) {
    const text = place.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      let done = false;
      try {
        done = await copied(text);
      } catch {
        selected(text);
      }
      button.textContent = done ? "Copied" : "Selected";
      setTimeout(() => (button.textContent = "Copy"), SHOWN);
    });
    place.append(button);
  }
})();
