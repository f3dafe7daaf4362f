// From what was read off a page to the places it stands in, so that a script can read it again.
// Given the output, finds for every value an element and a way to read it; for lists the element
// that repeats. What is found is checked here against the output; what is not is called "lost".

const MOST_ELEMENTS = 9000;
const MOST_CANDIDATES = 8;
const NUMBER = /-?\d[\d,]*(?:\.\d+)?/;
const PASSED_OVER = /^(script|style|noscript|template|head|option|svg|path|br)$/i;
const ATTRIBUTES = ["datetime", "content", "alt", "title", "aria-label", "data-value"];

const fold = (text) => (text || "").replace(/[\s\u00a0\u200b\ufeff]+/g, " ").trim();
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isScalar = (value) => value === null || typeof value !== "object";
const numberIn = (text) => { const found = NUMBER.exec(text); return found ? Number(found[0].replace(/,/g, "")) : null; };

function readOf(element, read) {
  if (!element) return null;
  switch (read.how) {
    case "text": return fold(element.textContent) || null;
    case "number": return numberIn(fold(element.textContent));
    case "prop": return element[read.name] || null;
    case "attribute": { const raw = element.getAttribute(read.name); return raw === null ? null : read.number ? numberIn(raw) : fold(raw); }
    case "match": {
      const found = new RegExp(read.pattern).exec(fold(element.textContent));
      return found ? (read.number ? numberIn(found[1]) : found[1].trim()) : null;
    }
    case "says": { const said = fold(element.textContent); return Object.hasOwn(read.map, said) ? read.map[said] : null; }
  }
  return null;
}

