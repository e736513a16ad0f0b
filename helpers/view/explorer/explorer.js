// What the browser runs of the explorer. Text from traces is set as text, never as markup.

const KINDS = { llm: "llm", tool: "tool", retriever: "search", embedding: "search" };
const ASKED = ["list", "score"]; // what somebody waits for
// A scrollbar's release is told by none but the last.
const RELEASES = ["pointerup", "pointercancel", "dragend", "blur", "pointermove"];
const TABS = ["inputs", "outputs", "metadata", "feedback", "error", "json"];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// As helpers/view/numbers.py writes them; tests/view/explorer/test_script.py compares.
const seconds = (value) =>
  value === null || value === undefined ? "" : `${Math.max(value, 0).toFixed(2)} s`;
const dollars = (value) => {
  if (0 < value && value < 0.000001) return "<$0.000001";
  const amount = Math.abs(value).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  return `${value <= -0.000001 ? "-" : ""}$${amount}`;
};
const money = (value) => (!value ? "" : dollars(value));
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const tokens = (value) => (!value ? "" : counted(value, "token"));
const state = (status) => ({ success: "ok", error: "✗ error", pending: "… pending" })[status] ?? status;
const clock = (start) => new Date(start).toLocaleTimeString();

// What the kernel has sent: the runs of traces that were read, for all views of one widget.
class Kept {
  constructor(model) {
    this.runs = new Map(Object.entries(model.get("runs")));
    this.links = new Map(); // the page of a run, null where a browser here cannot open it
    this.model = model;
    this.number = 0;
    model.on("msg:custom", (message) => {
      if (message.kind === "link") this.links.set(message.run, message.link);
      if (message.kind !== "runs") return;
      message.changed = [];
      for (const [trace, runs] of Object.entries(message.runs)) {
        if (JSON.stringify(runs) !== JSON.stringify(this.runs.get(trace))) message.changed.push(trace);
        this.runs.set(trace, runs);
      }
    });
  }

  // Ask the kernel for something; the answer bears the number.
  ask(content) {
    this.model.send({ ...content, number: ++this.number });
    return this.number;
  }
}

// A filter of the API: what stands in the search box is one more condition of it.
class View {
  constructor(model, root, kept) {
    this.model = model;
    this.root = root;
    this.kept = kept;
    this.trace = null; // the id of the open trace
    this.run = null; // the id of the chosen run
    this.other = null; // a run to compare with
    this.tab = "inputs";
    this.folded = new Set();
    this.timers = {};
    this.asked = null; // the number of what was asked last, while there is no answer
    this.kinds = new Map(); // what was asked for, by the number
    this.said = {}; // what was said of each kind of question last
    this.pressed = false; // whether a pointer is down in here
    this.waiting = new Set(); // what is to be drawn again once it is up
    this.rows = new Map();
    this.frame();
    this.list();
    this.listen();
    model.send({ kind: "shown" });
  }

  listen() {
    this.changes = {
      "change:rows": () => this.calmly("list"),
      "change:note": () => this.say(),
      "msg:custom": (message) => this.answered(message),
      "change:follow": () => (this.follow.checked = this.model.get("follow")),
    };
    for (const [name, told] of Object.entries(this.changes)) this.model.on(name, told);
    this.released = (event) => {
      const ofField = event.type === "blur" && event.target !== window; // which the press itself causes
      if (!event.buttons && !ofField) this.release();
    };
    for (const name of RELEASES) window.addEventListener(name, this.released, true);
  }

