/* The track table: sort, filter, search, fold columns; the state stands in the address. */
(() => {
  "use strict";

  const ORDERS = { best: "best first", near: "nearest the reference first",
                   low: "smallest first", high: "largest first" };

  const AT_ONCE = 16;
  const AFTERWARDS = 48;

  /** Puts rows in order. Of a long table the rows in view come first, in one frame, and the others
      in the frames after it; its columns keep their widths meanwhile. */
  const mover = (table, bodies) => {
    const region = table.parentElement;
    const long = bodies.reduce((sum, one) => sum + one.rows.length, 0) > 2 * AT_ONCE;
    let columns = null;
    let turn = 0;

    const loosen = () => {
      if (!columns) return;
      columns.remove();
      columns = null;
      table.style.tableLayout = table.style.width = "";
    };

    const hold = () => {
      if (columns) return;
      const heads = [...table.tHead.querySelectorAll("th[rowspan]"), ...table.tHead.rows[1].cells];
      const widths = heads.map((head) => head.getBoundingClientRect().width).filter(Boolean);
      columns = document.createElement("colgroup");
      for (const width of widths) {
        const column = document.createElement("col");
        column.style.width = `${width}px`;
        columns.append(column);
      }
      table.tHead.before(columns);
      table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
      table.style.tableLayout = "fixed";
    };

    const place = (orders) => {
      const mine = ++turn;
      const queue = bodies.flatMap(({ body }, i) => orders[i].map((row, at) => [body, row, at + 1]));
      table.removeAttribute("aria-busy");
      if (queue.every(([body, row, at]) => body.rows[at] === row)) return;
      if (long) {
        hold();
        region.scrollTop = 0;
        table.setAttribute("aria-busy", "true");
      }
      const step = (most) => {
        if (mine !== turn) return;
        let moved = 0;
        while (queue.length && moved < most) {
          const [body, row, at] = queue.shift();
          if (body.rows[at] === row) continue;
          body.insertBefore(row, body.rows[at]);
          moved += row.hidden ? 0 : 1;
        }
        if (queue.length) requestAnimationFrame(() => setTimeout(step, 0, AFTERWARDS));
        else table.removeAttribute("aria-busy");
      };
      step(long ? AT_ONCE : Infinity);
    };

    addEventListener("resize", loosen);
    return { loosen, place };
  };

  /** The number a column sorts by, or null: `data-away` for distances, else the exact value. */
  const reader = (place, order) => (row) => {
    const cell = row.cells[place];
    if (order === "near") return cell.dataset.away === undefined ? null : Number(cell.dataset.away);
    const value = cell.querySelector("data");
    return value ? Number(value.value) : null;
  };

  hmu.ready(() => {
    const table = document.querySelector("table.results");
    if (!table) return;
    const controls = document.querySelector(".controls");
    const control = (name) => controls.querySelector(`[data-control="${name}"]`);
    const heads = new Map();
    const leading = table.tHead.querySelectorAll("th[rowspan]").length;
    [...table.tHead.rows[1].cells].forEach((head, i) => {
      if (head.dataset.key) heads.set(head.dataset.key, { head, place: i + leading });
    });
    const rankHead = table.tHead.querySelector("[data-rank-head]");
    const bodies = [...table.tBodies].map((body) => ({
      body, kind: body.dataset.kind, heading: body.rows[0], rows: [...body.rows].slice(1),
    }));
    const all = bodies.flatMap((one) => one.rows);
    const move = mover(table, bodies);
    const toggles = [...controls.querySelectorAll("[data-group]")];
    const filters = ["base", "family", "kind"].map(control).filter(Boolean);
    const [search, sort, order] = ["q", "sort", "order"].map(control);
    const [main, intervals] = ["main", "intervals"].map(control);
    const nothing = document.querySelector("[data-nothing]");
    const tally = controls.querySelector("[data-tally]");

    const usable = (key, name) =>
      name in ORDERS && (name !== "near" || heads.get(key)?.head.hasAttribute("data-target"));

    /** What "best first" means for a column: an order of numbers. */
    const meaning = (key, name) => {
      if (name !== "best") return name;
      const { head } = heads.get(key);
      if (head.dataset.direction === "higher") return "high";
      if (head.dataset.direction === "lower") return "low";
      return head.hasAttribute("data-target") ? "near" : "low";
    };

    /** Ranks are those of the column that the rows are sorted by. */
    const rank = () => {
      if (!rankHead) return;
      const key = sort.value || rankHead.dataset.rankHead;
      if (rankHead.dataset.shown === key) return;
      rankHead.dataset.shown = key;
      const { place } = heads.get(key);
      rankHead.querySelector(".rank-by").textContent =
        [...sort.options].find((o) => o.value === key).textContent;
      for (const row of all) row.cells[1].textContent = row.cells[place].dataset.rank ?? "\u2014";
    };

    /** Rows stand within their kind: reported ones never mix with scored ones. */
    const arrange = () => {
      const key = sort.value;
      for (const { head } of heads.values()) head.removeAttribute("aria-sort");
      order.disabled = !key;
      let compare = null;
      if (key) {
        const { head, place } = heads.get(key);
        const way = meaning(key, order.value);
        const read = reader(place, way);
        const values = new Map(all.map((row) => [row, read(row)]));
        const sign = way === "high" ? -1 : 1;
        head.setAttribute("aria-sort",
          { low: "ascending", high: "descending", near: "other" }[way]);
        compare = (a, b) => {
          const [x, y] = [values.get(a), values.get(b)];
          if (x === null || y === null) return (x === null) - (y === null);
          return sign * (x - y);
        };
      }
      rank();
      move.place(bodies.map(({ rows }) => (compare ? [...rows].sort(compare) : rows)));
    };

    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = Object.fromEntries(filters.map((one) => [one.dataset.control, one.value]));
      let count = 0;
      for (const { kind, heading, rows } of bodies) {
        let here = 0;
        for (const row of rows) {
          const fits = words.every((word) => row.dataset.search.includes(word))
            && (!wanted.base || row.dataset.base === wanted.base
                || row.dataset.id === wanted.base)
            && (!wanted.family || row.dataset.family === wanted.family)
            && (!wanted.kind || kind === wanted.kind);
          if (row.hidden === fits) row.hidden = !fits;
          here += fits;
        }
        heading.hidden = here === 0;
        count += here;
      }
      nothing.hidden = count > 0;
      tally.textContent = `${count} of ${all.length} records`;
      for (const point of document.querySelectorAll(".point[data-id]")) {
        const row = byId.get(point.dataset.id);
        if (row) point.classList.toggle("dim", row.hidden);
      }
    };

    const fold = () => {
      move.loosen();
      for (const one of toggles) {
        table.classList.toggle(`off-${one.dataset.group}`, !one.checked);
      }
      table.classList.toggle("main-only", main.checked);
      table.classList.toggle("no-intervals", !intervals.checked);
      let width = leading;
      for (const group of table.tHead.rows[0].querySelectorAll("th.set")) {
        const name = [...group.classList].find((c) => c.startsWith("g-"));
        const own = [...table.tHead.rows[1].cells].filter((c) => c.classList.contains(name));
        const seen = own.filter((c) => !main.checked || !c.classList.contains("more")).length;
        const off = table.classList.contains(`off-${name.slice(2)}`);
        group.hidden = seen === 0;
        if (seen) group.colSpan = seen;
        width += off ? 0 : seen;
      }
      for (const { heading } of bodies) heading.cells[0].colSpan = width;
    };

    if (rankHead) rankHead.dataset.shown = rankHead.dataset.rankHead;
    const byId = new Map(all.map((row) => [row.dataset.id, row]));
    const defaults = { main: main.dataset.default === "on", intervals: true };

    const write = () => {
      const off = toggles.filter((one) => !one.checked).map((one) => one.dataset.group);
      hmu.state.set({
        q: search.value.trim(),
        ...Object.fromEntries(filters.map((one) => [one.dataset.control, one.value])),
        sort: sort.value,
        order: sort.value && order.value !== "best" ? order.value : "",
        off: off.join("."),
        main: main.checked === defaults.main ? "" : main.checked ? "1" : "0",
        intervals: intervals.checked ? "" : "0",
      });
    };

    const read = () => {
      const get = (name) => hmu.state.get(name) ?? "";
      search.value = get("q");
      for (const one of filters) {
        const value = get(one.dataset.control);
        one.value = [...one.options].some((o) => o.value === value) ? value : "";
      }
      sort.value = heads.has(get("sort")) ? get("sort") : "";
      order.value = usable(sort.value, get("order")) ? get("order") : "best";
      const off = get("off").split(".");
      for (const one of toggles) one.checked = !off.includes(one.dataset.group);
      main.checked = get("main") ? get("main") === "1" : defaults.main;
      intervals.checked = get("intervals") !== "0";
    };

    const limit = () => {
      const near = [...order.options].find((o) => o.value === "near");
      near.disabled = !usable(sort.value, "near");
      if (near.disabled && order.value === "near") order.value = "best";
    };

    const tell = () => {
      const by = sort.value
        ? `, by ${sort.selectedOptions[0].textContent}, ${ORDERS[order.value]}` : "";
      hmu.say(tally.textContent + by);
    };

    const after = (...steps) => () => {
      steps.forEach((step) => step());
      write();
      tell();
    };

    search.addEventListener("input", after(filter));
    for (const one of filters) one.addEventListener("change", after(filter));
    sort.addEventListener("change", after(limit, arrange));
    order.addEventListener("change", after(arrange));
    for (const one of [...toggles, main, intervals]) one.addEventListener("change", after(fold));
    for (const [key, { head }] of heads) {
      head.querySelector(".sort").addEventListener("click", after(() => {
        // best first, then the other way round, then as it was
        const cycle = ["best", meaning(key, "best") === "high" ? "low" : "high", null];
        const now = sort.value === key ? cycle.indexOf(order.value) : -1;
        const next = cycle[(now + 1) % cycle.length];
        sort.value = next ? key : "";
        order.value = next ?? "best";
        limit();
        arrange();
      }));
    }
    for (const button of document.querySelectorAll("[data-control=reset]")) {
      button.addEventListener("click", () => {
        const names = ["q", "base", "family", "kind", "sort", "order", "off", "main", "intervals"];
        hmu.state.set(Object.fromEntries(names.map((name) => [name, ""])));
        start();
        tell();
        if (button.closest("[data-nothing]")) search.focus();
      });
    }

    // The picture and the table point at each other.
    const light = (id, on) => {
      for (const point of document.querySelectorAll(`.point[data-id="${id}"]`)) {
        point.classList.toggle("lit", on);
      }
    };
    for (const row of all) {
      row.addEventListener("pointerenter", () => light(row.dataset.id, true));
      row.addEventListener("pointerleave", () => light(row.dataset.id, false));
    }
    for (const point of document.querySelectorAll(".point[data-id]")) {
      point.addEventListener("click", () => {
        const row = byId.get(point.dataset.id);
        if (row && !row.hidden) row.querySelector("a").focus();
      });
    }

    const start = () => {
      read();
      limit();
      fold();
      filter();
      arrange();
    };
    start();
  });
})();
