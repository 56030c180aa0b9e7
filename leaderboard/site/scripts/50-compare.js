/* Comparing: the reader chooses records; the first is the baseline. The state is in the address. */
(() => {
  "use strict";

  const MOST_FIGURES = 6;
  const SVG = "http://www.w3.org/2000/svg";

  const make = (name, attributes = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };
  const hidden = (text) => make("span", { class: "hidden" }, text);
  const isolated = (text) => make("bdi", {}, text);
  const press = (label, text, run) => {
    const made = make("button", { type: "button", class: "quiet", "aria-label": label }, text);
    made.addEventListener("click", run);
    return made;
  };

  // Differences. A paired one has an interval; the other way round it is the same with turned signs.
  const OPPOSITE = { better: "worse", worse: "better" };
  const turned = (text) => {
    if (!text) return text;
    if (text.startsWith("+")) return `−${text.slice(1)}`;
    return text.startsWith("−") ? `+${text.slice(1)}` : text;
  };
  const turn = ([text, low, high, value, lowest, highest, verdict]) => [
    turned(text), turned(high), turned(low), -value, -highest, -lowest, OPPOSITE[verdict] || verdict,
  ];
  const decimals = (text) => (/e/.test(text) ? 3 : (text.split(".")[1] || "").length);
  const plain = (own, base) => {
    const value = own[3] - base[3];
    const text = value.toFixed(Math.min(Math.max(decimals(own[0]), decimals(base[0])), 6));
    if (Number(text) === 0) return [text.replace("-", ""), "", "", value, null, null, ""];
    const signed = value > 0 ? `+${text}` : text.replace("-", "−");
    return [signed, "", "", value, null, null, ""];
  };
  const differenceOf = (record, base, place) => {
    const [own, other] = [record.cells[place], base.cells[place]];
    if (!Array.isArray(own) || !Array.isArray(other)) return null;
    if (record.base === base.id && record.paired[place]) return record.paired[place];
    if (base.base === record.id && base.paired[place]) return turn(base.paired[place]);
    return record.scale && record.scale === base.scale ? plain(own, other) : null;
  };

  const datum = (name, text, value) => make("data", { class: name, value: String(value) }, text);
  const interval = ([, low, high, , lowest, highest]) => make(
    "span",
    { class: "interval" },
    hidden(" 95 % interval "),
    "[", datum("low", low, lowest), ", ", datum("high", high, highest), "]",
  );
  const cellOf = (cell) => {
    if (cell === null) return make("td", { class: "cell absent" }, hidden("not in the record"));
    if (typeof cell === "string") {
      return make("td", { class: "cell null" }, make("span", { title: cell }, "—"), hidden(` ${cell}`));
    }
    const made = make("td", { class: "cell" }, datum("value", cell[0], cell[3]));
    if (cell[1]) made.append(interval(cell));
    return made;
  };
  const addDifference = (cell, found) => {
    const line = make("span", { class: "delta" }, hidden(" difference "), datum("difference", found[0], found[3]));
    if (found[1]) line.append(interval(found));
    cell.append(line);
    if (found[6]) {
      cell.append(make("span", { class: `verdict verdict-${found[6].replaceAll(" ", "-")}` }, found[6]));
    }
  };

  // The values of a row on one scale, a line a record, in the order of the columns.
  const picture = (records, place) => {
    const cells = records.map(({ cells: all }) => all[place]).map((cell) => (Array.isArray(cell) ? cell : null));
    const known = cells.filter(Boolean);
    const lows = known.map((cell) => cell[4] ?? cell[3]);
    const highs = known.map((cell) => cell[5] ?? cell[3]);
    const [low, high] = [Math.min(...lows), Math.max(...highs)];
    const at = (value) => (high > low ? 6 + 148 * ((value - low) / (high - low)) : 80).toFixed(1);
    const drawn = document.createElementNS(SVG, "svg");
    drawn.setAttribute("viewBox", `0 0 160 ${10 * records.length + 2}`);
    drawn.setAttribute("class", "side-by-side");
    drawn.setAttribute("aria-hidden", "true");
    const add = (name, attributes) => {
      const part = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
      drawn.append(part);
    };
    if (cells[0]) add("path", { class: "baseline", d: `M${at(cells[0][3])} 0V${10 * records.length + 2}` });
    cells.forEach((cell, i) => {
      if (!cell) return;
      const y = 10 * i + 6;
      if (cell[4] !== null) add("path", { class: "range", d: `M${at(cell[4])} ${y}H${at(cell[5])}` });
      add("circle", { class: i ? "point" : "point first", cx: at(cell[3]), cy: y, r: 3.2 });
    });
    return make("td", { class: "picture" }, drawn);
  };

  class Comparison {
    constructor(root, data) {
      this.root = root;
      this.data = data;
      this.records = new Map(data.records.map((record) => [record.id, record]));
      this.sets = [...new Map(data.columns.map((column) => [column.set, column])).values()];
      this.table = root.querySelector("table.compared");
      const asked = (hmu.state.get("records") || "").split(",").filter((id) => this.records.has(id));
      this.chosen = [...new Set(asked.length ? asked : data.first)];
      const folded = (hmu.state.get("hide") || "").split(",");
      this.hidden = new Set(this.sets.map(({ set }) => set).filter((set) => folded.includes(set)));
      this.controls();
      this.render();
    }

    get shown() {
      return this.chosen.map((id) => this.records.get(id));
    }

    controls() {
      const box = this.root.querySelector(".compare-controls");
      this.boxes = new Map();
      const groups = this.data.kinds.map(([kind, label]) => {
        const field = make("fieldset", { class: "control-row toggles" }, make("legend", {}, label));
        for (const record of this.data.records.filter((one) => one.kind === kind)) {
          const tick = make("input", { type: "checkbox", value: record.id });
          tick.addEventListener("change", () => this.choose(record.id, tick.checked));
          this.boxes.set(record.id, tick);
          field.append(make("label", { class: "toggle" }, tick, isolated(record.name)));
        }
        return field;
      });
      this.summary = make("summary");
      const sets = make("fieldset", { class: "control-row toggles" }, make("legend", {}, "Prompt sets"));
      for (const { set, setLabel, side } of this.sets) {
        const tick = make("input", { type: "checkbox" });
        tick.checked = !this.hidden.has(set);
        tick.addEventListener("change", () => {
          if (tick.checked) this.hidden.delete(set);
          else this.hidden.add(set);
          this.keep();
          this.render();
        });
        sets.append(make("label", { class: `toggle side-${side}` }, tick, setLabel));
      }
      const records = make("details", { class: "choice" }, this.summary, ...groups);
      records.open = this.data.records.length <= 12;
      box.replaceChildren(records, sets);
    }

    choose(id, wanted) {
      this.chosen = this.chosen.filter((one) => one !== id);
      if (wanted) this.chosen.push(id);
      this.changed();
    }

    first(id) {
      this.chosen = [id, ...this.chosen.filter((one) => one !== id)];
      this.changed();
      this.table.querySelector("th[data-id] a").focus();
    }

    changed() {
      this.keep();
      this.render();
      hmu.say(`${this.chosen.length} records are compared.`);
    }

    keep() {
      hmu.state.set({ records: this.chosen.join(","), hide: [...this.hidden].join(",") });
    }

    render() {
      const records = this.shown;
      for (const [id, tick] of this.boxes) tick.checked = this.chosen.includes(id);
      this.summary.textContent = `Records: ${records.length} of ${this.records.size} chosen`;
      const head = make("tr", {}, make("th", { scope: "col", class: "name" }, "Metric"));
      records.forEach((record, i) => head.append(this.heading(record, i)));
      if (records.length > 1) head.append(make("th", { scope: "col", class: "picture" }, "Side by side"));
      this.table.tHead.replaceChildren(head);
      for (const body of [...this.table.tBodies]) body.remove();
      for (const facts of this.sets) {
        if (!this.hidden.has(facts.set)) this.table.append(this.body(facts, records));
      }
      this.root.querySelector(".compare-legend").textContent = this.legend(records);
      this.motions(records);
    }

    legend([base, ...others]) {
      if (!base) return "No record is chosen.";
      const subtracted = others.filter(({ scale }) => scale && scale === base.scale);
      const apart = subtracted.length < others.length
        ? " Figures that were reported, or measured with another evaluator, are not subtracted." : "";
      if (!subtracted.length) return apart.trim();
      return "Below each value stands its difference from the baseline, the first record. It has a "
        + "95 % interval where the baseline is the record's base model and both were scored prompt "
        + "by prompt. Better and worse are told where that interval does not hold 0; where closer to "
        + "the reference is better, where the difference of both distances to it does not." + apart;
    }

    heading(record, place) {
      const made = make(
        "th",
        { scope: "col", class: "number", "data-id": record.id },
        make("a", { href: hmu.root + record.page }, isolated(record.name)),
        make("span", { class: "tags" }, make("span", { class: `tag tag-${record.kind}` }, record.kind)),
      );
      const acts = make("span", { class: "acts" });
      if (place === 0) acts.append(make("span", { class: "tag" }, "baseline"));
      else acts.append(press(`Make ${record.name} the baseline`, "as baseline", () => this.first(record.id)));
      acts.append(press(`Leave out ${record.name}`, "×", () => this.choose(record.id, false)));
      made.append(acts);
      return made;
    }

    body(facts, records) {
      const across = records.length + (records.length > 1 ? 2 : 1);
      const made = make("tbody", { "data-set": facts.set });
      made.append(make(
        "tr",
        { class: `group side-${facts.side}` },
        make(
          "th",
          { scope: "rowgroup", colspan: String(across) },
          make("span", { class: "stick" }, make("strong", {}, facts.setLabel), " ", make("span", { class: "about" }, facts.about)),
        ),
      ));
      this.data.columns.forEach((column, place) => {
        if (column.set !== facts.set || !records.some(({ cells }) => cells[place] !== null)) return;
        made.append(this.row(column, place, records));
      });
      return made;
    }

    row(column, place, records) {
      const name = make(
        "th",
        { scope: "row", class: "name" },
        make("a", { href: `${hmu.root}metrics/index.html#${column.metric}` }, column.label),
        "\u00a0",
        make("span", { class: "arrow", "aria-hidden": "true" }, column.arrow),
        hidden(` (${column.meaning})`),
      );
      if (column.unit) name.append(" ", make("span", { class: "unit" }, column.unit));
      const made = make("tr", { "data-metric": column.metric }, name);
      records.forEach((record, i) => {
        const cell = cellOf(record.cells[place]);
        const found = i ? differenceOf(record, records[0], place) : null;
        if (found) addDifference(cell, found);
        made.append(cell);
      });
      if (records.length > 1) made.append(picture(records, place));
      return made;
    }

    // The prompts that at least one of the records answers; what is violent is behind a note.
    motions(records) {
      const section = this.root.querySelector(".compare-motions");
      const answered = (prompt) => records.filter(({ motions }) => motions[prompt.id]);
      const parts = this.data.scenes
        .map((group) => [group, group.prompts.filter((prompt) => answered(prompt).length)])
        .filter(([, prompts]) => prompts.length);
      section.hidden = !parts.length;
      document.querySelector(".to-motions").hidden = !parts.length;
      const open = new Set([...section.querySelectorAll("details[open]")].map(({ dataset }) => dataset.set));
      section.querySelector(".scene-list").replaceChildren(...parts.map(([group, prompts]) => {
        const list = make("ul", { class: "scene-buttons" });
        for (const prompt of prompts) {
          const text = prompt.text || `prompt ${prompt.id}`;
          const button = make("button", { type: "button", class: "quiet" }, isolated(text), hidden(": play"));
          button.addEventListener("click", () => this.play(text, prompt, answered(prompt), button));
          const facts = [prompt.category === "none" ? "" : prompt.category, prompt.seconds].filter(Boolean);
          list.append(make("li", {}, button, " ", make("span", { class: "about" }, facts.join(", "))));
        }
        if (!group.note) {
          return make("div", {}, make("h3", { class: `set-heading side-${group.side}` }, group.label), list);
        }
        const summary = make("summary", {}, make("strong", {}, group.label), ` Content note: ${group.note} `,
          make("span", { class: "open-word" }, "Show them"));
        const note = make("details", { class: "folded content-note", "data-set": group.set }, summary, list);
        note.open = open.has(group.set);
        return note;
      }));
    }

    play(text, prompt, records, button) {
      const sources = records.slice(0, MOST_FIGURES).map(({ name, motions }) => ({
        name,
        data: motions[prompt.id],
      }));
      const host = this.root.querySelector(".compare-motions .stage-host");
      hmu.view(host, text, sources, () => button.isConnected && button.focus({ preventScroll: true }));
      host.scrollIntoView({ block: "nearest" });
    }
  }

  hmu.ready(async () => {
    const root = document.querySelector("[data-comparison]");
    if (!root) return;
    const data = await hmu.load(root.dataset.comparison);
    root.comparison = new Comparison(root, data);
  });
})();
