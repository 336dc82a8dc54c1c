/** An application that uses the package as it is published: packed, unpacked and compiled. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";

const PACKAGE = path.resolve(import.meta.dirname, "..");
const DEPENDENCIES = ["@bufbuild", "@connectrpc", "@types", "undici-types"];

/** What an application's `tsconfig.json` says that takes TypeScript seriously. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ["lib.es2022.d.ts"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

const run = promisify(execFile);

/** Makes a directory with the package in its `node_modules`, and returns it. */
export async function makeApplication(): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), "spectron-application-"));
  const modules = path.join(home, "node_modules");
  await mkdir(path.join(modules, "spectron"), { recursive: true });
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", home];
  const { stdout } = await run("npm", pack, { cwd: PACKAGE });
  const archive = path.join(home, stdout.trim());
  await run("tar", ["-xzf", archive, "--strip-components=1", "-C", path.join(modules, "spectron")]);
  for (const name of DEPENDENCIES) {
    await symlink(path.join(PACKAGE, "node_modules", name), path.join(modules, name));
  }
  await writeFile(path.join(home, "package.json"), JSON.stringify({ type: "module" }));
  return home;
}

/** Deletes an application. */
export async function deleteApplication(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true });
}

/**
 * Compiles programs in an application's directory, strictly.
 *
 * @param home - The directory.
 * @param programs - Their sources, by their names.
 * @param special - Options that these programs need besides.
 * @returns The paths of the compiled programs, by their names.
 * @throws with what the compiler says, if it says anything.
 */
export async function compile(
  home: string,
  programs: ReadonlyMap<string, string>,
  special: ts.CompilerOptions = {},
): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const [name, source] of programs) {
    const file = path.join(home, `${name}.ts`);
    await writeFile(file, source);
    sources.set(name, file);
  }
  const typeRoots = [path.join(home, "node_modules/@types")];
  const options = { ...OPTIONS, typeRoots, ...special };
  const program = ts.createProgram([...sources.values()], options);
  const { diagnostics } = program.emit();
  const all = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (all.length > 0) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => home,
      getNewLine: () => "\n",
    };
    throw new Error(ts.formatDiagnostics(all, host));
  }
  return new Map([...sources].map(([name, file]) => [name, file.replace(/\.ts$/, ".js")]));
}

/**
 * Runs a compiled program with Node until it ends by itself.
 *
 * @returns What it printed.
 */
export async function execute(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await run(process.execPath, [file], {
    cwd: path.dirname(file),
    env: { ...process.env, ...environment },
    timeout: 60_000,
  });
  return stdout;
}
