/* What every page shares: the theme, state in the address, data that comes when it is asked for.
   Runs in the head, before anything is drawn; the rest waits for hmu.ready. */
const hmu = (() => {
  "use strict";
  const html = document.documentElement;
  const root = new URL("../", document.currentScript.src).href;
  html.classList.add("js");

  const waiting = [];
  let there = document.readyState !== "loading";
  document.addEventListener("DOMContentLoaded", () => {
    there = true;
    waiting.forEach((run) => run());
  });
  const ready = (run) => (there ? run() : waiting.push(run));

  // The theme: the reader's choice, or the system's where there is none.
  const THEMES = ["system", "light", "dark"];
  const system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try {
      const name = localStorage.getItem("hmu-bench:theme");
      return THEMES.includes(name) ? name : "system";
    } catch {
      return "system"; // storage may be shut, under file:// for instance
    }
  };
  let chosen = remembered();
  const theme = () => (chosen === "system" ? (system.matches ? "dark" : "light") : chosen);
  const apply = () => {
    if (chosen === "system") delete html.dataset.theme;
    else html.dataset.theme = chosen;
  };
  const changed = () => document.dispatchEvent(new CustomEvent("hmu:theme"));
  const choose = (name) => {
    chosen = name;
    try {
      localStorage.setItem("hmu-bench:theme", name);
    } catch {
      // the choice then holds for this page only
    }
    apply();
    changed();
  };
  apply();
  system.addEventListener("change", () => chosen === "system" && changed());

  // State in the address: the query, so that links to places in the page stay as they are.
  const state = {
    get: (name) => new URLSearchParams(location.search).get(name),
    set: (values) => {
      const url = new URL(location.href);
      for (const [name, value] of Object.entries(values)) {
        if (value === null || value === "") url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      }
      try {
        history.replaceState(null, "", url);
      } catch {
        // a browser that refuses this for files: the page works, its address stays
      }
    },
  };

  // Data files are scripts that call hmu.data: they load from file://, where fetch is refused.
  const arrived = new Map();
  const asked = new Map();
  const data = (name, value) => arrived.set(name, value);
  const load = (name) => {
    if (!asked.has(name)) {
      asked.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = root + name;
        script.addEventListener("load", () => resolve(arrived.get(name)));
        script.addEventListener("error", () => {
          asked.delete(name);
          reject(new Error(`${name} did not load`));
        });
        document.head.append(script);
      }));
    }
    return asked.get(name);
  };

  const say = (text) => {
    const region = document.getElementById("said");
    if (region) region.textContent = text;
  };

  ready(() => {
    const button = document.querySelector("button.theme");
    const told = { system: "as the system", light: "light", dark: "dark" };
    const tell = () => {
      button.setAttribute("aria-label", `Theme: ${told[chosen]}`);
      button.dataset.chosen = chosen;
    };
    button.addEventListener("click", () => {
      choose(THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]);
      tell();
      say(`Theme: ${told[chosen]}`);
    });
    tell();
  });

  return { data, load, ready, root, say, state, theme };
})();
