"use strict";
// Rows come as arrays, money in whole cents. Everything shown is a text node.
(() => {
  const [NAME, ID, STATUS, PAGE, DRAFTS, OWNER, REGION, TASKS, RENEWAL, DUE, BILL, SAVING, FOUND,
    URGENT, GAPS, WORDS, NO_DRAFT] = Array(17).keys();
  const CHUNK = 100;
  const NOBODY = "(nobody)";
  const rows = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const searched = rows.map((row) =>
    [row[NAME], row[ID], row[OWNER], row[REGION], row[TASKS].join(" "), row[WORDS]].join("\n").toLowerCase());

  const dollars = new Intl.NumberFormat("en-US", {style: "currency", currency: "USD"});
  const usd = (cents) => cents === null ? "unknown" : dollars.format(cents / 100);
  const count = (number) => number === null ? "" : number.toLocaleString("en-US");

  const columns = [
    {title: "Account", at: NAME},
    {title: "First finding", at: WORDS, words: true},
    {title: "Tasks", at: TASKS, of: (row) => row[TASKS].join("; "), words: true},
    {title: "Owner", at: OWNER},
    {title: "Region", at: REGION},
    {title: "Due", at: DUE, day: true},
    {title: "Renewal", at: RENEWAL, day: true},
    {title: "Bill", at: BILL, number: true, show: usd},
    {title: "Joint saving", at: SAVING, number: true, show: usd},
    {title: "Findings", at: FOUND, number: true, show: count},
    {title: "Needs action", at: URGENT, number: true, show: count},
    {title: "Not evaluated", at: GAPS, number: true, show: count},
    {title: "Draft", at: DRAFTS},
  ].filter((column) => column.at === NAME || rows.some((row) => {
    const value = row[column.at];
    return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  }));

  const make = (name, text, kind) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const link = (text, to) => {
    const element = make("a", text);
    element.setAttribute("href", to);
    return element;
  };

  const cell = (row, column) => {
    const value = row[column.at];
    const kind = column.number ? "number" : column.words ? "words" : column.day ? "day" : "";
    if (column.at === NAME) {
      const box = make("td", "", "words");
      box.append(row[PAGE] ? link(row[NAME], row[PAGE]) : row[NAME], make("span", row[ID], "id"));
      return box;
    }
    if (column.at === DRAFTS) {
      const box = make("td");
      box.append(value ? link("draft", value) : row[NO_DRAFT]);
      return box;
    }
    if (column.number && row[STATUS] !== "done") return make("td", "", kind);
    const text = column.show ? column.show(value) : column.of ? column.of(row) : value;
    return make("td", text || "", kind);
  };

  let shown = [];
  let drawn = 0;
  let order = null;
  let down = false;

  const draw = (until) => {
    const part = document.createDocumentFragment();
    for (; drawn < Math.min(until, shown.length); drawn += 1) {
      const row = rows[shown[drawn]];
      const line = make("tr", "", row[STATUS] === "done" ? "" : "failed");
      for (const column of columns) line.append(cell(row, column));
      part.append(line);
    }
    byId("rows").append(part);
    byId("more").textContent = drawn < shown.length
      ? `${drawn.toLocaleString("en-US")} of ${shown.length.toLocaleString("en-US")} rows are drawn; scroll for more.` : "";
  };

  const compared = (a, b) => {
    const [x, y] = [rows[a], rows[b]].map((row) => order.of ? order.of(row) : row[order.at]);
    const [emptyX, emptyY] = [x === null || x === "", y === null || y === ""];
    if (emptyX || emptyY) return emptyX - emptyY || a - b; // unknown stands last, either way
    const sign = order.number ? x - y : x.localeCompare(y, "en");
    return (down ? -sign : sign) || a - b;
  };

  const total = (at, list) => {
    let sum = 0;
    let unknown = 0;
    for (const number of list) {
      const value = rows[number][at];
      if (value === null) unknown += 1;
      else sum += value;
    }
    return {sum, unknown};
  };

  const totals = () => {
    const done = shown.filter((number) => rows[number][STATUS] === "done");
    const of = (at) => {
      const {sum, unknown} = total(at, done);
      return unknown === done.length ? "unknown" : usd(sum) + (unknown ? ` (${unknown} unknown)` : "");
    };
    const lines = [
      ["Accounts", shown.length === rows.length ? count(rows.length) : `${count(shown.length)} of ${count(rows.length)}`],
      ["Bills a month (estimate)", of(BILL)],
      ["Joint savings a month (estimate)", of(SAVING)],
      ["Findings", count(total(FOUND, done).sum)],
      ["Failed", count(shown.length - done.length)],
    ];
    byId("totals").replaceChildren(...lines.map(([title, text]) => {
      const box = make("div");
      box.append(make("dt", title), make("dd", text));
      return box;
    }));
  };

  const filters = {
    status: (row) => [row[STATUS]],
    owner: (row) => [row[OWNER] || NOBODY],
    region: (row) => [row[REGION] || "(unknown)"],
    task: (row) => row[TASKS],
  };

  const refresh = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = Object.entries(filters).filter(([id]) => byId(id).value !== "");
    shown = [];
    rows.forEach((row, number) => {
      if (byId("urgent").checked && !row[URGENT]) return;
      if (!chosen.every(([id, of]) => of(row).includes(byId(id).value))) return;
      if (words.every((word) => searched[number].includes(word))) shown.push(number);
    });
    if (order) shown.sort(compared);
    drawn = 0;
    byId("rows").replaceChildren();
    draw(CHUNK);
    totals();
  };

  for (const [id, of] of Object.entries(filters)) {
    const values = [...new Set(rows.flatMap(of))].sort((a, b) => a.localeCompare(b, "en"));
    const all = make("option", "all");
    all.value = "";
    byId(id).append(all, ...values.map((value) => {
      const option = make("option", value);
      option.value = value;
      return option;
    }));
    if (values.length < 2) byId(id).closest("label").hidden = true;
  }

  for (const column of columns) {
    const head = make("th", "", column.number ? "number" : "");
    head.scope = "col";
    const button = make("button", column.title);
    button.type = "button";
    button.addEventListener("click", () => {
      down = order === column ? !down : Boolean(column.number);
      order = column;
      for (const other of byId("heads").children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      refresh();
    });
    head.append(button);
    byId("heads").append(head);
  }

  byId("filters").addEventListener("input", refresh);
  byId("filters").addEventListener("reset", () => setTimeout(refresh));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => draw(Infinity));
  new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) draw(drawn + CHUNK);
  }, {rootMargin: "600px"}).observe(byId("more"));
  document.querySelector("main").hidden = false;
  refresh();
})();
