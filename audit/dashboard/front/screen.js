// The dashboard's page: shows the parts that the kernel sends, tells it what the visitor does, and
// keeps the address. All markup is made and escaped by the kernel; texts of its own are text nodes.

const WAIT_MS = 120;
const PATIENCE_MS = 90_000;
const POINTING_MS = 60;
const NAVIGATION = [["portfolio", "Portfolio"], ["review", "Savings review"]];
// Where parts stand, by view; what comes under another name is appended.
const ORDER = {
  portfolio: ["filters", "totals", "accounts", "spread"],
  account: {
    overview: ["title", "glance", "actions", "recommendations", "areas", "opportunities"],
    bill: ["title", "glance", "actions", "bill", "ahead", "periods", "lines"],
    usage: ["title", "glance", "actions", "usage", "projects"],
    findings: ["title", "glance", "actions", "savings", "findings", "decide", "gaps"],
    team: ["title", "glance", "actions", "notes", "team"],
  },
  scenarios: ["title", "actions", "controls", "wrong", "cards", "outcome"],
  review: ["review"],
};
// Of an account, the same on every tab.
const KEPT = new Set(["title", "glance", "actions"]);
// Room that a part will take, so that what follows does not jump when it comes.
const ROOM = { glance: 190, recommendations: 420, bill: 340, ahead: 420, accounts: 900, spread: 480,
  cards: 210, outcome: 420, controls: 380, usage: 420, periods: 300, totals: 110 };

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

