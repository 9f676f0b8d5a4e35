// "Copy" beside a line to take elsewhere; without this file the line can still be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const line = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(line);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try {
      await navigator.clipboard.writeText(line.textContent);
    } catch {
      document.execCommand("copy"); // plain http has no clipboard; the selection serves
    }
    button.textContent = "Copied";
  });
}
