import { existsSync, readFileSync } from 'node:fs';

/** The version in the project's `package.json`, found from the sources and from the compiled program. */
export function programVersion(): string {
  for (const above of ['../package.json', '../../package.json']) {
    const path = new URL(above, import.meta.url);
    if (!existsSync(path)) continue;
    const manifest: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'));
    return manifest.version;
  }
  throw new Error('package.json is missing beside the program');
}
