"use strict";
// The filter of the table of numbers: a row stays if it holds every word.
(() => {
  const box = document.getElementById("filter"), count = document.getElementById("found");
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
