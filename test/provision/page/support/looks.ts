import type { Page } from "playwright-core";

/**
 * What is hard to read or to hit on the part of the page that is seen: text of less contrast than 7:1 (WCAG 2.2, 1.4.6), controls of
 * less than 48 px, controls that a screen reader has no name for.
 */
export function findFlaws(page: Page): Promise<string[]> {
  return page.evaluate(LOOK) as Promise<string[]>;
}

const LOOK = `(() => {
  const flaws = [];
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const visible = [...document.querySelectorAll("body *")].filter((it) => it.checkVisibility() && !it.closest(".spoken"));
  for (const element of visible) {
    const hasText = [...element.childNodes].some((it) => it.nodeType === 3 && it.textContent.trim() !== "");
    if (!hasText) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 7) flaws.push("contrast " + ratio.toFixed(1) + ": " + element.textContent.trim());
  }
  for (const element of visible.filter((it) => it.matches("button, input, summary, label.choose, a"))) {
    const target = element.closest("label") ?? element;
    const { width, height } = target.getBoundingClientRect();
    const isHidden = element.matches(".pick input"); // its label is the target
    if (!isHidden && (width < 48 || height < 48)) flaws.push(width + " x " + height + " px: " + (element.id || element.textContent));
    const name = element.getAttribute("aria-label") || element.textContent.trim() || [...(element.labels ?? [])].map((it) => it.textContent.trim()).join("");
    if (name === "") flaws.push("no name: " + element.outerHTML);
  }
  return flaws;
})()`;
