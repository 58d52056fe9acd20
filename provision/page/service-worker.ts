/** Filled in by scripts/build.js: what the page is made of, and a hash of it. */
declare const PAGE_FILES: readonly string[];
declare const PAGE_VERSION: string;

/** What this file needs of the types of service workers, which exclude those of pages. */
interface Extendable extends Event {
  waitUntil(until: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
}

const worker = globalThis as unknown as Worker;
const CACHE = `fieldmark-page-${PAGE_VERSION}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(PAGE_FILES.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  const others = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith("fieldmark-page-") && name !== CACHE))
    .then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => worker.clients.claim()));
});

/** The page's own files only: a site file has passwords of brokers, which are not kept here. */
worker.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const base = new URL(worker.registration.scope).pathname;
  const file = pathname === base ? "index.html" : pathname.slice(base.length);
  if (event.request.method !== "GET" || !pathname.startsWith(base) || !PAGE_FILES.includes(file)) return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(file))
      .then((kept) => kept ?? fetch(event.request)),
  );
});
