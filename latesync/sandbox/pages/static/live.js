// Keeps a page that only shows things up to date. Without JavaScript, reloading does the same.
const EVERY_MS = 3000;

function isInUse(main) {
  return document.hidden || main.querySelector("details[open]") || main.contains(document.activeElement);
}

async function refresh() {
  const main = document.querySelector("main");
  if (isInUse(main)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  if (!fresh || isInUse(main) || fresh.innerHTML === main.innerHTML) return;
  fresh.querySelectorAll(".said").forEach((element) => element.remove());
  main.replaceWith(fresh);
}

setInterval(() => refresh().catch(() => {}), EVERY_MS);
