/** Requests as documents print them: a `curl` command, read as a shell would. */

export interface PrintedRequest {
  readonly method: string;
  /** Path and query as printed. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** @throws Error for what is no command of this kind */
export function readCurl(command: string): PrintedRequest {
  const [program, ...words] = shellWords(command);
  if (program !== 'curl') throw new Error(`not a curl command: ${command}`);
  let method: string | undefined;
  let url: string | undefined;
  let body: string | undefined;
  const headers: Record<string, string> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const next = (): string => words[++at] ?? '';
    if (word === '-X') method = next();
    else if (word === '-d') body = next();
    else if (word === '-H') {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(next()) ?? [];
      headers[name.toLowerCase()] = value;
    } else if (word.startsWith('-')) throw new Error(`unexpected ${word} in ${command}`);
    else url = word;
  }
  const path = /^https?:\/\/[^/]+(\/.*)$/.exec(url ?? '')?.[1];
  if (path === undefined) throw new Error(`no address in ${command}`);
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), path, headers, body };
}

/** Words of a command with quotes and continued lines; expansions are not made. */
function shellWords(command: string): string[] {
  const words: string[] = [];
  for (const [, quoted, doubled, plain] of command
    .replaceAll('\\\n', ' ')
    .matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)) {
    words.push(quoted ?? doubled ?? plain ?? '');
  }
  return words;
}
