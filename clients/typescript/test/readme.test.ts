/** The programs of the README, word for word: compiled strictly, run, and printing what it says. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import { compile, execute } from "./application.js";

const README = await readFile(path.resolve(import.meta.dirname, "../README.md"), "utf8");
const PROGRAM = /```ts\n(?<source>.*?)```\n\nIt prints:\n\n```text\n(?<printed>.*?)```/gs;
const programs = [...README.matchAll(PROGRAM)].map(({ groups }, index) => ({
  name: `program-${index + 1}`,
  source: groups?.source ?? "",
  printed: groups?.printed ?? "",
}));

let compiled: Map<string, string>;

beforeAll(async () => {
  const sources = new Map(programs.map(({ name, source }) => [name, source]));
  compiled = await compile(inject("application"), sources);
});

test("every program of the README is found", () => {
  expect(programs).toHaveLength(README.split("```ts\n").length - 1);
  expect(programs.length).toBeGreaterThan(0);
});

// A program that did not end by itself would run into the limit of `execute`.
test.each(programs)("$name prints what the README says", async ({ name, printed }) => {
  const environment = {
    SPECTRON_ENDPOINT: inject("endpoint"),
    SPECTRON_API_KEY: inject("apiKey"),
  };
  expect(await execute(compiled.get(name) ?? "", environment)).toBe(printed);
});
