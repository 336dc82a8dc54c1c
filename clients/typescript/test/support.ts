/** What the tests share: a client of the running server, and a context of the test's own. */

import { randomUUID } from "node:crypto";
import { test as base, inject } from "vitest";
import { type Memory, Spectron, SpectronError } from "../src/index.js";

/** Returns a name that nothing else has, for a context, a user or an id. */
export function freshName(): string {
  return `n-${randomUUID()}`;
}

/** Returns a client of the server that all tests share, with a key that may do everything. */
export function connected(): Spectron {
  return new Spectron({ apiKey: inject("apiKey"), endpoint: inject("endpoint") });
}

/** Tests with a client, and with the memory of a context of their own. */
export const test = base.extend<{ client: Spectron; memory: Memory }>({
  client: async ({}, use) => {
    const client = connected();
    await use(client);
    client.close();
  },
  memory: async ({ client }, use) => {
    await use(client.memory({ contextId: freshName() }));
  },
});

/** Returns what a promise is rejected with; fails if it is not an error of the client. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<SpectronError> {
  const thrown = await thrownBy(promise);
  if (thrown instanceof SpectronError) return thrown;
  throw new Error(`not an error of the client: ${String(thrown)}`, { cause: thrown });
}

/** Returns what a promise is rejected with. */
export async function thrownBy(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}

/** A promise to be settled from elsewhere. */
export class Deferred<Value = void> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
