/**
 * Headers of an answer, as they are sent: each a line that follows another, `\r\ncontent-type: image/gif`. The HTTP
 * library takes them in one call together with the status, which costs as much as one header would by itself.
 * What is the same in all answers of a route is put together once.
 */
export type HeaderLines = string;

/** @param headers by name. Values must not hold line breaks */
export function headerLines(headers: Readonly<Record<string, string>>): HeaderLines {
  let lines = '';
  for (const name in headers) lines += `\r\n${name}: ${headers[name]}`;
  return lines;
}
