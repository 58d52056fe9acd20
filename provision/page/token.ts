/** Of this tab, so that it may be loaded again. */
const KEPT = "fieldmark-token";

/**
 * Who shows it may have what `fieldmark serve` gives; empty where another server gives the page. It leaves the address at once, and with it the history,
 * where it could be read over a shoulder, copied with the address, or found by who has the browser next.
 */
export const token = take();

// Another printed address in the same tab differs in this alone, and loads nothing by itself.
addEventListener("hashchange", () => {
  if (take() !== token) location.reload();
});

function take(): string {
  const given = location.hash.slice(1);
  try {
    if (given === "") return sessionStorage.getItem(KEPT) ?? "";
    sessionStorage.setItem(KEPT, given);
  } catch {
    // The browser keeps nothing: the printed address is needed again where the page is loaded again.
  }
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  return given;
}
