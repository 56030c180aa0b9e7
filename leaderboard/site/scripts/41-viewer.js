/* The viewer: one or more figures on one time line, seen from one place.
   A button [data-view] of a page opens it; a motion's file is asked for then and not before. */
(() => {
  "use strict";

  const FPS = 20;
  const HOME = { yaw: 0.66, pitch: 0.2, distance: 4.6, follow: true };
  const TURN = Math.PI / 12;
  const LIMITS = { pitch: [-0.05, 1.5], distance: [1.6, 14] };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const make = (name, attributes = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };
  const button = (label, text, run) => {
    const made = make("button", { type: "button", "aria-label": label, title: label }, text);
    made.addEventListener("click", run);
    return made;
  };
  const within = (value, [low, high]) => Math.min(Math.max(value, low), high);

  // The colours are the page's own, read where the page has resolved them.
  const inks = (key) => {
    const colour = (name) => getComputedStyle(key.querySelector(`.ink-${name}`)).color;
    return {
      left: colour("left"),
      right: colour("right"),
      middle: colour("middle"),
      rule: colour("rule"),
      surface: getComputedStyle(key).backgroundColor,
    };
  };

  class Stage {
    constructor(title) {
      this.time = 0;
      this.frames = 1;
      this.playing = false;
      this.speed = 1;
      this.view = { ...HOME };
      this.panes = [];
      this.last = null;
      this.request = 0;
      this.build(title);
      this.watch = new ResizeObserver(() => this.paint());
      this.repaint = () => this.paint();
      document.addEventListener("hmu:theme", this.repaint);
    }

    build(title) {
      this.key = make("div", { class: "stage-key", "aria-hidden": "true" });
      for (const name of ["left", "right", "middle", "rule"]) {
        this.key.append(make("span", { class: `ink-${name}` }));
      }
      this.scene = make("div", {
        class: "scene",
        tabindex: "0",
        role: "group",
        "aria-roledescription": "3D scene",
        "aria-label": "Moving figures. Space plays and pauses, arrow keys turn the view, plus and "
          + "minus come nearer and go farther, comma and full stop step a frame, Home resets.",
      });
      this.scene.addEventListener("keydown", (event) => this.pressed(event));
      this.drag();
      this.playButton = make("button", { type: "button", class: "play-pause" }, "Play");
      this.playButton.addEventListener("click", () => this.toggle());
      this.slider = make("input", {
        type: "range", min: "0", max: "0", step: "1", value: "0", "aria-label": "Frame",
      });
      this.slider.addEventListener("input", () => {
        this.pause();
        this.seek(Number(this.slider.value));
      });
      this.clock = make("output", { class: "clock numbers" });
      this.element = make(
        "div",
        { class: "stage", role: "group", "aria-label": title },
        this.key,
        this.scene,
        make("div", { class: "stage-time" }, this.playButton, this.slider, this.clock),
        this.controls(),
      );
    }

    controls() {
      const speed = make("select");
      for (const [value, text] of [[0.25, "¼ speed"], [0.5, "½ speed"], [1, "full speed"], [2, "2× speed"]]) {
        const option = make("option", { value: String(value) }, text);
        option.selected = value === 1;
        speed.append(option);
      }
      speed.setAttribute("aria-label", "Speed");
      speed.addEventListener("change", () => { this.speed = Number(speed.value); });
      this.speedChoice = speed;
      this.followBox = make("input", { type: "checkbox", checked: "" });
      this.followBox.addEventListener("change", () => {
        this.view.follow = this.followBox.checked;
        this.paint();
      });
      const turns = make(
        "span",
        { class: "stage-turns", role: "group", "aria-label": "View" },
        button("Turn the view left", "⟲", () => this.turn(-TURN, 0)),
        button("Turn the view right", "⟳", () => this.turn(TURN, 0)),
        button("Higher", "↥", () => this.turn(0, TURN / 2)),
        button("Lower", "↧", () => this.turn(0, -TURN / 2)),
        button("Nearer", "+", () => this.zoom(1 / 1.25)),
        button("Farther", "−", () => this.zoom(1.25)),
      );
      return make(
        "div",
        { class: "stage-controls" },
        speed,
        make("label", {}, this.followBox, " follow"),
        turns,
        button("Reset time, speed and view", "Reset", () => this.reset()),
        button("Close the viewer", "Close", () => this.close()),
      );
    }

    // Figures side by side: [{name, motion}].
    show(figures) {
      this.frames = Math.max(...figures.map(({ motion }) => motion.frames));
      this.slider.max = String(this.frames - 1);
      for (const { name, motion } of figures) {
        const canvas = make("canvas", { role: "img", "aria-label": `${name}: a moving stick figure` });
        const pane = make("figure", { class: "pane" }, canvas, make("figcaption", {}, make("bdi", {}, name)));
        this.scene.append(pane);
        this.panes.push({ canvas, motion });
        this.watch.observe(canvas);
      }
      this.seek(0);
      if (!calm.matches) this.play();
    }

    paint() {
      const ink = inks(this.key);
      const ratio = Math.min(devicePixelRatio || 1, 2);
      for (const { canvas, motion } of this.panes) {
        const size = { width: canvas.clientWidth, height: canvas.clientHeight };
        if (!size.width || !size.height) continue;
        const wide = Math.round(size.width * ratio);
        const high = Math.round(size.height * ratio);
        if (canvas.width !== wide || canvas.height !== high) {
          canvas.width = wide;
          canvas.height = high;
        }
        const context = canvas.getContext("2d");
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        hmu.figure.draw(context, size, motion, Math.floor(this.time), this.view, ink);
      }
    }

    seek(frame) {
      this.time = within(frame, [0, this.frames - 1]);
      const shown = Math.floor(this.time);
      const seconds = `${(shown / FPS).toFixed(2)} s`;
      this.slider.value = String(shown);
      this.slider.setAttribute("aria-valuetext", `frame ${shown + 1} of ${this.frames}, ${seconds}`);
      this.clock.textContent = `${seconds} of ${((this.frames - 1) / FPS).toFixed(2)} s`;
      this.paint();
    }

    play() {
      if (this.playing) return;
      this.playing = true;
      this.playButton.textContent = "Pause";
      if (this.time >= this.frames - 1) this.seek(0);
      this.last = null;
      this.request = requestAnimationFrame((now) => this.tick(now));
    }

    pause() {
      this.playing = false;
      this.playButton.textContent = "Play";
      cancelAnimationFrame(this.request);
    }

    toggle() {
      if (this.playing) this.pause();
      else this.play();
    }

    // Frames are shown as they are, 20 a second: what jerks in a motion must be seen.
    tick(now) {
      if (!this.playing) return;
      const passed = this.last === null ? 0 : Math.min(now - this.last, 250) / 1000;
      this.last = now;
      const before = Math.floor(Math.min(this.time, this.frames - 1));
      let time = this.time + passed * FPS * this.speed;
      if (time >= this.frames + FPS / 2) time = 0; // half a second at the end, then again
      if (Math.floor(Math.min(time, this.frames - 1)) !== before || time === 0) {
        this.seek(time);
      }
      this.time = time;
      this.request = requestAnimationFrame((later) => this.tick(later));
    }

    turn(yaw, pitch) {
      this.view.yaw += yaw;
      this.view.pitch = within(this.view.pitch + pitch, LIMITS.pitch);
      this.paint();
    }

    zoom(share) {
      this.view.distance = within(this.view.distance * share, LIMITS.distance);
      this.paint();
    }

    reset() {
      this.pause();
      this.speed = 1;
      this.speedChoice.value = "1";
      this.view = { ...HOME };
      this.followBox.checked = true;
      this.seek(0);
    }

    pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = (frames) => {
        this.pause();
        this.seek(Math.floor(Math.min(this.time, this.frames - 1)) + frames);
      };
      const keys = {
        " ": () => this.toggle(),
        ArrowLeft: () => this.turn(-TURN, 0),
        ArrowRight: () => this.turn(TURN, 0),
        ArrowUp: () => this.turn(0, TURN / 2),
        ArrowDown: () => this.turn(0, -TURN / 2),
        "+": () => this.zoom(1 / 1.25),
        "=": () => this.zoom(1 / 1.25),
        "-": () => this.zoom(1.25),
        ",": () => step(-1),
        ".": () => step(1),
        Home: () => this.reset(),
        Escape: () => this.close(),
      };
      if (!Object.hasOwn(keys, event.key)) return;
      event.preventDefault();
      keys[event.key]();
    }

    // A mouse turns both ways; a finger turns sideways, and up and down still scrolls the page.
    drag() {
      let from = null;
      this.scene.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || event.target.tagName !== "CANVAS") return;
        from = [event.clientX, event.clientY];
        this.scene.setPointerCapture(event.pointerId);
      });
      this.scene.addEventListener("pointermove", (event) => {
        if (!from) return;
        const [x, y] = [event.clientX - from[0], event.clientY - from[1]];
        from = [event.clientX, event.clientY];
        this.turn(-x * 0.01, event.pointerType === "touch" ? 0 : y * 0.008);
      });
      for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
        this.scene.addEventListener(name, () => { from = null; });
      }
    }

    close() {
      this.pause();
      this.watch.disconnect();
      document.removeEventListener("hmu:theme", this.repaint);
      this.element.remove();
      if (this.closed) this.closed();
    }
  }

  let open = null;

  // Opens a stage in `host`; sources are [{name, data}]. One is open at a time.
  const view = async (host, title, sources, closed) => {
    if (open) open.close();
    const stage = new Stage(title);
    open = stage;
    stage.closed = () => {
      if (open === stage) open = null;
      closed();
    };
    host.append(stage.element);
    try {
      const values = await Promise.all(sources.map(({ data }) => hmu.load(data)));
      if (open !== stage) return;
      stage.show(sources.map(({ name }, i) => ({ name, motion: hmu.figure.decode(values[i]) })));
      stage.scene.focus({ preventScroll: true });
    } catch {
      stage.close();
      hmu.say("The motion could not be loaded.");
      host.append(make("p", { class: "caution" }, "The motion could not be loaded."));
    }
  };

  hmu.view = view;

  hmu.ready(() => {
    for (const starter of document.querySelectorAll("button[data-view]")) {
      const shot = starter.closest(".shot");
      starter.addEventListener("click", () => {
        const sources = [...shot.querySelectorAll("[data-motion]")].map((row) => ({
          name: row.dataset.name,
          data: row.dataset.motion,
        }));
        starter.hidden = true;
        view(shot.querySelector(".stage-host"), starter.dataset.view, sources, () => {
          starter.hidden = false;
          starter.focus({ preventScroll: true });
        });
      });
    }
  });
})();
