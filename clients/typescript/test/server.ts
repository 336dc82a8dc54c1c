/** `spectron serve` as a process of its own, to be stopped and killed. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { env } from "node:process";
import { createInterface } from "node:readline";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const PYTHON = path.join(ROOT, ".venv/bin/python");
const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 30_000;

/** A running `spectron serve`. */
export class Server {
  /** Its `host:port`. */
  readonly endpoint: string;
  /** Where its data are. */
  readonly dataDirectory: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, endpoint: string, dataDirectory: string) {
    this.#process = process;
    this.endpoint = endpoint;
    this.dataDirectory = dataDirectory;
  }

  /** Starts a server, and waits until it serves; fails with its output if it does not. */
  static async start(
    dataDirectory: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<Server> {
    const kept = Object.entries(env).filter(([name]) => !name.startsWith("SPECTRON_"));
    const process = spawn(PYTHON, ["-m", "spectron_server", "serve"], {
      env: {
        ...Object.fromEntries(kept),
        SPECTRON_LISTEN: "127.0.0.1:0",
        SPECTRON_DATA_DIR: dataDirectory,
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    const tooLate = setTimeout(() => process.kill("SIGKILL"), START_WITHIN_MS);
    // Both pipes are read to their ends: a full one would stop the server.
    createInterface(process.stderr).on("line", (line) => output.push(line));
    const lines = createInterface(process.stdout);
    const endpoint = await new Promise<string>((resolve, reject) => {
      lines.on("line", (line) => {
        output.push(line);
        const found = /serving on (\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      process.once("exit", () => {
        reject(new Error(`the server ended: ${output.join("\n")}`));
      });
    });
    clearTimeout(tooLate);
    return new Server(process, endpoint, dataDirectory);
  }

  /** Kills it, as a crash or the kernel would: it gets no chance to clean up. */
  async kill(): Promise<void> {
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    const tooLate = setTimeout(() => this.#process.kill("SIGKILL"), STOP_WITHIN_MS);
    this.#process.kill("SIGTERM");
    await gone;
    clearTimeout(tooLate);
  }
}

/** Makes a data directory; with the embedder's graph of another, it starts sooner. */
export async function makeDataDirectory(embedderFrom?: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "spectron-test-"));
  if (embedderFrom !== undefined) {
    await cp(path.join(embedderFrom, "embedder"), path.join(directory, "embedder"), {
      recursive: true,
    });
  }
  return directory;
}

/** Deletes a data directory. */
export async function deleteDataDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