function induce(output) {
  const all = [];
  for (const element of document.body ? document.body.querySelectorAll("*") : []) {
    if (all.length >= MOST_ELEMENTS) break;
    if (!PASSED_OVER.test(element.localName) && !element.closest("svg")) all.push(element);
  }
  const texts = new Map(all.map((element) => [element, fold(element.textContent)]));
  const known = new Map();

  // Every place where a value stands by itself, the likeliest first.
  const candidates = (value) => {
    const key = typeof value + ":" + value;
    if (known.has(key)) return known.get(key);
    const found = [];
    const add = (element, read, cost) => found.push({ element, read, cost });
    for (const element of all) {
      const text = texts.get(element);
      if (typeof value === "string") {
        if (text === value) add(element, { how: "text" }, element.children.length ? 1 : 0);
        if (element.href === value) add(element, { how: "prop", name: "href" }, 0);
        if (element.src === value) add(element, { how: "prop", name: "src" }, 0);
      } else if (text.length < 40 && numberIn(text) === value) add(element, { how: "number" }, element.children.length ? 2 : 1);
      for (const name of ATTRIBUTES) {
        const raw = element.getAttribute(name);
        if (raw === null) continue;
        if (fold(raw) === String(value)) add(element, { how: "attribute", name, number: typeof value === "number" }, 3);
        else if (typeof value === "number" && raw.length < 40 && numberIn(raw) === value) add(element, { how: "attribute", name, number: true }, 4);
      }
    }
    found.sort((a, b) => a.cost - b.cost);
    known.set(key, found);
    return found;
  };

  const stable = (name) => /^[A-Za-z][\w-]*$/.test(name) && !/\d/.test(name);
  const classesOf = (element) => [...element.classList].filter(stable);
  const one = (selector, element, root = document) => {
    const found = root.querySelectorAll(selector);
    return found.length === 1 && found[0] === element;
  };

  // An ancestor that has a name of its own is a better beginning of a path than the whole page.
  const landmark = (node) => {
    if (node.id && stable(node.id) && one("#" + node.id, node)) return "#" + node.id;
    const named = classesOf(node).map((name) => node.localName + "." + name).find((selector) => one(selector, node));
    return named || (/^(main|table|form|article|ol|dl)$/.test(node.localName) && one(node.localName, node) ? node.localName : "");
  };

  const pathOf = (element, top) => {
    const parts = [];
    for (let node = element; node && node !== top && node !== document.body; node = node.parentElement) {
      if (!top && node !== element) {
        const start = landmark(node);
        if (start) return start + " " + parts.join(" > ");
      }
      if (!top && node.id && stable(node.id) && one("#" + node.id, node)) { parts.unshift("#" + node.id); return parts.join(" > "); }
      const alike = [...node.parentElement.children].filter((other) => other.localName === node.localName);
      const named = classesOf(node).map((name) => node.localName + "." + name)
        .find((part) => [...node.parentElement.children].filter((other) => other.matches(part)).length === 1);
      parts.unshift(alike.length === 1 ? node.localName : named || `${node.localName}:nth-of-type(${alike.indexOf(node) + 1})`);
    }
    return (top ? ":scope > " : "body > ") + parts.join(" > ");
  };

  // Whether an element is called what the field is called, by its class, its label or its text.
  const wordsOf = (text) => new Set((text || "").toLowerCase().split(/[^\p{L}]+/u).filter((word) => word.length > 2));
  const related = (name, element, text = "") => {
    const asked = wordsOf(name);
    if (!asked.size) return false;
    const before = element.previousElementSibling;
    const said = wordsOf([element.className, element.id, element.getAttribute("itemprop"), before && texts.get(before)?.slice(0, 40), text].join(" "));
    return [...asked].some((word) => said.has(word));
  };
  const nearest = (found, name) => [...found].sort((a, b) =>
    a.cost - b.cost - (related(name, a.element) ? 2 : 0) + (related(name, b.element) ? 2 : 0));

  // --- one value of the page ------------------------------------------------------------------

  const labelOf = (element) => {
    const before = element.previousElementSibling;
    if (!before || !/^(dd|td)$/.test(element.localName) || !/^(dt|th|td)$/.test(before.localName)) return null;
    if (before.localName === "td" && element.parentElement.children.length > 2) return null;
    const text = texts.get(before) || "";
    if (!text || text.length > 60) return null;
    const first = [...document.querySelectorAll(before.localName)].find((other) => fold(other.textContent) === text);
    const next = first === before && first.nextElementSibling === element;
    return next ? { css: before.localName, text, next: element.localName } : null;
  };

  const placeOf = (element) => {
    const label = labelOf(element);
    if (label) return [label, 0];
    if (element.id && stable(element.id) && one("#" + element.id, element)) return [{ css: "#" + element.id }, 0];
    const prop = element.getAttribute("itemprop");
    if (prop && one(`[itemprop="${prop}"]`, element)) return [{ css: `[itemprop="${prop}"]` }, 0];
    if (/^(h1|main|time)$/.test(element.localName) && one(element.localName, element)) return [{ css: element.localName }, 0];
    for (const name of classesOf(element)) {
      const selector = element.localName + "." + name;
      if (one(selector, element)) return [{ css: selector }, 1];
    }
    for (let node = element.parentElement, hops = 0; node && node !== document.body && hops < 3; node = node.parentElement, hops++) {
      for (const outer of [...classesOf(node).map((name) => node.localName + "." + name), node.localName]) {
        const selector = `${outer} ${element.localName}`;
        if (one(selector, element)) return [{ css: selector }, 2];
      }
    }
    return [{ css: pathOf(element, null) }, 3];
  };

  const context = (before, after) => {
    const pre = /(?:\p{L}{1,20})?[^\p{L}\d]{0,4}$/u.exec(before)[0];
    const post = /^[^\p{L}\d]{0,4}(?:\p{L}{1,20}(?!\p{L}))?/u.exec(after)[0];
    return [before === "" ? "^" : escape(pre), after === "" ? "$" : escape(post)];
  };

  const matching = (texts, values) => {
    const pres = [], posts = [];
    for (let i = 0; i < texts.length; i++) {
      const number = typeof values[i] === "number";
      let at = -1, length = 0;
      if (number) {
        for (const found of texts[i].matchAll(new RegExp(NUMBER, "g"))) {
          if (Number(found[0].replace(/,/g, "")) === values[i]) { at = found.index; length = found[0].length; break; }
        }
      } else { at = texts[i].indexOf(values[i]); length = values[i].length; }
      if (at < 0) return null;
      pres.push(texts[i].slice(0, at));
      posts.push(texts[i].slice(at + length));
    }
    let before = pres[0], after = posts[0];
    for (let i = 1; i < pres.length; i++) {
      while (!pres[i].endsWith(before)) before = before.slice(1);
      while (!posts[i].startsWith(after)) after = after.slice(0, -1);
    }
    if (!before && pres.some(Boolean) && !after && posts.some(Boolean)) return null;
    let [pre, post] = context(before, after);
    if (!before && pres.some(Boolean)) pre = "";
    if (!after && posts.some(Boolean)) post = "";
    const number = typeof values[0] === "number";
    const read = { how: "match", pattern: pre + (number ? "(-?\\d[\\d,]*(?:\\.\\d+)?)" : post ? "(.+?)" : "(.+)") + post, number };
    const fits = texts.every((text, i) => {
      const found = new RegExp(read.pattern).exec(text);
      return found && (number ? numberIn(found[1]) : found[1].trim()) === values[i];
    });
    return fits ? read : null;
  };

  const single = (value, name) => {
    if (value === null) return { kind: "null" };
    if (typeof value === "boolean") return lost(value);
    if (value === fold(document.title)) {
      const heading = candidates(value)[0];
      if (!heading) return { kind: "title" };
    }
    if (value === location.href) return { kind: "address" };
    let best = null;
    for (const found of candidates(value).slice(0, 4 * MOST_CANDIDATES)) {
      const [at, cost] = placeOf(found.element);
      const aside = found.element.closest("nav, footer, aside, [hidden]") ? 3 : 0;
      const total = cost + found.cost + aside - (related(name, found.element) ? 3 : 0);
      if (!best || total < best.total) best = { total, plan: { kind: "value", at, read: found.read } };
    }
    if (best) return best.plan;
    const said = String(value);
    const holders = all.filter((element) => texts.get(element).length < said.length + 400 && texts.get(element).includes(said))
      .filter((element, _, list) => !list.some((other) => other !== element && element.contains(other)));
    for (const element of holders.slice(0, MOST_CANDIDATES)) {
      const read = matching([texts.get(element)], [value]);
      if (read) return { kind: "value", at: placeOf(element)[0], read };
    }
    return value === fold(document.title) ? { kind: "title" } : lost(value);
  };

  const lost = (value) => ({ kind: "lost", value });

  // --- entries of a list ----------------------------------------------------------------------

  const relatives = (element, row) => {
    if (element === row) return [""];
    const tag = element.localName;
    const out = classesOf(element).map((name) => `${tag}.${name}`);
    if (element.getAttribute("itemprop")) out.unshift(`[itemprop="${element.getAttribute("itemprop")}"]`);
    out.push(tag);
    for (let node = element.parentElement, hops = 0; node && node !== row && hops < 3; node = node.parentElement, hops++) {
      for (const name of classesOf(node)) out.push(`${node.localName}.${name} ${tag}`);
      out.push(`${node.localName} ${tag}`);
    }
    out.push(pathOf(element, row));
    return out;
  };

  const within = (row, offset, selector) => {
    for (let i = 0; i < offset && row; i++) row = row.nextElementSibling;
    return row ? (selector ? row.querySelector(selector) : row) : null;
  };

  const same = (read, value) => read === value || (value === null && (read === null || read === ""));

  const field = (rows, given, name) => {
    const values = given.map((value) => value ?? null);
    const known = values.findIndex((value) => value !== null);
    if (known < 0) return { kind: "null" };
    const value = values[known];
    if (!isScalar(value)) return null;
    for (let offset = 0; offset < 3; offset++) {
      const place = within(rows[known], offset, "");
      if (!place || (offset && rows.includes(place))) break;
      if (typeof value === "boolean") {
        const plan = worded(rows, offset, place, values, name);
        if (plan) return plan;
        continue;
      }
      const inside = candidates(value).filter((one) => place.contains(one.element));
      for (const found of nearest(inside, name).slice(0, MOST_CANDIDATES)) {
        for (const selector of relatives(found.element, place)) {
          if (rows.every((row, i) => same(readOf(within(row, offset, selector), found.read), values[i]))) {
            return { kind: "value", offset, at: { css: selector }, read: found.read };
          }
        }
      }
      const said = typeof value === "number" ? null : value;
      const holders = [place, ...place.querySelectorAll("*")].filter((element) => {
        const text = texts.get(element);
        return text && text.length < 400 && (said === null ? [...text.matchAll(new RegExp(NUMBER, "g"))].some((found) => Number(found[0].replace(/,/g, "")) === value) : text.includes(said));
      }).reverse().slice(0, MOST_CANDIDATES);
      for (const element of holders) {
        for (const selector of relatives(element, place)) {
          const used = rows.map((row, i) => [fold(within(row, offset, selector)?.textContent), values[i]]).filter(([, wanted]) => wanted !== null);
          const read = used.every(([text]) => text) ? matching(used.map(([text]) => text), used.map(([, wanted]) => wanted)) : null;
          if (read && rows.every((row, i) => same(readOf(within(row, offset, selector), read), values[i]))) {
            return { kind: "value", offset, at: { css: selector }, read };
          }
        }
      }
    }
    return null;
  };

  // A yes or no that the page says in words: the same words must always mean the same.
  const worded = (rows, offset, place, values, name) => {
    const both = values.includes(true) && values.includes(false);
    for (const element of place.querySelectorAll("*")) {
      const text = texts.get(element);
      if (!text || text.length > 60 || (!both && !related(name, element, text))) continue;
      for (const selector of relatives(element, place).slice(0, 3)) {
        const said = rows.map((row, i) => fold(within(row, offset, selector)?.textContent));
        const map = {};
        said.forEach((word, i) => { if (typeof values[i] === "boolean" && word) map[word] = values[i]; });
        if (said.every((word, i) => (Object.hasOwn(map, word) ? map[word] : null) === (values[i] ?? null))) {
          return { kind: "value", offset, at: { css: selector }, read: { how: "says", map } };
        }
      }
    }
    return null;
  };

  const rowSelectors = (first, second) => {
    const parent = first.parentElement;
    const shared = classesOf(first).filter((name) => second.classList.contains(name));
    const parts = [...shared.map((name) => `${first.localName}.${name}`), first.localName];
    const out = [];
    const named = parent === document.body ? [] : [
      ...(parent.id && stable(parent.id) ? ["#" + parent.id] : []),
      ...classesOf(parent).map((name) => `${parent.localName}.${name}`),
    ];
    for (const part of parts) for (const outer of named) out.push(`${outer} > ${part}`);
    for (const part of shared.length ? parts.slice(0, -1) : []) out.push(part);
    for (const part of parts) out.push(`${pathOf(parent, null)} > ${part}`);
    return out;
  };

  // Indices, among what a selector finds, of the elements that hold one entry each.
  const located = (found, values) => {
    const indices = [];
    let next = 0;
    for (const value of values) {
      const holders = candidates(value);
      let at = -1;
      for (let i = next; i < found.length && at < 0; i++) if (holders.some((one) => found[i].contains(one.element))) at = i;
      if (at < 0) return null;
      indices.push(at);
      next = at + 1;
    }
    return indices;
  };

  const rowsBy = (values) => {
    const out = [];
    const firsts = candidates(values[0]).slice(0, MOST_CANDIDATES);
    for (const { element: first } of firsts) {
      const pairs = [];
      if (values.length > 1) {
        for (const { element: second } of candidates(values[1]).slice(0, MOST_CANDIDATES)) {
          let parent = first;
          while (parent && !parent.contains(second)) parent = parent.parentElement;
          if (!parent || parent === first || parent === second) continue;
          const child = (element) => { while (element.parentElement !== parent) element = element.parentElement; return element; };
          pairs.push([child(first), child(second)]);
        }
      } else {
        for (let node = first; node && node !== document.body; node = node.parentElement) {
          const twin = [...node.parentElement.children].find((other) => other !== node && other.localName === node.localName && other.className === node.className);
          if (twin) pairs.push([node, twin]);
        }
      }
      for (const [one, two] of pairs) {
        if (one.localName !== two.localName) continue;
        for (const selector of rowSelectors(one, two)) {
          const found = [...document.querySelectorAll(selector)];
          const indices = located(found, values);
          if (indices) { out.push({ selector, found, indices }); break; }
        }
      }
      if (out.length >= 3) break;
    }
    return out;
  };

  const entries = (items) => {
    const records = items.map((item) => (isPlain(item) ? item : { "": item }));
    const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
    if (records.some((record) => !Object.values(record).every(isScalar))) return null;
    // A field that is left out where it has no value, rather than being null.
    const optional = names.filter((name) => records.some((record) => !Object.hasOwn(record, name)));
    if (optional.some((name) => records.some((record) => record[name] === null))) return null;
    const firm = (name) => records.every((record) => typeof record[name] === "string" || typeof record[name] === "number");
    const anchors = names.filter(firm).sort((a, b) => weight(records, b) - weight(records, a));
    let best = null;
    for (const anchor of anchors.slice(0, 4)) {
      for (const { selector, found, indices } of rowsBy(records.map((record) => record[anchor]))) {
        const rows = indices.map((index) => found[index]);
        let gone = 0;
        const fields = names.map((name) => {
          const values = records.map((record) => record[name]);
          const plan = field(rows, values, name);
          if (!plan) gone++;
          return [name, plan || lost(values)];
        });
        const spread = indices[indices.length - 1] - indices[0] !== indices.length - 1;
        const step = indices.length > 1 ? indices[1] - indices[0] : 1;
        const regular = indices.every((index, i) => index === indices[0] + i * step);
        const cost = gone * 10 + (spread ? 2 : 0) + (indices[0] ? 1 : 0);
        if (best && cost >= best.cost) continue;
        best = { cost, plan: {
          kind: "rows", css: selector, total: found.length, start: indices[0], stop: indices[indices.length - 1] + 1,
          step: regular ? step : 0, pick: regular ? null : indices,
          scalar: !isPlain(items[0]), optional, fields,
        } };
        if (!cost) return best.plan;
      }
    }
    return best ? best.plan : null;
  };

  const weight = (records, name) => {
    const values = records.map((record) => record[name]);
    return new Set(values).size * 10 + (typeof values[0] === "string" ? 5 : 0) + Math.min(String(values[0]).length, 40) / 10;
  };

  // A thing with several values that is one entry of a list on the page.
  const oneOf = (value) => {
    const inner = Object.values(value);
    if (inner.length < 2 || !inner.every(isScalar)) return null;
    const found = entries([value]);
    if (!found || found.total < 2 || found.fields.some(([, one]) => one.kind === "lost")) return null;
    return { kind: "entry", css: found.css, index: found.start, fields: found.fields };
  };

  const plan = (value, name = "") => {
    if (isScalar(value)) return single(value, name);
    if (Array.isArray(value)) {
      if (!value.length) return { kind: "empty" };
      const found = value.every((item) => item !== null) ? entries(value) : null;
      return found || { kind: "items", items: value.map((item) => plan(item, name)) };
    }
    return oneOf(value) || { kind: "object", fields: Object.entries(value).map(([key, inner]) => [key, plan(inner, key)]) };
  };
  return plan(output);
}
