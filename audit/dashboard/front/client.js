// Speaks to the visitor's kernel over Jupyter's own web socket: enough of its protocol for one
// widget, and nothing else of a front-end.
import screen from "./screen.js";

const OVER = ["dead", "restarting", "autorestarting"];
const AGAIN_MS = [250, 500, 1000, 2000, 4000, 8000];

function identity() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

class Model {
  constructor(page) {
    this.page = page;
    this.session = identity();
    this.listeners = new Set();
    this.waiting = [];
    this.tries = 0;
    this.connect();
  }

  get(name) {
    if (name === "first") return this.page.screen.first;
    if (name === "charts_url") return new URL(this.page.charts, location.href).href;
    return undefined;
  }

  on(_, listener) { this.listeners.add(listener); }
  off(_, listener) { this.listeners.delete(listener); }

  connect() {
    const at = new URL(`${this.page.base}api/kernels/${this.page.kernel}/channels`, location.href);
    at.protocol = at.protocol.replace("http", "ws");
    at.searchParams.set("session_id", this.session);
    this.socket = new WebSocket(at);
    this.socket.addEventListener("open", () => {
      this.tries = 0;
      for (const message of this.waiting.splice(0)) this.socket.send(message);
    });
    this.socket.addEventListener("message", (event) => this.heard(event.data));
    this.socket.addEventListener("close", () => this.again());
  }

  again() {
    if (this.ended) return;
    if (this.tries >= AGAIN_MS.length) {
      this.tell({ problem: "The connection to the server is lost. Reload the page; your link keeps what you see." });
      return;
    }
    setTimeout(() => this.connect(), AGAIN_MS[this.tries]);
    this.tries += 1;
  }

  heard(data) {
    if (typeof data !== "string") return;
    const message = JSON.parse(data);
    const { content, header } = message;
    if (header?.msg_type === "comm_msg" && content?.comm_id === this.page.screen.model_id && content.data?.method === "custom") {
      this.tell(content.data.content);
    } else if (header?.msg_type === "status" && OVER.includes(content?.execution_state)) {
      this.end(); // a kernel started again knows nothing of this page
      this.tell({ problem: "Your session has ended. Reload the page; your link keeps what you see." });
    }
  }

  tell(content) {
    for (const listener of this.listeners) listener(content);
  }

  send(content) {
    const message = JSON.stringify({
      channel: "shell",
      header: { msg_id: identity(), msg_type: "comm_msg", session: this.session, username: "", version: "5.3", date: new Date().toISOString() },
      parent_header: {}, metadata: {}, buffers: [],
      content: { comm_id: this.page.screen.model_id, data: { method: "custom", content } },
    });
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(message);
    else this.waiting.push(message);
  }

  end() {
    if (this.ended) return;
    this.ended = true;
    const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    fetch(`${this.page.base}voila/api/shutdown/${this.page.kernel}`, { method: "POST", keepalive: true, headers: { "X-XSRFToken": decodeURIComponent(xsrf) } }).catch(() => {});
  }
}

const at = document.getElementById("screen");
const page = document.getElementById("page");
if (page) {
  const model = new Model(JSON.parse(page.textContent));
  screen.render({ model, el: at });
  addEventListener("pagehide", (event) => { if (!event.persisted) model.end(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
} else {
  const failed = document.getElementById("failed");
  const said = failed ? JSON.parse(failed.textContent).said : "The page could not be made. Reload it; if it stays so, tell whoever runs this dashboard.";
  at.replaceChildren();
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  words.style.cssText = "font: 16px system-ui; padding: 2em; max-width: 60ch";
  words.textContent = said.replaceAll(/\u001b\[[0-9;]*m/g, "");
  at.append(words);
}
