"use strict";
(() => {
  const all = (what, where = document) => Array.from(where.querySelectorAll(what));
  const card = document.querySelector(".card");
  const form = document.querySelector(".filter");
  const rows = all(".claims tbody tr");
  const every = document.querySelector(".all");
  const small = window.matchMedia("(max-width: 56rem)");

  const make = (tag, text) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    return node;
  };

  // The card repeats the table's row by copying its nodes, so both always say the same.
  const show = (id) => {
    const row = document.getElementById("claim-" + id);
    if (!row || !card) return;
    all(".claim.on").forEach((a) => a.classList.remove("on"));
    all(".text .claim").filter((a) => a.dataset.claim === id).forEach((a) => a.classList.add("on"));
    card.replaceChildren();
    const head = make("h3", "Claim " + id);
    const close = make("button", "Close");
    close.type = "button";
    close.addEventListener("click", hide);
    head.append(close);
    const list = make("dl");
    all("td", row).forEach((cell) => {
      const part = make("dd");
      part.append(...Array.from(cell.cloneNode(true).childNodes));
      list.append(make("dt", cell.dataset.label), part);
    });
    all("a", list).forEach((a) => a.addEventListener("click", () => { if (small.matches) hide(); }));
    card.append(head, list);
    card.hidden = false;
  };
  const hide = () => {
    if (card) card.hidden = true;
    all(".claim.on").forEach((a) => a.classList.remove("on"));
  };

  all(".text .claim").forEach((a) => {
    a.addEventListener("mouseenter", () => { if (!small.matches) show(a.dataset.claim); });
    a.addEventListener("focus", () => { if (!small.matches) show(a.dataset.claim); });
    a.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(a.dataset.claim);
    });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  const filter = () => {
    const words = form.elements.words.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row) => {
      const fits = (!form.elements.verdict.value || row.dataset.verdict === form.elements.verdict.value)
        && (!form.elements.kind.value || row.dataset.kind === form.elements.kind.value)
        && (!words || row.textContent.toLowerCase().includes(words));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    form.querySelector("output").textContent = shown + " of " + rows.length + " shown";
  };
  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    all(".tally a").forEach((a) => a.addEventListener("click", () => {
      every.open = true;
      form.elements.verdict.value = a.dataset.verdict;
      filter();
    }));
    // A link to a row that a filter or a fold hides must still arrive.
    all('a[href^="#claim-"]').forEach((a) => {
      if (a.classList.contains("claim")) return;
      a.addEventListener("click", () => { every.open = true; form.reset(); filter(); });
    });
    // On a phone the card tells the same in place; the table unfolds on demand.
    if (small.matches && !location.hash.startsWith("#claim")) every.open = false;
    filter();
  }

  let shut = [];
  window.addEventListener("beforeprint", () => {
    shut = all("details:not([open])");
    shut.forEach((d) => { d.open = true; });
  });
  window.addEventListener("afterprint", () => shut.forEach((d) => { d.open = false; }));
})();
