// The few things every component does to the page. Each does nothing where nothing has changed.

/** @import {Control} from "../state/types.js" */

/**
 * The element with `data-…`, somewhere in another; what is asked for is there.
 * @param {Element} element
 */
export function byName(element) {
  /** @param {string} name */
  return (name) => one(element, `[data-${name}]`);
}

/** @param {Element} element */
export function bySelector(element) {
  /** @param {string} selector */
  return (selector) => one(element, selector);
}

/** @param {Element} element @param {string} selector */
export const all = (element, selector) =>
  /** @type {Control[]} */ ([...element.querySelectorAll(selector)]);

/** What an event has happened to. @param {Event} event */
export const targetOf = (event) => /** @type {Control} */ (event.target);

/** @param {Element} element @param {string} selector */
export const one = (element, selector) => /** @type {Control} */ (element.querySelector(selector));

/**
 * An element with attributes, properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{[name: string]: string|number|boolean|null|undefined|((event: Event) => void)}} attributes
 * @param {(Node|string)[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** @param {Node} element @param {string} value */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** @param {HTMLElement} element @param {boolean} visible */
export function setVisible(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/**
 * ARIA tells "false" from nothing: a button that can open something from one that cannot.
 * @param {Element} element @param {string} name @param {string|number|boolean|null} value
 */
export function setAttribute(element, name, value) {
  if (value === null || (value === false && !name.startsWith("aria-")))
    element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * A button that cannot be pressed now, and still keeps the focus: `disabled` would take it away.
 * @param {Element} button @param {boolean} disabled
 */
export const setDisabled = (button, disabled) =>
  setAttribute(button, "aria-disabled", disabled || null);

/**
 * @param {Element} button @param {() => void} act
 */
export function onPress(button, act) {
  button.addEventListener("click", () => button.ariaDisabled !== "true" && act());
}

/**
 * The value of a control, unless the reader is in the middle of typing it.
 * @param {Control} control @param {string|number|boolean} wanted
 */
export function setValue(control, wanted) {
  if (control.type === "checkbox") control.checked = wanted === true;
  else if (control !== document.activeElement || control.tagName === "SELECT") {
    if (control.value !== String(wanted)) control.value = String(wanted);
    fit(control);
  }
}

/**
 * For browsers without `field-sizing`: an input as wide as what is in it.
 * @param {Control} input
 */
export function fit(input) {
  const size = Math.max(1, input.value.length);
  if (input.tagName === "INPUT" && input.type !== "range" && input.size !== size) input.size = size;
}

/** @type {WeakMap<Element, string>} */
const filled = new WeakMap(); // element -> the key of what is in it

/**
 * Children made anew when `key` has changed since the last time, and else left alone.
 * @param {Element} element @param {string} key @param {() => (Node|string)[]} children
 */
export function replaceIfChanged(element, key, children) {
  if (filled.get(element) === key) return;
  filled.set(element, key);
  element.replaceChildren(...children());
}

/** @param {string} words */
export const hiddenText = (words) => make("span", { class: "vh" }, words);
