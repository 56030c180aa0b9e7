/* Buttons that copy the text of the element that their data-copy names. */
(() => {
  "use strict";

  // Without the clipboard's interface (file://, plain http) the text is selected and copied as of old.
  const copySelected = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  };

  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      return copySelected(element);
    }
  };

  hmu.ready(() => {
    for (const button of document.querySelectorAll("button.copy")) {
      const label = button.textContent;
      let waiting = 0;
      button.addEventListener("click", async () => {
        const done = await copy(document.getElementById(button.dataset.copy));
        const told = done ? "Copied" : "Selected: copy it with the keyboard";
        button.textContent = done ? "Copied" : "Selected";
        hmu.say(told);
        clearTimeout(waiting);
        waiting = setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  });
})();
