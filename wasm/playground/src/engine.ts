import moduleUrl from "../../dist/ottl.wasm?url";
import type { Kind, Requests } from "./protocol";

/** A run that a newer one waits for is ended after so many milliseconds. */
const PATIENCE = 120;

/** Questions beside the last run: a worker that were ended for the next one of them would not know that run any more. */
const BESIDE: Kind[] = ["authors", "diff", "annotated", "outputs", "trace"];

/** The module's first part, which all workers share. */
let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(moduleUrl);
  if (!response.ok) throw new Error(`the server says ${response.status}`);
  // Some servers do not name the module's type.
  if (response.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Begins to load the module, which browsers do beside everything else. */
export function loaded(): Promise<WebAssembly.Module> {
  if (!compiled) {
    compiled = compile();
    // The next one tries again.
    compiled.catch(() => { compiled = undefined; });
  }
  return compiled;
}

/** What a worker says: that it runs, that it has all of the module, and answers. */
interface Said {
  begun?: true;
  whole?: true;
  id?: number;
  answer?: unknown;
  error?: string;
  /** Whether the worker cannot go on after the error. */
  isBroken?: boolean;
}

interface Asked {
  id: number;
  kind: Kind;
  ask: unknown;
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

/** A question whose answer is no longer wanted. */
export class Superseded extends Error {}

/**
 * A worker with the engine. It answers one question after the other. Of questions of one kind only the newest is answered; one that is being
 * worked on for long is ended, with its worker, for a run, or a newer one if that asks nothing about the last run.
 */
export class Engine {
  #worker: Worker | undefined;
  #loaded = Promise.resolve();
  #begun = Promise.resolve();
  #current: (Asked & { since?: number }) | undefined;
  #waiting: Asked[] = [];
  #next = 1;
  /** What asks are about, which a worker is told once. */
  #telemetry = "";
  #told: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Called when a worker can tell who changed what. */
  onWhole: (() => void) | undefined;

  ask<K extends Kind>(kind: K, ask: Requests[K]["ask"]): Promise<Requests[K]["answer"]> {
    return new Promise((resolve, reject) => {
      this.#waiting = this.#waiting.filter((asked) => {
        if (asked.kind === kind) asked.reject(new Superseded());
        return asked.kind !== kind;
      });
      this.#waiting.push({ id: this.#next++, kind, ask, resolve: resolve as (answer: never) => void, reject });
      this.#hurry();
      void this.#advance();
    });
  }

  /** Starts the worker, which takes a while: before there is anything to ask. */
  start(): Promise<void> {
    if (this.#worker) return this.#loaded;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    this.#told = undefined;
    this.#loaded = loaded().then((module) => worker.postMessage({ module }));
    this.#loaded.catch(() => {
      worker.terminate();
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#begun = new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<Said>) => {
        if (data.begun) resolve();
        else if (data.whole) this.onWhole?.();
        else this.#answered(data);
      };
      worker.onerror = ({ message }) => {
        resolve();
        this.#answered({ id: this.#current?.id, error: message || "the engine cannot be started" });
      };
    });
    return this.#loaded;
  }

  /** Starts the worker, and waits until it runs, if not until it can answer. */
  begun(): Promise<void> {
    // Who asks is told what fails.
    this.start().catch(() => undefined);
    return this.#begun;
  }

  /** The telemetry that the next asks are about. */
  set telemetry(text: string) {
    this.#telemetry = text;
  }

  /** Ends what is being worked on, after some time, where something newer waits for it. The time that a worker needs to start does not count. */
  #hurry() {
    const current = this.#current;
    if (!current || current.since === undefined) return;
    // What is shown beside a result is worth nothing to the next one.
    if (!this.#waiting.some(({ kind }) => kind === "run" || (kind === current.kind && !BESIDE.includes(kind)))) return;
    const left = PATIENCE - (performance.now() - current.since);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#current?.id === current.id && this.stop(), Math.max(0, left));
  }

  /** Ends what is being worked on; a worker that is not there yet goes on starting. */
  stop() {
    const current = this.#current;
    if (!current || current.since === undefined) return;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#current = undefined;
    current.reject(new Superseded());
    void this.#advance();
  }

  async #advance() {
    if (this.#current) return;
    const asked = this.#waiting.shift();
    if (!asked) return;
    this.#current = asked;
    try {
      await this.start();
    } catch (error) {
      this.#answered({ id: asked.id, error: `the engine cannot be loaded: ${String(error)}` });
      return;
    }
    if (this.#current?.id !== asked.id || !this.#worker) return;
    this.#current.since = performance.now();
    const { id, kind, ask } = asked;
    if (this.#told === this.#telemetry) this.#worker.postMessage({ id, kind, ask });
    else this.#worker.postMessage({ id, kind, ask, telemetry: this.#telemetry });
    this.#told = this.#telemetry;
    this.#hurry();
  }

  #answered({ id, answer, error, isBroken }: Said) {
    const current = this.#current;
    if (!current || current.id !== id) return;
    if (isBroken) {
      this.#worker?.terminate();
      this.#worker = undefined;
    }
    clearTimeout(this.#timer);
    this.#current = undefined;
    if (error !== undefined) current.reject(new Error(error));
    else current.resolve(answer as never);
    void this.#advance();
  }
}
