/** The TypeScript part of `clients/README.md`: stubs that another service generates. */

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { compile, execute } from "./application.js";

const PACKAGE = path.resolve(import.meta.dirname, "..");
const ROOT = path.resolve(PACKAGE, "../..");
const OURS = path.join(PACKAGE, "src/gen/spectron/v1");

const run = promisify(execFile);

/** Returns `buf.gen.yaml` with the plugins for TypeScript only. */
async function template(): Promise<string> {
  const text = await readFile(path.join(ROOT, "buf.gen.yaml"), "utf8");
  const [head = "", ...plugins] = text.split(/^(?= {2}- )/m);
  return head + plugins.filter((each) => each.includes("out: gen/typescript")).join("");
}

test("are those that this client is made of, and the program of the README runs with them", async () => {
  const application = inject("application");
  const programs = [path.join(PACKAGE, "node_modules/.bin"), path.join(ROOT, ".venv/bin")];
  await run("buf", ["generate", "--template", await template(), "-o", application], {
    cwd: ROOT,
    env: { ...process.env, PATH: [...programs, process.env.PATH].join(path.delimiter) },
  });
  const theirs = path.join(application, "gen/typescript/spectron/v1");
  expect(await readdir(theirs)).toEqual(await readdir(OURS));
  for (const name of await readdir(theirs)) {
    const [one, other] = [path.join(theirs, name), path.join(OURS, name)];
    expect(await readFile(one, "utf8"), name).toBe(await readFile(other, "utf8"));
  }

  const readme = await readFile(path.join(ROOT, "clients/README.md"), "utf8");
  const source = /```ts\n(?<source>.*?)```/s.exec(readme)?.groups?.source ?? "";
  // The transport's types are those of a browser's `fetch`.
  const browser = { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], skipLibCheck: true };
  const compiled = await compile(application, new Map([["stubs", source]]), browser);
  const printed = await execute(compiled.get("stubs") ?? "", {
    SPECTRON_ENDPOINT: inject("endpoint"),
    SPECTRON_API_KEY: inject("apiKey"),
  });
  expect(printed).toContain("Lisbon");
});
