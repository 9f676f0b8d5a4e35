// Says what is being written without loading the page anew; without JavaScript it reloads by itself.
const line = document.querySelector("[data-done]");

async function look() {
  try {
    const answer = await fetch(line.dataset.done);
    const now = await answer.json();
    if (now.is_over) return location.reload(); // the page as it is when all is done
    if (line.textContent !== now.text) line.textContent = now.text;
  } catch {
    // Not reached, or no answer of ours: the next look tells.
  }
  setTimeout(look, line.dataset.seconds * 1000);
}

setTimeout(look, line.dataset.seconds * 1000);
