// The second part of the module: functions that most pages do not need at once. The first part asks for it when it calls one of them, and cannot
// wait then: where the second part is not there yet, it is fetched on the spot.

/** What the first part exports, which the second one imports. */
let first;
let isThere = false;

/** The bytes, for who cannot wait. */
let fetchNow = () => {
  const request = new XMLHttpRequest();
  request.open("GET", new URL("./rest.wasm", import.meta.url), false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status >= 400) throw new Error(`the second part of the module cannot be loaded: the server says ${request.status}`);
  return request.response;
};

/** The first part is there. `now` gives the second one, as bytes or compiled, to who cannot wait. */
export function begin(exports, now) {
  first = exports;
  fetchNow = now ?? fetchNow;
}

/** Puts the second part in. */
export function put(module) {
  if (isThere) return;
  new WebAssembly.Instance(module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module), { "": first });
  isThere = true;
}

/** The module calls this. */
export function needRest() {
  if (!isThere) put(fetchNow());
}
