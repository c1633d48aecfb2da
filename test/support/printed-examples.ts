/** Commands that pages print, each with the answer printed after it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { readProjectFile } from './project.ts';

export interface PrintedExample {
  /** The command as it is printed. */
  readonly command: string;
  /** The answer as it is printed; `…` stands for what differs each time. */
  readonly answer: string;
}

/** The commands of a page that begin with one of `programs`. */
export function printedExamples(page: string, ...programs: readonly string[]): PrintedExample[] {
  const blocks = [...readProjectFile(page).matchAll(/^```(sh|json|text)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, language, text = ''], index) => {
    const command = text.trim();
    if (language !== 'sh' || !programs.some((program) => command.startsWith(`${program} `))) return [];
    const [, answerLanguage = 'sh', answer = ''] = blocks[index + 1] ?? [];
    if (answerLanguage === 'sh') throw new Error(`${page} prints no answer to ${command}`);
    return [{ command, answer: answer.trim() }];
  });
}

/** What Vitest is to match: a printed value, with wildcards where it has `…`. */
export function pattern(printed: unknown): unknown {
  if (typeof printed === 'string' && printed.endsWith('…')) {
    return expect.stringMatching(new RegExp(`^${printed.slice(0, -1)}.+$`));
  }
  if (Array.isArray(printed)) return printed.map(pattern);
  if (typeof printed !== 'object' || printed === null) return printed;
  const fields = Object.entries(printed).map(([name, value]) => [name, pattern(value)]);
  return Object.fromEntries(fields);
}

/** Runs a line of `curl` against other addresses than the usual ones. */
export async function runCurl(
  command: string,
  { ingest, http }: { readonly ingest: string; readonly http: string },
): Promise<{ status: number; body: unknown }> {
  const here = command.replaceAll('http://127.0.0.1:8081', http).replaceAll('http://127.0.0.1:8080', ingest);
  const { stdout } = await promisify(execFile)('sh', ['-c', `${here} -w '\\n%{http_code}'`]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) };
}
