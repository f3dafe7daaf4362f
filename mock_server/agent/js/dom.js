// Reading the DOM without trusting the page: accessors come from the prototypes, so that a form
// with an input called "id" or "children" reads as it is, and no array helper a page may have
// replaced is used. Nothing here writes to the document.

const read = (owner, name) => Object.getOwnPropertyDescriptor(owner, name).get;
const apply = Reflect.apply;
const get = {
  childNodes: read(Node.prototype, "childNodes"),
  parentNode: read(Node.prototype, "parentNode"),
  nodeType: read(Node.prototype, "nodeType"),
  textContent: read(Node.prototype, "textContent"),
  localName: read(Element.prototype, "localName"),
  attributes: read(Element.prototype, "attributes"),
  shadowRoot: read(Element.prototype, "shadowRoot"),
};
const getAttribute = Element.prototype.getAttribute;
const hasAttributeOf = Element.prototype.hasAttribute;
const rectOf = Element.prototype.getBoundingClientRect;
const checkVisibility = Element.prototype.checkVisibility;
const closestOf = Element.prototype.closest;

const ofDocument = {
  title: read(Document.prototype, "title"),
  body: read(Document.prototype, "body"),
  documentElement: read(Document.prototype, "documentElement"),
  contentType: read(Document.prototype, "contentType"),
  doctype: read(Document.prototype, "doctype"),
  activeElement: read(Document.prototype, "activeElement"),
};
const selectors = { 1: Element.prototype, 9: Document.prototype, 11: DocumentFragment.prototype };
const getRootNodeOf = Node.prototype.getRootNode;
const containsOf = Node.prototype.contains;
const matchesOf = Element.prototype.matches;

// An image called "title" or "body" hides the document's own; these ask for its own.
const the = (name) => apply(ofDocument[name], document, []);
const rootOf = (node) => apply(getRootNodeOf, node, []);
const holds = (node, other) => apply(containsOf, node, [other]);
const matches = (element, selector) => apply(matchesOf, element, [selector]);
const first = (root, selector) => apply(selectors[typeOf(root)].querySelector, root, [selector]);
const every = (root, selector) => apply(selectors[typeOf(root)].querySelectorAll, root, [selector]);
// Of an element that was removed the root is an element, and holds no ids.
function byId(root, id) {
  const prototype = typeOf(root) === 1 ? null : selectors[typeOf(root)];
  return prototype ? apply(prototype.getElementById, root, [id]) : null;
}
function focusedIn(root) {
  return typeOf(root) === 9 ? the("activeElement") : root.activeElement;
}
function hitAt(root, x, y) {
  const owner = typeOf(root) === 9 ? document : root;
  return typeof owner.elementFromPoint === "function" ? owner.elementFromPoint(x, y) : null;
}

const childrenOf = (node) => apply(get.childNodes, node, []);
const parentOf = (node) => apply(get.parentNode, node, []);
const typeOf = (node) => apply(get.nodeType, node, []);
const tagOf = (element) => apply(get.localName, element, []).toLowerCase();
const rawText = (node) => apply(get.textContent, node, []) || "";
const attr = (element, name) => apply(getAttribute, element, [name]);
const has = (element, name) => apply(hasAttributeOf, element, [name]);
const closest = (element, selector) => apply(closestOf, element, [selector]);

function shadowOf(element) {
  return apply(get.shadowRoot, element, []);
}

// White space of all kinds, and glyphs of icon fonts, which mean nothing as text.
function fold(text) {
  return text.replace(/[\s\u00a0\u200b\ufeff\ue000-\uf8ff]+/g, " ");
}

function cut(text, length) {
  return text.length > length ? text.slice(0, length) : text;
}

function isShown(element) {
  if (!checkVisibility) return true;
  return apply(checkVisibility, element, [{ contentVisibilityAuto: true, visibilityProperty: true }]);
}

// Boxes of display:contents and of inline wrappers of blocks are empty; their children's are not.
function boxOf(element) {
  const box = apply(rectOf, element, []);
  return [box.x, box.y, box.width, box.height];
}

// JSON.stringify asks values for toJSON; old libraries put one on arrays. Write those by hand.
function serialize(value) {
  if (!Array.prototype.toJSON && !Object.prototype.toJSON && !String.prototype.toJSON) return JSON.stringify(value);
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return Number.isFinite(value) || typeof value === "boolean" ? String(value) : "null";
  let out = "";
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) out += (i ? "," : "") + serialize(value[i]);
    return "[" + out + "]";
  }
  const keys = Object.keys(value);
  for (let i = 0; i < keys.length; i++) {
    if (value[keys[i]] === undefined) continue;
    out += (out ? "," : "") + JSON.stringify(keys[i]) + ":" + serialize(value[keys[i]]);
  }
  return "{" + out + "}";
}