  close() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    for (const [name, told] of Object.entries(this.changes)) this.model.off(name, told);
    for (const name of RELEASES) window.removeEventListener(name, this.released, true);
    this.model.send({ kind: "gone" });
  }

  // Do something a moment later, and only the last of what is asked for in between.
  later(name, milliseconds, work) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(work, milliseconds);
  }

  // What comes from the kernel is drawn once no pointer is down: a click on what was put in the
  // place of something else meanwhile is none.
  calmly(name) {
    if (this.pressed) this.waiting.add(name);
    else this[name]();
  }

  release() {
    if (!this.pressed) return;
    // A click comes after this, and belongs to what was there.
    setTimeout(() => {
      this.pressed = false;
      const names = [...this.waiting];
      this.waiting.clear();
      for (const name of names) this[name]();
    });
  }

  ask(content) {
    const number = this.kept.ask(content);
    this.kinds.set(number, content.kind);
    if (!ASKED.includes(content.kind)) return;
    this.asked = number;
    this.later("busy", 1500, () => {
      if (this.asked === number) this.say("busy", "The kernel is at work, and answers when its cell has ended …");
    });
  }

  answered(message) {
    if (message.kind === "runs" && message.changed.includes(this.trace)) return this.calmly("opened");
    if (message.kind === "link") return this.linked();
    const kind = this.kinds.get(message.number);
    if (message.kind !== "done" || !kind) return;
    this.kinds.delete(message.number);
    if (message.number === this.asked) {
      this.asked = null;
      this.said.busy = "";
    }
    // To a question that was asked again there is a later answer.
    if (![...this.kinds.values()].includes(kind)) this.say(kind, message.said);
  }

  // Each kind of question has a place of its own: that a trace was read says nothing of a score.
  say(kind, text) {
    if (kind) this.said[kind] = text;
    const told = [...Object.values(this.said), this.model.get("note")].filter(Boolean).join(" ");
    if (told !== this.status.textContent) this.status.textContent = told;
  }

  frame() {
    const ask = () =>
      this.later("list", 250, () => this.ask({ kind: "list", filter: this.filter.value, search: this.search.value }));
    this.filter = element("input", {
      class: "xp-filter", type: "text", spellcheck: "false", "aria-label": "Filter, in LangSmith's language",
      placeholder: 'Filter: gt(latency, "1s")', oninput: ask,
    });
    this.search = element("input", {
      class: "xp-search", type: "search", "aria-label": "Search in inputs and outputs", placeholder: "Search", oninput: ask,
    });
    this.follow = element("input", {
      type: "checkbox",
      onchange: () => { this.model.set("follow", this.follow.checked); this.model.save_changes(); },
    });
    this.follow.checked = this.model.get("follow");
    this.status = element("div", { class: "xp-status", role: "status" }, this.model.get("note"));
    this.count = element("span", { class: "xp-muted" });
    this.traces = element("div", {
      class: "xp-list", role: "listbox", tabindex: "0", "aria-label": `Traces of ${this.model.get("project")}`,
      onkeydown: (event) => this.walk(event),
    });
    this.tree = element("div", {
      class: "xp-tree", role: "tree", tabindex: "0", "aria-label": "Runs of the trace", onkeydown: (event) => this.climb(event),
    });
    this.detail = element("div", { class: "xp-detail" });
    const bar = element("div", { class: "xp-bar" }, element("b", {}, this.model.get("project")), this.count, this.filter, this.search,
      element("label", {}, this.follow, " follow"));
    const right = element("div", { class: "xp-right" }, this.tree, this.detail);
    const whole = element("div", { class: "xp", "data-lm-suppress-shortcuts": "true" }, bar, this.status,
      element("div", { class: "xp-main" }, this.traces, right));
    // A notebook in command mode takes keys for itself: "d d" would delete the cell.
    whole.addEventListener("pointerdown", () => (this.pressed = true));
    whole.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    this.root.append(whole);
  }

  // The list of traces

  list() {
    const rows = this.model.get("rows");
    const before = this.rows;
    this.rows = new Map(rows.map((row) => [row.id, this.row(row, before.get(row.id))]));
    const items = [...this.rows.values()].map(({ item }) => item);
    // What stands in its place already stays there, and with it where the list is scrolled to.
    items.forEach((item, at) => {
      if (this.traces.children[at] !== item) this.traces.insertBefore(item, this.traces.children[at] ?? null);
    });
    while (this.traces.children.length > items.length) this.traces.lastChild.remove();
    this.count.textContent = rows.length === 1 ? "1 trace" : `${rows.length.toLocaleString("en")} traces`;
    if (!this.rows.has(this.trace)) {
      this.trace = null;
      if (rows.length) return this.open(rows[0].id);
      this.traces.removeAttribute("aria-activedescendant");
      this.tree.replaceChildren();
      this.detail.replaceChildren();
    }
    this.marked();
  }

  row(row, known) {
    const text = JSON.stringify(row);
    if (known?.text === text) return known;
    const facts = [state(row.status), seconds(row.seconds), tokens(row.tokens), money(row.cost), clock(row.start)];
    const item = element("div", {
      class: "xp-row", role: "option", id: this.id("t", row.id), "data-id": row.id, onclick: () => this.open(row.id),
    },
    element("span", { class: "xp-name" }, row.name),
    element("span", { class: row.status === "error" ? "xp-error" : "xp-muted" }, facts.filter(Boolean).join(" · ")),
    element("span", { class: "xp-line" }, row.input ? `in ${row.input}` : ""),
    element("span", { class: "xp-line" }, row.output ? `out ${row.output}` : ""));
    return { text, item };
  }

  id(kind, identity) {
    this.prefix ??= `xp${Math.random().toString(36).slice(2, 8)}`;
    return `${this.prefix}-${kind}-${identity}`;
  }

  marked() {
    for (const row of this.traces.children) row.setAttribute("aria-selected", String(row.dataset.id === this.trace));
    if (this.trace) this.traces.setAttribute("aria-activedescendant", this.id("t", this.trace));
  }

  open(identity) {
    this.trace = identity;
    this.run = null;
    this.say("score", "");
    this.folded.clear();
    this.marked();
    this.opened();
    // Also where its runs are here: since then some may have come, or a score.
    this.later("open", 120, () => this.ask({ kind: "open", trace: identity }));
  }

  opened() {
    const runs = this.kept.runs.get(this.trace);
    if (!runs) {
      this.tree.replaceChildren(element("p", { class: "xp-muted" }, "Reading …"));
      return this.detail.replaceChildren();
    }
    if (!runs.some((run) => run.id === this.run)) this.run = (runs.find((run) => run.status === "error") ?? runs[0])?.id;
    this.climbable();
    this.told();
  }

  walk(event) {
    const rows = this.model.get("rows").map((row) => row.id);
    const at = rows.indexOf(this.trace);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === "ArrowRight") this.tree.focus();
    else if (to === undefined) return;
    else if (rows[to]) {
      this.open(rows[to]);
      document.getElementById(this.id("t", rows[to]))?.scrollIntoView({ block: "nearest" });
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // The runs of a trace: a tree with a bar a run, all on the axis of the trace

  get runs() { return this.kept.runs.get(this.trace) ?? []; }
  get chosen() { return this.runs.find((run) => run.id === this.run); }

  visible() {
    const shown = [];
    let below = Infinity;
    for (const run of this.runs) {
      if (run.depth > below) continue;
      below = this.folded.has(run.id) ? run.depth : Infinity;
      shown.push(run);
    }
    return shown;
  }

  climbable() {
    const ends = this.runs.map((run) => run.from + (run.seconds ?? 0));
    const begins = Math.min(0, ...this.runs.map((run) => run.from));
    const span = Math.max(...ends, 0.001) - begins;
    const percent = (value) => `${Math.min(100, Math.max(0, (100 * value) / span)).toFixed(2)}%`;
    const items = this.visible().map((run) => {
      const bar = element("span", { class: `xp-bar-of xp-${run.status === "success" ? KINDS[run.type] ?? "other" : run.status}` });
      bar.style.marginLeft = percent(run.from - begins);
      bar.style.width = percent(run.seconds ?? span - (run.from - begins));
      const first = run.first === null ? null : element("span", { class: "xp-first", title: `first token after ${seconds(run.first)}` });
      if (first) first.style.left = percent(run.from - begins + run.first);
      const fold = element("span", { class: "xp-fold", "aria-hidden": "true" }, run.parent ? (this.folded.has(run.id) ? "▸" : "▾") : "");
      fold.addEventListener("click", (event) => { event.stopPropagation(); this.fold(run.id); });
      const name = element("span", { class: "xp-label" }, fold, element("b", {}, run.name), " ",
        element("span", { class: run.status === "error" ? "xp-error" : "xp-muted" },
          [run.type, state(run.status), seconds(run.seconds), tokens(run.tokens), money(run.cost)].filter(Boolean).join(" · ")));
      name.style.paddingLeft = `${Math.min(run.depth, 20) * 14}px`;
      return element("div", {
        class: "xp-run", role: "treeitem", id: this.id("r", run.id), "aria-level": run.depth + 1, "aria-selected": String(run.id === this.run),
        "aria-expanded": run.parent ? String(!this.folded.has(run.id)) : null, onclick: () => this.choose(run.id),
      }, name, element("span", { class: "xp-axis", "aria-hidden": "true" }, bar, first));
    });
    const scale = element("div", { class: "xp-scale", "aria-hidden": "true" },
      element("span", {}), element("span", { class: "xp-ticks" }, ...[0, 0.5, 1].map((part) => element("span", {}, seconds(span * part)))));
    this.tree.replaceChildren(scale, ...items);
    if (this.run) this.tree.setAttribute("aria-activedescendant", this.id("r", this.run));
  }

  choose(identity) {
    this.run = identity;
    this.say("score", "");
    this.climbable();
    this.told();
    document.getElementById(this.id("r", identity))?.scrollIntoView({ block: "nearest" });
  }

  fold(identity, folded = !this.folded.has(identity)) {
    if (folded) this.folded.add(identity);
    else this.folded.delete(identity);
    this.climbable();
  }

  climb(event) {
    const shown = this.visible();
    const at = shown.findIndex((run) => run.id === this.run);
    const run = shown[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined) {
      if (shown[to]) this.choose(shown[to].id);
    } else if (event.key === "ArrowLeft") {
      if (run?.parent && !this.folded.has(run.id)) this.fold(run.id, true);
      else {
        const above = shown.slice(0, at).reverse().find((each) => each.depth < (run?.depth ?? 0));
        if (above) this.choose(above.id);
        else this.traces.focus();
      }
    } else if (event.key === "ArrowRight") {
      if (run?.parent && this.folded.has(run.id)) this.fold(run.id, false);
      else if (shown[at + 1]?.depth > (run?.depth ?? 0)) this.choose(shown[at + 1].id);
    } else if (event.key === "Enter") this.detail.querySelector('[role="tab"][aria-selected="true"]')?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // What a run holds

  told() {
    const run = this.chosen;
    if (!run) return this.detail.replaceChildren();
    const there = TABS.filter((tab) => tab === "json" || tab === "inputs" || tab === "outputs" || holds(run[tab]));
    if (!there.includes(this.tab)) this.tab = run.error ? "error" : "inputs";
    const tabs = element("div", { class: "xp-tabs", role: "tablist", "aria-label": "What the run holds" },
      ...there.map((tab) => element("button", {
        role: "tab", type: "button", id: this.id("tab", tab), "aria-selected": String(tab === this.tab), "aria-controls": this.id("panel", "0"),
        tabindex: tab === this.tab ? "0" : "-1", onclick: () => this.turn(tab), onkeydown: (event) => this.sideways(event, there),
      }, tab)));
    const panel = element("div", { class: "xp-panel", role: "tabpanel", id: this.id("panel", "0"), tabindex: "0", "aria-labelledby": this.id("tab", this.tab) },
      this.other ? this.compared(run) : shownAs(this.tab, run));
    // What is drawn again while somebody is in it keeps their place.
    const within = this.detail.contains(document.activeElement) ? document.activeElement : null;
    const [focused, caret] = [within?.id, [within?.selectionStart, within?.selectionEnd]];
    const place = `${run.id} ${this.tab}`;
    const top = place === this.place ? this.detail.lastChild?.scrollTop : 0;
    this.place = place;
    this.detail.replaceChildren(this.tools(run), tabs, panel);
    panel.scrollTop = top ?? 0;
    if (!focused) return;
    const again = document.getElementById(focused);
    again?.focus();
    if (again?.type === "text") again.setSelectionRange(...caret);
  }

  turn(tab) {
    this.tab = tab;
    this.told();
    this.detail.querySelector('[role="tab"][aria-selected="true"]')?.focus();
  }

  sideways(event, there) {
    const at = there.indexOf(this.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: there.length - 1 }[event.key];
    if (to === undefined) return;
    this.turn(there[(to + there.length) % there.length]);
    event.preventDefault();
    event.stopPropagation();
  }

  tools(run) {
    const copy = element("button", { type: "button", id: this.id("tool", "copy"), onclick: async () => {
      const text = this.tab === "json" ? JSON.stringify(bare(run), null, 2) : textOf(run[this.tab]);
      copy.textContent = (await copied(text)) ? "copied" : "not allowed here";
      setTimeout(() => (copy.textContent = "copy"), 1500);
    } }, "copy");
    const compare = element("button", { type: "button", id: this.id("tool", "compare"), onclick: () => {
      this.other = this.other ? null : run;
      this.told();
    } }, this.other ? `end comparing with ${this.other.name}` : "compare with …");
    const key = element("input", { type: "text", id: this.id("tool", "key"), value: this.key ?? "correct", size: "8", "aria-label": "Name of the score", oninput: () => (this.key = key.value) });
    const give = (score, mark, said) => element("button", { type: "button", id: this.id("tool", score), title: said, "aria-label": said, onclick: () => {
      this.ask({ kind: "score", run: run.id, trace: run.trace, key: key.value, score });
    } }, mark);
    this.page = element("a", { class: "xp-open", id: this.id("tool", "open"), target: "_blank", rel: "noopener", title: "its own page", hidden: "" }, "open");
    if (this.kept.links.has(run.id)) this.linked();
    else this.later("link", 250, () => this.ask({ kind: "link", run: run.id, trace: run.trace }));
    return element("div", { class: "xp-tools" }, element("b", {}, run.name), this.page, copy, compare,
      element("span", { class: "xp-score" }, key, give(1, "score 1", "Score 1"), give(0, "score 0", "Score 0")));
  }

  // Show the link to the run's own page, if a browser can open it from here.
  linked() {
    const link = this.kept.links.get(this.run);
    if (!/^(https?:\/)?\//.test(link ?? "")) return;
    this.page.href = link;
    this.page.hidden = false;
  }

  compared(run) {
    const other = this.other;
    if (other.id === run.id) return element("p", { class: "xp-muted" }, `Choose a run to compare with ${other.name}, in this trace or in another.`);
    const pairs = [["name", other.name, run.name], ["status", state(other.status), state(run.status)],
      ["time", seconds(other.seconds), seconds(run.seconds)], ["tokens", tokens(other.tokens), tokens(run.tokens)], ["cost", money(other.cost), money(run.cost)]];
    for (const tab of ["inputs", "outputs", "metadata"]) {
      const one = flat(other[tab], tab);
      const two = flat(run[tab], tab);
      for (const name of new Set([...one.keys(), ...two.keys()])) pairs.push([name, one.get(name) ?? "", two.get(name) ?? ""]);
    }
    if (other.error || run.error) pairs.push(["error", other.error ?? "", run.error ?? ""]);
    const differs = pairs.filter(([, left, right]) => left !== right);
    const rows = [...differs, ...pairs.filter(([, left, right]) => left === right && left !== "")];
    return element("table", { class: "xp-table" }, element("caption", {}, `${differs.length} of ${rows.length} differ`),
      element("thead", {}, element("tr", {}, element("th", {}), element("th", { scope: "col" }, other.name), element("th", { scope: "col" }, run.name))),
      element("tbody", {}, ...rows.map(([name, left, right]) => element("tr", { class: left === right ? "xp-same" : "xp-differs" },
        element("th", { scope: "row" }, left === right ? name : `≠ ${name}`), element("td", {}, left), element("td", {}, right)))));
  }
}

const holds = (value) => value !== null && value !== undefined && value !== "" && (typeof value !== "object" || Object.keys(value).length > 0);
const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2));

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https, as on some hubs, there is no clipboard but that of a selection.
    const held = element("textarea", {});
    held.value = text;
    document.body.append(held);
    held.select();
    const done = document.execCommand("copy");
    held.remove();
    return done;
  }
}

