/** The client's front door. */

import { env } from "node:process";
import { Admin } from "./admin.js";
import { API_KEY_VARIABLE, type EndpointOptions, resolveEndpoint } from "./endpoint.js";
import { Memory } from "./memory.js";
import { checkedPolicy, type RetryPolicy } from "./retry.js";
import { Transport } from "./transport.js";

export const DEFAULT_TIMEOUT_MS = 30_000;

/** How to reach a server. */
export interface SpectronOptions extends EndpointOptions {
  /** The key, `sk-...`; absent: `SPECTRON_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * The server's `host:port`; absent: `SPECTRON_ENDPOINT`, else `127.0.0.1:50051`. A Unix socket
   * is `unix:/path`.
   */
  endpoint?: string | undefined;
  /**
   * Whether to encrypt; absent: everywhere but on loopback addresses and Unix sockets. Only
   * `false` sends the key in clear over a network.
   */
  tls?: boolean | undefined;
  /**
   * A PEM file of certificates to trust; absent: the file that `SPECTRON_TLS_ROOT_CERTIFICATES`
   * names, else the built-in ones.
   */
  rootCertificates?: string | undefined;
  /** The deadline of a call with all its retries, unless the call names one; absent: 30 s. */
  timeoutMs?: number | undefined;
  /** When a failed call is tried again. */
  retry?: Partial<RetryPolicy> | undefined;
}

/**
 * A client of a Spectron server.
 *
 * Nothing is connected until the first call. An idle connection does not keep a program from
 * ending; `close` ends it early, as does leaving an `await using` block.
 *
 * ```ts
 * const client = new Spectron({ apiKey: "sk-..." });
 * const memory = client.memory({ contextId: "assistant" });
 * const profile = await memory.profile({ scope: { user: "alice" } });
 * ```
 */
export class Spectron implements AsyncDisposable {
  /** The administration of the server; needs a key of role admin. */
  readonly admin: Admin;
  /** The server's address. */
  readonly endpoint: string;
  readonly #transport: Transport;

  /**
   * Makes a client.
   *
   * @throws TypeError if there is no key, or an option makes no sense.
   */
  constructor({ apiKey, timeoutMs, retry, ...options }: SpectronOptions = {}) {
    const endpoint = resolveEndpoint(options, env);
    this.#transport = new Transport({
      endpoint,
      apiKey: checkedKey(apiKey ?? env[API_KEY_VARIABLE] ?? ""),
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      retry: checkedPolicy(retry ?? {}),
    });
    this.endpoint = endpoint.target;
    this.admin = new Admin(this.#transport);
  }

  /**
   * Returns the memory of a context, without asking the server.
   *
   * @param options - `contextId`: the context; absent: the one that the key is bound to.
   */
  memory({ contextId }: { contextId?: string | undefined } = {}): Memory {
    return new Memory(this.#transport, contextId ?? "");
  }

  /** Closes the connection. The client cannot be used afterwards; calls under way fail. */
  close(): void {
    this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** Returns the key to send; the message of an error does not show it. */
function checkedKey(given: string): string {
  const key = given.trim();
  if (key === "") {
    throw new TypeError(`no API key: pass apiKey, or set ${API_KEY_VARIABLE}`);
  }
  if (!/^[\x20-\x7e]+$/.test(key)) {
    throw new TypeError("the API key holds characters that no key has; copy it again");
  }
  return key;
}
