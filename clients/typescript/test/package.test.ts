/** The package as it would be published. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, inject, test } from "vitest";
import { execute } from "./application.js";

const PACKAGE = path.resolve(import.meta.dirname, "..");

describe("the package", () => {
  test("holds the compiled client with its types, and nothing else", async () => {
    const installed = path.join(inject("application"), "node_modules/spectron");
    expect((await readdir(installed)).sort()).toEqual([
      "LICENSE",
      "README.md",
      "dist",
      "package.json",
    ]);
    const files = await readdir(path.join(installed, "dist"), { recursive: true });
    const sources = await readdir(path.join(PACKAGE, "src"), { recursive: true });
    const expected = sources
      .filter((each) => each.endsWith(".ts"))
      .flatMap((each) => {
        const stem = each.replace(/\.ts$/, "");
        return [`${stem}.d.ts`, `${stem}.js`];
      });
    expect(files.filter((each) => /\.(js|ts|map)$/.test(each)).sort()).toEqual(expected.sort());
  });

  test("has the licence of the project", async () => {
    const licence = await readFile(path.join(PACKAGE, "LICENSE"), "utf8");
    expect(licence).toBe(await readFile(path.join(PACKAGE, "../../LICENSE"), "utf8"));
  });

  test("names no registry", async () => {
    const lock = JSON.parse(await readFile(path.join(PACKAGE, "package-lock.json"), "utf8")) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const packages = Object.entries(lock.packages).filter(([name]) => name !== "");
    expect(packages.length).toBeGreaterThan(100);
    for (const [name, { resolved, integrity }] of packages) {
      expect(resolved, name).toBeUndefined();
      expect(integrity, name).toMatch(/^sha512-/);
    }
  });

  test("loads its names, and gives no other", async () => {
    const file = path.join(inject("application"), "names.js");
    const source =
      'import * as spectron from "spectron"; console.log(Object.keys(spectron).join());';
    await writeFile(file, source);
    const names = (await execute(file, {})).trim().split(",");
    expect(names.filter((each) => !each.endsWith("Error")).sort()).toEqual([
      "STATUS_CODES",
      "Spectron",
      "formatRecord",
      "parseRecord",
    ]);
  });
});