function bare(run) {
  const { depth, parent, cut, size, from, ...rest } = run;
  return rest;
}

function shownAs(tab, run) {
  if (run.cut) return element("p", { class: "xp-muted" }, `Reading ${run.size.toLocaleString("en")} characters …`);
  if (tab === "json") return element("pre", {}, JSON.stringify(bare(run), null, 2));
  if (tab === "error") return element("pre", { class: "xp-error" }, textOf(run.error));
  const value = run[tab];
  if (!holds(value)) return element("p", { class: "xp-muted" }, "none");
  const messages = messagesOf(value);
  const fields = messages ? messages.map((message) => [message.role, spoken(message)]) : Object.entries(value);
  if (messages) for (const [name, other] of Object.entries(value)) if (!["messages", "choices", "role", "content"].includes(name)) fields.push([name, other]);
  const list = element("dl", {}, ...fields.flatMap(([name, field]) => [element("dt", {}, String(name)), element("dd", {}, textOf(field))]));
  if (tab === "metadata" && run.tags?.length) list.prepend(element("dt", {}, "tags"), element("dd", {}, run.tags.join(", ")));
  return list;
}

function messagesOf(value) {
  let found = value.messages;
  if (!found && Array.isArray(value.choices)) found = value.choices.map((choice) => choice?.message ?? choice?.delta);
  if (!found && typeof value.role === "string") found = [value];
  return Array.isArray(found) && found.length && found.every((each) => each && typeof each.role === "string") ? found : null;
}

function spoken(message) {
  const calls = (Array.isArray(message.tool_calls) ? message.tool_calls : [])
    .map((call) => `${call?.function?.name}(${call?.function?.arguments ?? ""})`);
  return [message.content, ...calls].filter((part) => part !== null && part !== undefined && part !== "").map(textOf).join("\n");
}

function flat(value, path, found = new Map()) {
  if (value && typeof value === "object" && Object.keys(value).length) {
    for (const [name, field] of Object.entries(value)) flat(field, `${path}.${name}`, found);
  } else if (value !== undefined && value !== null && !(typeof value === "object")) found.set(path, String(value));
  return found;
}

// Called once for a widget, and ``render`` for each place where it is shown.
export default () => {
  let kept;
  return {
    initialize({ model }) {
      kept = new Kept(model);
    },
    render({ model, el }) {
      const view = new View(model, el, kept);
      return () => view.close();
    },
  };
};
