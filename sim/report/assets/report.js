"use strict";
// The filter of the table of numbers: a row stays if it holds every word.
(() => {
  const box = document.getElementById("filter"), count = document.getElementById("found");
  if (!box) return;
  const rows = [...document.querySelectorAll("#numbers tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const words = box.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    let kept = 0;
    rows.forEach((row, i) => { row.hidden = !words.every((word) => texts[i].includes(word)); kept += !row.hidden; });
    count.textContent = `${kept.toLocaleString("en")} of ${rows.length.toLocaleString("en")} numbers`;
  };
  box.addEventListener("input", filter);
  filter();
})();
// Folded parts: a link to one opens it, and all are open on paper.
(() => {
  const parts = [...document.querySelectorAll("details")];
  const show = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const part = target && target.closest("details");
    if (part) { part.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", show);
  show();
  let folded = [];
  addEventListener("beforeprint", () => { folded = parts.filter((part) => !part.open); folded.forEach((part) => { part.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));
})();