async function inflated(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function render({ model, el }) {
  const state = { number: 0, view: "", waiting: 0, charts: new Map(), drawn: new Map(), library: null };
  const bar = element("div", { className: "ab-bar", hidden: true });
  const status = element("p", { className: "ab-status", role: "status" });
  const main = element("main", { className: "ab-main", id: "ab-main", tabIndex: -1 });
  const navigation = element("nav", { className: "ab-nav" });
  navigation.setAttribute("aria-label", "Views");
  const heading = element("h1", { className: "ab-heading", tabIndex: -1 });
  const visitor = element("span", { className: "ab-visitor" });
  const skip = element("a", { className: "ab-skip", href: "#ab-main" }, "Skip to the content");
  const messages = element("div", { className: "ab-messages" });
  const screen = element("div", { className: "ab" }, skip,
    element("header", { className: "ab-header" },
      element("strong", { className: "ab-brand" }, "Account audit"), navigation, visitor),
    bar, messages, heading, main, status);
  for (const [view, label] of NAVIGATION) {
    navigation.append(element("a", { href: `?view=${view}`, "data-view": view }, label));
  }
  el.replaceChildren(screen);

  function send(content) {
    state.number += 1;
    if (!("ask" in content)) waiting(state.number);
    model.send({ ...content, number: state.number });
    return state.number;
  }

  function waiting(number) {
    state.waiting = number;
    clearTimeout(state.slow);
    clearTimeout(state.lost);
    state.slow = setTimeout(() => { bar.hidden = false; main.setAttribute("aria-busy", "true"); }, 150);
    state.lost = setTimeout(lost, PATIENCE_MS);
  }

  function done() {
    state.waiting = 0;
    clearTimeout(state.slow);
    clearTimeout(state.lost);
    bar.hidden = true;
    main.removeAttribute("aria-busy");
    for (const place of main.querySelectorAll(".ab-part.ab-empty")) place.style.minHeight = "";
    screen.dataset.done = String(state.number);
    if (state.then) document.getElementById(state.then)?.scrollIntoView();
    state.then = "";
  }

  function lost() {
    say("There is no answer from the server. Reload the page; your link keeps what you see.", "problem", true);
    done();
  }

  function say(text, kind, stays) {
    const close = element("button", { type: "button", className: "ab-quiet" }, "Close");
    const one = element("div", { className: `ab-message ab-${kind}`, role: kind === "problem" ? "alert" : "status" },
      element("span", {}, text));
    if (stays) {
      const reload = element("button", { type: "button" }, "Reload");
      reload.addEventListener("click", () => location.reload());
      one.append(reload);
    }
    close.addEventListener("click", () => one.remove());
    one.append(close);
    for (const other of messages.children) if (other.firstChild.textContent === text) other.remove();
    messages.append(one);
  }

  function place(name) {
    let found = main.querySelector(`[data-part="${name}"]`);
    if (!found) {
      found = element("section", { className: "ab-part ab-empty", "data-part": name });
      main.append(found);
    }
    return found;
  }

  function layOut(view, tab, keeps) {
    state.charts.clear();
    for (const drawn of state.drawn.values()) drawn.finalize?.();
    state.drawn.clear();
    const names = (tab ? ORDER[view]?.[tab] : ORDER[view]) ?? [];
    main.replaceChildren(...names.map((name) => {
      const there = keeps && KEPT.has(name) && main.querySelector(`[data-part="${name}"]`);
      if (there) return there;
      const one = element("section", { className: "ab-part ab-empty", "data-part": name });
      if (ROOM[name]) one.style.minHeight = `${ROOM[name]}px`;
      return one;
    }));
    state.view = view;
  }

  function show(message) {
    if ("view" in message) {
      const same = state.view === message.view && state.account === message.account;
      if (!same || message.account) layOut(message.view, message.tab, same);
      state.account = message.account;
      heading.textContent = message.title;
      heading.hidden = Boolean(message.account);
      document.title = `${message.title} - account audit`;
      visitor.textContent = message.visitor ? `Signed in as ${message.visitor}` : "";
      for (const link of navigation.children) {
        if (link.dataset.view === message.view) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      address(message.query);
    } else if ("part" in message) {
      const into = place(message.part);
      const kept = document.activeElement?.closest?.("[data-part]") === into ? document.activeElement : null;
      if (message.part === "filters" && kept) return; // it is being typed into
      into.innerHTML = message.html;
      into.classList.toggle("ab-empty", !message.html);
      into.style.minHeight = "";
      if (message.chart) chart(message.part, message.chart);
      ready(into);
    } else if ("file" in message) {
      const bytes = Uint8Array.from(atob(message.content), (c) => c.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type: message.media }));
      const link = element("a", { href: url, download: message.file });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      say(`Saved ${message.file}.`, "note");
    } else if ("query" in message) {
      address(message.query, true);
    } else if ("problem" in message) {
      say(message.problem, "problem");
    } else if ("note" in message) {
      say(message.note, "note", message.stays);
    } else if ("charts" in message) {
      state.packed?.(message.charts);
    }
  }

  function ready(into) {
    const until = into.querySelector('input[name="until"]');
    if (until && !until.value) {
      const day = new Date(Date.now() + 90 * 86_400_000);
      until.value = day.toISOString().slice(0, 10);
      until.min = new Date().toISOString().slice(0, 10);
    }
  }

  function address(query, replaces) {
    if (!state.keepsAddress || query === location.search) return;
    if (replaces || state.silent) history.replaceState(null, "", query);
    else history.pushState(null, "", query);
  }

  // Charts ------------------------------------------------------------------------------------

  function library() {
    if (!state.library) state.library = globalThis.vegaEmbed ? Promise.resolve() : loaded();
    return state.library;
  }

  async function loaded() {
    const own = model.get("charts_url");
    if (own) return import(own);
    const packed = new Promise((resolve) => { state.packed = resolve; });
    model.send({ ask: "charts" });
    const script = element("script");
    script.textContent = await inflated(await packed);
    document.head.append(script);
  }

  async function chart(name, specification) {
    state.charts.set(name, specification);
    const at = main.querySelector(`[data-chart="${name}"]`);
    try {
      await library();
      if (!at.isConnected || state.charts.get(name) !== specification) return;
      const drawn = await pageCharts.draw(at, specification);
      state.drawn.get(name)?.finalize?.();
      state.drawn.set(name, drawn);
      at.dataset.drawn = "yes";
    } catch (error) {
      at.textContent = "This chart could not be drawn in this browser; its numbers stand below.";
      at.closest("section").querySelector("details")?.setAttribute("open", "");
      console.error(error);
    }
  }

  let resized;
  const refit = () => {
    clearTimeout(resized);
    resized = setTimeout(() => state.charts.forEach((specification, name) => chart(name, specification)), 200);
  };
  addEventListener("resize", refit);

  // What a visitor does -----------------------------------------------------------------------

  function values(form) {
    const told = {};
    for (const input of form.elements) {
      if (!input.name) continue;
      const value = input.type === "checkbox" ? (input.checked ? input.value : "0") : input.value;
      if (value !== "" && value !== input.dataset.default) told[input.name] = value;
    }
    return told;
  }

  screen.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='?']");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      open(link.getAttribute("href"), "keep" in link.dataset);
      return;
    }
    const inside = event.target.closest("a[href^='#']");
    if (inside && state.account && !document.getElementById(inside.hash.slice(1))) {
      event.preventDefault(); // it stands on another tab
      const tab = new URLSearchParams({ view: "account", organization_id: state.account, tab: "findings" });
      state.then = inside.hash.slice(1);
      open(`?${tab}`, true);
      return;
    }
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.download) {
      say("Preparing it; a report takes a few seconds.", "note");
      send({ download: button.dataset.download });
    } else if ("copyLink" in button.dataset) {
      const done = () => say("The link is copied.", "note");
      navigator.clipboard?.writeText(location.href).then(done, () => say(location.href, "note"));
    }
  });

  // Whoever points at an account will probably open it: it is audited meanwhile.
  let pointing, pointed = "";
  function expect(event) {
    const link = event.target.closest?.(".ab-accounts a[href^='?']");
    if (!link) return;
    const account = new URLSearchParams(link.getAttribute("href")).get("organization_id");
    clearTimeout(pointing);
    pointing = setTimeout(() => {
      if (account && account !== pointed) model.send({ ask: "ahead", account });
      pointed = account;
    }, POINTING_MS);
  }
  screen.addEventListener("pointerover", expect);
  screen.addEventListener("focusin", expect);

  function open(query, keepsPlace) {
    send({ open: query });
    if (!keepsPlace) {
      scrollTo(0, 0);
      main.focus({ preventScroll: true });
    }
  }

  let typing;
  function changed(event) {
    const input = event.target;
    const form = input.closest?.("form[data-form]");
    if (!form) return;
    const beside = input.dataset.beside;
    if (beside) {
      const slider = form.elements[beside];
      if (input.value === "" || !input.checkValidity()) {
        if (event.type === "change") { input.reportValidity(); input.value = slider.value; }
        return;
      }
      slider.value = input.value;
    } else if (input.type === "range") {
      const typed = form.querySelector(`[data-beside="${CSS.escape(input.name)}"]`);
      if (typed) typed.value = input.value;
    }
    clearTimeout(typing);
    const wait = input.type === "search" ? WAIT_MS : 30;
    typing = setTimeout(() => send({ form: form.dataset.form, values: values(form) }), wait);
  }
  screen.addEventListener("input", changed);
  screen.addEventListener("change", (event) => { if (event.target.dataset?.beside) changed(event); });
  screen.addEventListener("reset", (event) => {
    const form = event.target.closest("form[data-form]");
    if (!form) return;
    event.preventDefault();
    for (const input of form.elements) {
      if (input.type === "checkbox") input.checked = false;
      else if (input.tagName === "SELECT") input.selectedIndex = 0;
      else if (input.dataset.default !== undefined) input.value = input.dataset.default;
      else if (input.name) input.value = "";
    }
    send({ form: form.dataset.form, values: values(form) });
  });
  screen.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.dataset.submit) send({ submit: form.dataset.submit, values: values(form) });
  });
  const back = () => { state.silent = true; send({ open: location.search }); };
  if (!el.closest?.(".jp-Notebook-cell, .jp-OutputArea") || document.body.dataset.voila) {
    state.keepsAddress = true;
    addEventListener("popstate", back);
  }

  const heard = (message) => {
    if (!message || typeof message !== "object") return;
    if ("number" in message && message.number < state.number) return; // of an older question
    if ("done" in message) {
      if (message.done === state.number) done();
      state.silent = false;
      return;
    }
    show(message);
  };
  model.on("msg:custom", heard);
  state.silent = true;
  for (const message of model.get("first") ?? []) show(message);
  state.silent = false;
  screen.dataset.first = "shown";
  send({ ready: true });
  return () => {
    removeEventListener("popstate", back);
    removeEventListener("resize", refit);
    model.off?.("msg:custom", heard);
  };
}

export default { render };
