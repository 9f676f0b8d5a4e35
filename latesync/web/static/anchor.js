// An address such as #not-a-tester opens its entry, which stands folded inside a folded list.
const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
for (let part = entry; part; part = part.parentElement) {
  if (part.tagName === "DETAILS") part.open = true;
}
entry?.scrollIntoView();
