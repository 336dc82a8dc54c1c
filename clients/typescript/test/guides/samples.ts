/**
 * Takes the TypeScript samples out of the published guides.
 *
 * The guides are plain text without the borders of code blocks. A TypeScript sample follows the
 * Python sample that it translates, without an empty line between; it ends before the first
 * paragraph that stands outside of all its brackets and starts no statement.
 */

import { readFile } from "node:fs/promises";
import path from "node:path";
import ts from "typescript";

const GUIDES = path.resolve(import.meta.dirname, "../../../../tests/guides");
export const PERSONAL_ASSISTANT = "guide-personal-assistant";
export const USER_MEMORY_IN_CHAT = "guide-user-memory-in-chat";

const START = /^(import \{|async function |const |\/\/ )/;
const STATEMENT =
  /^(import|async|function|const|let|await|return|if|for|\/\/|console|system)\b|^\/\/|^}/;

/** A TypeScript sample of a guide. */
export interface Sample {
  /** The guide's name. */
  readonly guide: string;
  /** The number of its first line there, from 1. */
  readonly line: number;
  /** Its source, as published. */
  readonly code: string;
}

/** Returns the TypeScript samples of a guide, in order. */
export async function samplesOf(guide: string): Promise<Sample[]> {
  const text = await readFile(path.join(GUIDES, `${guide}.txt`), "utf8");
  const lines = text.split("\n");
  const samples: Sample[] = [];
  for (let number = 0; number < lines.length; number += 1) {
    if (!startsSample(lines, number)) continue;
    const end = endOf(lines, number);
    samples.push({ guide, line: number + 1, code: lines.slice(number, end).join("\n") });
    number = end;
  }
  return samples;
}

/** Returns the names that a sample declares for others to use. */
export function declaredBy(code: string): string[] {
  const source = ts.createSourceFile("sample.ts", code, ts.ScriptTarget.ES2022);
  return source.statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement)) return statement.name ? [statement.name.text] : [];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  });
}

function startsSample(lines: readonly string[], number: number): boolean {
  // Within the Python sample, a comment starts with another sign.
  return START.test(lines[number] ?? "") && lines[number - 1] !== "" && number > 0;
}

function endOf(lines: readonly string[], start: number): number {
  let open = 0;
  for (let number = start; number < lines.length; number += 1) {
    const line = lines[number] ?? "";
    if (line === "" && open === 0 && !STATEMENT.test(lines[number + 1] ?? "")) return number;
    open += balance(line);
  }
  return lines.length;
}

/** Counts brackets, those in strings too: the guides balance them there. */
function balance(line: string): number {
  return (line.match(/[([{]/g) ?? []).length - (line.match(/[)\]}]/g) ?? []).length;
}
