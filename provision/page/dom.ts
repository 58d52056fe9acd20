import { visibleLine } from "../../text/visible.js";

/** The element of index.html with this id. Throws where it has none, or another kind. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} "${id}"`);
  return found;
}

export const part = (id: string) => element(id, HTMLElement);
export const button = (id: string) => element(id, HTMLButtonElement);
export const input = (id: string) => element(id, HTMLInputElement);

/** Resolves when this is clicked, once. */
export function click(target: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    target.addEventListener("click", () => resolve(), { once: true });
  });
}

/**
 * Shows text that came from outside, in full. Every other way in which such text gets onto the
 * page makes it fit, too.
 */
export function tell(target: HTMLElement, text: string): void {
  target.textContent = visibleLine(text);
}

/** `text`: made fit by who gives it. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { text = "", classes = "" }: { text?: string; classes?: string } = {},
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (text !== "") made.textContent = text;
  if (classes !== "") made.className = classes;
  made.append(...children);
  return made;
}
