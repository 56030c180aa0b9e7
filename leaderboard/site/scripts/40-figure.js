/* A stick figure of 22 joints on a canvas: our own small camera, a ground, a shadow.
   Metres, Y up. The left side is filled, the right side hollow, as in the still pictures. */
(() => {
  "use strict";

  const PARENTS = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19];
  const LEFT = new Set([4, 7, 10, 16, 18, 20]);
  const RIGHT = new Set([5, 8, 11, 17, 19, 21]);
  const HEAD = 15;
  const JOINTS = 22;
  const NEAR = 0.3;
  const BONE = 0.058;
  const SKULL = 0.105;

  // base64 of int16 millimetres -> metres, and the path that the camera follows.
  const decode = (value) => {
    const bytes = Uint8Array.from(atob(value.joints), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const count = value.frames * JOINTS * 3;
    if (bytes.length !== 2 * count) throw new Error("a motion of another length");
    const joints = new Float32Array(count);
    for (let i = 0; i < count; i += 1) joints[i] = view.getInt16(2 * i, true) / 1000;
    return { frames: value.frames, joints, path: followed(joints, value.frames) };
  };

  // The pelvis on the ground, averaged over a second and a half: a calm place to look at.
  const followed = (joints, frames) => {
    const path = new Float32Array(frames * 2);
    for (let frame = 0; frame < frames; frame += 1) {
      const first = Math.max(0, frame - 15);
      const last = Math.min(frames - 1, frame + 15);
      for (let other = first; other <= last; other += 1) {
        path[2 * frame] += joints[other * JOINTS * 3] / (last - first + 1);
        path[2 * frame + 1] += joints[other * JOINTS * 3 + 2] / (last - first + 1);
      }
    }
    return path;
  };

  // From where it is seen: yaw 0 is in front of the body's first heading.
  const camera = (view, target, width, height) => {
    const [sy, cy] = [Math.sin(view.yaw), Math.cos(view.yaw)];
    const [sp, cp] = [Math.sin(view.pitch), Math.cos(view.pitch)];
    const focus = 1.95 * Math.min(height, 1.25 * width);
    const project = (x, y, z) => {
      const [dx, dy, dz] = [x - target[0], y - target[1], z - target[2]];
      const across = dx * cy - dz * sy;
      const forth = dx * sy + dz * cy;
      const up = dy * cp - forth * sp;
      const depth = view.distance - (dy * sp + forth * cp);
      return { across, up, depth };
    };
    const place = (point) => {
      const scale = focus / Math.max(point.depth, NEAR);
      return [width / 2 + point.across * scale, height / 2 - point.up * scale, scale];
    };
    return { project, place };
  };

  // A line through space, cut where it passes the camera.
  const segment = (eye, from, to) => {
    let [a, b] = [eye.project(...from), eye.project(...to)];
    if (a.depth < NEAR && b.depth < NEAR) return null;
    if (a.depth < NEAR) [a, b] = [b, a];
    if (b.depth < NEAR) {
      const share = (a.depth - NEAR) / (a.depth - b.depth);
      b = {
        across: a.across + (b.across - a.across) * share,
        up: a.up + (b.up - a.up) * share,
        depth: NEAR,
      };
    }
    return [eye.place(a), eye.place(b)];
  };

  const ground = (context, eye, middle, ink) => {
    const reach = 4;
    const [cx, cz] = [Math.round(middle[0]), Math.round(middle[1])];
    context.strokeStyle = ink.rule;
    context.lineWidth = 1;
    const step = 0.5;
    const line = (from, to, far) => {
      const ends = segment(eye, from, to);
      if (!ends) return;
      context.globalAlpha = Math.max(0, 1 - far / (reach + 0.5)) ** 1.5;
      context.beginPath();
      context.moveTo(ends[0][0], ends[0][1]);
      context.lineTo(ends[1][0], ends[1][1]);
      context.stroke();
    };
    for (let i = -reach; i <= reach; i += 1) {
      for (let j = -reach; j < reach; j += step) {
        const far = Math.hypot(i, j + step / 2);
        line([cx + i, 0, cz + j], [cx + i, 0, cz + j + step], far);
        line([cx + j, 0, cz + i], [cx + j + step, 0, cz + i], far);
      }
    }
    context.globalAlpha = 1;
  };

  const trail = (context, eye, motion, frame, ink) => {
    const drawTo = (last, alpha) => {
      context.globalAlpha = alpha;
      context.beginPath();
      for (let f = 1; f <= last; f += 1) {
        const [a, b] = [(f - 1) * JOINTS * 3, f * JOINTS * 3];
        const ends = segment(
          eye,
          [motion.joints[a], 0, motion.joints[a + 2]],
          [motion.joints[b], 0, motion.joints[b + 2]],
        );
        if (!ends) continue;
        context.moveTo(ends[0][0], ends[0][1]);
        context.lineTo(ends[1][0], ends[1][1]);
      }
      context.stroke();
    };
    context.strokeStyle = ink.middle;
    context.lineWidth = 1.25;
    drawTo(motion.frames - 1, 0.22);
    drawTo(frame, 0.6);
    context.globalAlpha = 1;
  };

  const shadow = (context, eye, at, ink) => {
    context.strokeStyle = ink.middle;
    context.globalAlpha = 0.16;
    context.beginPath();
    let width = 1;
    for (let joint = 1; joint < JOINTS; joint += 1) {
      const [a, b] = [at(PARENTS[joint]), at(joint)];
      const ends = segment(eye, [a[0], 0, a[2]], [b[0], 0, b[2]]);
      if (!ends) continue;
      width = Math.max(width, 1.6 * BONE * ends[0][2]);
      context.moveTo(ends[0][0], ends[0][1]);
      context.lineTo(ends[1][0], ends[1][1]);
    }
    context.lineWidth = Math.min(width, 40);
    context.stroke();
    context.globalAlpha = 1;
  };

  const limb = (context, ends, width, colour, hollow, ink) => {
    const stroke = (size, style) => {
      context.lineWidth = size;
      context.strokeStyle = style;
      context.beginPath();
      context.moveTo(ends[0][0], ends[0][1]);
      context.lineTo(ends[1][0], ends[1][1]);
      context.stroke();
    };
    if (colour !== ink.middle) stroke(width + 3, ink.surface); // keeps limbs apart that cross
    stroke(width, colour);
    if (hollow) stroke(width * 0.42, ink.surface);
  };

  const body = (context, eye, at, ink) => {
    const bones = [];
    for (let joint = 1; joint < JOINTS; joint += 1) {
      const [from, to] = [at(PARENTS[joint]), at(joint)];
      const ends = segment(eye, from, to);
      if (!ends) continue;
      const depth = (eye.project(...from).depth + eye.project(...to).depth) / 2;
      bones.push({ joint, ends, depth });
    }
    bones.sort((a, b) => b.depth - a.depth);
    for (const { joint, ends } of bones) {
      const width = Math.min(Math.max(BONE * (ends[0][2] + ends[1][2]) / 2, 2.5), 60);
      const colour = LEFT.has(joint) ? ink.left : RIGHT.has(joint) ? ink.right : ink.middle;
      limb(context, ends, width, colour, RIGHT.has(joint), ink);
      if (joint === HEAD) {
        const [x, y, scale] = ends[1];
        context.beginPath();
        context.arc(x, y, Math.min(SKULL * scale, 120), 0, 2 * Math.PI);
        context.fillStyle = ink.middle;
        context.fill();
        context.lineWidth = 1.5;
        context.strokeStyle = ink.surface;
        context.stroke();
      }
    }
  };

  // One frame. `size` is in CSS pixels; `view` is {yaw, pitch, distance, follow}.
  const draw = (context, size, motion, frame, view, ink) => {
    const shown = Math.min(frame, motion.frames - 1);
    const offset = shown * JOINTS * 3;
    const at = (joint) => {
      const start = offset + joint * 3;
      return [motion.joints[start], motion.joints[start + 1], motion.joints[start + 2]];
    };
    const looked = view.follow ? shown : 0;
    const middle = [motion.path[2 * looked], motion.path[2 * looked + 1]];
    const eye = camera(view, [middle[0], 0.86, middle[1]], size.width, size.height);
    context.lineCap = "round";
    context.lineJoin = "round";
    context.fillStyle = ink.surface;
    context.fillRect(0, 0, size.width, size.height);
    ground(context, eye, middle, ink);
    trail(context, eye, motion, shown, ink);
    shadow(context, eye, at, ink);
    body(context, eye, at, ink);
  };

  hmu.figure = { decode, draw };
})();
